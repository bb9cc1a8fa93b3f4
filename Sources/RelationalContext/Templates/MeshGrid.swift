/// Rows and columns of a mesh whose points are a grid, row by row.
struct MeshGrid: Equatable {
  let rows, columns: Int

  /// The grid that these faces make of the points, in quadrilaterals or in triangles; nil where they
  /// make none.
  init?(faces: [[Int]], vertexCount: Int) {
    // Two corners of a face are neighbours in a column: they are as far apart as a row is long.
    guard let face = faces.first, vertexCount >= 4 else { return nil }
    let steps = Set(zip(face, face.dropFirst() + face.prefix(1)).map { abs($0 - $1) })
    for columns in steps.flatMap({ [$0 - 1, $0, $0 + 1] }).sorted()
    where columns >= 2 && vertexCount % columns == 0 && vertexCount / columns >= 2 {
      if Self.fits(faces, rows: vertexCount / columns, columns: columns) {
        (rows, self.columns) = (vertexCount / columns, columns)
        return
      }
    }
    return nil
  }

  /// Whether each corner of a quadrilateral is beside the next one, in a row or in a column.
  private static func goesRound(_ places: [(Int, Int)]) -> Bool {
    zip(places, places.dropFirst() + places.prefix(1)).allSatisfy { $0.0 == $1.0 || $0.1 == $1.1 }
  }

  /// Whether every cell of the grid is covered, by one quadrilateral or two triangles, and no face
  /// reaches beyond a cell.
  private static func fits(_ faces: [[Int]], rows: Int, columns: Int) -> Bool {
    // The corners that triangles leave out, of every cell: two cover it where these are opposite.
    var leftOut = [[Int]](repeating: [], count: (rows - 1) * (columns - 1))
    for face in faces {
      let places = face.map { ($0 / columns, $0 % columns) }
      let (row, column) = (places.map(\.0).min()!, places.map(\.1).min()!)
      guard row < rows - 1, column < columns - 1, Set(face).count == face.count, face.count <= 4,
        places.allSatisfy({ $0.0 <= row + 1 && $0.1 <= column + 1 }),
        face.count == 3 || goesRound(places)
      else { return false }
      let corners = places.map { 2 * ($0.0 - row) + $0.1 - column }
      leftOut[row * (columns - 1) + column] +=
        face.count == 4 ? [0, 3] : [6 - corners.reduce(0, +)]
    }
    return leftOut.allSatisfy { [[0, 3], [1, 2]].contains($0.sorted()) }
  }
}
