import FileFormats
import Foundation
import Tensors

/// How well a fit does what Generative Relational Context promises, in numbers.
///
/// Distances are root mean squares of a row's numbers in ``unit``. Between templates they are of
/// pairs: every template with every later one.
public struct FitMeasures: Sendable {
  /// What distances are counted in.
  public var unit: DistanceUnit
  /// The largest distance of a point of each template model, or of a number of a table's, from its
  /// template; and how many fits that took.
  public var templateErrors: [Float]
  public var templateAttempts: [Int]
  /// Template to design space and back: RMS of each template on its own rows, and at 4096 places
  /// drawn anywhere on the map (seed 0).
  public var roundTrip, continuousRoundTrip: [Double]
  /// RMS of the round trip over the rows in which templates differ by more than the median row.
  public var differingRoundTrip: Double
  /// RMS of the mean of all templates over the same rows: the best that can be told from the map
  /// alone.
  public var differingMean: Double
  /// The range of the context over all templates' rows, the largest of its dimensions.
  public var contextRange: Double
  /// Of every pair of templates.
  public var pairs: [PairMeasures]

  /// The worst round trip of a template.
  public var roundTripRMS: Double { roundTrip.max() ?? 0 }

  /// Measures a fit.
  public init(_ fit: FittedContext) throws(DeviceError) {
    let set = fit.templates
    (unit, templateErrors) = (set.distanceUnit, fit.templateErrors)
    templateAttempts = fit.templateAttempts
    (roundTrip, continuousRoundTrip) = ([], [])
    let anywhere = Self.places(set, count: 4096)
    var traces: [[DesignPoint]] = []
    for index in set.templates.indices {
      let rows = set.templates[index].values
      traces.append(try fit.relate(rows))
      roundTrip.append(set.distance(rows, try fit.generate(traces[index])))
      let drawn = try fit.rows(ofTemplate: index, at: anywhere)
      continuousRoundTrip.append(set.distance(drawn, try fit.generate(fit.relate(drawn))))
    }
    contextRange = Self.range(traces.flatMap { $0.map(\.context) })
    let differing = DifferingRows(set)
    differingRoundTrip = try differing.distance { template, rows throws(DeviceError) in
      try fit.generate(fit.relate(rows))
    }
    differingMean = differing.distanceOfMean
    pairs = []
    guard set.hasGrid else { return }
    for first in set.templates.indices {
      for second in set.templates.indices where second > first {
        pairs.append(try PairMeasures(fit, first, second))
      }
    }
  }

  private static func range(_ contexts: [[Float]]) -> Double {
    guard let first = contexts.first else { return 0 }
    return first.indices.map { dimension in
      let values = contexts.map { $0[dimension] }
      return Double(values.max()! - values.min()!)
    }.max() ?? 0
  }

  private static func places(_ set: TemplateSet, count: Int) -> [MapPlace] {
    let philox = Philox(seed: 0)
    func draw(_ axis: [Float], _ index: Int, _ example: Int) -> Float {
      let share = philox.uniform(index, example: example, stream: RandomStream.evaluation)
      return axis[0] + share * (axis.last! - axis[0])
    }
    return (0..<count).map {
      MapPlace(time: draw(set.times, 0, $0), row: draw(set.rows, 1, $0))
    }
  }
}

/// The rows in which templates differ by more than the median row.
struct DifferingRows {
  private let set: TemplateSet
  private let chosen: [Int]

  init(_ set: TemplateSet) {
    self.set = set
    guard set.hasGrid else {
      chosen = []
      return
    }
    let spread = set.grid.indices.map { row -> Double in
      let mean = Self.mean(set, row)
      return set.templates.reduce(0) { $0 + set.distance($1.row(row), mean) }
    }
    let median = spread.sorted()[spread.count / 2]
    chosen = spread.indices.filter { spread[$0] > median }
  }

  private static func mean(_ set: TemplateSet, _ row: Int) -> [Float] {
    (0..<set.rowSize).map { number in
      set.templates.reduce(0) { $0 + $1.row(row)[$1.row(row).startIndex + number] }
        / Float(set.templates.count)
    }
  }

  /// The distance of what `make` makes of a template's rows; 0 where no rows differ.
  func distance(
    _ make: (_ template: Int, _ rows: [Float]) throws(DeviceError) -> [Float]
  ) throws(DeviceError) -> Double {
    var (found, wanted): ([Float], [Float]) = ([], [])
    for (index, template) in set.templates.enumerated() {
      let rows = chosen.flatMap { template.row($0) }
      wanted += rows
      found += try make(index, rows)
    }
    return set.distance(found, wanted)
  }

  /// The distance of the mean of all templates.
  var distanceOfMean: Double {
    var (found, wanted): ([Float], [Float]) = ([], [])
    for template in set.templates {
      wanted += chosen.flatMap { template.row($0) }
      found += chosen.flatMap { Self.mean(set, $0) }
    }
    return set.distance(found, wanted)
  }

  /// Where these rows lie.
  var places: [MapPlace] { chosen.map { set.grid[$0] } }
}

extension TemplateSet {
  /// Whether every template has its rows at the grid's places, in their order.
  public var hasGrid: Bool {
    let grid = grid
    return templates.allSatisfy { $0.places == grid }
  }
}
