import Tensors

/// What critic and generator minimise of the critic's verdicts, `[N, 1]` without bounds, higher for
/// pictures that it takes for real.
public enum AdversarialLoss: String, Sendable, Hashable, Codable, CaseIterable {
  /// Cross-entropy, the generator's turned round so that its gradient does not vanish (Goodfellow and
  /// others 2014, arXiv:1406.2661).
  case nonsaturating
  /// Squares: real to 1, made to 0, both halved (Mao and others 2017, arXiv:1611.04076).
  case leastSquares
  /// Margins of 1 for the critic; the generator raises the verdict (Lim and Ye 2017,
  /// arXiv:1705.02894).
  case hinge
  /// Difference of means, which needs a critic of bounded slope (Arjovsky, Chintala and Bottou 2017,
  /// arXiv:1701.07875).
  case wasserstein

  /// A scalar: what the critic minimises.
  public func critic(real: Tensor, made: Tensor) -> Tensor {
    switch self {
    case .nonsaturating: (-real).softplus().mean() + made.softplus().mean()
    case .leastSquares: ((real - 1).squared().mean() + made.squared().mean()).scaled(by: 0.5)
    case .hinge: (1 - real).relu().mean() + (1 + made).relu().mean()
    case .wasserstein: made.mean() - real.mean()
    }
  }

  /// A scalar: what the generator minimises.
  public func generator(made: Tensor) -> Tensor {
    switch self {
    case .nonsaturating: (-made).softplus().mean()
    case .leastSquares: (made - 1).squared().mean().scaled(by: 0.5)
    case .hinge, .wasserstein: -made.mean()
    }
  }

  /// The verdict between what is taken for real and what is not.
  var middle: Float { self == .leastSquares ? 0.5 : 0 }
}
