internal import COpenCLKernels
import Locks

/// Whose turn it is to use a backend's queues.
///
/// A backend's own keeps its callers apart. PoCL's backends share one, which also lets the queue of
/// the last user run empty before another's is used: PoCL 3.1 looks a compiled work-group up by its
/// kernel, group size and grid width, but gives it back by kernel and group size alone, so two queues
/// that run a kernel at once can give back each other's, and its assertion ends the process
/// (`pocl_release_dlhandle_cache`). Queues of transfers run no kernel and go on.
final class QueueTurn: Sendable {
  private let lastUsed = Locked<Queue?>(nil)

  /// A queue of kernels, kept by its backend, which leaves before it goes.
  private struct Queue: @unchecked Sendable {
    unowned let queue: CommandQueue
  }

  private static let pocl = QueueTurn()

  /// The turn that a new backend of the device takes part in.
  static func forBackend(of device: OpenCLDevice) -> QueueTurn {
    device.description.platform == "Portable Computing Language" ? pocl : QueueTurn()
  }

  /// Does `work`, which may add to `queue`, while nobody else of this turn works.
  func take<Failure: Error>(
    _ queue: CommandQueue, _ work: () throws(Failure) -> Void
  ) throws(Failure) {
    try lastUsed.withLock { last throws(Failure) in
      // What fails there is found again by the queue's own backend.
      if let last, last.queue !== queue { try? last.queue.finish() }
      last = Queue(queue: queue)
      try work()
    }
  }

  /// Waits for `queue`, which is about to be released.
  func leave(_ queue: CommandQueue) {
    lastUsed.withLock { last in
      try? queue.finish()
      if last?.queue === queue { last = nil }
    }
  }
}
