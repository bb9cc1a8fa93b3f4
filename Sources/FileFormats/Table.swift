/// Rows of text under named columns, as a spreadsheet saves them.
public struct Table: Sendable, Hashable {
  /// The path, or the name given to bytes; errors about cells carry it.
  public let file: String
  /// The columns' names, each of them once.
  public let columns: [String]
  /// The cells, [row][column]; every row has a cell for each column.
  public let rows: [[String]]
  /// The line of the file on which each row starts, counted from 1.
  public let lineNumbers: [Int]

  /// A table; without line numbers, rows count from line 2, below the names.
  ///
  /// - Precondition: There is a column, names differ, every row has a cell for each column, and
  ///   there are as many line numbers as rows.
  public init(
    columns: [String], rows: [[String]], lineNumbers: [Int]? = nil, file: String = "table"
  ) {
    precondition(!columns.isEmpty, "Table: no columns")
    precondition(Set(columns).count == columns.count, "Table: columns \(columns) repeat a name")
    for (index, row) in rows.enumerated() {
      precondition(
        row.count == columns.count,
        "Table: row \(index) has \(row.count) cells, there are \(columns.count) columns")
    }
    let lineNumbers = lineNumbers ?? rows.indices.map { $0 + 2 }
    precondition(
      lineNumbers.count == rows.count,
      "Table: \(lineNumbers.count) line numbers for \(rows.count) rows")
    self.file = file
    self.columns = columns
    self.rows = rows
    self.lineNumbers = lineNumbers
  }

  /// The cells of a column, from the first row to the last.
  ///
  /// - Throws: For a name that no column has; the error lists those there are.
  public func cells(in column: String) throws(FileFormatError) -> [String] {
    guard let index = columns.firstIndex(of: column) else {
      let names = columns.prefix(20).map { "\"\($0)\"" }.joined(separator: ", ")
      throw .mismatch(
        file, expected: "a column \"\(column)\"",
        found: "\(names)\(columns.count > 20 ? ", …" : "")",
        advice: "name one of these, as the first line spells it")
    }
    return rows.map { $0[index] }
  }

  /// The numbers of a column, written with a decimal point; spaces round them are allowed.
  ///
  /// - Throws: As ``cells(in:)`` does, and with the line number for a cell that is no finite number.
  public func numbers(in column: String) throws(FileFormatError) -> [Double] {
    var numbers: [Double] = []
    for (cell, line) in zip(try cells(in: column), lineNumbers) {
      guard let number = Self.number(cell) else {
        throw .wrongLine(
          file, line: line, expected: "a finite number in column \"\(column)\"",
          found: excerpt(cell.utf8), advice: "correct that cell, or leave the row out")
      }
      numbers.append(number)
    }
    return numbers
  }

  /// The finite number in a cell, written with a decimal point; spaces round it are allowed.
  ///
  /// - Returns: Nil for anything else.
  public static func number(_ cell: String) -> Double? { DecimalNumber.double(trimmed(cell.utf8)) }

  private static func trimmed(_ cell: String.UTF8View) -> some Collection<UInt8> {
    let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
    let end = cell.lastIndex { !isSpace($0) }.map { cell.index(after: $0) } ?? cell.startIndex
    return cell[..<end].drop(while: isSpace)
  }
}
