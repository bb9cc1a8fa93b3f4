import ArgumentParser
import Foundation
import RelationalContext
import Training

/// The templates of a fit, as the command line names them.
struct TemplateOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      """
      petals (the default), petals:SEED or petals:SEED:COUNT for others; or your own: for each \
      template a folder of OBJ frames, or a .glb or .gltf with morph targets, or else CSV tables.
      """, valueName: "templates"))
  var templates: [String] = []

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Times of the frames, rising. Default: the file's, from 0 to 1.", valueName: "numbers"))
  var times: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Morphology of a grid's rows, rising. Default: evenly from 0 to 1.", valueName: "numbers"))
  var rows: String?

  @Option(
    help: ArgumentHelp("Tables: the two ordered columns of the map.", valueName: "column,column"))
  var map: String?

  @Option(
    help: ArgumentHelp(
      "Tables: the column whose every value is a template. Default: each table is one.",
      valueName: "column"))
  var group: String?

  /// The templates.
  ///
  /// - Throws: ``UsageError``, `TemplateError`, `FileFormatError`.
  func open() throws -> TemplateSet {
    if templates.isEmpty || templates[0] == "petals" || templates[0].hasPrefix("petals:") {
      if templates.count > 1 { throw UsageError.conflict(templates[0], templates[1]) }
      try refuse(
        [("--times", times), ("--rows", rows), ("--map", map), ("--group", group)], "the petals")
      return try templates.first.map(petals) ?? .petals
    }
    if let word = templates.first(where: { !FileManager.default.fileExists(atPath: $0) }),
      nearMiss(word, among: ["petals"]) != nil
    {
      throw UsageError.unknownWord(
        word, place: "templates", expected: ["petals", "your own files"])
    }
    let tables = templates.filter(Self.isTable)
    if tables.count == templates.count {
      try refuse([("--times", times), ("--rows", rows)], "tables")
      return try TemplateSet(tables: templates, tableOptions())
    }
    if let table = tables.first {
      throw UsageError.wrongValue(
        table, place: "templates", expected: "a mesh as the others are, or tables alone")
    }
    try refuse([("--map", map), ("--group", group)], "meshes")
    return try TemplateSet(
      meshes: templates, times: times.map { try NumberList.parse($0, "--times") },
      rows: rows.map { try NumberList.parse($0, "--rows") })
  }

  private static func isTable(_ path: String) -> Bool {
    ["csv", "tsv"].contains(URL(filePath: path).pathExtension.lowercased())
  }

  private func refuse(_ options: [(String, String?)], _ what: String) throws(UsageError) {
    for (name, value) in options {
      if let value {
        throw .wrongValue(value, place: name, expected: "nothing: \(what) have no use for it")
      }
    }
  }

  private func tableOptions() throws(UsageError) -> TableOptions {
    let names = map?.split(separator: ",").map(String.init) ?? []
    guard names.count == 2, names[0] != names[1] else {
      throw .wrongValue(
        map ?? "", place: "--map",
        expected: "the two columns that order a table's rows, such as --map severity,day")
    }
    if let group, names.contains(group) {
      throw .wrongValue(
        group, place: "--group", expected: "another column than those of --map (\(map!))")
    }
    return TableOptions(map: (names[0], names[1]), group: group)
  }

  private func petals(_ name: String) throws(UsageError) -> TemplateSet {
    if name == "petals" { return .petals }
    let parts = name.split(separator: ":", omittingEmptySubsequences: false).dropFirst()
    let count = parts.count == 2 ? Int(parts.last!) : 2
    guard parts.count <= 2, let seed = UInt64(parts.first!), let count, (1...6).contains(count)
    else {
      throw .wrongValue(
        name, place: "templates", expected: "petals:SEED, or petals:SEED:COUNT with 1 to 6 petals")
    }
    return .petals(seed: seed, count: count)
  }
}
