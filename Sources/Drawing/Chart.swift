import FileFormats

/// Curves and bands over two axes.
///
/// ```swift
/// let curves = zip(times, Palette.ordered(times.count)).map { time, color in
///   Curve(points(time), name: "time \(time)", color: color)
/// }
/// drawing.draw(
///   Chart(x: Axis("morphology"), y: Axis("context"), curves: curves), in: rectangle)
/// ```
public struct Chart: Hashable, Sendable {
  /// Where curves are named.
  public enum Names: Hashable, Sendable {
    /// Beside the end of each, moved apart where they would overlap.
    case atEnds
    /// In rows above the chart.
    case inLegend
    /// Nowhere.
    case none
  }

  /// What stands above the chart; empty for no words.
  public var title: String
  /// The axis from left to right.
  public var x: Axis
  /// The axis from the bottom up.
  public var y: Axis
  /// Drawn first, in order.
  public var bands: [Band]
  /// Drawn over the bands, in order.
  public var curves: [Curve]
  /// Where curves are named.
  public var names: Names
  /// Whether a unit is as long on both axes, as for shapes; the chart then may leave some of its
  /// rectangle empty.
  public var hasEqualUnits: Bool

  /// A chart from its parts.
  ///
  /// - Precondition: with equal units both axes are linear.
  public init(
    title: String = "", x: Axis = Axis(), y: Axis = Axis(), bands: [Band] = [],
    curves: [Curve] = [], names: Names = .atEnds, hasEqualUnits: Bool = false
  ) {
    precondition(
      !hasEqualUnits || (x.scale == .linear && y.scale == .linear),
      "Chart: equal units on \(x.scale) and \(y.scale) axes")
    self.title = title
    self.x = x
    self.y = y
    self.bands = bands
    self.curves = curves
    self.names = names
    self.hasEqualUnits = hasEqualUnits
  }
}

extension Drawing {
  /// Draws a chart within a rectangle, its axes, words and names included.
  public mutating func draw(_ chart: Chart, in rectangle: Rectangle) {
    let colors = chart.colors
    var room = rectangle
    writeTitle(chart.title, &room)
    if chart.names == .inLegend { drawLegend(chart.legend(colors), &room) }
    let labels = chart.names == .atEnds ? chart.endLabels(colors) : []
    let widest = labels.map(\.text.width).max()
    let plot = Plot(
      x: chart.x, y: chart.y, holdingX: chart.allX, holdingY: chart.allY,
      in: room.inset(right: widest.map { $0 + 12 } ?? 0), hasEqualUnits: chart.hasEqualUnits)
    drawGround(of: plot)
    for band in chart.bands { draw(band, on: plot) }
    for (curve, color) in zip(chart.curves, colors) { draw(curve, color, on: plot) }
    drawAxes(of: plot)
    write(labels, beside: plot)
  }

  /// Writes a title at the top of a rectangle and takes its room away.
  mutating func writeTitle(_ title: String, _ room: inout Rectangle) {
    if title.isEmpty { return }
    write(
      title, at: Point(room.x + room.width / 2, room.y + 11), size: 11, anchor: .middle,
      weight: .bold)
    room = room.inset(top: min(20, room.height))
  }

  private mutating func draw(_ band: Band, on plot: Plot) {
    var run: [(low: Point, high: Point)] = []
    func outline() -> [Point] { run.map(\.low) + run.reversed().map(\.high) }
    var outlines: [[Point]] = []
    for (low, high) in zip(band.lower, band.upper) {
      if let low = plot.place(low), let high = plot.place(high) {
        run.append((low, high))
      } else {
        outlines.append(outline())
        run = []
      }
    }
    outlines.append(outline())
    for outline in outlines where outline.count > 2 {
      fill(Path(plot.clip(outline), closed: true), band.color)
    }
  }

  /// Draws a curve, as much of it as lies on a plot.
  mutating func draw(_ curve: Curve, _ color: Color, on plot: Plot) {
    let places = curve.points.map(plot.place)
    if let line = curve.stroke(color) { stroke(plot.line(through: places), line) }
    if curve.hasMarkers {
      for case let place? in places where plot.area.contains(place) {
        fill(Path(circle: place, radius: 1.4 * curve.width), color)
      }
    }
  }
}

extension Chart {
  /// The colour of every curve.
  var colors: [Color] {
    var next = 0
    return curves.map { curve in
      if let color = curve.color { return color }
      defer { next += 1 }
      return Palette.color(next)
    }
  }

  var allX: [Double] {
    curves.flatMap { $0.points.map(\.x) } + bands.flatMap { $0.lower.map(\.x) }
  }

  var allY: [Double] {
    curves.flatMap { $0.points.map(\.y) }
      + bands.flatMap { $0.lower.map(\.y) + $0.upper.map(\.y) }
  }

  func legend(_ colors: [Color]) -> [LegendEntry] {
    zip(curves, colors).filter { !$0.0.name.isEmpty }.map { LegendEntry(curve: $0, color: $1) }
      + bands.filter { !$0.name.isEmpty }.map { LegendEntry(band: $0) }
  }

  func endLabels(_ colors: [Color]) -> [EndLabel] {
    zip(curves, colors).compactMap { curve, color in
      guard !curve.name.isEmpty, let end = curve.points.last(where: \.isFinite) else { return nil }
      return EndLabel(
        end: end, text: Text(curve.name, at: .zero, size: 8.5, color: color.readable))
    }
  }
}
