import FileFormats

/// The place of data on the page: two axes round an area.
struct Plot {
  let xAxis, yAxis: Axis
  let x, y: Ruler
  /// Between the axes.
  let area: Rectangle

  /// Size of the numbers at the ticks.
  static let tickSize = 8.5
  /// Size of the words along an axis.
  static let labelSize = 9.5

  /// Lays out area and axes within a rectangle, words included; axes without a range of their own
  /// hold the values given.
  init(
    x xAxis: Axis, y yAxis: Axis, holdingX: [Double], holdingY: [Double],
    in rectangle: Rectangle, hasEqualUnits: Bool = false
  ) {
    self.xAxis = xAxis
    self.yAxis = yAxis
    let bottom = (xAxis.ticks?.isEmpty == true ? 4 : 16.0) + (xAxis.label.isEmpty ? 0 : 14)
    let y = Ruler(yAxis, holding: holdingY, count: max(2, Int(rectangle.height / 36)))
    let left = Self.leftMargin(y, yAxis)
    let x = Ruler(xAxis, holding: holdingX, count: max(2, Int(rectangle.width / 64)))
    // Half of the last number stands out on the right, half of the topmost above.
    let overhang = x.ticks.last.map { Text($0.label, at: .zero, size: Self.tickSize).width / 2 }
    let room = rectangle.inset(left: left, top: 5, right: (overhang ?? 0) + 1, bottom: bottom)
    area = hasEqualUnits ? Self.equalized(room, x, y) : room
    let isNarrower = hasEqualUnits && xAxis.ticks == nil
    self.x = isNarrower ? x.withTicks(count: max(1, Int(area.width / 48))) : x
    self.y = y
  }

  private static func leftMargin(_ ruler: Ruler, _ axis: Axis) -> Double {
    let widest = ruler.ticks.map { Text($0.label, at: .zero, size: tickSize).width }.max() ?? 0
    return widest + 7 + (axis.label.isEmpty ? 0 : 15)
  }

  /// The largest area in the middle of the room where units of x and y are as long.
  private static func equalized(_ room: Rectangle, _ x: Ruler, _ y: Ruler) -> Rectangle {
    let spans = Point(
      x.range.upperBound - x.range.lowerBound, y.range.upperBound - y.range.lowerBound)
    let unit = min(room.width / spans.x, room.height / spans.y)
    let size = spans * unit
    return Rectangle(
      x: room.center.x - size.x / 2, y: room.center.y - size.y / 2, width: size.x, height: size.y)
  }

  /// The place on the page of data, perhaps beyond the area; `nil` for what has none.
  func place(_ data: Point) -> Point? {
    guard let alongX = x.position(data.x), let alongY = y.position(data.y) else { return nil }
    return Point(area.x + alongX * area.width, area.bottom - alongY * area.height)
  }

  /// A polygon's part within the area.
  func clip(_ polygon: [Point]) -> [Point] {
    Contour.clip(polygon, from: Point(area.x, area.y), to: Point(area.right, area.bottom))
  }

  /// The parts within the area of a line through places, broken where one is missing.
  func line(through places: [Point?]) -> Path {
    var path = Path()
    var last: Point?
    for (start, end) in zip(places, places.dropFirst()) {
      guard let start, let end,
        let seen = visibleShare(
          from: start, to: end, low: Point(area.x, area.y), high: Point(area.right, area.bottom))
      else {
        last = nil
        continue
      }
      let first = seen.lowerBound == 0 ? start : start + seen.lowerBound * (end - start)
      if first != last { path.move(to: first) }
      let final = seen.upperBound == 1 ? end : start + seen.upperBound * (end - start)
      path.line(to: final)
      last = final
    }
    return path
  }
}

extension Drawing {
  private static let gridColor = Color(0xE4_E0_DA)
  private static let axisColor = Color(0x8A_84_7C)

  /// Draws the grid.
  mutating func drawGround(of plot: Plot) {
    var grid = Path()
    let area = plot.area
    if plot.xAxis.hasGrid {
      for x in plot.xTickPlaces { grid.add([Point(x, area.y), Point(x, area.bottom)]) }
    }
    if plot.yAxis.hasGrid {
      for y in plot.yTickPlaces { grid.add([Point(area.x, y), Point(area.right, y)]) }
    }
    stroke(grid, Stroke(Self.gridColor, width: 0.6))
  }

  /// Draws the axes with their ticks, numbers and words.
  mutating func drawAxes(of plot: Plot) {
    let area = plot.area
    var lines = Path([
      Point(area.x, area.y), Point(area.x, area.bottom), Point(area.right, area.bottom),
    ])
    for (x, tick) in zip(plot.xTickPlaces, plot.x.ticks) {
      lines.add([Point(x, area.bottom), Point(x, area.bottom + 3)])
      write(
        tick.label, at: Point(x, area.bottom + 12), size: Plot.tickSize, anchor: .middle)
    }
    for (y, tick) in zip(plot.yTickPlaces, plot.y.ticks) {
      lines.add([Point(area.x - 3, y), Point(area.x, y)])
      write(
        tick.label, at: Point(area.x - 5, y + 0.36 * Plot.tickSize), size: Plot.tickSize,
        anchor: .end)
    }
    stroke(lines, Stroke(Self.axisColor, width: 0.8))
    write(
      plot.xAxis.label, at: Point(area.center.x, area.bottom + 26), size: Plot.labelSize,
      anchor: .middle)
    let widest = plot.y.ticks.map { Text($0.label, at: .zero, size: Plot.tickSize).width }.max()
    write(
      plot.yAxis.label, at: Point(area.x - 12 - (widest ?? 0), area.center.y),
      size: Plot.labelSize, anchor: .middle, rotation: -90)
  }
}

extension Plot {
  var xTickPlaces: [Double] {
    x.ticks.map { area.x + (x.position($0.value) ?? 0) * area.width }
  }

  var yTickPlaces: [Double] {
    y.ticks.map { area.bottom - (y.position($0.value) ?? 0) * area.height }
  }
}
