import Layers
import Tensors

/// What tells real pictures from made ones by features of theirs.
public struct Critic {
  public let parameters: ParameterSet
  private let layers: CriticLayers
  /// What a class adds to the verdict: the product of its vector with the features (Miyato and Koyama
  /// 2018, arXiv:1802.05637); nil where the verdict does not depend on a class.
  private let projection: Dense?
  /// Tells classes apart by the same features; nil where nothing asks for it.
  private let classes: Dense?
  /// Draws a picture again from its features; nil where nothing asks for it.
  private let decoder: Sequential?

  init(_ configuration: GANConfiguration, _ layers: CriticLayers, _ parameters: ParameterSet) {
    (self.parameters, self.layers) = (parameters, layers)
    let (root, features) = (parameters.root, layers.verdict.weight.shape[1])
    let isSpectral = configuration.criticNormalization == .spectral
    projection =
      configuration.isConditional
      ? Dense(
        configuration.classes, features, hasBias: false, isSpectral: isSpectral,
        initializer: .normal(deviation: 1 / Float(features).squareRoot()),
        in: root.scope("projection")) : nil
    classes =
      configuration.ambiguity > 0
      ? Dense(features, configuration.classes, in: root.scope("classes")) : nil
    decoder =
      configuration.reconstruction > 0
      ? configuration.criticDecoder(in: root.scope("decoder")) : nil
  }

  /// What a critic says of pictures.
  struct Opinion {
    /// `[N, 1]`, higher for what it takes for real.
    let verdicts: Tensor
    /// How likely it takes each class for, before softmax or sigmoid, `[N, classes]`; nil of one that
    /// does not tell classes apart.
    let classes: Tensor?
    /// Its map of features.
    fileprivate let map: Tensor
  }

  /// Its opinion of pictures in −1…1; `labels` are the classes that they are to be of, which only a
  /// conditional critic looks at.
  func callAsFunction(_ pictures: Tensor, labels: Tensor?, _ mode: ForwardMode) -> Opinion {
    let map = layers.trunk(pictures, mode)
    let features = layers.summary(map, mode)
    var verdicts = layers.verdict(features, mode)
    if let projection, let labels {
      let depth = projection.weight.shape[1]
      let vectors = projection(labels.oneHot(depth: depth, dtype: features.dtype), mode)
      verdicts = verdicts + (vectors * features).sum(axes: [1], keepingDimensions: true)
    }
    return Opinion(verdicts: verdicts, classes: classes?(features, mode), map: map)
  }

  /// How far pictures drawn again are from the pictures, both at half the size: the mean absolute
  /// difference; nil without a decoder.
  func difference(_ opinion: Opinion, _ pictures: Tensor, _ mode: ForwardMode) -> Tensor? {
    guard let decoder else { return nil }
    let half = pictures.detached().averagePool2d(kernel: [2, 2], geometry: .init(stride: 2))
    return (decoder(opinion.map, mode) - half).abs().mean()
  }
}

/// Layers of a critic in their order.
struct CriticLayers {
  /// Pictures `[N, H, W, C]` to a map of features.
  let trunk: Sequential
  /// The map to features of the whole picture, `[N, F]`.
  let summary: Sequential
  /// These to a number.
  let verdict: Dense
}
