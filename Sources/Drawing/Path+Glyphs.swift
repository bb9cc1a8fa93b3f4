extension Path {
  /// The smallest rectangle round the inside of the path, to 1/50,000 of a unit; `nil` where the
  /// path encloses nothing.
  package var inkBox: (low: Point, high: Point)? {
    // Curves are followed to 0.005 of 1/256.
    let scale = 256.0
    let points = contours(scale: scale).flatMap(\.points)
    guard var low = points.first else { return nil }
    var high = low
    for point in points {
      low = pointwiseMin(low, point)
      high = pointwiseMax(high, point)
    }
    return any(high .<= low) ? nil : (low / scale, high / scale)
  }

  /// How thick its strokes are: twice the area over the length of the outline, which is exact for a
  /// long straight stroke.
  package var strokeThickness: Double {
    var (area, length) = (0.0, 0.0)
    for contour in contours(scale: 256) {
      var previous = contour.points[contour.points.count - 1]
      for point in contour.points {
        area += (previous.x * point.y - previous.y * point.x) / 2
        length += (point - previous).length
        previous = point
      }
    }
    return length > 0 ? 2 * abs(area) / length / 256 : 0
  }

  /// The path with every point and control point moved.
  ///
  /// Where `bendsLines` is true, straight lines become curves with two points of their own, and so
  /// follow a move that is not the same everywhere.
  package func moved(bendsLines: Bool = false, _ move: (Point) -> Point) -> Path {
    var result = Path()
    var (start, last) = (Point.zero, Point.zero)
    func line(to end: Point) {
      if bendsLines {
        let step = (end - last) / 3
        result.curve(to: move(end), move(last + step), move(last + 2 * step))
      } else {
        result.line(to: move(end))
      }
      last = end
    }
    for element in elements {
      switch element {
      case .move(let point):
        result.move(to: move(point))
        (start, last) = (point, point)
      case .line(let point): line(to: point)
      case .curve(let control1, let control2, let end):
        result.curve(to: move(end), move(control1), move(control2))
        last = end
      case .close:
        if last != start { line(to: start) }
        result.close()
        last = start
      }
    }
    return result
  }
}
