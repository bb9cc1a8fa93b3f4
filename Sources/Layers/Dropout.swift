import Tensors

/// In training, zeroes each feature with probability `rate` and scales the rest by 1/(1 − rate).
///
/// The scaling keeps each feature's mean, so that evaluation passes features on unchanged. Source:
/// Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov 2014, "Dropout: a simple way to
/// prevent neural networks from overfitting".
///
/// The mask depends on (seed, this layer's stream, step, example) alone: not on the batch or the
/// device.
public struct Dropout: Layer {
  /// Probability of zeroing, in 0 ..< 1.
  public let rate: Float
  private let stream: UInt32

  /// - Parameters:
  ///   - rate: Probability of zeroing, in 0 ..< 1.
  ///   - scope: Gives the layer its stream of random numbers; there are no parameters.
  public init(rate: Float, in scope: ParameterScope) {
    precondition(rate >= 0 && rate < 1, "dropout rate \(rate) is not in 0 ..< 1")
    self.rate = rate
    stream = scope.set.nextRandomStream()
  }

  public func callAsFunction(_ x: Tensor, _ mode: ForwardMode) -> Tensor {
    guard case .training(let seed, let step, let examples) = mode, rate > 0 else { return x }
    let key = RandomKey(seed: seed, stream: stream, step: step)
    let kept = Tensor.bernoulli(
      [x.shape[0], x.shape.dropFirst().reduce(1, *)], probability: 1 - rate, key: key,
      examples: examples, on: x.device, dtype: x.dtype)
    return x * kept.reshaped(x.shape).scaled(by: 1 / (1 - rate))
  }
}
