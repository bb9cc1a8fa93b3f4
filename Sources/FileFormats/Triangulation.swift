/// Polygons as triangles.
enum Triangulation {
  /// The corners of all triangles, three each, in the order of the faces.
  ///
  /// A quad is cut along its shorter diagonal (of equal ones, the one from its first corner), other
  /// polygons as a fan round their first corner, which suits convex ones.
  static func corners(of faces: [[Int]], positions: [SIMD3<Float>]) -> [Int] {
    var corners: [Int] = []
    for face in faces {
      let turned =
        face.count == 4
        && squaredDistance(positions[face[1]], positions[face[3]])
          < squaredDistance(positions[face[0]], positions[face[2]])
      let face = turned ? [face[1], face[2], face[3], face[0]] : face
      for corner in 2..<face.count { corners += [face[0], face[corner - 1], face[corner]] }
    }
    return corners
  }

  /// In double precision, where no square of a float overflows.
  private static func squaredDistance(_ a: SIMD3<Float>, _ b: SIMD3<Float>) -> Double {
    let difference = SIMD3<Double>(a) - SIMD3<Double>(b)
    return difference.x * difference.x + difference.y * difference.y + difference.z * difference.z
  }
}

/// A direction for each vertex that makes a coarse mesh look smooth.
enum SmoothNormals {
  /// The mean of the normals of the faces round each vertex, weighted by their areas, of length 1;
  /// (0, 0, 1) where there is none (a vertex of no face, or of degenerate ones).
  ///
  /// A face's normal is found by Newell's method, which suits polygons that are not flat.
  static func of(_ faces: [[Int]], _ positions: [SIMD3<Float>]) -> [SIMD3<Float>] {
    var sums = [SIMD3<Double>](repeating: SIMD3(0, 0, 0), count: positions.count)
    for face in faces {
      let origin = SIMD3<Double>(positions[face[0]])
      var normal = SIMD3<Double>(0, 0, 0)
      for corner in 2..<face.count {
        normal += cross(
          SIMD3<Double>(positions[face[corner - 1]]) - origin,
          SIMD3<Double>(positions[face[corner]]) - origin)
      }
      for corner in face { sums[corner] += normal }
    }
    return sums.map { sum in
      let largest = max(abs(sum.x), abs(sum.y), abs(sum.z))
      guard largest > 0 else { return SIMD3(0, 0, 1) }
      let scaled = sum / largest
      let square = scaled.x * scaled.x + scaled.y * scaled.y + scaled.z * scaled.z
      return SIMD3<Float>(scaled / square.squareRoot())
    }
  }
}
