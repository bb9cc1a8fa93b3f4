import Tensors

/// How a set of pictures looks to a ``Judge``: a row of numbers for each.
public struct Impressions: Sendable, Equatable {
  public let count: Int
  /// `count` rows of `featureCount` numbers.
  public let features: [Float]
  /// `count` rows of `classCount` probabilities.
  public let probabilities: [Float]
  public let classCount: Int
  public var featureCount: Int { count == 0 ? 0 : features.count / count }

  public init(count: Int, features: [Float], probabilities: [Float], classCount: Int) {
    precondition(
      probabilities.count == count * classCount, "\(probabilities.count) of \(count)×\(classCount)")
    self.count = count
    self.features = features
    self.probabilities = probabilities
    self.classCount = classCount
  }

  /// The features `[count, featureCount]`.
  var tensor: Tensor { Tensor(features, shape: [count, featureCount]) }

  /// These rows, in this order; a row may come more than once.
  public func rows(_ indices: [Int]) -> Impressions {
    func chosen(_ values: [Float], _ width: Int) -> [Float] {
      indices.flatMap { values[$0 * width..<($0 + 1) * width] }
    }
    return Impressions(
      count: indices.count, features: chosen(features, featureCount),
      probabilities: chosen(probabilities, classCount), classCount: classCount)
  }

  /// `size` of the rows, or all where there are no more, chosen by `seed` alone and in rising order.
  public func subset(_ size: Int, seed: UInt64) -> Impressions {
    size >= count ? self : rows(Draws(seed: seed).choose(size, of: count))
  }
}
