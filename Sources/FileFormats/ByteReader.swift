/// A cursor over bytes that checks every step, so that no reader can run past the end.
struct ByteReader {
  let bytes: [UInt8]
  /// The name that errors carry.
  let file: String
  private(set) var offset = 0
  /// Position of `bytes[0]` in the file, for messages.
  let base: Int

  init(_ bytes: [UInt8], file: String, base: Int = 0) {
    self.bytes = bytes
    self.file = file
    self.base = base
  }

  var remaining: Int { bytes.count - offset }
  var isAtEnd: Bool { remaining == 0 }
  /// The cursor's position in the file.
  var position: Int { base + offset }

  /// Steps over `count` bytes and returns where they lie in `bytes`.
  mutating func take(_ count: Int, _ part: String) throws(FileFormatError) -> Range<Int> {
    guard count >= 0, count <= remaining else {
      throw .truncated(file, part: part, expected: count, found: remaining, at: position)
    }
    defer { offset += count }
    return offset..<offset + count
  }

  mutating func array(_ count: Int, _ part: String) throws(FileFormatError) -> [UInt8] {
    Array(bytes[try take(count, part)])
  }

  mutating func integer<T: FixedWidthInteger>(
    _ type: T.Type, bigEndian: Bool = false, _ part: String
  ) throws(FileFormatError) -> T {
    let range = try take(T.bitWidth / 8, part)
    return T(bytes: bytes[range], bigEndian: bigEndian)
  }

  /// The bytes as UTF-8 text; anything else is an error at their place.
  mutating func text(_ count: Int, _ part: String) throws(FileFormatError) -> String {
    let start = position
    guard let text = String(validating: bytes[try take(count, part)], as: UTF8.self) else {
      throw .mismatch(file, expected: "UTF-8 text for \(part)", found: "other bytes", at: start)
    }
    return text
  }
}

extension FixedWidthInteger {
  /// The integer whose bytes these are; `bytes.count` must be its width.
  init(bytes: ArraySlice<UInt8>, bigEndian: Bool = false) {
    var value: Self = 0
    if bigEndian {
      for byte in bytes { value = value &<< 8 | Self(truncatingIfNeeded: byte) }
    } else {
      for byte in bytes.reversed() { value = value &<< 8 | Self(truncatingIfNeeded: byte) }
    }
    self = value
  }

  var littleEndianBytes: [UInt8] { withUnsafeBytes(of: littleEndian) { Array($0) } }
  var bigEndianBytes: [UInt8] { withUnsafeBytes(of: bigEndian) { Array($0) } }
}

/// The product of all factors, or `nil` where it does not fit in `Int` or a factor is negative.
func product(_ factors: [Int]) -> Int? {
  var result = 1
  var overflows = false
  for factor in factors {
    if factor < 0 { return nil }
    if factor == 0 { return factors.contains { $0 < 0 } ? nil : 0 }
    let (value, overflow) = result.multipliedReportingOverflow(by: factor)
    overflows = overflows || overflow
    result = value
  }
  return overflows ? nil : result
}
