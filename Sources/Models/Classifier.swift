import Layers
import Tensors

/// Tells classes of pictures apart, and by the way describes pictures in numbers.
///
/// Its features are what fidelity is measured on (Heusel and others 2017, arXiv:1706.08500, where it
/// is another network).
///
/// Shapes: pictures `[N, H, W, C]` in 0…1, features `[N, featureCount]`, logits `[N, classes]`.
public final class Classifier {
  /// What it was built from.
  public let configuration: ClassifierConfiguration
  /// All its parameters: those of features, then those of classes.
  public let parameters: ParameterSet

  private let body: Sequential
  private let head: Dense

  /// - Parameters:
  ///   - configuration: Picture size, classes and preset.
  ///   - seed: Decides the initial parameters.
  ///   - device: Where it lives.
  ///   - dtype: float32, or float64 to check it.
  public init(
    _ configuration: ClassifierConfiguration, seed: UInt64, on device: Device = .cpu,
    dtype: DType = .float32
  ) {
    if let problem = configuration.problem { preconditionFailure("classifier: \(problem)") }
    self.configuration = configuration
    parameters = ParameterSet(seed: seed, on: device, dtype: dtype)
    body = configuration.body(in: parameters.root.scope("body"))
    head = Dense(
      configuration.featureCount, configuration.classes, in: parameters.root.scope("head"))
  }

  /// What the classes are told from.
  public func features(_ pictures: Tensor, _ mode: ForwardMode = .evaluation) -> Tensor {
    precondition(
      Array(pictures.shape.dropFirst()) == configuration.pictureShape,
      "classifier of pictures \(configuration.pictureShape) given \(pictures.shape)")
    return body(pictures.scaled(by: 2, plus: -1), mode)
  }

  /// The logit of each class.
  public func logits(features: Tensor) -> Tensor { head(features, .evaluation) }

  /// −log p of each picture's class in nats, `[N]`; `labels` is int32 `[N]`, and a picture of class
  /// −1 counts 0.
  public func crossEntropy(_ pictures: Tensor, labels: Tensor, _ mode: ForwardMode) -> Tensor {
    let likelihoods = logits(features: features(pictures, mode)).logSoftmax()
    let chosen = labels.oneHot(depth: configuration.classes, dtype: parameters.dtype)
    return -(likelihoods * chosen).sum(axes: [1])
  }
}
