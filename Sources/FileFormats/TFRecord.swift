/// TFRecord: records one after another, each with its length and two masked CRC-32C checksums.
public enum TFRecord {
  /// Largest record that is read, in bytes (1 GiB).
  public static let maximumRecordBytes = 1 << 30

  /// The records of a file as far as they are whole.
  public struct Records: Sendable {
    /// Content of each record.
    public let contents: [[UInt8]]
    /// Where each record starts, checksums included, and where the last whole one ends.
    public let boundaries: [Int]
    /// What is wrong after the last whole record: `nil` if the file ends there, as it should.
    public let damage: FileFormatError?
    /// Whether the damage is that of an interrupted write: the last record is cut short.
    public let isTorn: Bool
  }

  /// Frames one record.
  public static func encode(_ content: [UInt8]) -> [UInt8] {
    let length = UInt64(content.count).littleEndianBytes
    return length + CRC32C.masked(length).littleEndianBytes + content
      + CRC32C.masked(content).littleEndianBytes
  }

  /// Reads records up to the end or the first that is not whole.
  ///
  /// - Parameters:
  ///   - bytes: The whole file.
  ///   - file: The name that ``Records/damage`` carries.
  /// - Returns: Whole records, and what follows them if it is damaged.
  public static func decode(_ bytes: [UInt8], file: String) -> Records {
    var reader = ByteReader(bytes, file: file)
    var contents: [[UInt8]] = []
    var boundaries = [0]
    var damage: FileFormatError?
    while !reader.isAtEnd, damage == nil {
      do throws(FileFormatError) {
        contents.append(try record(&reader))
        boundaries.append(reader.position)
      } catch {
        damage = error
      }
    }
    // A write that was cut leaves less than its length says; anything else is damage to what was
    // whole.
    let isTorn = damage != nil && isCutShort(bytes, at: boundaries.last!)
    return Records(contents: contents, boundaries: boundaries, damage: damage, isTorn: isTorn)
  }

  private static func isCutShort(_ bytes: [UInt8], at start: Int) -> Bool {
    let rest = bytes.count - start
    if rest < 12 { return true }
    let length = bytes[start..<start + 8]
    return CRC32C.masked(length) == UInt32(bytes: bytes[start + 8..<start + 12])
      && UInt64(bytes: length) > UInt64(max(0, rest - 16))
  }

  private static func record(_ reader: inout ByteReader) throws(FileFormatError) -> [UInt8] {
    let start = reader.position
    let lengthBytes = try reader.array(8, "TFRecord length")
    let lengthCheck = try reader.integer(UInt32.self, "TFRecord length checksum")
    try check(lengthBytes, lengthCheck, "the record's length", reader.file, start)
    let length = UInt64(bytes: lengthBytes[...])
    guard length <= maximumRecordBytes else {
      throw .tooLarge(
        reader.file, part: "a TFRecord", limit: count(maximumRecordBytes, "byte"),
        found: "\(length)", at: start)
    }
    let content = try reader.array(Int(length), "TFRecord content")
    let contentCheck = try reader.integer(UInt32.self, "TFRecord content checksum")
    try check(content, contentCheck, "the record", reader.file, start)
    return content
  }

  private static func check(
    _ bytes: [UInt8], _ stored: UInt32, _ part: String, _ file: String, _ offset: Int
  ) throws(FileFormatError) {
    let computed = CRC32C.masked(bytes)
    guard computed == stored else {
      throw .wrongChecksum(file, part: part, stored: stored, computed: computed, at: offset)
    }
  }
}
