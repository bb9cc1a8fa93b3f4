import FileFormats

extension Drawing {
  /// Draws a surface, smoothed and in light, within a rectangle.
  ///
  /// Faces are painted from the farthest to the nearest; where they pierce each other the picture
  /// is not exact.
  ///
  /// - Parameters:
  ///   - surface: What is drawn.
  ///   - rectangle: Where; panels of one size that share a view have one scale.
  ///   - view: From where.
  ///   - style: What it is made of.
  public mutating func draw(
    _ surface: Surface, in rectangle: Rectangle, from view: View, style: SurfaceStyle = .petal
  ) {
    let room = rectangle.inset(by: style.hasShadow ? 6 : 2)
    let place = view.fitted(surface, in: room)
    let smooth = surface.smoothed(
      levels: style.smoothingLevels ?? surface.levelsNeeded(view, place),
      keepsCorners: style.keepsCorners)
    if style.hasShadow { drawShadow(of: smooth, view, place) }
    for item in SeenItem.sorted(smooth, view, style) {
      let path = Path(item.corners.map { place($0) }, closed: item.lineWidth == nil)
      if let width = item.lineWidth {
        stroke(path, Stroke(item.color, width: width, cap: .round))
      } else {
        fill(path, Fill(item.color, closesSeams: true))
      }
    }
    if style.hasCage { drawCage(of: surface, view, place) }
  }

  private mutating func drawCage(
    of surface: Surface, _ view: View, _ place: PlanePlacement
  ) {
    var lines = Path()
    for face in surface.faces {
      lines.add(face.map { place(view.project(surface.positions[$0]).place) }, closed: true)
    }
    stroke(lines, Stroke(Color(0x3A_5F_7D, alpha: 150), width: 0.45))
  }
}

extension Surface {
  /// The sum of a face's edges.
  fileprivate func girth(of face: [Int]) -> Double {
    zip(face, face.dropFirst() + face.prefix(1)).reduce(0) { sum, ends in
      let way = positions[ends.1] - positions[ends.0]
      return sum + dot(way, way).squareRoot()
    }
  }

  /// How often to smooth before faces are too small to be told apart.
  fileprivate func levelsNeeded(_ view: View, _ place: PlanePlacement) -> Int {
    let places = positions.map { view.project($0).place * place.unit }
    var (sum, count) = (0.0, 0)
    for face in faces {
      for (corner, next) in zip(face, face.dropFirst() + face.prefix(1)) {
        sum += (places[corner] - places[next]).length
        count += 1
      }
    }
    var edge = sum / Double(max(count, 1))
    var levels = 1
    while edge / 2 > 4 && levels < 5 {
      edge /= 2
      levels += 1
    }
    return levels
  }
}

/// A face or a line on it as it is seen.
private struct SeenItem {
  /// In the picture's plane.
  let corners: [Point]
  let nearness: Double
  let color: Color
  /// `nil` for a face.
  let lineWidth: Double?

  /// Faces and lines of a surface from the farthest to the nearest.
  static func sorted(_ surface: Surface, _ view: View, _ style: SurfaceStyle) -> [SeenItem] {
    let projected = surface.positions.map(view.project)
    let faces = faces(surface, projected, view, style)
    let items = faces + lines(surface, projected, faces, style)
    // Sorting is not stable by promise: equal ones keep their order by number.
    return items.indices.sorted { (items[$0].nearness, $0) < (items[$1].nearness, $1) }
      .map { items[$0] }
  }

  private typealias Projected = (place: Point, nearness: Double)

  private static func faces(
    _ surface: Surface, _ projected: [Projected], _ view: View, _ style: SurfaceStyle
  ) -> [SeenItem] {
    let normals = surface.normals
    let lighting = Lighting(view.camera)
    return surface.faces.map { face in
      let positions = face.map { surface.positions[$0] }
      let eye = view.direction(from: positions.reduce(.zero, +) / Double(face.count))
      let isFront = dot(Surface.normal(of: positions), eye) >= 0
      let smooth = face.reduce(.zero) { $0 + normals[$1] }.normalized
      let tint = face.reduce(0) { $0 + surface.tints[$1] } / Double(face.count)
      return SeenItem(
        corners: face.map { projected[$0].place },
        nearness: face.reduce(0) { $0 + projected[$1].nearness } / Double(face.count),
        color: lighting.lit(
          isFront
            ? style.frontBase.mixed(with: style.frontTip, tint)
            : style.backBase.mixed(with: style.backTip, tint),
          normal: isFront ? smooth : -smooth, toward: eye),
        lineWidth: nil)
    }
  }

  /// Each edge once, in a darker colour of the first face on it, and nearer than it is by half of
  /// that face's girth: else the faces beside it would cover half of it.
  private static func lines(
    _ surface: Surface, _ projected: [Projected], _ faces: [SeenItem], _ style: SurfaceStyle
  ) -> [SeenItem] {
    let topology = Subdivision(surface)
    var isDone = Array(repeating: false, count: topology.edgeCount)
    var lines: [SeenItem] = []
    for (index, face) in surface.faces.enumerated() {
      for (corner, edge) in topology.edgesOfFace[index].enumerated() where !isDone[edge] {
        isDone[edge] = true
        let isBoundary = topology.isBoundary(edge)
        let width = isBoundary ? style.outlineWidth : style.meshWidth
        guard width > 0, isBoundary || surface.originalEdges[index][corner] else { continue }
        let (first, second) = (
          projected[face[corner]], projected[face[(corner + 1) % face.count]]
        )
        lines.append(
          SeenItem(
            corners: [first.place, second.place],
            nearness: (first.nearness + second.nearness) / 2 + surface.girth(of: face) / 2,
            color: faces[index].color.mixed(with: .ink, isBoundary ? 0.55 : 0.4),
            lineWidth: width))
      }
    }
    return lines
  }
}
