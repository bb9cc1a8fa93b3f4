/// A curve through design space: a point for each row of a shape.
public struct ContextPath: Sendable, Hashable {
  /// By rising row.
  public var points: [DesignPoint]

  public init(_ points: [DesignPoint]) { self.points = points }

  /// The path part of the way from one to another: 0 is the first, 1 the second, beyond them is
  /// beyond the templates.
  public static func between(_ a: ContextPath, _ b: ContextPath, share: Float) -> ContextPath {
    precondition(a.points.count == b.points.count, "paths of different lengths")
    return ContextPath(
      zip(a.points, b.points).map { p, q in
        DesignPoint(
          numbers: zip(p.numbers, q.numbers).map { share == 1 ? $1 : $0 + share * ($1 - $0) })
      })
  }

  /// The same contexts at these places of the map.
  public func placed(at places: [MapPlace]) -> ContextPath {
    precondition(places.count == points.count, "\(places.count) places for \(points.count) points")
    return ContextPath(zip(places, points).map { DesignPoint($0, context: $1.context) })
  }

  /// This path moved along its normal, away from another path, by `share` of the gap between the
  /// two: the article's path beyond a template.
  ///
  /// The normal of a point is what is left of the direction from the other path's point, once what
  /// runs along this path is taken out; both lie in the plane of row and context, time stays. The
  /// gap is that of the contexts at each point, so that where the paths meet, this one stays.
  public func translated(by share: Float, awayFrom other: ContextPath) -> ContextPath {
    precondition(other.points.count == points.count, "paths of different lengths")
    return ContextPath(
      points.indices.map { index in
        let point = points[index]
        guard let normal = normal(at: index, awayFrom: other) else { return point }
        let distance = share * norm(difference(point.context, other.points[index].context))
        return DesignPoint(
          numbers: [point.place.time]
            + zip(point.numbers.dropFirst(), normal).map { $0 + distance * $1 })
      })
  }

  /// The unit normal in (row, context…) at a point, or nil where the other path is there too.
  private func normal(at index: Int, awayFrom other: ContextPath) -> [Float]? {
    let numbers = { (point: DesignPoint) in Array(point.numbers.dropFirst()) }
    let tangent = unit(
      difference(
        numbers(points[min(index + 1, points.count - 1)]), numbers(points[max(index - 1, 0)])))
    var away = difference(numbers(points[index]), numbers(other.points[index]))
    // A difference in the row alone says nothing about the way to the other template.
    guard norm(Array(away.dropFirst())) > 1e-6 else { return nil }
    if let tangent {
      let along = zip(away, tangent).reduce(0) { $0 + $1.0 * $1.1 }
      away = zip(away, tangent).map { $0 - along * $1 }
    }
    return unit(away)
  }

  /// The mean distance of the contexts of two paths.
  public static func gap(_ a: ContextPath, _ b: ContextPath) -> Float {
    let gaps = zip(a.points, b.points).map { norm(difference($0.context, $1.context)) }
    return gaps.isEmpty ? 0 : gaps.reduce(0, +) / Float(gaps.count)
  }
}

/// An affine map of design space: x ↦ matrix · x + offset, x = (time, row, context…).
public struct AffineMap: Sendable, Hashable {
  /// One row for each number of the result.
  public var matrix: [[Float]]
  public var offset: [Float]

  /// - Precondition: a square matrix as large as the offset.
  public init(matrix: [[Float]], offset: [Float]) {
    precondition(
      matrix.count == offset.count && matrix.allSatisfy { $0.count == offset.count },
      "a matrix of \(matrix.count) rows and an offset of \(offset.count) numbers")
    (self.matrix, self.offset) = (matrix, offset)
  }

  /// The point mapped.
  public func callAsFunction(_ point: DesignPoint) -> DesignPoint {
    let numbers = point.numbers
    return DesignPoint(
      numbers: zip(matrix, offset).map { row, offset in
        zip(row, numbers).reduce(offset) { $0 + $1.0 * $1.1 }
      })
  }

  /// Every point of the path mapped.
  public func callAsFunction(_ path: ContextPath) -> ContextPath {
    ContextPath(path.points.map { self($0) })
  }
}

private func difference(_ a: [Float], _ b: [Float]) -> [Float] { zip(a, b).map { $0 - $1 } }

private func norm(_ a: [Float]) -> Float { a.reduce(0) { $0 + $1 * $1 }.squareRoot() }

private func unit(_ a: [Float]) -> [Float]? {
  let length = norm(a)
  return length > 1e-9 ? a.map { $0 / length } : nil
}
