import Foundation

/// Tiles that were measured on one device: what `atelier tune` writes and products look up.
///
/// A tile decides how fast a product is and never what it gives, and the parts of its sums are not
/// tuned, so results are the same to the bit with and without a tuning.
package struct ProductTuning: Sendable {
  /// What a tuning holds for; with anything else it is not used.
  package struct Origin: Codable, Hashable, Sendable {
    /// Of the file's layout and of what its sizes mean.
    package let schema: Int
    /// Hash of the texts that products are made from, in 16 hexadecimal digits.
    package let sources: String
    package let platform, device, driver: String

    static let schema = 1
  }

  /// What was found for a bucket.
  struct Entry: Codable, Equatable, Sendable {
    let bucket: ProductBucket
    /// The fastest tile; nil where that is the heuristic's.
    var tile: ProductTile?
    /// Of the product that was measured, by the fastest tile and by the heuristic's in the same
    /// turns.
    var milliseconds, heuristicMilliseconds: Double
    /// Candidates so far, those that failed among them.
    var tried: Int
    /// What is never to be chosen, and why.
    var failures: [Failure] = []

    var gain: Double { milliseconds > 0 ? heuristicMilliseconds / milliseconds : 1 }
  }

  struct Failure: Codable, Equatable, Sendable {
    let tile: ProductTile
    let reason: String
  }

  package let origin: Origin
  private(set) var entries: [ProductBucket: Entry] = [:]

  package init(_ origin: Origin) { self.origin = origin }

  /// The measured tile, or nil.
  func tile(for bucket: ProductBucket) -> ProductTile? { entries[bucket]?.tile }

  mutating func set(_ entry: Entry) { entries[entry.bucket] = entry }

  /// Buckets with a tile of their own.
  package var tiles: Int { entries.values.count { $0.tile != nil } }
  /// Buckets that were tried.
  package var buckets: Int { entries.count }

  /// Sorted by bucket.
  var sorted: [Entry] { entries.values.sorted { $0.bucket < $1.bucket } }

  /// What was found, for people.
  package struct Result: Sendable {
    package let product: String
    /// Nil where the heuristic's is the best.
    package let tile: String?
    package let milliseconds, heuristicMilliseconds: Double
    package let tried, failed: Int
  }

  package var results: [Result] {
    sorted.map {
      Result(
        product: $0.bucket.description, tile: $0.tile?.text, milliseconds: $0.milliseconds,
        heuristicMilliseconds: $0.heuristicMilliseconds, tried: $0.tried,
        failed: $0.failures.count)
    }
  }

  /// The geometric mean over all buckets; 1 where nothing was tuned.
  package var meanGain: Double {
    let gains = sorted.map { log($0.gain) }
    return gains.isEmpty ? 1 : exp(gains.reduce(0, +) / Double(gains.count))
  }

  /// Takes in another's entries; of a bucket in both, the one that gains more on the heuristic's tile
  /// stays.
  ///
  /// Gains are of turns that both tiles took, while times of two runs may be of two products of the
  /// bucket, and of a machine more or less busy.
  ///
  /// - Throws: ``TuningError/differs(_:_:)`` where the two are not of one device, driver and program.
  package mutating func merge(_ other: ProductTuning) throws(TuningError) {
    if let difference = origin.difference(from: other.origin) { throw .differs(difference) }
    for entry in other.sorted {
      guard let own = entries[entry.bucket] else {
        entries[entry.bucket] = entry
        continue
      }
      var better = entry.gain > own.gain ? entry : own
      better.tried = max(entry.tried, own.tried)
      better.failures = own.failures + entry.failures.filter { !own.failures.contains($0) }
      better.failures.sort { ($0.tile.text, $0.reason) < ($1.tile.text, $1.reason) }
      // What failed in one place is not chosen in another.
      if let tile = better.tile, better.failures.contains(where: { $0.tile == tile }) {
        better.tile = nil
        better.milliseconds = better.heuristicMilliseconds
      }
      entries[entry.bucket] = better
    }
  }
}

extension ProductTuning.Origin {
  init(_ device: OpenCLDevice) {
    let description = device.description
    self.init(
      schema: Self.schema, sources: Self.currentSources, platform: description.platform,
      device: description.name, driver: description.driver)
  }

  /// Of the texts of this program.
  static let currentSources: String = {
    let recipes =
      [ProgramRecipe.product(.gemm(transposeA: false, transposeB: false), macros: "")]
      + [.forward, .inputGradient, .filterGradient].map { .product($0, macros: "") }
    let hash = recipes.reduce(into: FNV1a()) { $0.add($1.source) }
    let digits = String(hash.value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }()

  /// The first way in which two differ, as "… A, and B".
  func difference(from other: Self) -> String? {
    let all: [(name: String, own: String, other: String)] = [
      ("schema", "\(schema)", "\(other.schema)"), ("device", device, other.device),
      ("platform", platform, other.platform), ("driver", driver, other.driver),
      ("kernel sources", sources, other.sources),
    ]
    return all.first { $0.own != $0.other }.map { "\($0.name) '\($0.own)' and '\($0.other)'" }
  }
}

/// Why a tuning cannot be used.
package enum TuningError: Error, Equatable, CustomStringConvertible {
  /// Its text is not a tuning's.
  case damaged(String)
  /// It is of something else: how the two differ.
  case differs(String)
  /// `--shape` that cannot be understood.
  case shape(String)
  /// The device has no tiles to choose.
  case notOpenCL(String)
  /// The heuristic's tile failed with every product that was tried: the first one's reason.
  case nothingMeasured(String)

  /// Why a file is passed over.
  var reason: String {
    if case .damaged(let reason) = self { "it is damaged: \(reason)" } else { description }
  }

  package var description: String {
    switch self {
    case .damaged(let reason):
      "expected a tuning by 'atelier tune', found \(reason); remove it, and tune again"
    case .differs(let difference):
      "expected tunings of one device, driver and program, found \(difference); tune again"
    case .shape(let text):
      "--shape '\(text)': expected gemm:nn:MxNxK, with nt, tn or tt for transposed factors and"
        + " :COUNT for as many side by side, or conv:N,H,W,C,OC,KERNEL,STRIDE,PADDING"
    case .notOpenCL(let device):
      "\(device) has no tiles to tune: expected an OpenCL device, such as --device opencl:0"
    case .nothingMeasured(let reason):
      "no product could be measured: \(reason); 'atelier devices' tells whether the device is usable"
    }
  }
}
