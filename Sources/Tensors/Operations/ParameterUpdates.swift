internal import CKernels

/// In-place updates of parameter buffers, one fused pass each.
///
/// Only optimisers use them: tensors are immutable to everyone else.
package enum ParameterUpdate {
  /// One step of SGD with momentum; formula and source at `ck_sgd_shape`.
  package struct SGD: Sendable {
    package var rate, momentum, weightDecay: Float
    package var isNesterov: Bool

    package init(rate: Float, momentum: Float, weightDecay: Float, isNesterov: Bool) {
      (self.rate, self.momentum) = (rate, momentum)
      (self.weightDecay, self.isNesterov) = (weightDecay, isNesterov)
    }
  }

  /// One step of Adam or AdamW; formula and source at `ck_adam_shape`.
  package struct Adam: Sendable {
    package var rate, beta1, beta2, epsilon, weightDecay: Float
    /// AdamW: decay acts on the parameter itself instead of on the gradient.
    package var isDecoupled: Bool
    /// 1 − βᵗ, from the step number t = 1, 2, ….
    package var correction1, correction2: Float

    package init(
      rate: Float, beta1: Float, beta2: Float, epsilon: Float, weightDecay: Float,
      isDecoupled: Bool, correction1: Float, correction2: Float
    ) {
      (self.rate, self.beta1, self.beta2, self.epsilon) = (rate, beta1, beta2, epsilon)
      (self.weightDecay, self.isDecoupled) = (weightDecay, isDecoupled)
      (self.correction1, self.correction2) = (correction1, correction2)
    }
  }

  /// An exponential moving average of the parameters, updated in the same pass.
  package struct Average: Sendable {
    /// The average's values, as many as the parameter has; overwritten.
    package var buffer: Tensor
    /// Share of the average kept, in 0 ..< 1.
    package var decay: Float

    package init(buffer: Tensor, decay: Float) {
      (self.buffer, self.decay) = (buffer, decay)
    }
  }

  /// Says how replays of the step being recorded, if one is, begin the update that begins here.
  ///
  /// - Parameters:
  ///   - state: What the optimiser carries from update to update.
  ///   - advance: Counts the update of a replay and works out its numbers; called in the order of
  ///     the step's updates, before any of the replay's calls is made.
  package static func begin(
    with state: Tensor, inReplays advance: @escaping (_ rate: Float) -> Void
  ) {
    StepRecorder.current?.noteUpdate(of: state, advance: advance)
  }

  /// One step of SGD, in place.
  ///
  /// - Parameters:
  ///   - step: The formula's numbers.
  ///   - gradient: Of the loss by the parameter.
  ///   - gradientScale: One element that multiplies the gradient, such as a clipping factor; nil
  ///     for 1.
  ///   - parameter: Overwritten.
  ///   - momentum: The last update carried on, zeros at first; overwritten.
  ///   - average: An average of the parameters to move in the same pass; nil for none.
  ///   - inReplays: The rate in replays of a recorded step; `step`'s by default.
  /// - Precondition: all buffers have as many elements as `parameter`, its type and its device.
  package static func apply(
    _ step: SGD, gradient: Tensor, gradientScale: Tensor? = nil, parameter: Tensor,
    momentum: Tensor, average: Average? = nil, inReplays: (() -> Float)? = nil
  ) {
    check(parameter, [gradient, momentum] + (average.map { [$0.buffer] } ?? []))
    let scalars = ck_sgd_shape(
      count: Int32(parameter.count), rate: step.rate, momentum: step.momentum,
      weight_decay: step.weightDecay, nesterov: step.isNesterov ? 1 : 0,
      ema_decay: average?.decay ?? 0)
    parameter.backend.execute(
      .sgd(
        scalars, gradient: gradient.operand, gradientScale: gradientScale?.operand,
        parameter: parameter.operand, momentum: momentum.operand,
        average: average?.buffer.operand),
      remade: inReplays.map { rate in
        { _, call in
          guard case .sgd(var s, let g, let scale, let p, let m, let average) = call
          else { return call }
          s.rate = rate()
          return .sgd(
            s, gradient: g, gradientScale: scale, parameter: p, momentum: m, average: average)
        }
      })
  }

  /// One step of Adam or AdamW, in place.
  ///
  /// - Parameters:
  ///   - step: The formula's numbers.
  ///   - gradient: Of the loss by the parameter.
  ///   - gradientScale: One element that multiplies the gradient, such as a clipping factor; nil
  ///     for 1.
  ///   - parameter: Overwritten.
  ///   - firstMoment: Mean of gradients, zeros at first; overwritten.
  ///   - secondMoment: Mean of their squares, zeros at first; overwritten.
  ///   - average: An average of the parameters to move in the same pass; nil for none.
  ///   - inReplays: The rate and corrections in replays of a recorded step; `step`'s by default.
  /// - Precondition: all buffers have as many elements as `parameter`, its type and its device.
  package static func apply(
    _ step: Adam, gradient: Tensor, gradientScale: Tensor? = nil, parameter: Tensor,
    firstMoment: Tensor, secondMoment: Tensor, average: Average? = nil,
    inReplays: (() -> Adam)? = nil
  ) {
    check(
      parameter, [gradient, firstMoment, secondMoment] + (average.map { [$0.buffer] } ?? []))
    let scalars = ck_adam_shape(
      count: Int32(parameter.count), rate: step.rate, beta1: step.beta1, beta2: step.beta2,
      epsilon: step.epsilon, weight_decay: step.weightDecay, decoupled: step.isDecoupled ? 1 : 0,
      correction1: step.correction1, correction2: step.correction2, ema_decay: average?.decay ?? 0)
    parameter.backend.execute(
      .adam(
        scalars, gradient: gradient.operand, gradientScale: gradientScale?.operand,
        parameter: parameter.operand, firstMoment: firstMoment.operand,
        secondMoment: secondMoment.operand, average: average?.buffer.operand),
      remade: inReplays.map { numbers in
        { _, call in
          guard case .adam(var s, let g, let scale, let p, let m, let v, let average) = call
          else { return call }
          let step = numbers()
          (s.rate, s.correction1, s.correction2) = (step.rate, step.correction1, step.correction2)
          return .adam(
            s, gradient: g, gradientScale: scale, parameter: p, firstMoment: m, secondMoment: v,
            average: average)
        }
      })
  }

  /// Overwrites `target`'s elements with `source`'s: for loading checkpoints and gathering
  /// gradients into a flat buffer.
  package static func assign(_ source: Tensor, to target: Tensor) {
    target.checkPartner(source, "assign")
    precondition(
      source.count == target.count, "assign: \(source.shape) to \(target.shape)")
    target.fillByCopying(source, shape: [source.count], sourceStrides: [1])
  }

  /// Says that a tensor holds weights: many operations will read it before an update changes it, so
  /// the device may keep what it makes of it.
  ///
  /// Its bits are unchanged, and so are those of all results.
  package static func holdWeights(_ tensor: Tensor) { tensor.storage.holdWeights() }

  /// Part of a flat buffer under a shape: what a parameter is.
  package static func window(_ buffer: Tensor, from first: Int, shape: [Int]) -> Tensor {
    let window = buffer.viewed(as: shape, from: first)
    precondition(
      first >= 0 && first + window.count <= buffer.count,
      "window: \(first) and \(shape) in \(buffer.shape)")
    return window
  }

  private static func check(_ parameter: Tensor, _ others: [Tensor]) {
    for other in others {
      parameter.checkPartner(other, "update")
      precondition(
        other.count == parameter.count,
        "update: a buffer of \(other.count) beside parameters of \(parameter.count)")
    }
  }
}
