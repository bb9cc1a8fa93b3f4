import Foundation
import Tensors

/// What lies between two templates, and beyond them.
public struct PairMeasures: Sendable {
  /// Their numbers, from 0.
  public var templates: (Int, Int)
  /// At each share of the time axis: the distance of the shapes, and of the contexts (mean over
  /// rows).
  public var times: [(time: Float, shapes: Double, contexts: Double)]
  /// What the shares are of.
  public var timeAxis: MapAxis
  /// Rank correlation of the two over time; 1 where contexts part just as shapes do.
  public var correlation: Double
  /// Steps backwards of interpolations from the first to the second.
  ///
  /// Of 20 steps at every time where shapes differ, measured by the projection on the line between the
  /// templates: 0 is as it should be. With the map as the relational network finds it, and with the
  /// exact one.
  public var stepsBackwards: (own: Int, exact: Int)
  /// The largest distance of an interpolation's ends from the templates, likewise.
  public var endError: (own: Double, exact: Double)
  /// Beyond the first and beyond the second template, at every time where shapes differ by more
  /// than a tenth of their largest distance.
  public var beyond: (first: Extrapolation, second: Extrapolation)

  init(_ fit: FittedContext, _ first: Int, _ second: Int) throws(DeviceError) {
    let set = fit.templates
    (templates, timeAxis) = ((first, second), set.timeAxis)
    let scenes = try Self.scenes(fit, first, second)
    times = scenes.map { ($0.time, $0.distance, Double(ContextPath.gap($0.traces.0, $0.traces.1))) }
    correlation = rankCorrelation(times.map(\.shapes), times.map(\.contexts))
    (stepsBackwards, endError) = ((0, 0), (0, 0))
    for scene in scenes where scene.distance > 0 {
      let own = try scene.interpolation(fit, hasExactMap: false)
      let exact = try scene.interpolation(fit, hasExactMap: true)
      stepsBackwards.own += own.backwards
      stepsBackwards.exact += exact.backwards
      endError.own = max(endError.own, own.ends)
      endError.exact = max(endError.exact, exact.ends)
    }
    let farthest = scenes.map(\.distance).max() ?? 0
    let apart = scenes.filter { $0.distance > farthest / 10 }
    beyond = (
      try Extrapolation(fit, apart.map { $0.reversed }, faces: set.faces),
      try Extrapolation(fit, apart, faces: set.faces)
    )
  }

  private static func scenes(
    _ fit: FittedContext, _ first: Int, _ second: Int
  ) throws(DeviceError) -> [Scene] {
    var scenes: [Scene] = []
    for time in fit.templates.times {
      let shapes = [first, second].map { fit.templates.templates[$0].rows(at: time) }
      scenes.append(
        Scene(
          time: time, places: fit.templates.rows.map { MapPlace(time: time, row: $0) },
          shapes: (shapes[0], shapes[1]), distance: fit.templates.distance(shapes[0], shapes[1]),
          traces: (
            ContextPath(try fit.relate(shapes[0])), ContextPath(try fit.relate(shapes[1]))
          )))
    }
    return scenes
  }
}

/// Two templates at one time.
struct Scene {
  let time: Float
  let places: [MapPlace]
  let shapes: ([Float], [Float])
  let distance: Double
  let traces: (ContextPath, ContextPath)

  var reversed: Scene {
    Scene(
      time: time, places: places, shapes: (shapes.1, shapes.0), distance: distance,
      traces: (traces.1, traces.0))
  }

  /// 21 steps from the first template to the second.
  func interpolation(
    _ fit: FittedContext, hasExactMap: Bool
  ) throws(DeviceError) -> (backwards: Int, ends: Double) {
    let ends = (fit.templates.measured(shapes.0), fit.templates.measured(shapes.1))
    let line = zip(ends.0, ends.1).map { Double($1) - Double($0) }
    var projections: [Double] = []
    var farthest = 0.0
    for step in 0...20 {
      var path = ContextPath.between(traces.0, traces.1, share: Float(step) / 20)
      if hasExactMap { path = path.placed(at: places) }
      let shape = fit.templates.measured(try fit.generate(path.points))
      projections.append(
        zip(zip(shape, ends.0), line).reduce(0) { sum, next in
          sum + (Double(next.0.0) - Double(next.0.1)) * next.1
        })
      if step == 0 { farthest = max(farthest, rootMeanSquare(shape, ends.0)) }
      if step == 20 { farthest = max(farthest, rootMeanSquare(shape, ends.1)) }
    }
    let backwards = zip(projections, projections.dropFirst()).filter { !($0 < $1) }.count
    return (backwards, farthest)
  }
}

