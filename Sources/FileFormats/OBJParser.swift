/// Reads the lines of an OBJ file one after the other.
struct OBJParser {
  private var lines: OBJLines
  private let file: String
  private var positions: [SIMD3<Float>] = []
  private var faces: [[Int]] = []
  /// The line of each face, for errors that only the end of the file shows.
  private var faceLines: [Int] = []

  init(_ bytes: [UInt8], file: String) {
    lines = OBJLines(bytes)
    self.file = file
  }

  mutating func mesh() throws(FileFormatError) -> Mesh {
    while lines.advance() {
      guard let keyword = lines.words.first else { continue }
      if lines.bytes[keyword].elementsEqual("v".utf8) {
        positions.append(try position())
      } else if lines.bytes[keyword].elementsEqual("f".utf8) {
        faces.append(try face())
        faceLines.append(lines.number)
      }
    }
    guard !positions.isEmpty else {
      throw .mismatch(
        file, expected: "vertices (lines such as \"v 0 1 0.5\")", found: "none",
        advice: "check that this is the file you meant")
    }
    for (face, line) in zip(faces, faceLines) {
      for corner in face where corner >= positions.count {
        throw .wrongLine(
          file, line: line, expected: "a corner from 1 to \(positions.count)",
          found: "\(corner + 1)")
      }
    }
    return Mesh(positions: positions, faces: faces)
  }

  private func position() throws(FileFormatError) -> SIMD3<Float> {
    guard lines.words.count >= 4 else {
      throw .wrongLine(
        file, line: lines.number, expected: "a vertex of 3 coordinates",
        found: "\(lines.words.count - 1)")
    }
    return SIMD3(
      try coordinate(lines.words[1]), try coordinate(lines.words[2]), try coordinate(lines.words[3])
    )
  }

  private func coordinate(_ word: Range<Int>) throws(FileFormatError) -> Float {
    guard let number = DecimalNumber.float(lines.bytes[word]) else {
      throw .wrongLine(
        file, line: lines.number, expected: "a finite coordinate", found: excerpt(lines.bytes[word])
      )
    }
    return number
  }

  private func face() throws(FileFormatError) -> [Int] {
    guard lines.words.count >= 4 else {
      throw .wrongLine(
        file, line: lines.number, expected: "a face of 3 corners or more",
        found: "\(lines.words.count - 1)")
    }
    var corners: [Int] = []
    corners.reserveCapacity(lines.words.count - 1)
    for word in lines.words.dropFirst() { corners.append(try corner(word)) }
    return corners
  }

  /// The vertex of `a`, `a/b`, `a//c` or `a/b/c`, counted from 0; `b` and `c` need only be numbers.
  private func corner(_ word: Range<Int>) throws(FileFormatError) -> Int {
    let bytes = lines.bytes[word]
    let parts = bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    let numbers = parts.map { Int(String(decoding: $0, as: UTF8.self)) }
    let isWellFormed = numbers.indices.allSatisfy { index in
      numbers[index] != nil || index == 1 && parts.count == 3 && parts[1].isEmpty
    }
    guard parts.count <= 3, isWellFormed, let number = numbers[0] else {
      throw .wrongLine(
        file, line: lines.number, expected: "a corner such as 7, 7/1, 7//1 or 7/1/1",
        found: excerpt(bytes))
    }
    if number > 0 { return number - 1 }
    guard number < 0, number >= -positions.count else {
      throw .wrongLine(
        file, line: lines.number,
        expected: "a corner among the \(count(positions.count, "vertex", "vertices")) before it",
        found: "\(number)")
    }
    return positions.count + number
  }
}

/// The words of a text, line by line; a line may go on after a backslash.
struct OBJLines {
  let bytes: [UInt8]
  /// Where the words of the current line lie; comments are left out.
  private(set) var words: [Range<Int>] = []
  /// The current line's number, counted from 1; of joined lines the first.
  private(set) var number = 0
  private var next = 1
  private var offset = 0

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { offset = 3 }
  }

  /// Goes to the next line; false at the end of the text.
  mutating func advance() -> Bool {
    guard offset < bytes.count else { return false }
    words.removeAll(keepingCapacity: true)
    number = next
    while offset < bytes.count {
      switch bytes[offset] {
      case 0x0A, 0x0D:
        skipLineBreak()
        return true
      case UInt8(ascii: "\\") where isLineBreak(offset + 1):
        offset += 1
        skipLineBreak()
      case UInt8(ascii: "#"):
        while offset < bytes.count, !isLineBreak(offset) { offset += 1 }
      case 0...0x20: offset += 1
      default:
        let start = offset
        while offset < bytes.count, !isWordEnd(offset) { offset += 1 }
        words.append(start..<offset)
      }
    }
    return true
  }

  private func isLineBreak(_ place: Int) -> Bool {
    place < bytes.count && (bytes[place] == 0x0A || bytes[place] == 0x0D)
  }

  private func isWordEnd(_ place: Int) -> Bool {
    let byte = bytes[place]
    return byte <= 0x20 || byte == UInt8(ascii: "#")
      || byte == UInt8(ascii: "\\") && isLineBreak(place + 1)
  }

  /// `\n`, `\r\n`, or `\r` alone.
  private mutating func skipLineBreak() {
    offset += bytes[offset] == 0x0D && offset + 1 < bytes.count && bytes[offset + 1] == 0x0A ? 2 : 1
    next += 1
  }
}
