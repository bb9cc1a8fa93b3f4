/// Straight lines through points in pixels: what every path becomes before it is painted.
struct Contour {
  var points: [Point]
  var isClosed: Bool
}

extension Path {
  /// How far, in pixels, straight lines may stray from a curve.
  static let tolerance = 0.005

  /// The path in pixels, `scale` of them a point, as straight lines; a `move` that nothing follows
  /// gives none.
  func contours(scale: Double) -> [Contour] {
    var contours: [Contour] = []
    var start = Point.zero
    var current: [Point] = []
    func finish(closed: Bool) {
      if current.count > 1 || (closed && !current.isEmpty) {
        contours.append(Contour(points: current, isClosed: closed))
      }
      current = []
    }
    for element in elements {
      switch element {
      case .move(let point):
        finish(closed: false)
        start = Self.place(point, scale)
        current = [start]
      case .line(let point):
        if current.isEmpty { current = [start] }
        current.append(Self.place(point, scale))
      case .curve(let control1, let control2, let end):
        if current.isEmpty { current = [start] }
        Contour.addCurve(
          Self.place(control1, scale), Self.place(control2, scale), Self.place(end, scale),
          to: &current)
      case .close:
        finish(closed: true)
      }
    }
    finish(closed: false)
    return contours
  }

  /// Places beyond a thousand million pixels are brought there, so that sums stay finite.
  private static func place(_ point: Point, _ scale: Double) -> Point {
    (point * scale).clamped(lowerBound: Point(repeating: -1e9), upperBound: Point(repeating: 1e9))
  }
}

extension Contour {
  /// Adds a cubic Bézier in as many even steps as keep within ``Path/tolerance`` (Wang's bound on
  /// the distance from second differences; Goldman 2003, Pyramid Algorithms, section 5.6.3).
  static func addCurve(
    _ control1: Point, _ control2: Point, _ end: Point, to points: inout [Point]
  ) {
    let start = points[points.count - 1]
    let bend = max((start - 2 * control1 + control2).length, (control1 - 2 * control2 + end).length)
    let steps = Int(min((0.75 * bend / Path.tolerance).squareRoot().rounded(.up), 1000))
    for step in 1..<max(steps, 1) {
      let t = Double(step) / Double(steps)
      let s = 1 - t
      let inner = 3 * s * t * (s * control1 + t * control2)
      points.append(s * s * s * start + inner + t * t * t * end)
    }
    points.append(end)
  }

  /// The polygon within a rectangle: Sutherland and Hodgman 1974, "Reentrant polygon clipping".
  ///
  /// Where the polygon leaves and comes back elsewhere, edges run along the rectangle's sides; they
  /// enclose nothing.
  static func clip(_ polygon: [Point], from low: Point, to high: Point) -> [Point] {
    var lowest = polygon[0]
    var highest = polygon[0]
    for point in polygon {
      lowest = pointwiseMin(lowest, point)
      highest = pointwiseMax(highest, point)
    }
    if any(highest .< low) || any(lowest .> high) { return [] }
    var result = polygon
    for axis in 0..<2 {
      if lowest[axis] < low[axis] {
        result = half(of: result, axis, at: low[axis]) { $0 >= low[axis] }
      }
      if highest[axis] > high[axis] {
        result = half(of: result, axis, at: high[axis]) { $0 <= high[axis] }
      }
    }
    return result
  }

  private static func half(
    of polygon: [Point], _ axis: Int, at limit: Double, _ isInside: (Double) -> Bool
  ) -> [Point] {
    var result: [Point] = []
    result.reserveCapacity(polygon.count + 4)
    guard var previous = polygon.last else { return [] }
    for point in polygon {
      if isInside(point[axis]) != isInside(previous[axis]) {
        let share = (limit - previous[axis]) / (point[axis] - previous[axis])
        var crossing = previous + share * (point - previous)
        crossing[axis] = limit
        result.append(crossing)
      }
      if isInside(point[axis]) { result.append(point) }
      previous = point
    }
    return result
  }
}
