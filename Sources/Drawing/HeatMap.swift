import FileFormats

/// Numbers over a plane as colours, with a bar that tells which colour is which number.
///
/// ```swift
/// drawing.draw(
///   HeatMap(
///     distances, x: Axis("time", range: 0...1), y: Axis("context", range: -1...1),
///     values: Axis("distance", scale: .logarithmic)), in: rectangle)
/// ```
public struct HeatMap: Hashable, Sendable {
  /// What stands above the map; empty for no words.
  public var title: String
  /// Rows from the bottom up, each from left to right; a number that is not finite has no place on
  /// the bar, and its cell is grey.
  public var rows: [[Double]]
  /// From the left side of the first column to the right side of the last; without a range columns
  /// are counted from 0, each centred on its number.
  public var x: Axis
  /// From the lower side of the first row to the upper side of the last, likewise.
  public var y: Axis
  /// The axis of the colour bar; without a range from the least to the greatest number.
  public var values: Axis
  /// The colours.
  public var colors: ColorMap
  /// Drawn over the cells, such as a path through the plane; those without a colour are white.
  public var curves: [Curve]

  /// The colour of cells whose number has no place on the bar.
  public static let missing = Color(0xC8_C4_BE)

  /// A map from its parts.
  ///
  /// - Precondition: there is at least one number, and rows are as long as each other.
  public init(
    _ rows: [[Double]], title: String = "", x: Axis = Axis(), y: Axis = Axis(),
    values: Axis = Axis(), colors: ColorMap = .viridis, curves: [Curve] = []
  ) {
    let widths = Set(rows.map(\.count))
    precondition(
      widths.count == 1 && widths.first != 0,
      "HeatMap: \(rows.count) rows of \(widths.sorted()) numbers make no rectangle")
    self.rows = rows
    self.title = title
    self.x = x
    self.y = y
    self.values = values
    self.colors = colors
    self.curves = curves
  }
}

extension Drawing {
  /// Draws a heat map within a rectangle, its axes, words and colour bar included.
  public mutating func draw(_ map: HeatMap, in rectangle: Rectangle) {
    var room = rectangle
    writeTitle(map.title, &room)
    var (x, y, values) = (map.x, map.y, map.values)
    x.range = x.range ?? -0.5...Double(map.rows[0].count) - 0.5
    y.range = y.range ?? -0.5...Double(map.rows.count) - 0.5
    (x.hasGrid, y.hasGrid, values.hasGrid) = (false, false, false)
    let bar = Ruler(values, holding: map.rows.joined(), count: max(2, Int(room.height / 36)))
    let widest = bar.ticks.map { Text($0.label, at: .zero, size: Plot.tickSize).width }.max() ?? 0
    let barRoom = 10 + 12 + 7 + widest + (values.label.isEmpty ? 0 : 15)
    let plot = Plot(x: x, y: y, holdingX: [], holdingY: [], in: room.inset(right: barRoom))
    drawCells(of: map, bar, in: plot.area)
    for curve in map.curves { draw(curve, curve.color ?? .white, on: plot) }
    drawAxes(of: plot)
    drawBar(
      bar, map.colors, values.label,
      in: Rectangle(
        x: plot.area.right + 10, y: plot.area.y, width: 12, height: plot.area.height))
  }

  /// Cells of one row that look alike are one rectangle.
  private mutating func drawCells(of map: HeatMap, _ bar: Ruler, in area: Rectangle) {
    let size = Point(area.width / Double(map.rows[0].count), area.height / Double(map.rows.count))
    for (index, row) in map.rows.enumerated() {
      let colors = row.map { bar.position($0).map { map.colors[$0] } ?? HeatMap.missing }
      let top = area.bottom - Double(index + 1) * size.y
      var start = 0
      for end in 1...colors.count where end == colors.count || colors[end] != colors[start] {
        let cells = Rectangle(
          x: area.x + Double(start) * size.x, y: top, width: Double(end - start) * size.x,
          height: size.y)
        fill(Path(cells), Fill(colors[start], closesSeams: true))
        start = end
      }
    }
  }

  private mutating func drawBar(
    _ ruler: Ruler, _ colors: ColorMap, _ label: String, in area: Rectangle
  ) {
    let steps = 64
    for step in 0..<steps {
      let height = area.height / Double(steps)
      let cell = Rectangle(
        x: area.x, y: area.bottom - Double(step + 1) * height, width: area.width, height: height)
      fill(
        Path(cell), Fill(colors[(Double(step) + 0.5) / Double(steps)], closesSeams: true))
    }
    var ticks = Path()
    var widest = 0.0
    for tick in ruler.ticks {
      let y = area.bottom - (ruler.position(tick.value) ?? 0) * area.height
      ticks.add([Point(area.right, y), Point(area.right + 3, y)])
      let text = Text(
        tick.label, at: Point(area.right + 5, y + 0.36 * Plot.tickSize), size: Plot.tickSize)
      widest = max(widest, text.width)
      write(text)
    }
    stroke(ticks, Stroke(.ink, width: 0.6))
    write(
      label, at: Point(area.right + 5 + widest + 12, area.center.y), size: Plot.labelSize,
      anchor: .middle, rotation: -90)
  }
}
