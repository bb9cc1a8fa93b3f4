import FileFormats

/// A small picture of a picture, by which copies are known.
///
/// The whole picture, whatever its proportions, is averaged into 32×32 RGB pixels, nearly the same for
/// a copy of another size or compression. Two of them are compared in three steps, from cheap to sure:
///
/// 1. of 8×8 pixels, what differs must be small once the directions are taken out in which a slight
///    crop changes them (Simard, LeCun and Denker 1993: the tangent distance, of one side);
/// 2. ``Alignment`` finds how one has to be stretched and moved to lie on the other, on 8×8, 16×16
///    and 32×32 pixels;
/// 3. the distance is taken where both overlap: brightness and contrast are taken out, then the
///    root-mean-square difference is computed in each of 4×4 blocks, in units of the pictures' own
///    standard deviation. The largest counts.
///
/// It is the largest block, and not the mean of all, because copies differ a little everywhere (by
/// rescaling and compression) while pictures of a series differ much somewhere.
public struct Fingerprint: Sendable {
  /// Pixels on a side.
  static let side = 32

  /// 8×8, 16×16 and 32×32 RGB pixels.
  let levels: [SmallPicture]
  /// 8×8 RGB values less their channel's mean, of length 1.
  let coarse: CoarseVector
  /// How a small shift and stretch along each axis changes it: orthonormal, four at most.
  let tangents: [CoarseVector]
  /// Its own part along each of them.
  private let alongTangents: [Float]

  /// - Precondition: the picture has no alpha.
  init(_ picture: Picture) {
    precondition(picture.channels != 4, "Fingerprint: \(picture.shape) has alpha")
    let small = picture.resized(height: Self.side, width: Self.side).rgb
    let fine = SmallPicture(small.pixels)
    let level = fine.halved.halved
    levels = [level, fine.smoothed.halved, fine.smoothed]
    let vector = CoarseVector(level.values).normalized ?? .zero
    coarse = vector
    tangents = CoarseVector.orthonormal(level.tangents.map { CoarseVector($0) })
    alongTangents = tangents.map { $0.dot(vector) }
  }

  /// The distance of two pictures, as far as it is at most `limit`; else `nil`.
  ///
  /// - Returns: At least 0; equal pictures have 0.
  func distance(to other: Fingerprint, atMost limit: Double) -> Double? {
    // The root-mean-square difference of all is no larger than that of the worst block.
    // The little is for the rounding of equal pictures.
    guard tangentDistanceSquared(to: other) <= Float(limit * limit) + 1e-5 else { return nil }
    return FingerprintComparison(self, other).distance(atMost: Float(limit)).map(Double.init)
  }

  /// The squared root-mean-square difference of the coarse vectors, less what the tangents explain.
  func tangentDistanceSquared(to other: Fingerprint) -> Float {
    // |b − a|² and (b − a)·t by their parts: nothing is made for a pair.
    var rest =
      coarse.dot(coarse) + other.coarse.dot(other.coarse) - 2 * coarse.dot(other.coarse)
    for (tangent, own) in zip(tangents, alongTangents) {
      let part = other.coarse.dot(tangent) - own
      rest -= part * part
    }
    return rest
  }
}

/// 8×8 RGB values less their channel's mean.
struct CoarseVector: Sendable {
  private static let count = 8 * 8 * 3 / 16

  private var parts: [SIMD16<Float>]

  static let zero = CoarseVector(parts: [SIMD16<Float>](repeating: .zero, count: count))

  private init(parts: [SIMD16<Float>]) { self.parts = parts }

  init(_ values: [Float]) {
    var centered = values
    for channel in 0..<3 {
      let places = stride(from: channel, to: values.count, by: 3)
      let mean = places.reduce(Float(0)) { $0 + values[$1] } / Float(values.count / 3)
      for place in places { centered[place] -= mean }
    }
    parts = stride(from: 0, to: values.count, by: 16).map { SIMD16(centered[$0..<$0 + 16]) }
  }

