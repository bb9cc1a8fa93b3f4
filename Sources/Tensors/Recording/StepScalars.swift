internal import CKernels

/// The scalars of the kernels whose scalars change from step to step.
enum StepScalars {
  case sgd(ck_sgd_shape)
  case adam(ck_adam_shape)
  case random(ck_random_shape)
}

extension KernelCall {
  /// The call with other scalars of its kind.
  func with(_ scalars: StepScalars) -> KernelCall {
    switch (self, scalars) {
    case (.sgd(_, let gradients, let scale, let p, let momentum, let average), .sgd(let s)):
      .sgd(
        s, gradients: gradients, gradientScale: scale, parameter: p, momentum: momentum,
        average: average)
    case (
      .adam(_, let gradients, let scale, let p, let first, let second, let average), .adam(let s)
    ):
      .adam(
        s, gradients: gradients, gradientScale: scale, parameter: p, firstMoment: first,
        secondMoment: second, average: average)
    case (.random(_, let examples, let y), .random(let s)): .random(s, examples: examples, y: y)
    default: preconditionFailure("scalars of another kernel than the call's")
    }
  }
}
