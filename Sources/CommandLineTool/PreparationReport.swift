import Datasets
import FileFormats

/// What `data prepare` says when it is done.
struct PreparationReport {
  private let preparation: Preparation
  private let folder: String
  private let isDryRun: Bool

  init(_ preparation: Preparation, folder: String, isDryRun: Bool) {
    self.preparation = preparation
    self.folder = folder
    self.isDryRun = isDryRun
  }

  /// The object of `--json`.
  var json: JSONValue {
    let rights = preparation.rights
    return [
      "out": .string(folder), "isDryRun": .bool(isDryRun),
      "pictures": .integer(preparation.pictures.count),
      "results": .integer(preparation.resultCount), "removed": preparation.countsJSON,
      "keptByRequest": .integer(preparation.pictures.count(where: \.isKeptByRequest)),
      "classes": .array(
        preparation.classes.map { count in
          [
            "name": count.name.map { .string($0) } ?? .null, "pictures": .integer(count.pictures),
            "results": .integer(count.results),
          ]
        }),
      "documents": .array(rights.documents.map { .string($0.name) }),
      "creditedPictures": .integer(rights.creditedPictures),
      "warnings": .array(preparation.warnings.map { .string($0) }),
      "record": .string("\(folder)/\(PreparedFolder.record)"),
      "page": .string("\(folder)/\(PreparedFolder.page)"),
    ]
  }

  /// A table on stdout, and warnings on stderr.
  func print() throws {
    let options = preparation.options
    try line("looked at", "\(preparation.pictures.count) pictures of \(preparation.name)")
    try line(
      isDryRun ? "would write" : "written",
      "\(preparation.resultCount) of \(options.height)x\(options.width) to \(folder)")
    for reason in Finding.Reason.allCases {
      if let count = preparation.counts[reason] {
        try line("left out", "\(count) \(reason.rawValue)")
      }
    }
    if !options.kept.isEmpty { try line("kept", "\(options.kept.count) by request") }
    for count in preparation.classes.prefix(50) {
      try line("class", "\(count.name ?? "(none)"): \(count.results) of \(count.pictures)")
    }
    if preparation.classes.count > 50 {
      try line("", "and \(preparation.classes.count - 50) more classes")
    }
    try describeRights()
    if isDryRun { try listRemoved() } else { try line("see", "\(folder)/\(PreparedFolder.page)") }
    for warning in preparation.warnings { Console.note("Warning: \(warning)") }
  }

  private func describeRights() throws {
    let rights = preparation.rights
    if let license = rights.license { try line("licence", license) }
    if let consent = rights.consent { try line("consent", consent) }
    for document in rights.documents.prefix(20) {
      try line("found", "\(document.name): \(document.firstLine)")
    }
    if rights.creditedPictures > 0 {
      try line("found", "a copyright or licence inside \(rights.creditedPictures) pictures")
    }
  }

  /// The page is not there to look at, so the names are told.
  private func listRemoved() throws {
    for picture in preparation.removed.prefix(50) {
      try line("", "\(picture.name): \(picture.finding!.sentence)")
    }
    if preparation.removed.count > 50 {
      try line("", "and \(preparation.removed.count - 50) more")
    }
  }

  private func line(_ title: String, _ text: String) throws {
    let padding = String(repeating: " ", count: max(1, 13 - title.count))
    try Console.result(title + padding + text)
  }
}