  func dot(_ other: CoarseVector) -> Float {
    var sum = SIMD16<Float>.zero
    for index in 0..<Self.count { sum += parts[index] * other.parts[index] }
    return sum.sum()
  }

  /// Of length 1; `nil` where there is next to nothing.
  var normalized: CoarseVector? {
    let length = dot(self).squareRoot()
    return length < 1e-3 ? nil : CoarseVector(parts: parts.map { $0 / length })
  }

  static func - (first: CoarseVector, second: CoarseVector) -> CoarseVector {
    CoarseVector(parts: zip(first.parts, second.parts).map { $0 - $1 })
  }

  /// Gram and Schmidt's; those that depend on earlier ones are left out.
  static func orthonormal(_ vectors: [CoarseVector]) -> [CoarseVector] {
    var result: [CoarseVector] = []
    for vector in vectors {
      guard var rest = vector.normalized else { continue }
      for earlier in result {
        let part = rest.dot(earlier)
        rest = rest - CoarseVector(parts: earlier.parts.map { $0 * part })
      }
      if rest.dot(rest) > 1e-3, let unit = rest.normalized { result.append(unit) }
    }
    return result
  }
}

/// A square RGB picture of floats.
struct SmallPicture: Sendable {
  let side: Int
  /// [side, side, 3].
  let values: [Float]

  init(_ pixels: [UInt8]) {
    side = Fingerprint.side
    values = pixels.map(Float.init)
  }

  private init(side: Int, values: [Float]) { (self.side, self.values) = (side, values) }

  /// Each pixel's weighted mean with its neighbours, ¼ ½ ¼ along both axes.
  ///
  /// Of sharp edges, pixels of 32×32 keep where the edge fell between them, which a crop moves; smoothed
  /// ones keep what can be moved back.
  var smoothed: SmallPicture {
    let across = SmallPicture(side: side, values: averaged(by: 3, within: 3 * side))
    return SmallPicture(
      side: side, values: across.averaged(by: 3 * side, within: 3 * side * side))
  }

  /// ¼ ½ ¼ with the values `step` before and after, within runs of `run` values.
  private func averaged(by step: Int, within run: Int) -> [Float] {
    values.indices.map { place in
      let before = place % run >= step ? values[place - step] : values[place]
      let after = place % run + step < run ? values[place + step] : values[place]
      return (before + 2 * values[place] + after) / 4
    }
  }

  /// The slopes along each axis, and the same times the position from the middle: how the picture
  /// changes when it is shifted and stretched a little.
  var tangents: [[Float]] {
    var result = [[Float]](repeating: [Float](repeating: 0, count: values.count), count: 4)
    for place in values.indices {
      let (row, column) = (place / 3 / side, place / 3 % side)
      let left = values[column > 0 ? place - 3 : place]
      let right = values[column < side - 1 ? place + 3 : place]
      let above = values[row > 0 ? place - 3 * side : place]
      let below = values[row < side - 1 ? place + 3 * side : place]
      let middle = Float(side - 1) / 2
      (result[0][place], result[1][place]) = (right - left, below - above)
      result[2][place] = (right - left) * (Float(column) - middle)
      result[3][place] = (below - above) * (Float(row) - middle)
    }
    return result
  }

  /// Half the side: means of 2×2 pixels.
  var halved: SmallPicture {
    let half = side / 2
    var result = [Float](repeating: 0, count: half * half * 3)
    for row in 0..<half {
      for column in 0..<half {
        for channel in 0..<3 {
          let start = (2 * row * side + 2 * column) * 3 + channel
          let top = values[start] + values[start + 3]
          let bottom = values[start + side * 3] + values[start + side * 3 + 3]
          result[(row * half + column) * 3 + channel] = (top + bottom) / 4
        }
      }
    }
    return SmallPicture(side: half, values: result)
  }
}
