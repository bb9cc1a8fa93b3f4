/// The faces of meshes: the templates' own, those of more rows or fewer, and what is smoothed.
extension TemplateSet {
  /// Quadrilaterals of a grid of points, row by row.
  public static func gridFaces(rows: Int, columns: Int) -> [[Int]] {
    (0..<max(rows - 1, 0)).flatMap { row in
      (0..<max(columns - 1, 0)).map { column in
        let corner = row * columns + column
        return [corner, corner + columns, corner + columns + 1, corner + 1]
      }
    }
  }

  /// Faces of a mesh of that many rows: the templates' own of as many as they have, else theirs
  /// between neighbouring rows again and again, triangles or quadrilaterals and wound as they are.
  ///
  /// A mesh that is no grid has one row and always its own faces.
  public func faces(rows count: Int) -> [[Int]] {
    let columns = pointsPerRow
    if count == rows.count || columns == 0 { return faces }
    let rowsOf = { (face: [Int]) in (face.min()! / columns)...(face.max()! / columns) }
    let bands = Dictionary(grouping: faces.filter { rowsOf($0).count == 2 }) {
      rowsOf($0).lowerBound
    }
    return (0..<max(count - 1, 0)).flatMap { row in
      let own = row % max(rows.count - 1, 1)
      return (bands[own] ?? []).map { face in face.map { $0 + (row - own) * columns } }
    }
  }

  /// What is smoothed: a grid's quadrilaterals, wound as its faces, which may be their triangles; of
  /// other meshes the faces themselves.
  ///
  /// Catmull and Clark's rules make waves of triangles.
  public var smoothedFaces: [[Int]] {
    guard rows.count > 1, pointsPerRow > 1 else { return faces }
    let cells = Self.gridFaces(rows: rows.count, columns: pointsPerRow)
    return turn(of: faces) < 0 ? cells.map { $0.reversed() } : cells
  }

  /// Twice the area of faces in the plane of rows and columns: positive where they are wound as
  /// ``gridFaces(rows:columns:)``.
  private func turn(of faces: [[Int]]) -> Int {
    let columns = pointsPerRow
    return faces.reduce(0) { sum, face in
      zip(face, face.dropFirst() + face.prefix(1)).reduce(sum) { sum, edge in
        sum + (edge.0 / columns) * (edge.1 % columns) - (edge.1 / columns) * (edge.0 % columns)
      }
    }
  }
}
