import Foundation

/// The file: JSON with sorted keys, entries sorted by bucket.
extension ProductTuning {
  private struct Document: Codable {
    let origin: Origin
    let entries: [Entry]
  }

  /// The most bytes of a file that are read.
  package static let largestFile = 16 << 20

  package var encoded: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(Document(origin: origin, entries: sorted)) else {
      preconditionFailure("a tuning with numbers that JSON has not")
    }
    return String(decoding: data, as: UTF8.self) + "\n"
  }

  /// Reads what ``encoded`` gave.
  ///
  /// - Throws: ``TuningError/damaged(_:)``.
  package init(decoding text: [UInt8]) throws(TuningError) {
    guard text.count <= Self.largestFile else { throw .damaged("\(text.count) bytes") }
    let document: Document
    do {
      document = try JSONDecoder().decode(Document.self, from: Data(text))
    } catch {
      throw .damaged(Self.reason(error))
    }
    self.init(document.origin)
    for entry in document.entries {
      let tiles = (entry.tile.map { [$0] } ?? []) + entry.failures.map(\.tile)
      guard tiles.allSatisfy(\.isSearched), entry.tried > 0, entry.milliseconds > 0,
        entry.heuristicMilliseconds > 0
      else { throw .damaged("sizes that no tile has, for \(entry.bucket.kind)") }
      set(entry)
    }
  }

  private static func reason(_ error: any Error) -> String {
    switch error as? DecodingError {
    case .keyNotFound(let key, _): "no '\(key.stringValue)'"
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      "'\(context.codingPath.last?.stringValue ?? "it")' of the wrong type"
    case .dataCorrupted(let context) where !context.codingPath.isEmpty:
      "'\(context.codingPath.last?.stringValue ?? "it")' of the wrong value"
    default: "no JSON"
    }
  }

  /// Where a device's tuning lies by default: `tuning/` beside the compiled programs; nil where
  /// nothing is kept.
  static func standardFile(_ device: OpenCLDevice, in folder: URL?) -> URL? {
    let words = "\(device.description.platform) \(device.description.name)".lowercased()
      .split { !$0.isASCII || !($0.isLetter || $0.isNumber) }
    return folder?.appendingPathComponent("tuning/\(words.joined(separator: "-")).json")
  }

  /// What a file gives for a device.
  static func read(_ file: URL?, for device: OpenCLDevice) -> (ProductTuning?, TuningState) {
    guard let file, FileManager.default.fileExists(atPath: file.path) else { return (nil, .none) }
    do {
      guard let data = try? Data(contentsOf: file) else { throw TuningError.damaged("unreadable") }
      let tuning = try ProductTuning(decoding: [UInt8](data))
      if let difference = Origin(device).difference(from: tuning.origin) {
        return (nil, .ignored(path: file.path, reason: "it is of other things: \(difference)"))
      }
      return (tuning, .inUse(path: file.path, tiles: tuning.tiles))
    } catch {
      let reason = (error as? TuningError)?.reason ?? "\(error)"
      return (nil, .ignored(path: file.path, reason: reason))
    }
  }
}

/// Whether products on a device take measured tiles.
public enum TuningState: Sendable, Equatable {
  /// Nothing was tuned.
  case none
  /// Tiles of so many kinds and sizes of products come from a file.
  case inUse(path: String, tiles: Int)
  /// There is a file that does not fit the device, driver or program, or is damaged.
  case ignored(path: String, reason: String)
}

extension ProductTile {
  /// Whether a search could have come to it, so that a file can name no tile that takes minutes to
  /// compile.
  fileprivate var isSearched: Bool {
    let sizes = [itemsM, itemsN, tilesM, tilesN, rows, vectors, width, depth, load]
    // First, so that no product of sizes overflows.
    return sizes.allSatisfy { (1...1024).contains($0) }
      && [padA, padB].allSatisfy { (0...64).contains($0) } && (1...2).contains(buffers)
      && isModest
  }

  /// For people: such as `16x16 items of 1x1 tiles of 8x2x4, depth 16`.
  var text: String {
    "\(itemsM)x\(itemsN) items of \(tilesM)x\(tilesN) tiles of \(rows)x\(vectors)x\(width),"
      + " depth \(depth), padding \(padA) and \(padB), loads of \(load), buffers \(buffers)"
      + (units == .none ? "" : ", \(units)")
  }
}
