/// Reads the cells of a CSV file one after the other.
struct CSVParser {
  private let bytes: [UInt8]
  private let file: String
  private let separator: UInt8
  private var offset: Int
  private var line = 1

  private static let quote = UInt8(ascii: "\"")

  init(_ bytes: [UInt8], file: String, separator: CSV.Separator?) {
    self.bytes = bytes
    self.file = file
    offset = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    self.separator = (separator ?? Self.detect(bytes)).byte
  }

  mutating func table() throws(FileFormatError) -> Table {
    guard let columns = try nextRow() else {
      throw .mismatch(
        file, expected: "a first line that names the columns", found: "empty lines",
        advice: "check that this is the file you meant")
    }
    var seen: Set<String> = []
    for name in columns.cells where !seen.insert(name).inserted {
      throw .wrongLine(
        file, line: columns.line, expected: "every column's name once",
        found: "\(excerpt(name.utf8)) again", advice: "rename one of them")
    }
    var rows: [[String]] = []
    var lineNumbers: [Int] = []
    while let row = try nextRow() {
      guard row.cells.count == columns.cells.count else {
        throw .wrongLine(
          file, line: row.line,
          expected: "\(count(columns.cells.count, "cell")), one for each column",
          found: "\(row.cells.count)",
          advice: "correct that line; cells that hold a separator need quotes")
      }
      rows.append(row.cells)
      lineNumbers.append(row.line)
    }
    return Table(columns: columns.cells, rows: rows, lineNumbers: lineNumbers, file: file)
  }

  /// The next row that is no empty line, and the line it starts on; `nil` at the end.
  private mutating func nextRow() throws(FileFormatError) -> (cells: [String], line: Int)? {
    while offset < bytes.count, isLineBreak(bytes[offset]) { skipLineBreak() }
    guard offset < bytes.count else { return nil }
    let start = line
    var cells = [try nextCell()]
    while offset < bytes.count, bytes[offset] == separator {
      offset += 1
      cells.append(try nextCell())
    }
    if offset < bytes.count { skipLineBreak() }
    return (cells, start)
  }

  /// One cell; the cursor then stands on a separator, a line break or the end.
  private mutating func nextCell() throws(FileFormatError) -> String {
    if offset < bytes.count, bytes[offset] == Self.quote { return try quotedCell() }
    let start = offset
    while offset < bytes.count, bytes[offset] != separator, !isLineBreak(bytes[offset]) {
      if bytes[offset] == Self.quote {
        throw .wrongLine(
          file, line: line, expected: "quotes round a whole cell", found: "one inside a cell",
          advice: "put the cell in quotes, and double those inside")
      }
      offset += 1
    }
    return try text(bytes[start..<offset])
  }

  private mutating func quotedCell() throws(FileFormatError) -> String {
    let first = line
    var cell: [UInt8] = []
    offset += 1
    while offset < bytes.count {
      let byte = bytes[offset]
      if byte == Self.quote {
        offset += 1
        guard offset < bytes.count, bytes[offset] == Self.quote else { return try closed(cell) }
        cell.append(byte)
        offset += 1
      } else if isLineBreak(byte) {
        let start = offset
        skipLineBreak()
        cell += bytes[start..<offset]
      } else {
        cell.append(byte)
        offset += 1
      }
    }
    throw .wrongLine(
      file, line: first, expected: "a quote that closes the cell", found: "the end of the file",
      advice: "close the quote that opens on that line")
  }

  private func closed(_ cell: [UInt8]) throws(FileFormatError) -> String {
    if offset < bytes.count, bytes[offset] != separator, !isLineBreak(bytes[offset]) {
      throw .wrongLine(
        file, line: line, expected: "a separator after a closed quote",
        found: excerpt(bytes[offset...].prefix { $0 != separator && !isLineBreak($0) }),
        advice: "double the quotes that belong to the cell")
    }
    return try text(cell[...])
  }

  private func text(_ cell: ArraySlice<UInt8>) throws(FileFormatError) -> String {
    guard let text = String(validating: cell, as: UTF8.self) else {
      throw .wrongLine(
        file, line: line, expected: "text in UTF-8", found: "other bytes",
        advice: "save the table as UTF-8")
    }
    return text
  }

  private func isLineBreak(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }

  /// `\n`, `\r\n`, or `\r` alone.
  private mutating func skipLineBreak() {
    let isPair =
      bytes[offset] == 0x0D && offset + 1 < bytes.count && bytes[offset + 1] == 0x0A
    offset += isPair ? 2 : 1
    line += 1
  }

  /// The separator that the first line has most of outside quotes; of equals the earlier case.
  private static func detect(_ bytes: [UInt8]) -> CSV.Separator {
    var counts = [Int](repeating: 0, count: CSV.Separator.allCases.count)
    var isQuoted = false
    var hasBegun = false
    for byte in bytes {
      let isLineBreak = byte == 0x0A || byte == 0x0D
      if isLineBreak, !isQuoted, hasBegun { break }
      hasBegun = hasBegun || !isLineBreak
      if byte == quote { isQuoted.toggle() }
      if !isQuoted, let index = CSV.Separator.allCases.firstIndex(where: { $0.byte == byte }) {
        counts[index] += 1
      }
    }
    let most = counts.max()!
    return CSV.Separator.allCases[counts.firstIndex(of: most)!]
  }
}
