internal import CKernels

/// Calls as the C kernels take them, so that a replay looks nothing up.
final class CPUCalls: PreparedCalls {
  private let calls: UnsafeMutableBufferPointer<ck_call>
  private let gradients: [UnsafeMutableBufferPointer<ck_gradient>]
  private let reads: [(place: Int, weights: WeightsRead)]
  private let written: [KeptWeights]
  private let labels: [(kind: String, work: KernelWork)]
  private let backend: CPUBackend

  init(_ calls: [KernelCall], on backend: CPUBackend) {
    self.backend = backend
    gradients = calls.map { call in
      let gradients = backend.gradients(of: call)
      let copy = UnsafeMutableBufferPointer<ck_gradient>.allocate(capacity: gradients.count)
      _ = copy.initialize(from: gradients)
      return copy
    }
    labels = calls.map { ($0.kind, $0.work) }
    let written = calls.flatMap { backend.weightsWritten(by: $0) }
    self.written = written
    reads = calls.indices.compactMap { place in
      guard let read = backend.weightsRead(by: calls[place]),
        !written.contains(where: { $0 === read.weights })
      else { return nil }
      return (place, read)
    }
    self.calls = .allocate(capacity: calls.count)
    for (place, call) in calls.enumerated() {
      var prepared = backend.prepared(call)
      prepared.gradients = UnsafePointer(gradients[place].baseAddress)
      self.calls.initializeElement(at: place, to: prepared)
    }
  }

  deinit {
    calls.deallocate()
    for list in gradients { list.deallocate() }
  }

  func replaceScalars(at place: Int, with scalars: StepScalars) {
    switch scalars {
    case .sgd(let s): calls[place].scalars.sgd = s
    case .adam(let s): calls[place].scalars.adam = s
    case .random(let s): calls[place].scalars.random = s
    }
  }

  func submit() { backend.make(calls, reads: reads, written: written, labels: labels) }
}
