internal import CKernels

/// Kernel calls of a recorded step, to be made in order again and again.
///
/// Whoever has them keeps the memory of their operands.
protocol PreparedCalls: AnyObject {
  /// Changes what a call computes, not what it computes it from.
  ///
  /// - Precondition: the call is of the scalars' kind.
  func replaceScalars(at place: Int, with scalars: StepScalars)

  /// Runs or queues the calls, or does nothing after a failure.
  func submit()
}

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

/// Calls that are submitted one by one.
final class CallList: PreparedCalls {
  private var calls: [KernelCall]
  private let backend: any Backend

  init(_ calls: [KernelCall], on backend: any Backend) {
    (self.calls, self.backend) = (calls, backend)
  }

  func replaceScalars(at place: Int, with scalars: StepScalars) {
    calls[place] = calls[place].with(scalars)
  }

  func submit() { for call in calls { backend.submit(call) } }
}
