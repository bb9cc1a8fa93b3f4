import Foundation

/// What became of a mesh beside a reference with the same faces.
public struct MeshQuality: Sendable, Hashable {
  /// The largest ratio of an edge's length to the reference's.
  public var stretch: Double
  /// The largest ratio of a reference's edge to this one's.
  public var compression: Double
  /// Faces that have collapsed or turned over: their area, along the reference's normal, is not
  /// above a thousandth of the reference's.
  public var degenerateFaces: Int

  /// The larger of stretch and compression.
  public var strain: Double { max(stretch, compression) }

  /// Compares a mesh with a reference.
  ///
  /// Edges and faces without extent in the reference are left out. A mesh may turn as a whole
  /// between the two, so that its faces' normals say nothing: a face counts as turned over where
  /// its corners do not turn the same way all round.
  public init(of points: [SIMD3<Float>], beside reference: [SIMD3<Float>], faces: [[Int]]) {
    precondition(points.count == reference.count, "meshes of different sizes")
    (stretch, compression, degenerateFaces) = (1, 1, 0)
    for face in faces {
      for (corner, next) in zip(face, face.dropFirst() + face.prefix(1)) {
        let old = Self.length(reference[next] - reference[corner])
        let new = Self.length(points[next] - points[corner])
        guard old > 0 else { continue }
        stretch = max(stretch, new / old)
        compression = max(compression, new > 0 ? old / new : .infinity)
      }
      let (old, _) = Self.area(face.map { reference[$0] })
      let (new, isFolded) = Self.area(face.map { points[$0] })
      if old > 0, isFolded || !(new > old / 1000) { degenerateFaces += 1 }
    }
  }

  private static func length(_ v: SIMD3<Float>) -> Double {
    let v = SIMD3<Double>(v)
    return (v * v).sum().squareRoot()
  }

  /// The area of a polygon, and whether it is folded: whether the turn at a corner goes against
  /// the polygon's normal by more than rounding.
  private static func area(_ corners: [SIMD3<Float>]) -> (Double, isFolded: Bool) {
    let corners = corners.map { SIMD3<Double>($0) }
    var normal = SIMD3<Double>.zero
    for (a, b) in zip(corners, corners.dropFirst() + corners.prefix(1)) {
      normal += cross(a - corners[0], b - corners[0])
    }
    let area = (normal * normal).sum().squareRoot() / 2
    guard area > 0 else { return (0, true) }
    let count = corners.count
    // Of a quadrilateral one reflex corner is fine (a dart); two opposite ones are a bow tie.
    var reflex = 0
    for index in corners.indices {
      let before = corners[index] - corners[(index + count - 1) % count]
      let after = corners[(index + 1) % count] - corners[index]
      if (cross(before, after) * normal).sum() < 0 { reflex += 1 }
    }
    return (area, reflex > count - 3)
  }

  private static func cross(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> SIMD3<Double> {
    SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
  }
}
