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
  /// At each point that is a share of the way from the other path's point, without what runs along
  /// this path; both lie in the plane of row and context, time stays. Where the paths meet, this one
  /// stays.
  public func translated(by share: Float, awayFrom other: ContextPath) -> ContextPath {
    precondition(other.points.count == points.count, "paths of different lengths")
    return ContextPath(
      points.indices.map { index in
        let gap = gap(at: index, from: other)
        let numbers = zip(points[index].numbers.dropFirst(), gap).map { $0 + share * $1 }
        return DesignPoint(numbers: [points[index].place.time] + numbers)
      })
  }

  /// The way along this path's normal in (row, context…) from another path to a point.
  private func gap(at index: Int, from other: ContextPath) -> [Float] {
    let numbers = { (point: DesignPoint) in Array(point.numbers.dropFirst()) }
    let way = difference(numbers(points[index]), numbers(other.points[index]))
    let tangent = difference(
      numbers(points[min(index + 1, points.count - 1)]), numbers(points[max(index - 1, 0)]))
    let length = norm(tangent)
    guard length > 0 else { return way }
    let along = zip(way, tangent).reduce(0) { $0 + $1.0 * $1.1 } / (length * length)
    return zip(way, tangent).map { $0 - along * $1 }
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
