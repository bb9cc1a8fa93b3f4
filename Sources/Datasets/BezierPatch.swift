/// How far a sheet of rubber is bent at each place: a bicubic Bézier patch of 4 × 4 displacements
/// (Sederberg and Parry 1986, "Free-form deformation of solid geometric models").
struct BezierPatch {
  /// Row by row.
  let displacements: [SIMD2<Double>]

  /// 16 displacements of −1…1 in both directions, from numbers of −1…1 by their places from 0 to 31.
  init(drawing draw: (Int) -> Double) {
    displacements = (0..<16).map { SIMD2(draw(2 * $0), draw(2 * $0 + 1)) }
  }

  /// The displacement at a place, 0…1 in both directions.
  func displacement(at place: SIMD2<Double>) -> SIMD2<Double> {
    let (across, down) = (Self.bernstein(place.x), Self.bernstein(place.y))
    var sum = SIMD2<Double>.zero
    for row in 0..<4 {
      for column in 0..<4 { sum += down[row] * across[column] * displacements[4 * row + column] }
    }
    return sum
  }

  private static func bernstein(_ t: Double) -> SIMD4<Double> {
    let s = 1 - t
    return SIMD4(s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t)
  }
}
