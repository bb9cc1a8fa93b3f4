import Tensors

/// Batch, layer, group or instance normalisation of the last axis's channels, with a learnt scale
/// and shift.
public struct Normalization: Layer {
  /// Which elements share statistics.
  public let kind: NormalizationKind
  /// `[C]`, 1 at first.
  public let scale: Parameter
  /// `[C]`, 0 at first.
  public let shift: Parameter
  /// `[C]`, of batch normalisation alone: used in evaluation.
  public let runningMean, runningVariance: Parameter?
  /// How much a training batch moves the running statistics; 0.1 as in PyTorch.
  public let momentum: Float
  /// Added to the variance, so that constant channels do not divide by 0; 1e-5 by default, as in
  /// PyTorch.
  public let epsilon: Float

  /// - Parameters:
  ///   - kind: Which elements share statistics.
  ///   - channels: Size of the last axis.
  ///   - momentum: Share of the newest batch in the running statistics.
  ///   - epsilon: Added to the variance.
  ///   - scope: Where the parameters are declared.
  public init(
    _ kind: NormalizationKind, channels: Int, momentum: Float = 0.1, epsilon: Float = 1e-5,
    in scope: ParameterScope
  ) {
    self.kind = kind
    self.momentum = momentum
    self.epsilon = epsilon
    scale = scope.parameter("scale", [channels], .ones)
    shift = scope.parameter("shift", [channels], .zeros)
    runningMean =
      kind == .batch ? scope.statistic("runningMean", [channels], initially: 0) : nil
    runningVariance =
      kind == .batch ? scope.statistic("runningVariance", [channels], initially: 1) : nil
  }

  public func callAsFunction(_ x: Tensor, _ mode: ForwardMode) -> Tensor {
    guard let runningMean, let runningVariance else {
      return x.normalized(kind, scale: scale.value, shift: shift.value, epsilon: epsilon).result
    }
    let share: Float
    switch mode {
    case .training: share = momentum
    case .calibration(let pass): share = 1 / Float(pass)
    case .evaluation:
      return x.normalized(
        mean: runningMean.value, variance: runningVariance.value, scale: scale.value,
        shift: shift.value, epsilon: epsilon)
    }
    let (result, mean, variance) = x.normalized(
      .batch, scale: scale.value, shift: shift.value, epsilon: epsilon)
    // The running variance is the unbiased one, as in PyTorch, so that weights can be exchanged.
    let count = Float(x.count / max(x.shape[x.rank - 1], 1))
    let unbiased = count > 1 ? count / (count - 1) : 1
    update(runningMean, towards: mean, by: share)
    update(runningVariance, towards: variance.scaled(by: unbiased), by: share)
    return result
  }

  private func update(_ running: Parameter, towards batch: Tensor, by share: Float) {
    running.assign(running.value.scaled(by: 1 - share) + batch.scaled(by: share))
  }
}
