import FileFormats

/// A line through data.
public struct Curve: Hashable, Sendable {
  /// How the line is drawn.
  public enum Line: Hashable, Sendable { case solid, dashed, dotted, none }

  /// Data coordinates in order, y **up**; where one is not finite the line has a gap.
  public var points: [Point]
  /// What the curve is called at its end or in the legend; empty for no name.
  public var name: String
  /// Its colour; `nil` takes the next of ``Palette/okabeIto``.
  public var color: Color?
  /// How the line is drawn.
  public var line: Line
  /// Width of the line in points.
  public var width: Double
  /// Whether a dot stands at every point.
  public var hasMarkers: Bool

  /// A curve from its parts.
  public init(
    _ points: [Point], name: String = "", color: Color? = nil, line: Line = .solid,
    width: Double = 1.6, hasMarkers: Bool = false
  ) {
    self.points = points
    self.name = name
    self.color = color
    self.line = line
    self.width = width
    self.hasMarkers = hasMarkers
  }

  func stroke(_ color: Color) -> Stroke? {
    switch line {
    case .solid: Stroke(color, width: width, cap: .round)
    case .dashed: Stroke(color, width: width, dash: [3.5 * width, 2.5 * width])
    case .dotted: Stroke(color, width: width, dash: [0.01, 2.2 * width], cap: .round)
    case .none: nil
    }
  }
}

/// The ground between a lower and an upper line, such as a range over several runs.
public struct Band: Hashable, Sendable {
  /// The lower line in data coordinates; where it or the upper one is not finite there is a gap.
  public let lower: [Point]
  /// The upper line, point by point above the lower.
  public let upper: [Point]
  /// What the band is called in the legend; empty for no name.
  public var name: String
  /// Its colour, usually a translucent one.
  public var color: Color

  /// A band between two values at each place.
  ///
  /// - Precondition: there are as many `low` and `high` as `x`.
  public init(x: [Double], low: [Double], high: [Double], name: String = "", color: Color) {
    precondition(
      x.count == low.count && x.count == high.count,
      "Band: \(low.count) low and \(high.count) high values at \(x.count) places")
    lower = zip(x, low).map { Point($0, $1) }
    upper = zip(x, high).map { Point($0, $1) }
    self.name = name
    self.color = color
  }
}
