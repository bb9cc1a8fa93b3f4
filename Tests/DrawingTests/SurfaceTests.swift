import FileFormats
import Foundation
import Testing

@testable import Drawing

@Suite("subdivision")
struct SubdivisionTests {
  /// The cube of side 2 round the origin, faces outwards.
  static let cube = Surface(
    positions: (0..<8).map { corner in
      SIMD3(corner & 1 == 0 ? -1 : 1, corner & 2 == 0 ? -1 : 1, corner & 4 == 0 ? -1 : 1)
    },
    faces: [
      [0, 2, 3, 1], [4, 5, 7, 6], [0, 1, 5, 4], [2, 6, 7, 3], [0, 4, 6, 2], [1, 3, 7, 5],
    ])

  @Test("a cube's points are those that Catmull and Clark's rules give by hand")
  func cubeByHand() {
    let smooth = Self.cube.smoothed(levels: 1)
    #expect(smooth.positions.count == 8 + 12 + 6)
    #expect(smooth.faces.count == 24 && smooth.faces.allSatisfy { $0.count == 4 })
    // Corner (1, 1, 1): face points average (1/3, 1/3, 1/3), edge middles (2/3, 2/3, 2/3), n = 3:
    // (1/3 + 2·2/3 + 0)/3 = 5/9. Edge points: two ends (1, 1, ±1) and two face points (1, 0, 0),
    // (0, 1, 0): (3, 3, 0)/4. Face points: (1, 0, 0).
    for (index, position) in smooth.positions.enumerated() {
      let sorted = [abs(position.x), abs(position.y), abs(position.z)].sorted()
      let expected: [Double] =
        index < 8 ? [5 / 9.0, 5 / 9.0, 5 / 9.0] : index < 20 ? [0, 0.75, 0.75] : [0, 0, 1]
      #expect(
        zip(sorted, expected).allSatisfy { abs($0 - $1) < 1e-12 }, "point \(index): \(position)")
    }
  }

  @Test("a closed surface stays closed, its front outside")
  func orientation() {
    let smooth = Self.cube.smoothed(levels: 2)
    var edges: [SIMD2<Int>: Int] = [:]
    for face in smooth.faces {
      for (start, end) in zip(face, face.dropFirst() + face.prefix(1)) {
        edges[SIMD2(start, end), default: 0] += 1
      }
    }
    // Every edge is walked once in each direction.
    #expect(edges.allSatisfy { $0.value == 1 && edges[SIMD2($0.key.y, $0.key.x)] == 1 })
    // Euler: V − E + F = 2.
    #expect(smooth.positions.count - edges.count / 2 + smooth.faces.count == 2)
    for (position, normal) in zip(smooth.positions, smooth.normals) {
      #expect(dot(position.normalized, normal) > 0.8)
    }
  }

  private static func grid(_ rows: Int, _ columns: Int) -> Surface {
    Surface(
      rows: rows, columns: columns,
      positions: (0..<rows * columns).map {
        SIMD3(Float($0 / columns), Float($0 % columns), 0.5)
      })
  }

  @Test("a flat grid stays flat and even, its boundary where cubic B-splines put it")
  func flatGrid() {
    let (rows, columns) = (4, 5)
    let smooth = Self.grid(rows, columns).smoothed(levels: 1)
    #expect(smooth.positions.allSatisfy { $0.z == 0.5 })
    // Inner corners of an even grid do not move.
    #expect(smooth.positions[columns + 1] == SIMD3(1, 1, 0.5))
    // Nor do those along a straight boundary; the corner goes to (6·v + a + b)/8.
    #expect(smooth.positions[2] == SIMD3(0, 2, 0.5))
    #expect(smooth.positions[0] == SIMD3(0.125, 0.125, 0.5))
    #expect(
      Self.grid(rows, columns).smoothed(levels: 1, keepsCorners: true).positions[0]
        == SIMD3(0, 0, 0.5))
    // The tint of an even grid stays the share of the way along the rows.
    #expect(abs(smooth.tints[columns + 1] - 1.0 / 3) < 1e-12)
  }

  @Test("a boundary is the B-spline of its own corners: what lies inside has no say")
  func boundary() {
    var lifted = Self.grid(4, 4).positions.map { SIMD3<Float>($0) }
    lifted[5].z = 9
    let smooth = Surface(rows: 4, columns: 4, positions: lifted).smoothed(levels: 3)
    let onEdge = smooth.positions.filter { $0.x < 1e-9 }
    #expect(onEdge.count > 8 && onEdge.allSatisfy { abs($0.z - 0.5) < 1e-12 })
  }

  @Test("after two steps a B-spline surface is met: refinement of a cubic patch by hand")
  func limit() {
    // In an even grid of heights f(r, c), once refined inner corners carry the tensor of the mask
    // (1, 6, 1)/8: a quadratic r² becomes r² + 1/4.
    let side = 7
    let positions = (0..<side * side).map { index -> SIMD3<Float> in
      let (row, column) = (Float(index / side), Float(index % side))
      return SIMD3(row, column, row * row)
    }
    let smooth = Surface(rows: side, columns: side, positions: positions).smoothed(levels: 1)
    for row in 1..<side - 1 {
      let height = smooth.positions[row * side + 3].z
      #expect(abs(height - (Double(row * row) + 0.25)) < 1e-12, "row \(row): \(height)")
    }
  }

  @Test("a triangle, a lone corner and an edge of three faces are borne")
  func oddMeshes() {
    let triangle = Surface(
      positions: [SIMD3(0, 0, 0), SIMD3(3, 0, 0), SIMD3(0, 3, 0), SIMD3(9, 9, 9)],
      faces: [[0, 1, 2]])
    let smooth = triangle.smoothed(levels: 1)
    #expect(smooth.faces.count == 3)
    #expect(smooth.positions[3] == SIMD3(9, 9, 9))
    // Middle of the face last.
    #expect(smooth.positions.last == SIMD3(1, 1, 0))
    let fan = Surface(
      positions: [
        SIMD3(0, 0, 0), SIMD3(0, 0, 1), SIMD3(1, 0, 0), SIMD3(-1, 1, 0), SIMD3(-1, -1, 0),
      ], faces: [[0, 1, 2], [0, 1, 3], [0, 1, 4]]
    ).smoothed(levels: 2)
    // Ends of the common edge have three boundaries: they stay.
    #expect(fan.positions[0] == SIMD3(0, 0, 0) && fan.positions[1] == SIMD3(0, 0, 1))
    #expect(Surface(positions: [], faces: []).smoothed(levels: 3).faces.isEmpty)
  }
}

