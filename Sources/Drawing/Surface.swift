/// A surface of flat faces in space, z **up**, that can be smoothed and drawn.
public struct Surface: Hashable, Sendable {
  /// Corners, to which faces point.
  public let positions: [SIMD3<Double>]
  /// Corners of each face in order; seen from the front they turn counter-clockwise.
  public let faces: [[Int]]
  /// For every corner how far it is on the way between the two colours of a style, 0…1.
  public let tints: [Double]
  /// How many faces were left out because a coordinate of a corner is not finite.
  public let skippedFaces: Int
  /// For every face, which of its edges come from an edge of the surface before smoothing; the
  /// first edge leads from the first corner to the second.
  let originalEdges: [[Bool]]

  /// A surface from corners and faces, as mesh files have them.
  ///
  /// Faces with a corner that is not finite are left out and counted.
  ///
  /// - Parameters:
  ///   - positions: The corners.
  ///   - faces: Indices of three or more corners each.
  ///   - tints: For every corner 0…1; `nil` is 1 everywhere.
  /// - Precondition: indices are within `positions`; there are as many tints as positions.
  public init(positions: [SIMD3<Float>], faces: [[Int]], tints: [Double]? = nil) {
    for face in faces {
      precondition(
        face.count >= 3 && face.allSatisfy(positions.indices.contains),
        "Surface: \(face) is not a face over \(positions.count) positions")
    }
    precondition(
      tints.map { $0.count == positions.count } ?? true,
      "Surface: \(tints?.count ?? 0) tints for \(positions.count) positions")
    let finite = faces.filter { face in
      face.allSatisfy { corner in
        let position = positions[corner]
        return position.x.isFinite && position.y.isFinite && position.z.isFinite
      }
    }
    self.init(
      positions: positions.map { SIMD3<Double>($0) }, faces: finite,
      tints: tints ?? Array(repeating: 1, count: positions.count),
      originalEdges: finite.map { Array(repeating: true, count: $0.count) },
      skippedFaces: faces.count - finite.count)
  }

  /// A grid of four-sided faces, its tint rising from 0 in the first row to 1 in the last.
  ///
  /// Its front is where the way along the rows' numbers turns counter-clockwise into the way along
  /// a row: with rows along x and columns along y, above.
  ///
  /// - Parameters:
  ///   - rows: Rows of corners.
  ///   - columns: Corners in a row.
  ///   - positions: `rows * columns` corners, row by row.
  /// - Precondition: there are at least two rows and columns.
  public init(rows: Int, columns: Int, positions: [SIMD3<Float>]) {
    precondition(
      rows >= 2 && columns >= 2 && positions.count == rows * columns,
      "Surface: \(positions.count) positions are not a grid of \(rows)×\(columns)")
    let faces = (0..<(rows - 1) * (columns - 1)).map { index in
      let corner = index / (columns - 1) * columns + index % (columns - 1)
      return [corner, corner + columns, corner + columns + 1, corner + 1]
    }
    self.init(
      positions: positions, faces: faces,
      tints: positions.indices.map { Double($0 / columns) / Double(rows - 1) })
  }

  init(
    positions: [SIMD3<Double>], faces: [[Int]], tints: [Double], originalEdges: [[Bool]],
    skippedFaces: Int
  ) {
    self.positions = positions
    self.faces = faces
    self.tints = tints
    self.originalEdges = originalEdges
    self.skippedFaces = skippedFaces
  }

  /// The positions that faces use.
  var usedPositions: [SIMD3<Double>] {
    var isUsed = Array(repeating: false, count: positions.count)
    for corner in faces.joined() { isUsed[corner] = true }
    return zip(positions, isUsed).filter(\.1).map(\.0)
  }

  /// For every position a vector of length 1 towards the front: the sum over its faces, by their
  /// area (Newell's method); zero where that has no direction.
  var normals: [SIMD3<Double>] {
    var normals = Array(repeating: SIMD3<Double>.zero, count: positions.count)
    for face in faces {
      let normal = Self.normal(of: face.map { positions[$0] })
      for corner in face { normals[corner] += normal }
    }
    return normals.map(\.normalized)
  }

  /// Twice the area of a polygon, towards its front.
  static func normal(of corners: [SIMD3<Double>]) -> SIMD3<Double> {
    var sum = SIMD3<Double>.zero
    for index in 1..<corners.count - 1 {
      sum += cross(corners[index] - corners[0], corners[index + 1] - corners[0])
    }
    return sum
  }
}

func cross(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> SIMD3<Double> {
  SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
}

func dot(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> Double { (a * b).sum() }

extension SIMD3<Double> {
  /// The same direction with length 1; zero stays zero.
  var normalized: SIMD3<Double> {
    let length = dot(self, self).squareRoot()
    return length > 0 ? self / length : .zero
  }
}
