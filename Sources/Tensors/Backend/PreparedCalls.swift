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
