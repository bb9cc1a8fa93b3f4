import FileFormats

/// The record of a preparation: a header, then a line a picture of the source, as JSON Lines.
///
/// It holds no time, place or machine, so that the same pictures and options give the same bytes.
struct PreparationRecord {
  static let format = "atelier prepared pictures 1"

  /// The whole file.
  static func text(_ preparation: Preparation) -> String {
    var header: [String: JSONValue] = [
      "format": .string(format), "source": .string(preparation.name),
      "options": preparation.options.json, "pictures": .integer(preparation.pictures.count),
      "results": .integer(preparation.resultCount), "removed": preparation.countsJSON,
    ]
    header.merge(preparation.rights.json) { $1 }
    return ([.object(header)] + preparation.pictures.map(\.json)).map { $0.encoded + "\n" }.joined()
  }

  /// The paths of all results that a record names; `nil` for a file that is no record.
  ///
  /// Paths that lead out of the folder are left out: a record may come from anywhere.
  static func results(at path: String) -> [String]? {
    guard let lines = try? JSONLinesFile.read(path: path),
      lines.first?["format"]?.string == format
    else { return nil }
    return lines.dropFirst().flatMap { $0["results"]?.array ?? [] }.compactMap(\.string).filter {
      !$0.hasPrefix("/") && !$0.split(separator: "/").contains("..")
    }
  }
}

extension Preparation {
  /// How many pictures are left out for each reason that occurs.
  public var countsJSON: JSONValue {
    .object(
      Dictionary(
        uniqueKeysWithValues: counts.map { ($0.key.rawValue, JSONValue.integer($0.value)) }))
  }
}
