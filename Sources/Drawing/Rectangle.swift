/// An upright rectangle on the page, in points.
public struct Rectangle: Hashable, Sendable {
  /// The left side.
  public var x: Double
  /// The upper side; y grows downwards.
  public var y: Double
  /// From the left side to the right.
  public var width: Double
  /// From the upper side to the lower.
  public var height: Double

  /// A rectangle from its upper left corner and its size.
  ///
  /// - Precondition: all are finite, the size is not negative.
  public init(x: Double, y: Double, width: Double, height: Double) {
    precondition(
      x.isFinite && y.isFinite && width.isFinite && height.isFinite && width >= 0 && height >= 0,
      "Rectangle: \(width)×\(height) at (\(x), \(y)) is not a rectangle on a page")
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }

  /// The point in the middle.
  public var center: Point { Point(x + width / 2, y + height / 2) }

  /// The right side.
  public var right: Double { x + width }

  /// The lower side.
  public var bottom: Double { y + height }

  /// The same rectangle without a margin, which is cut where it would leave nothing.
  public func inset(
    left: Double = 0, top: Double = 0, right: Double = 0, bottom: Double = 0
  ) -> Rectangle {
    Rectangle(
      x: x + left, y: y + top, width: max(0, width - left - right),
      height: max(0, height - top - bottom))
  }

  /// The same rectangle without a margin on every side.
  public func inset(by margin: Double) -> Rectangle {
    inset(left: margin, top: margin, right: margin, bottom: margin)
  }

  /// Clockwise on the page from the upper left.
  var corners: [Point] {
    [Point(x, y), Point(right, y), Point(right, bottom), Point(x, bottom)]
  }

  func contains(_ point: Point) -> Bool {
    (x...right).contains(point.x) && (y...bottom).contains(point.y)
  }
}
