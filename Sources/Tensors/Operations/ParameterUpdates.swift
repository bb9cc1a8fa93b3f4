internal import CKernels

/// In-place updates of a parameter buffer, one fused pass each.
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

  /// One step of SGD, in place, in one pass over all parameters.
  ///
  /// - Parameters:
  ///   - step: The formula's numbers.
  ///   - gradients: Of the loss by the parameters, one after another.
  ///   - gradientScale: One element that multiplies the gradients, such as a clipping factor; nil
  ///     for 1.
  ///   - parameters: Overwritten.
  ///   - momentum: The last update carried on, zeros at first; overwritten.
  ///   - average: An average of the parameters to move in the same pass; nil for none.
  ///   - inReplays: The rate in replays of a recorded step; `step`'s by default.
  /// - Precondition: all buffers, and the gradients together, have as many elements as `parameters`,
  ///   its type and its device.
  package static func apply(
    _ step: SGD, gradients: [Tensor], gradientScale: Tensor? = nil, parameters: Tensor,
    momentum: Tensor, average: Average? = nil, inReplays: (() -> Float)? = nil
  ) {
    check(parameters, gradients, [momentum] + (average.map { [$0.buffer] } ?? []))
    var scalars = ck_sgd_shape(
      count: Int32(parameters.count), rate: step.rate,
      momentum: step.momentum, weight_decay: step.weightDecay, nesterov: step.isNesterov ? 1 : 0,
      ema_decay: average?.decay ?? 0)
    parameters.backend.execute(
      .sgd(
        scalars, gradients: gradients.map(\.countedOperand),
        gradientScale: gradientScale?.operand, parameter: parameters.operand,
        momentum: momentum.operand, average: average?.buffer.operand),
      inReplays: inReplays.map { rate in
        { _ in
          scalars.rate = rate()
          return .sgd(scalars)
        }
      })
  }

  /// One step of Adam or AdamW, in place, in one pass over all parameters.
  ///
  /// - Parameters:
  ///   - step: The formula's numbers.
  ///   - gradients: Of the loss by the parameters, one after another.
  ///   - gradientScale: One element that multiplies the gradients, such as a clipping factor; nil
  ///     for 1.
  ///   - parameters: Overwritten.
  ///   - firstMoment: Mean of gradients, zeros at first; overwritten.
  ///   - secondMoment: Mean of their squares, zeros at first; overwritten.
  ///   - average: An average of the parameters to move in the same pass; nil for none.
  ///   - inReplays: The rate and corrections in replays of a recorded step; `step`'s by default.
  /// - Precondition: all buffers, and the gradients together, have as many elements as `parameters`,
  ///   its type and its device.
  package static func apply(
    _ step: Adam, gradients: [Tensor], gradientScale: Tensor? = nil, parameters: Tensor,
    firstMoment: Tensor, secondMoment: Tensor, average: Average? = nil,
    inReplays: (() -> Adam)? = nil
  ) {
    check(
      parameters, gradients, [firstMoment, secondMoment] + (average.map { [$0.buffer] } ?? []))
    var scalars = ck_adam_shape(
      count: Int32(parameters.count), rate: step.rate,
      beta1: step.beta1, beta2: step.beta2, epsilon: step.epsilon, weight_decay: step.weightDecay,
      decoupled: step.isDecoupled ? 1 : 0, correction1: step.correction1,
      correction2: step.correction2, ema_decay: average?.decay ?? 0)
    parameters.backend.execute(
      .adam(
        scalars, gradients: gradients.map(\.countedOperand),
        gradientScale: gradientScale?.operand, parameter: parameters.operand,
        firstMoment: firstMoment.operand, secondMoment: secondMoment.operand,
        average: average?.buffer.operand),
      inReplays: inReplays.map { numbers in
        { _ in
          let step = numbers()
          scalars.rate = step.rate
          (scalars.correction1, scalars.correction2) = (step.correction1, step.correction2)
          return .adam(scalars)
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

  private static func check(_ parameters: Tensor, _ gradients: [Tensor], _ state: [Tensor]) {
    for other in gradients + state { parameters.checkPartner(other, "update") }
    let counts = state.map(\.count) + [gradients.reduce(0) { $0 + $1.count }]
    for count in counts {
      precondition(
        count == parameters.count,
        "update: a buffer of \(count) beside parameters of \(parameters.count)")
    }
  }
}

extension Tensor {
  fileprivate var countedOperand: CountedOperand {
    CountedOperand(operand: operand, count: Int32(count))
  }
}
