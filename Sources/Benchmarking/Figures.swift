import FileFormats
import Foundation
import Tensors
import Training

/// What a row took, beside its peers and the roof.
package struct Figures: Sendable {
  package let name, shape: String
  /// Of the CPU; nil on another device.
  package let threads: Int?
  /// Of matrix products and convolutions.
  package var precision = Precision.float32
  package let milliseconds: Double
  /// Width of the range that the middle half of the turns lies in, in milliseconds.
  package let spread: Double
  /// Billions of operations a second; nil where memory bounds the row.
  package var gigaflops: Double?
  /// Nil where arithmetic bounds the row.
  package var gigabytesPerSecond: Double?
  /// Speed as a share of the roof's; nil where there is no roof.
  package var shareOfRoof: Double?
  /// Each variant of each peer, in the order in which they were asked.
  package var variants: [Variant]
  /// Where the time of further steps went; nil where nobody asked.
  package var profile: Profile?

  package struct Variant: Sendable {
    package let peer, name: String
    package let milliseconds, spread: Double
  }

  /// Of anything.
  package init(_ name: String, shape: String, threads: Int?, _ race: Race) {
    (self.name, self.shape, self.threads) = (name, shape, threads)
    (milliseconds, spread) = (race.ours.median, race.ours.spread)
    variants = race.variants
  }

  /// Of a kernel, beside the roof that bounds it, where there is one; `peak` is in billions of
  /// operations a second.
  package init(_ row: KernelRow, threads: Int?, _ race: Race, _ roofs: Roofs?, peak: Double?) {
    self.init(row.name, shape: row.shape, threads: threads, race)
    precision = row.precision
    switch row.cost {
    case .flops(let flops):
      let rate = Double(flops) / milliseconds * 1e-6
      gigaflops = rate
      shareOfRoof = peak.map { rate / $0 }
    case .bytes(let bytes):
      gigabytesPerSecond = Double(bytes) / milliseconds * 1e-6
      shareOfRoof = roofs?.copyTime(bytes: bytes).map { $0 / milliseconds }
    }
  }

  /// The geometric mean of rows that have the same peers.
  init?(meanOf rows: [Figures], group: String) {
    guard let first = rows.first, rows.count > 1 else { return nil }
    (name, shape) = ("\(group)-mean", "geometric mean of \(rows.count) rows")
    (threads, precision) = (first.threads, first.precision)
    milliseconds = Self.mean(rows.map(\.milliseconds))
    spread = milliseconds * Self.mean(rows.map { 1 + $0.spread / $0.milliseconds }) - milliseconds
    let rates = rows.compactMap(\.gigaflops)
    gigaflops = rates.count == rows.count ? Self.mean(rates) : nil
    let shares = rows.compactMap(\.shareOfRoof)
    shareOfRoof = shares.count == rows.count ? Self.mean(shares) : nil
    let ratios = rows.compactMap(\.ratio)
    meanRatio = ratios.count == rows.count ? Self.mean(ratios) : nil
    variants = first.peers.map(\.peer).compactMap { peer in
      let times = rows.compactMap { row in
        row.peers.first { $0.peer == peer }?.milliseconds
      }
      guard times.count == rows.count else { return nil }
      return Variant(
        peer: peer, name: "fastest of each row", milliseconds: Self.mean(times), spread: 0)
    }
  }

  private var meanRatio: Double?

  private static func mean(_ values: [Double]) -> Double {
    exp(values.reduce(0) { $0 + log($1) } / Double(values.count))
  }

  /// The fastest variant of each peer.
  package var peers: [Variant] {
    var names: [String] = []
    for variant in variants where !names.contains(variant.peer) { names.append(variant.peer) }
    return names.compactMap { name in
      variants.filter { $0.peer == name }.min { $0.milliseconds < $1.milliseconds }
    }
  }

  /// The fastest peer's time over ours: above 1, ours is faster.
  ///
  /// Of a mean, the mean of its rows'.
  package var ratio: Double? {
    meanRatio ?? peers.map(\.milliseconds).min().map { $0 / milliseconds }
  }

  package var json: JSONValue {
    func number(_ value: Double?) -> JSONValue { value.map { .number($0) } ?? .null }
    var times: [String: JSONValue] = [:]
    for peer in peers { times[peer.peer] = .number(peer.milliseconds) }
    let json: JSONValue = [
      "name": .string(name), "shape": .string(shape),
      "threads": threads.map { .integer($0) } ?? .null,
      "precision": .string(precision.rawValue), "milliseconds": .number(milliseconds),
      "spread": .number(spread),
      "gigaflops": number(gigaflops), "gigabytesPerSecond": number(gigabytesPerSecond),
      "peers": .object(times), "ratio": number(ratio), "shareOfRoof": number(shareOfRoof),
      "variants": .array(
        variants.map {
          [
            "peer": .string($0.peer), "variant": .string($0.name),
            "milliseconds": .number($0.milliseconds), "spread": .number($0.spread),
          ]
        }),
    ]
    return profile.map { json.merging(["profile": $0.json]) } ?? json
  }

  /// Headings of ``line``.
  package static let heading = columns(
    "row", "threads", "ms", "spread", "GFLOP/s", "GB/s", "of roof", "ratio", "peers, ms")

  /// For people.
  package var line: String {
    func text(_ value: Double?, _ format: String) -> String {
      value.map { String(format: format, $0) } ?? "-"
    }
    return Self.columns(
      name, threads.map { "\($0)" } ?? "-", String(format: "%.4g", milliseconds),
      String(format: "%.2g", spread),
      text(gigaflops, "%.1f"), text(gigabytesPerSecond, "%.1f"),
      text(shareOfRoof.map { 100 * $0 }, "%.0f %%"), text(ratio, "%.2f"),
      peers.map { String(format: "\($0.peer) %.4g (\($0.name))", $0.milliseconds) }
        .joined(separator: ", "))
  }

  private static func columns(_ cells: String...) -> String {
    let widths = [44, 8, 10, 9, 9, 7, 8, 7]
    let padded = zip(cells, widths).map {
      $0 + String(repeating: " ", count: max(1, $1 - $0.count))
    }
    return padded.joined() + cells[widths.count]
  }
}
