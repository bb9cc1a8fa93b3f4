import Foundation
import Training

/// How pictures change on straight ways between latent vectors, in a judge's features.
///
/// A cousin of perceptual path length (Karras, Laine and Aila 2019, arXiv:1812.04948) that does not
/// depend on the scale of features.
struct Smoothness {
  /// How far apart both ends look, over how far the way between them is: 1 on a straight way.
  let straightness: Estimate
  /// The largest step of a way, over its mean step: 1 where all are alike, large where a picture
  /// turns into another at once.
  let largestStep: Estimate

  /// Ways, and steps of each.
  static let (ways, steps) = (64, 16)

  init(_ model: TrainedModel, _ judge: Judge, seed: UInt64, temperature: Float) throws {
    var (straight, largest): ([Double], [Double]) = ([], [])
    let first = Int(seed % UInt64(1 << 20)) * 2 * Self.ways
    for way in 0..<Self.ways {
      let seeds = (first + 2 * way, first + 2 * way + 1)
      let pictures = try model.interpolation(
        from: seeds.0, to: seeds.1, steps: Self.steps, temperature: temperature)
      let seen = try judge.look(at: pictures.count) { Array(pictures[$0]) }
      let width = seen.featureCount
      func distance(_ a: Int, _ b: Int) -> Double {
        (0..<width).reduce(0.0) {
          let gap = Double(seen.features[a * width + $1]) - Double(seen.features[b * width + $1])
          return $0 + gap * gap
        }.squareRoot()
      }
      let lengths = (0..<Self.steps).map { distance($0, $0 + 1) }
      let length = lengths.reduce(0, +)
      straight.append(length > 0 ? distance(0, Self.steps) / length : 1)
      largest.append(length > 0 ? lengths.max()! / (length / Double(Self.steps)) : 1)
    }
    (straightness, largestStep) = (Bootstrap.mean(of: straight), Bootstrap.mean(of: largest))
  }
}
