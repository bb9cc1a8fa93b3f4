import Foundation

/// The area that a line covers, as polygons that all turn the same way, to be filled nonzero: one
/// for each straight piece, a sector for each bend and each round end.
///
/// Neighbours touch and do not overlap, so that the sum of their areas, which is what the
/// rasteriser takes, is right along both edges, and no place is wound to zero as it can be between
/// offset curves. Where a bend is too sharp for its pieces, they overlap on its inner side.
struct StrokeOutline {
  private(set) var polygons: [[Point]] = []
  private let radius: Double

  /// Contours and width are in pixels; dashes have been cut already.
  init(_ contours: [Contour], width: Double, cap: Stroke.Cap) {
    radius = width / 2
    for contour in contours { add(contour, cap) }
  }

  private mutating func add(_ contour: Contour, _ cap: Stroke.Cap) {
    var points: [Point] = []
    for point in contour.points where points.last.map({ ($0 - point).length > 1e-9 }) ?? true {
      points.append(point)
    }
    if contour.isClosed, points.count > 1, (points[0] - points[points.count - 1]).length <= 1e-9 {
      points.removeLast()
    }
    guard points.count > 1 else {
      if cap == .round, let point = points.first { addDot(point) }
      return
    }
    if contour.isClosed { points.append(points[0]) }
    var pieces = zip(points, points.dropFirst()).map { Piece(from: $0, to: $1, radius: radius) }
    for index in 1..<max(pieces.count, 1) { join(&pieces, index - 1, index) }
    if contour.isClosed {
      join(&pieces, pieces.count - 1, 0)
    } else if cap == .round {
      let (first, last) = (pieces[0], pieces[pieces.count - 1])
      addSector(at: first.start, from: -first.way, to: first.way)
      addSector(at: last.end, from: last.way, to: -last.way)
    }
    polygons += pieces.map(\.corners)
  }

  /// Brings two pieces' inner corners together and fills what is between the outer ones.
  private mutating func join(_ pieces: inout [Piece], _ first: Int, _ second: Int) {
    let (one, other) = (pieces[first], pieces[second])
    addSector(at: one.end, from: one.way, to: other.way)
    let cosine = (one.way * other.way).sum()
    // From the bend to the inner corner, a miter, along the pieces and across.
    let across = radius * (one.side + other.side) / (1 + cosine)
    let along = abs((across * one.way).sum())
    guard cosine > -0.99, along <= min(one.length, other.length) else { return }
    if one.way.x * other.way.y > one.way.y * other.way.x {
      pieces[first].endLeft = one.end + across
      pieces[second].startLeft = one.end + across
    } else {
      pieces[first].endRight = one.end - across
      pieces[second].startRight = one.end - across
    }
  }

  private mutating func addDot(_ center: Point) {
    addSector(at: center, from: Point(1, 0), to: Point(-1, 0))
    addSector(at: center, from: Point(-1, 0), to: Point(1, 0))
  }

  /// The part of a disc between the outer sides of two pieces that meet.
  private mutating func addSector(at center: Point, from way: Point, to next: Point) {
    let cross = way.x * next.y - way.y * next.x
    let angle = atan2(cross, (way * next).sum())
    if abs(angle) < 1e-6 { return }
    // The outer side lies on the right of a turn to the left.
    let side = radius * (angle > 0 ? Point(way.y, -way.x) : Point(-way.y, way.x))
    let step = 2 * acos(max(0, 1 - Path.tolerance / max(radius, Path.tolerance)))
    let steps = Int((abs(angle) / step).rounded(.up))
    var arc = (0...steps).map { index in
      let turn = angle * Double(index) / Double(steps)
      let (sine, cosine) = (sin(turn), cos(turn))
      return center + Point(side.x * cosine - side.y * sine, side.x * sine + side.y * cosine)
    }
    if angle > 0 { arc.reverse() }
    polygons.append([center] + arc)
  }
}

/// A straight piece of a line; "left" is where its way turns to by a quarter from x to y.
private struct Piece {
  let start, end: Point
  /// From start to end, of length 1.
  let way: Point
  let length: Double
  var startLeft, startRight, endLeft, endRight: Point

  init(from start: Point, to end: Point, radius: Double) {
    self.start = start
    self.end = end
    length = (end - start).length
    way = (end - start) / length
    let side = radius * Point(-way.y, way.x)
    (startLeft, startRight) = (start + side, start - side)
    (endLeft, endRight) = (end + side, end - side)
  }

  /// Across, of length 1.
  var side: Point { Point(-way.y, way.x) }

  var corners: [Point] { [startLeft, endLeft, end, endRight, startRight, start] }
}
