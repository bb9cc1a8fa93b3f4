import FileFormats
import Foundation

/// How tables become templates.
public struct TableOptions: Sendable, Hashable {
  /// The two ordered columns that make the map.
  public var time, row: String
  /// The column whose every value is a template of its own; nil where each table is one.
  public var group: String?

  public init(map: (String, String), group: String? = nil) {
    (time, row, self.group) = (map.0, map.1, group)
  }

  /// All columns that are no numbers of the rows.
  var special: [String] { [time, row] + (group.map { [$0] } ?? []) }
}

extension TemplateSet {
  /// Templates of tables (CSV) with two ordered columns as their map: the article's symptoms and
  /// diagnoses.
  ///
  /// Every other column is a number of the rows. The map's columns hold numbers, or words, which are
  /// then ordered as they first appear.
  ///
  /// - Throws: A `FileFormatError` for a file that cannot be read or a cell that is no number, with
  ///   its line; ``TemplateError`` for columns that do not fit.
  public init(tables paths: [String], _ options: TableOptions) throws {
    precondition(!paths.isEmpty, "no tables")
    let tables = try paths.map { try CSV.read(path: $0) }
    let first = tables[0]
    for (path, table) in zip(paths, tables).dropFirst() where table.columns != first.columns {
      throw TemplateError.differentColumns(
        path: path, found: table.columns, first: paths[0], expected: first.columns)
    }
    let special = options.special
    for name in special where !first.columns.contains(name) {
      throw TemplateError.noColumn(name, path: paths[0], found: first.columns)
    }
    if let name = special.first(where: { name in special.count { $0 == name } > 1 }) {
      throw TemplateError.sameColumn(name)
    }
    let columns = first.columns.filter { !special.contains($0) }
    if columns.isEmpty { throw TemplateError.noNumbers(path: paths[0]) }
    for (path, table) in zip(paths, tables) where table.rows.isEmpty {
      throw TemplateError.noRows(path: path)
    }
    let axes = try [options.time, options.row].map { try TableAxis($0, tables, paths[0]) }
    for column in columns { try Self.checkPrecision(of: column, tables) }
    let templates = try Self.templates(tables, paths, options.group, columns, axes)
    self.init(
      name: Self.name(of: paths), timeAxis: axes[0].map, rowAxis: axes[1].map,
      times: Self.steps(templates.flatMap { $0.places.map(\.time) }, axes[0].map),
      rows: Self.steps(templates.flatMap { $0.places.map(\.row) }, axes[1].map),
      templates: templates,
      content: .columns(columns))
  }

  private static func templates(
    _ tables: [Table], _ paths: [String], _ group: String?, _ columns: [String],
    _ axes: [TableAxis]
  ) throws -> [Template] {
    let files = Self.names(of: paths)
    var names: [String] = []
    var rows: [String: [(place: MapPlace, values: [Float])]] = [:]
    for (index, table) in tables.enumerated() {
      let numbers = try columns.map { try table.moderateNumbers(in: $0).map { Float($0) } }
      let groups = try group.map { try table.words(in: $0) }
      for row in table.rows.indices {
        let name = groups?[row] ?? files[index]
        if rows[name] == nil { names.append(name) }
        let place = MapPlace(time: axes[0].shares[index][row], row: axes[1].shares[index][row])
        rows[name, default: []].append((place, numbers.map { $0[row] }))
      }
    }
    return names.map { name in
      // By place, so that tables with a whole grid have it in the grid's order.
      let sorted = rows[name]!.sorted {
        ($0.place.time, $0.place.row) < ($1.place.time, $1.place.row)
      }
      return Template(
        name: name, places: sorted.map(\.place), values: sorted.flatMap(\.values))
    }
  }

