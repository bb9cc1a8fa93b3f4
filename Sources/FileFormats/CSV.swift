/// CSV: tables in plain text.
///
/// Our own reader, because errors about a table have to name the line, and SwiftCSV does not keep
/// it.
///
/// - SeeAlso: RFC 4180.
public enum CSV {
  /// Largest file that is read, in bytes (64 MiB; cells take up to 16 times that in memory).
  public static let maximumBytes = 1 << 26

  /// What stands between two cells.
  public enum Separator: Character, CaseIterable, Sendable {
    case comma = ","
    /// What spreadsheets write where the comma is the decimal point.
    case semicolon = ";"
    case tab = "\t"

    var byte: UInt8 { rawValue.asciiValue! }
  }

  /// Reads a table.
  public static func read(
    path: String, separator: Separator? = nil
  ) throws(FileFormatError) -> Table {
    try decode(
      try ByteSource(path: path).readAll(limit: maximumBytes), file: path, separator: separator)
  }

  /// Reads a table whose first line names the columns.
  ///
  /// Cells in quotes may hold separators, line breaks and, doubled, quotes. Lines end with `\r\n`,
  /// `\n` or `\r`; a byte-order mark is passed over, and so are empty lines. Spaces belong to the
  /// cell.
  ///
  /// - Parameters:
  ///   - bytes: The whole file, in UTF-8.
  ///   - file: The name that errors carry.
  ///   - separator: What stands between cells. By default what the first line has most of, outside
  ///     quotes; a comma where it has none.
  /// - Returns: The table.
  /// - Throws: With the line number, for a row with more or fewer cells than there are columns, a
  ///   quote that is never closed or stands inside a plain cell, text after a closed quote, a
  ///   column name given twice, and bytes that are not UTF-8; and for a file without a first line.
  public static func decode(
    _ bytes: [UInt8], file: String, separator: Separator? = nil
  ) throws(FileFormatError) -> Table {
    let type = ContentType(sniffing: Array(bytes.prefix(16)))
    guard type == .text else { throw .wrongFormat(file, expected: "a CSV table", found: type) }
    guard bytes.count <= maximumBytes else {
      throw .tooLarge(
        file, part: "a file", limit: count(maximumBytes, "byte"), found: "\(bytes.count)")
    }
    var parser = CSVParser(bytes, file: file, separator: separator)
    return try parser.table()
  }

  /// Writes a table, with quotes where a cell needs them and `\r\n` after each line.
  public static func encode(_ table: Table, separator: Separator = .comma) -> [UInt8] {
    var bytes: [UInt8] = []
    for row in [table.columns] + table.rows {
      for (index, cell) in row.enumerated() {
        if index > 0 { bytes.append(separator.byte) }
        bytes += encode(cell, isAlone: row.count == 1)
      }
      bytes += [0x0D, 0x0A]
    }
    return bytes
  }

  /// A cell that is empty and alone needs quotes, for without them its line is empty; and every
  /// separator does, so that whichever was used is found again.
  private static func encode(_ cell: String, isAlone: Bool) -> [UInt8] {
    let bytes = Array(cell.utf8)
    let special = [0x0A, 0x0D, UInt8(ascii: "\"")] + Separator.allCases.map(\.byte)
    let needsQuotes =
      isAlone && bytes.isEmpty || bytes.contains { special.contains($0) }
      || bytes.starts(with: [0xEF, 0xBB, 0xBF])
    guard needsQuotes else { return bytes }
    let quote = UInt8(ascii: "\"")
    return [quote] + bytes.flatMap { $0 == quote ? [quote, quote] : [$0] } + [quote]
  }
}
