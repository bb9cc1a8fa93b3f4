extension Surface {
  /// The surface smoothed by subdivision: every face becomes a four-sided one per corner.
  ///
  /// Catmull and Clark 1978, "Recursively generated B-spline surfaces on arbitrary topological
  /// meshes". Open boundaries become cubic B-splines of their own (DeRose, Kass and Truong 1998,
  /// "Subdivision surfaces in character animation", section 3.1), corners with a single face
  /// included, as Blender's Subdivision Surface does by default; `keepsCorners` leaves those sharp.
  /// Where three or more faces share an edge, or a corner lies on two boundaries, it stays in place.
  ///
  /// - Parameters:
  ///   - levels: How many times; each makes four faces of a four-sided one.
  ///   - keepsCorners: Whether corners of a boundary that belong to a single face stay in place.
  /// - Returns: The smoothed surface; the corners come first, in their order.
  /// - Precondition: `levels` is in 0…6.
  public func smoothed(levels: Int, keepsCorners: Bool = false) -> Surface {
    precondition((0...6).contains(levels), "Surface.smoothed: \(levels) levels are not in 0…6")
    return (0..<levels).reduce(self) { surface, _ in
      Subdivision(surface).refined(keepsCorners: keepsCorners)
    }
  }
}

/// Edges of a surface and what meets in its corners.
struct Subdivision {
  private struct Edge {
    let start, end: Int
    /// Faces on it, and the sum of their middles.
    var faceCount = 0
    var faceSum = SIMD4<Double>.zero
    var isBoundary: Bool { faceCount != 2 }
  }

  private struct Corner {
    var faceCount = 0
    var faceSum = SIMD4<Double>.zero
    var edgeCount = 0
    var edgeSum = SIMD4<Double>.zero
    var boundaryCount = 0
    var boundarySum = SIMD4<Double>.zero
  }

  private let surface: Surface
  /// x, y, z and tint, which is smoothed like a coordinate.
  private let points: [SIMD4<Double>]
  private let middles: [SIMD4<Double>]
  /// In the order in which faces meet them.
  private var edges: [Edge] = []
  /// For every face, the edges from each corner to the next.
  private(set) var edgesOfFace: [[Int]] = []

  init(_ surface: Surface) {
    self.surface = surface
    let points = zip(surface.positions, surface.tints).map { SIMD4($0, $1) }
    self.points = points
    middles = surface.faces.map { face in
      face.reduce(.zero) { $0 + points[$1] } / Double(face.count)
    }
    var indices: [SIMD2<Int>: Int] = [:]
    for (face, middle) in zip(surface.faces, middles) {
      edgesOfFace.append(
        face.indices.map { index in
          let (start, end) = (face[index], face[(index + 1) % face.count])
          let key = SIMD2(min(start, end), max(start, end))
          let edge = indices[key] ?? edges.count
          if edge == edges.count {
            indices[key] = edge
            edges.append(Edge(start: key.x, end: key.y))
          }
          edges[edge].faceCount += 1
          edges[edge].faceSum += middle
          return edge
        })
    }
  }

  var edgeCount: Int { edges.count }

  /// Whether an edge belongs to a single face, or to more than two.
  func isBoundary(_ edge: Int) -> Bool { edges[edge].isBoundary }

  /// The surface after one step: first its corners, then a point for every edge and every face.
  func refined(keepsCorners: Bool) -> Surface {
    let corners = zip(points, gathered()).map {
      Self.moved($0, by: $1, keepsCorners: keepsCorners)
    }
    let onEdges = edges.map { edge in
      let ends = points[edge.start] + points[edge.end]
      return edge.isBoundary ? ends / 2 : (ends + edge.faceSum) / 4
    }
    var faces: [[Int]] = []
    var originalEdges: [[Bool]] = []
    for (index, face) in surface.faces.enumerated() {
      let (edges, isOriginal) = (edgesOfFace[index], surface.originalEdges[index])
      let middle = corners.count + onEdges.count + index
      for corner in face.indices {
        let before = (corner + face.count - 1) % face.count
        faces.append([
          face[corner], corners.count + edges[corner], middle, corners.count + edges[before],
        ])
        originalEdges.append([isOriginal[corner], false, false, isOriginal[before]])
      }
    }
    let all = corners + onEdges + middles
    return Surface(
      positions: all.map { SIMD3($0.x, $0.y, $0.z) }, faces: faces, tints: all.map(\.w),
      originalEdges: originalEdges, skippedFaces: surface.skippedFaces)
  }

  private func gathered() -> [Corner] {
    var corners = Array(repeating: Corner(), count: points.count)
    for (face, middle) in zip(surface.faces, middles) {
      for corner in face {
        corners[corner].faceCount += 1
        corners[corner].faceSum += middle
      }
    }
    for edge in edges {
      for (corner, other) in [(edge.start, edge.end), (edge.end, edge.start)] {
        corners[corner].edgeCount += 1
        corners[corner].edgeSum += (points[corner] + points[other]) / 2
        if edge.isBoundary {
          corners[corner].boundaryCount += 1
          corners[corner].boundarySum += points[other]
        }
      }
    }
    return corners
  }

  private static func moved(
    _ point: SIMD4<Double>, by corner: Corner, keepsCorners: Bool
  ) -> SIMD4<Double> {
    switch corner.boundaryCount {
    case 0:
      guard corner.faceCount > 0 else { return point }
      let count = Double(corner.faceCount)
      let (face, edge) = (corner.faceSum / count, corner.edgeSum / Double(corner.edgeCount))
      return (face + 2 * edge + (count - 3) * point) / count
    case 2 where !(keepsCorners && corner.faceCount == 1):
      return (corner.boundarySum + 6 * point) / 8
    default:
      return point
    }
  }
}
