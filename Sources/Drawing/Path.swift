/// A place on the page in points, x to the right and y **down**, or a pair of data coordinates where
/// a chart says so.
public typealias Point = SIMD2<Double>

/// A line on the page: contours of straight pieces and cubic Béziers, each open or closed.
///
/// Coordinates are in points, y down. Filled, every contour counts as closed.
///
/// - Precondition: (of every method that takes points) coordinates are finite.
public struct Path: Hashable, Sendable {
  /// One piece of a path, starting where the piece before it ended.
  public enum Element: Hashable, Sendable {
    /// Begins a contour.
    case move(Point)
    /// A straight line.
    case line(Point)
    /// A cubic Bézier with its two control points.
    case curve(Point, Point, Point)
    /// A straight line back to where the contour began.
    case close
  }

  /// The pieces in order; a path that is not empty begins with a `move`.
  public private(set) var elements: [Element] = []

  /// A path without pieces.
  public init() {}

  /// Straight lines through points in order, closed or open; fewer than one point give nothing.
  public init(_ points: some Sequence<Point>, closed: Bool = false) {
    add(points, closed: closed)
  }

  /// The outline of a rectangle.
  public init(_ rectangle: Rectangle) {
    self.init(rectangle.corners, closed: true)
  }

  /// A circle of four cubic Béziers, which stray from it by less than 0.03 % of the radius.
  public init(circle center: Point, radius: Double) {
    // (4/3)·(√2 − 1): the curve's middle lies on the circle.
    let reach = radius * 0.552_284_749_831
    let right = Point(radius, 0)
    let down = Point(0, radius)
    let (alongX, alongY) = (Point(reach, 0), Point(0, reach))
    move(to: center + right)
    curve(to: center + down, center + right + alongY, center + down + alongX)
    curve(to: center - right, center + down - alongX, center - right + alongY)
    curve(to: center - down, center - right - alongY, center - down - alongX)
    curve(to: center + right, center - down + alongX, center + right - alongY)
    close()
  }

  /// Begins a contour.
  public mutating func move(to point: Point) {
    check(point)
    elements.append(.move(point))
  }

  /// Goes straight to a point; on an empty path it begins there.
  public mutating func line(to point: Point) {
    check(point)
    elements.append(elements.isEmpty ? .move(point) : .line(point))
  }

  /// Goes to `end` along a cubic Bézier with the two control points; on an empty path it begins at
  /// the first of them.
  public mutating func curve(to end: Point, _ control1: Point, _ control2: Point) {
    check(control1)
    check(control2)
    check(end)
    if elements.isEmpty { elements.append(.move(control1)) }
    elements.append(.curve(control1, control2, end))
  }

  /// Goes straight back to where the contour began; nothing on an empty path.
  public mutating func close() {
    if !elements.isEmpty { elements.append(.close) }
  }

  /// Adds a contour of straight lines.
  public mutating func add(_ points: some Sequence<Point>, closed: Bool = false) {
    var count = 0
    for point in points {
      if count == 0 { move(to: point) } else { line(to: point) }
      count += 1
    }
    if closed && count > 0 { close() }
  }

  private func check(_ point: Point) {
    precondition(point.isFinite, "Path: (\(point.x), \(point.y)) is not a place on a page")
  }
}

extension Point {
  /// Whether both coordinates are numbers.
  var isFinite: Bool { x.isFinite && y.isFinite }

  var length: Double { (x * x + y * y).squareRoot() }
}