/// What becomes of shapes on paths that are moved along the normal, away from both templates.
public struct Extrapolation: Sendable {
  /// Whether there are edges and faces, of which the next numbers and the failing radius are:
  /// tables have none.
  public let hasFaces: Bool
  /// At half the gap between the traces: the worst of all times.
  public var stretch = 1.0
  public var compression = 1.0
  public var degenerateFaces = 0
  /// The distance from the nearer template as a share of that between the templates, the least of
  /// all times.
  public var leastDistance = Double.infinity
  /// The first distance, in gaps, at which a face collapses or an edge is strained twofold at some
  /// time; nil where none up to 3 is.
  public var failingRadius: Double?

  /// The distance at which the first numbers are taken, in gaps between the traces.
  public static let radius = 0.5

  init(_ fit: FittedContext, _ scenes: [Scene], faces: [[Int]]) throws(DeviceError) {
    hasFaces = !faces.isEmpty
    for scene in scenes {
      let (shape, quality) = try Self.shape(fit, scene, Float(Self.radius), faces)
      let nearest = min(
        fit.templates.distance(shape, scene.shapes.0),
        fit.templates.distance(shape, scene.shapes.1))
      leastDistance = min(leastDistance, nearest / scene.distance)
      guard let quality else { continue }
      stretch = max(stretch, quality.stretch)
      compression = max(compression, quality.compression)
      degenerateFaces += quality.degenerateFaces
    }
    guard hasFaces else { return }
    for step in 1...30 where failingRadius == nil {
      let radius = Double(step) / 10
      for scene in scenes where failingRadius == nil {
        let quality = try Self.shape(fit, scene, Float(radius), faces).quality!
        if quality.degenerateFaces > 0 || quality.strain >= 2 { failingRadius = radius }
      }
    }
  }

  /// The shape beyond the second template at that many gaps, on the exact map's places but for what
  /// the normal changes.
  private static func shape(
    _ fit: FittedContext, _ scene: Scene, _ radius: Float, _ faces: [[Int]]
  ) throws(DeviceError) -> (rows: [Float], quality: MeshQuality?) {
    let near = scene.traces.1.placed(at: scene.places)
    let far = scene.traces.0.placed(at: scene.places)
    let path = near.translated(by: radius, awayFrom: far)
    let rows = try fit.generate(path.points)
    guard !faces.isEmpty else { return (rows, nil) }
    let set = fit.templates
    return (
      rows,
      MeshQuality(of: set.points(of: rows), beside: set.points(of: scene.shapes.1), faces: faces)
    )
  }
}

extension TemplateSet {
  /// Faces of the mesh of one time; none of a table.
  public var faces: [[Int]] { if case .points(let faces) = content { faces } else { [] } }
}

/// Spearman's rank correlation; ties share the mean of their ranks.
///
/// Where all of one are equal it is not defined: it is 1 where all of the other are, too, else 0.
func rankCorrelation(_ a: [Double], _ b: [Double]) -> Double {
  let (x, y) = (ranks(a), ranks(b))
  let mean = Double(x.count - 1) / 2
  let covariance = zip(x, y).reduce(0) { $0 + ($1.0 - mean) * ($1.1 - mean) }
  let variances = [x, y].map { $0.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } }
  let scale = (variances[0] * variances[1]).squareRoot()
  return scale > 0 ? covariance / scale : variances == [0, 0] ? 1 : 0
}

private func ranks(_ values: [Double]) -> [Double] {
  values.map { value in
    let (less, equal) = values.reduce((0, 0)) { counts, other in
      (counts.0 + (other < value ? 1 : 0), counts.1 + (other == value ? 1 : 0))
    }
    return Double(less) + Double(equal - 1) / 2
  }
}
