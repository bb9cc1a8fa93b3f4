import Foundation

/// What became of a mesh beside a reference with the same faces.
public struct MeshQuality: Sendable, Hashable {
  /// The largest ratio of an edge's length to the reference's.
  public var stretch = 1.0
  /// The largest ratio of a reference's edge to this one's.
  public var compression = 1.0
  /// Faces that have collapsed, cross themselves, or are folded against a neighbour.
  ///
  /// - Collapsed: at most ``collapsedShare`` of the reference's area is left.
  /// - Crossing itself, as a bow tie does: its corners do not turn the same way all round. One
  ///   reflex corner of a quadrilateral is fine, a dart has it.
  /// - Folded: two faces that share an edge have closed upon each other by more than half of the
  ///   angle between them. Two that went on from each other then lie over each other; both count.
  ///
  /// A mesh that turns as a whole, or bends over many edges, has none of these.
  public var degenerateFaces = 0

  /// The larger of stretch and compression.
  public var strain: Double { max(stretch, compression) }

  /// What is left of a face whose edges are all a quarter as long: twice the strain that a shape may
  /// have beyond the templates, where all edges half as long would leave a quarter.
  public static let collapsedShare = 1.0 / 16

  /// Faces at a smaller angle in the reference, in radians, lie upon each other there already.
  private static let closed = 0.02

  /// Compares a mesh with a reference.
  ///
  /// Edges and faces without extent in the reference are left out, and so are edges that do not have
  /// two faces. Numbers that are none make a face degenerate.
  public init(of points: [SIMD3<Float>], beside reference: [SIMD3<Float>], faces: [[Int]]) {
    precondition(points.count == reference.count, "meshes of different sizes")
    for (start, end) in faces.lazy.flatMap(Self.edges) {
      let old = SIMD3<Double>(reference[end] - reference[start]).length
      let new = SIMD3<Double>(points[end] - points[start]).length
      guard old > 0 else { continue }
      stretch = max(stretch, new / old)
      compression = max(compression, new > 0 ? old / new : .infinity)
    }
    let (now, before) = (points.map { SIMD3<Double>($0) }, reference.map { SIMD3<Double>($0) })
    let polygons = faces.map { (now: Polygon($0, of: now), before: Polygon($0, of: before)) }
    var isDegenerate = polygons.map { now, before in
      before.area > 0
        && ((now.crossesItself && !before.crossesItself)
          || !(now.area > Self.collapsedShare * before.area))
    }
    // What has no area has no angle with its neighbours.
    let hasAngles = zip(isDegenerate, polygons).map { !$0 && $1.before.area > 0 }
    for hinge in Self.hinges(of: faces) where hasAngles[hinge.first] && hasAngles[hinge.second] {
      let (first, second) = (polygons[hinge.first], polygons[hinge.second])
      let opening = hinge.opening(first.now, second.now)
      let old = hinge.opening(first.before, second.before)
      if old > Self.closed, !(opening >= old / 2) {
        isDegenerate[hinge.first] = true
        isDegenerate[hinge.second] = true
      }
    }
    degenerateFaces = isDegenerate.count { $0 }
  }

  /// From each corner of a face to the next.
  private static func edges(of face: [Int]) -> [(start: Int, end: Int)] {
    zip(face, face.dropFirst() + face.prefix(1)).map { ($0, $1) }
  }

  /// The edges that two faces share, in the order of faces.
  private static func hinges(of faces: [[Int]]) -> [Hinge] {
    var seen: [Set<Int>: [(face: Int, start: Int, end: Int)]] = [:]
    var order: [Set<Int>] = []
    for (index, face) in faces.enumerated() {
      for (start, end) in edges(of: face) where start != end {
        if seen[[start, end]] == nil { order.append([start, end]) }
        seen[[start, end], default: []].append((index, start, end))
      }
    }
    return order.compactMap { ends in
      guard let at = seen[ends], at.count == 2, at[0].face != at[1].face else { return nil }
      return Hinge(
        first: at[0].face, second: at[1].face, areWoundAlike: at[0].start == at[1].end)
    }
  }
}

/// An edge at which two faces meet.
private struct Hinge {
  let first, second: Int
  /// Whether the second face has the edge the other way round, as faces of one surface do.
  let areWoundAlike: Bool

  /// The angle between both faces, on the side on which it is smaller: π where they lie in one
  /// plane, 0 where one lies upon the other.
  func opening(_ first: Polygon, _ second: Polygon) -> Double {
    let normal = areWoundAlike ? second.normal : -second.normal
    return .pi - atan2(cross(first.normal, normal).length, dot(first.normal, normal))
  }
}

/// A face in space.
private struct Polygon {
  /// Twice its area long (Newell).
  let normal: SIMD3<Double>
  /// Whether the turn at a corner goes against the normal, at more corners than a simple polygon
  /// can have.
  let crossesItself: Bool

  var area: Double { normal.length / 2 }

  init(_ face: [Int], of points: [SIMD3<Double>]) {
    let corners = face.map { points[$0] }
    var normal = SIMD3<Double>.zero
    for (a, b) in zip(corners.dropFirst(), corners.dropFirst(2)) {
      normal += cross(a - corners[0], b - corners[0])
    }
    let count = corners.count
    let reflex = corners.indices.count { index in
      let before = corners[index] - corners[(index + count - 1) % count]
      let after = corners[(index + 1) % count] - corners[index]
      return dot(cross(before, after), normal) < 0
    }
    self.normal = normal
    crossesItself = reflex > count - 3
  }
}

private func dot(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> Double { (a * b).sum() }

private func cross(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> SIMD3<Double> {
  SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
}

extension SIMD3<Double> {
  fileprivate var length: Double { (self * self).sum().squareRoot() }
}
