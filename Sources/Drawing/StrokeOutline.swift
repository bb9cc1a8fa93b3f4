import Foundation

/// The area that a line covers, as polygons that all turn the same way, to be filled nonzero: a
/// rectangle for each piece, a sector for each bend and each round end.
///
/// Neighbours touch along the outer side of a bend and overlap on the inner, so that the sum of
/// their areas, which is what the rasteriser takes, is right along the edge, and no place is wound
/// to zero as it can be between offset curves.
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
    let ways = zip(points, points.dropFirst()).map { ($1 - $0) / ($1 - $0).length }
    for (index, way) in ways.enumerated() {
      addRectangle(from: points[index], to: points[index + 1], way)
      if index > 0 { addSector(at: points[index], from: ways[index - 1], to: way) }
    }
    if contour.isClosed {
      addSector(at: points[0], from: ways[ways.count - 1], to: ways[0])
    } else if cap == .round {
      addSector(at: points[0], from: -ways[0], to: ways[0])
      addSector(at: points[points.count - 1], from: ways[ways.count - 1], to: -ways[ways.count - 1])
    }
  }

  private mutating func addDot(_ center: Point) {
    addSector(at: center, from: Point(1, 0), to: Point(-1, 0))
    addSector(at: center, from: Point(-1, 0), to: Point(1, 0))
  }

  private mutating func addRectangle(from start: Point, to end: Point, _ way: Point) {
    let side = radius * Point(-way.y, way.x)
    polygons.append([start + side, end + side, end - side, start - side])
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
