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
