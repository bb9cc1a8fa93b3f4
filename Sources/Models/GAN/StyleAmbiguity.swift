import Tensors

/// How a creative adversarial network makes its generator leave the styles that it knows: the critic
/// learns to tell the classes of real pictures, the generator to make such as it cannot tell (Elgammal
/// and others 2017, arXiv:1706.07068, section 3.2).
///
/// Classes are those of the data: styles of art in the paper, of letters in a set of fonts.
public enum StyleAmbiguity: String, Sendable, Hashable, Codable, CaseIterable {
  /// The paper's equation for the generator: each class by itself, yes or no, its sigmoid to 1/K of K
  /// classes; the critic learns each class so, too.
  case sigmoid
  /// The cross-entropy between softmax and the uniform distribution, as programs that repeat the paper
  /// have it.
  case uniform

  /// A scalar: what the critic minimises, of its opinion of real pictures, `[N, K]`, and their classes,
  /// int32 `[N]`; one of −1 says nothing.
  func critic(_ logits: Tensor, labels: Tensor) -> Tensor {
    let classes = labels.oneHot(depth: logits.shape[1], dtype: logits.dtype)
    return (crossEntropy(logits, classes) * classes.sum(axes: [1])).mean()
  }

  /// A scalar: what the generator minimises, of the critic's opinion of made pictures.
  func generator(_ logits: Tensor) -> Tensor {
    crossEntropy(
      logits,
      Tensor(
        filling: logits.shape, with: 1 / Float(logits.shape[1]), dtype: logits.dtype,
        on: logits.device)
    ).mean()
  }

  /// The sum over classes, `[N]`.
  private func crossEntropy(_ logits: Tensor, _ targets: Tensor) -> Tensor {
    let terms =
      switch self {
      case .sigmoid: logits.softplus() - logits * targets
      case .uniform: -logits.logSoftmax() * targets
      }
    return terms.sum(axes: [1])
  }
}
