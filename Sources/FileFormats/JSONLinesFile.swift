/// A file of JSON objects, one a line, that grows as training goes on (`stats.jsonl`).
public struct JSONLinesFile: ~Copyable {
  private let file: AppendFile

  /// Opens a file for appending, or starts it.
  public init(path: String) throws(FileFormatError) {
    file = try AppendFile(path: path)
  }

  /// Appends one line; it is in the file, whole, when this returns.
  public func append(_ value: JSONValue) throws(FileFormatError) {
    try file.append(Array((value.encoded + "\n").utf8))
  }

  /// Waits until the disk has everything.
  public func synchronize() throws(FileFormatError) { try file.synchronize() }

  /// Reads every line.
  ///
  /// A last line without its line break, as a killed writer leaves it, is dropped; damage anywhere
  /// else is an error.
  public static func read(path: String) throws(FileFormatError) -> [JSONValue] {
    try decode(try ByteSource(path: path).readAll(limit: 1 << 34), file: path)
  }

  /// The lines in the bytes of a file; see ``read(path:)``.
  public static func decode(_ bytes: [UInt8], file: String) throws(FileFormatError) -> [JSONValue] {
    var values: [JSONValue] = []
    for line in lines(bytes) {
      values.append(try JSONValue(parsing: Array(bytes[line]), file: file, base: line.lowerBound))
    }
    return values
  }

  /// Cuts a file back so that its last line has at most this `step`; a resumed run then writes on.
  ///
  /// Cuts before the first line of a later step, or before the first that is no JSON, whichever
  /// comes first; lines without a step stay with the line before. A file that is not there is left
  /// so.
  public static func truncate(path: String, afterStep step: Int) throws(FileFormatError) {
    let bytes: [UInt8]
    do throws(FileFormatError) {
      bytes = try ByteSource(path: path).readAll(limit: 1 << 34)
    } catch {
      if error.isMissingFile { return }
      throw error
    }
    var kept = 0
    for line in lines(bytes) {
      guard
        let value = try? JSONValue(parsing: Array(bytes[line]), file: path),
        value["step"]?.integer ?? 0 <= step
      else { break }
      kept = line.upperBound + 1
    }
    if kept < bytes.count { try AppendFile(path: path).truncate(to: kept) }
  }

  /// Where the whole lines lie, their line breaks left out.
  private static func lines(_ bytes: [UInt8]) -> [Range<Int>] {
    var lines: [Range<Int>] = []
    var start = 0
    while let end = bytes[start...].firstIndex(of: 0x0A) {
      lines.append(start..<end)
      start = end + 1
    }
    return lines
  }
}
