import FileFormats

extension Drawing {
  /// Lays a soft shadow on the ground under a surface: translucent layers, each a little smaller than
  /// the one under it.
  ///
  /// Its outline is the convex one of the surface's corners, moved to the right as they are high.
  mutating func drawShadow(of surface: Surface, _ view: View, _ place: PlanePlacement) {
    let (right, _, eye) = view.camera.axes
    let positions = surface.usedPositions
    guard eye.z > 0.05, !positions.isEmpty else { return }
    let own = positions.map(\.z).reduce(.infinity, min)
    let ground = view.centersEach ? own : min(own, view.ground)
    let fallen = positions.map { position in
      let height = position.z - ground
      let onGround = SIMD3(position.x, position.y, ground) + 0.1 * height * right
      return place(view.project(onGround).place)
    }
    let outline = convexHull(fallen)
    let middle = outline.reduce(.zero, +) / Double(outline.count)
    let layers = 16
    for layer in 0..<layers {
      let size = 1.12 - 0.62 * Double(layer) / Double(layers - 1)
      let corners = outline.map { middle + size * ($0 - middle) }
      fill(Path(corners, closed: true), Color(0x4A_38_30).opacity(0.012))
    }
  }
}

/// The smallest convex polygon round points; points on one line give its ends.
///
/// Andrew 1979, "Another efficient algorithm for convex hulls in two dimensions".
func convexHull(_ points: [Point]) -> [Point] {
  let sorted = points.sorted { ($0.x, $0.y) < ($1.x, $1.y) }
  func half(_ points: some Sequence<Point>) -> [Point] {
    var chain: [Point] = []
    for point in points {
      while chain.count >= 2 {
        let (first, second) = (chain[chain.count - 2], chain[chain.count - 1])
        let (way, next) = (second - first, point - second)
        if way.x * next.y - way.y * next.x > 0 { break }
        chain.removeLast()
      }
      chain.append(point)
    }
    return chain
  }
  guard sorted.count > 2 else { return sorted }
  return half(sorted).dropLast() + half(sorted.reversed()).dropLast()
}
