import FileFormats

/// A picture of the source and what became of it: a line of the record.
public struct PreparedPicture: Sendable {
  /// Path within the source.
  public let name: String
  /// Its class; `nil` where it has none.
  public let className: String?
  /// Of the file's bytes; `nil` where they could not be read.
  public let hash: UInt64?
  /// Height and width, upright, and channels; `nil` where it is unreadable.
  public let shape: PictureShape?
  /// What its file says about whose it is.
  public let credits: [PictureCredit]
  /// What speaks against it; `nil` where nothing does.
  public internal(set) var finding: Finding?
  /// Whether it stays whatever is found.
  public let isKeptByRequest: Bool
  /// Paths within the folder of the results; of a picture that is left out, those it would have.
  let plannedResults: [String]
  /// Which of them show almost nothing, and are left out.
  let blankResults: [Bool]

  /// Whether it is among the results.
  public var isUsed: Bool { finding == nil || isKeptByRequest }

  /// Indices into the planned results of those that are written.
  var usedResults: [Int] {
    isUsed ? plannedResults.indices.filter { isKeptByRequest || !blankResults[$0] } : []
  }

  /// Paths of the results within their folder; empty where it is left out.
  public var results: [String] { usedResults.map { plannedResults[$0] } }

  /// The record's line.
  var json: JSONValue {
    var members: [String: JSONValue] = [
      "picture": .string(name), "class": className.map { .string($0) } ?? .null,
      "hash": hash.map { .string(Self.digits($0)) } ?? .null,
      "results": .array(results.map { .string($0) }),
    ]
    if let shape {
      members["shape"] = [
        .integer(shape.height), .integer(shape.width), .integer(shape.channels),
      ]
    }
    if !credits.isEmpty {
      members["credits"] = .array(
        credits.map { ["field": .string($0.field), "text": .string($0.text)] })
    }
    let blankTiles = isUsed ? plannedResults.filter { !results.contains($0) } : []
    if !blankTiles.isEmpty { members["blankTiles"] = .array(blankTiles.map { .string($0) }) }
    if let finding { members.merge(finding.json) { $1 } }
    if isKeptByRequest { members["keptByRequest"] = true }
    return .object(members)
  }

  private static func digits(_ hash: UInt64) -> String {
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