@Suite("surfaces")
struct SurfaceTests {
  private static func square(z: Float, side: Float = 1) -> Surface {
    Surface(
      rows: 2, columns: 2,
      positions: [
        SIMD3(0, 0, z), SIMD3(0, side, z), SIMD3(side, 0, z), SIMD3(side, side, z),
      ])
  }

  private var flat: SurfaceStyle {
    var style = SurfaceStyle.petal
    style.smoothingLevels = 0
    style.outlineWidth = 0
    return style
  }

  private func fills(_ drawing: Drawing) -> [(path: Path, color: Color)] {
    drawing.shapes.compactMap {
      if case .fill(let path, let fill) = $0 { (path, fill.color) } else { nil }
    }
  }

  private func box(_ path: Path) -> Rectangle {
    let points = path.contours(scale: 1).flatMap(\.points)
    let low = points.reduce(points[0], pointwiseMin)
    let high = points.reduce(points[0], pointwiseMax)
    return Rectangle(x: low.x, y: low.y, width: high.x - low.x, height: high.y - low.y)
  }

  @Test("from above x points up the page and y to the left")
  func topView() throws {
    let surface = Surface(
      rows: 2, columns: 2,
      positions: [SIMD3(0, 0, 0), SIMD3(0, 1, 0), SIMD3(2, 0, 0), SIMD3(2, 1, 0)])
    let view = View(of: [surface], from: .top)
    let place = view.fitted(surface, in: Rectangle(x: 0, y: 0, width: 100, height: 100))
    func at(_ position: SIMD3<Double>) -> Point {
      (place(view.project(position).place) * 1e6).rounded(.toNearestOrAwayFromZero) / 1e6
    }
    #expect(at(SIMD3(0, 0, 0)) == Point(75, 100))
    #expect(at(SIMD3(2, 0, 0)) == Point(75, 0))
    #expect(at(SIMD3(0, 1, 0)) == Point(25, 100))
  }

  @Test("a camera level with the ground on +x sees y to the right and z up")
  func levelView() {
    let view = View(of: [SubdivisionTests.cube], from: Camera(azimuth: 0, elevation: 0))
    let seen = view.project(SIMD3(0.5, 1, 0.25))
    #expect((seen.place - Point(1, 0.25)).length < 1e-12 && abs(seen.nearness - 0.5) < 1e-12)
  }