  /// Refuses numbers that networks would see as all but the same: in single precision fewer than 256
  /// steps lie between the least and the largest.
  private static func checkPrecision(
    of column: String, _ tables: [Table]
  ) throws(FileFormatError) {
    var (low, high) = (Double.infinity, -Double.infinity)
    for table in tables {
      for number in try table.moderateNumbers(in: column) {
        (low, high) = (min(low, number), max(high, number))
      }
    }
    if low < high, high - low < max(abs(low), abs(high)) / 0x1p16 {
      throw .wrongLine(
        tables[0].file, line: tables[0].lineNumbers.first ?? 1,
        expected: "numbers in column \"\(column)\" that single precision can tell apart",
        found: "\(low) to \(high)", advice: "subtract the least from all of them")
    }
  }

  /// The values there are, or seven from end to end where there are more than fifteen; words, where
  /// an axis has words.
  private static func steps(_ shares: [Float], _ axis: MapAxis) -> [Float] {
    let distinct = Set(shares).sorted()
    if distinct.count <= 15 { return distinct }
    return (0..<7).map { step in
      axis.words == nil
        ? Float(step) / 6 : axis.share((Double(step) * axis.one / 6).rounded())
    }
  }
}

/// A column of the map in all tables.
private struct TableAxis {
  let map: MapAxis
  /// The share of every row of every table.
  let shares: [[Float]]

  init(_ name: String, _ tables: [Table], _ path: String) throws {
    let cells = try tables.map { try $0.cells(in: name) }
    let hasWords = cells.allSatisfy { $0.allSatisfy { Table.number($0) == nil } }
    (map, shares) =
      try hasWords
      ? Self.ofWords(name, tables, path) : Self.ofNumbers(name, tables, path)
  }

  private static func ofWords(
    _ name: String, _ tables: [Table], _ path: String
  ) throws -> (MapAxis, [[Float]]) {
    let cells = try tables.map { try $0.words(in: name) }
    var words: [String] = []
    var places: [String: Double] = [:]
    for word in cells.joined() where places[word] == nil {
      places[word] = Double(words.count)
      words.append(word)
    }
    guard words.count > 1 else { throw TemplateError.constantColumn(name, path: path) }
    let map = MapAxis(name, words: words)
    return (map, cells.map { $0.map { map.share(places[$0]!) } })
  }

  private static func ofNumbers(
    _ name: String, _ tables: [Table], _ path: String
  ) throws -> (MapAxis, [[Float]]) {
    let values = try tables.map { try $0.moderateNumbers(in: name) }
    guard let low = values.joined().min(), let high = values.joined().max(), low < high else {
      throw TemplateError.constantColumn(name, path: path)
    }
    let map = MapAxis(name, zero: low, one: high)
    return (map, values.map { $0.map(map.share) })
  }
}

extension Table {
  /// The numbers of a column, of which single precision can hold differences and squares' roots.
  fileprivate func moderateNumbers(in column: String) throws(FileFormatError) -> [Double] {
    let numbers = try numbers(in: column)
    if let row = numbers.firstIndex(where: { abs($0) > Double(TemplateSet.largest) }) {
      throw .wrongLine(
        file, line: lineNumbers[row],
        expected: "a number of at most \(TemplateSet.largest) in column \"\(column)\"",
        found: "\(numbers[row])", advice: "correct that cell, or use another unit")
    }
    return numbers
  }

  /// The cells of a column of words, without spaces round them.
  fileprivate func words(in column: String) throws(FileFormatError) -> [String] {
    let words = try cells(in: column).map { $0.trimmingCharacters(in: .whitespaces) }
    // An empty cell, or one of `nan`, says that something is missing, not what.
    if let row = words.firstIndex(where: { $0.isEmpty || Double($0)?.isFinite == false }) {
      throw .wrongLine(
        file, line: lineNumbers[row], expected: "a word or number in column \"\(column)\"",
        found: words[row].isEmpty ? "an empty cell" : "\"\(words[row])\"",
        advice: "fill that cell, or leave the row out")
    }
    return words
  }
}