  @Test("in perspective what is nearer is larger, by the ratio of distances")
  func perspective() {
    let camera = Camera(azimuth: 0, elevation: 0, projection: .perspective(distance: 4))
    let view = View(of: [SubdivisionTests.cube], from: camera)
    let distance = 4 * 3.0.squareRoot()
    let (near, far) = (view.project(SIMD3(1, 1, 0)).place.x, view.project(SIMD3(-1, 1, 0)).place.x)
    #expect(abs(near / far - (distance + 1) / (distance - 1)) < 1e-12)
  }

  @Test("the nearer of two faces is painted last")
  func depth() {
    let (low, high) = (Self.square(z: 0), Self.square(z: 1))
    for order in [[low, high], [high, low]] {
      let surface = Surface(
        positions: order.flatMap { $0.positions.map { SIMD3<Float>($0) } },
        faces: [[0, 2, 3, 1], [4, 6, 7, 5]],
        tints: order.flatMap { Array(repeating: $0 == high ? 1.0 : 0.0, count: 4) })
      var drawing = page()
      drawing.draw(surface, in: drawing.page, from: View(of: [surface], from: .top), style: flat)
      let colors = fills(drawing).map(\.color)
      // The tip, which is above, is rose: less green than the yellow base.
      #expect(colors.count == 2 && colors[1].green < colors[0].green)
    }
  }

  @Test("the underside has its own, darker colour")
  func sides() {
    func color(elevation: Double) -> Color {
      var drawing = page()
      let square = Self.square(z: 0)
      let view = View(of: [square], from: Camera(azimuth: 180, elevation: elevation))
      drawing.draw(square, in: drawing.page, from: view, style: flat)
      return fills(drawing)[0].color
    }
    let (front, back) = (color(elevation: 90), color(elevation: -90))
    #expect(back.red < front.red && back.green < front.green)
  }

  @Test("panels that share a view share a scale; in the middle if so wished")
  func commonScale() {
    let surfaces = [Self.square(z: 0, side: 1), Self.square(z: 0, side: 2)]
    for centersEach in [false, true] {
      let view = View(of: surfaces, from: .top, centersEach: centersEach)
      let boxes = surfaces.map { surface in
        var drawing = page(104, 104)
        drawing.draw(surface, in: drawing.page, from: view, style: flat)
        return box(fills(drawing)[0].path)
      }
      #expect(abs(boxes[0].width - 50) < 1e-6 && abs(boxes[1].width - 100) < 1e-6)
      let expected = centersEach ? Point(52, 52) : Point(77, 77)
      #expect((boxes[0].center - expected).length < 1e-6, "\(boxes[0])")
    }
  }

  @Test("faces with a corner that is not finite are left out and counted")
  func missingFaces() throws {
    var positions = (0..<9).map { SIMD3(Float($0 / 3), Float($0 % 3), 0) }
    positions[8].z = .nan
    let surface = Surface(rows: 3, columns: 3, positions: positions)
    #expect(surface.skippedFaces == 1 && surface.faces.count == 3)
    positions[4].x = .infinity
    let nothing = Surface(rows: 3, columns: 3, positions: positions)
    #expect(nothing.skippedFaces == 4)
    var drawing = page()
    var style = SurfaceStyle.petal
    style.hasShadow = true
    style.hasCage = true
    for surface in [surface, nothing] {
      drawing.draw(
        surface, in: drawing.page,
        from: View(
          of: [surface],
          from: Camera(azimuth: 30, elevation: 40, projection: .perspective(distance: 2))),
        style: style)
    }
    _ = try SVGReader.elements(of: drawing.svg)
    _ = try drawing.picture(scale: 1)
  }

  @Test("all vertices in one place are drawn without a fault")
  func degenerate() throws {
    let surface = Surface(rows: 3, columns: 3, positions: Array(repeating: .zero, count: 9))
    var drawing = page()
    drawing.draw(surface, in: drawing.page, from: View(of: [surface], from: .top))
    _ = try drawing.picture(scale: 1)
  }

  @Test("lines of the mesh follow the smoothed surface, each edge once")
  func meshLines() {
    var style = flat
    style.smoothingLevels = 2
    style.meshWidth = 0.4
    style.outlineWidth = 0.7
    let positions = (0..<9).map { SIMD3(Float($0 / 3), Float($0 % 3), 0) }
    var drawing = page()
    let surface = Surface(rows: 3, columns: 3, positions: positions)
    drawing.draw(surface, in: drawing.page, from: View(of: [surface], from: .top), style: style)
    var widths: [Double: Int] = [:]
    for case .stroke(_, let stroke) in drawing.shapes { widths[stroke.width, default: 0] += 1 }
    // Four inner and eight outer edges, each cut in four.
    #expect(widths == [0.4: 16, 0.7: 32])
  }
}
