internal import COpenCLKernels
import Locks

/// Whose turn it is to use a queue.
///
/// A backend's own keeps its callers apart. PoCL's backends share one, which also lets the queue of
/// the last user run empty before another's is used: PoCL 3.1 looks a compiled work-group up by its
/// kernel, group size and grid width, but gives it back by kernel and group size alone, so two queues
/// that run a kernel at once can give back each other's, and its assertion ends the process
/// (`pocl_release_dlhandle_cache`).
final class QueueTurn: Sendable {
  private let lastUsed = Locked<Queue?>(nil)

  private struct Queue: @unchecked Sendable, Equatable {
    let queue: cl_command_queue
  }

  private static let pocl = QueueTurn()

  /// The turn that a new backend of the device takes part in.
  static func forBackend(of device: OpenCLDevice) -> QueueTurn {
    device.description.platform == "Portable Computing Language" ? pocl : QueueTurn()
  }

  /// Does `work`, which may add to `queue`, while nobody else of this turn works.
  func take<Failure: Error>(
    _ queue: cl_command_queue, _ library: OpenCLLibrary, _ work: () throws(Failure) -> Void
  ) throws(Failure) {
    try lastUsed.withLock { last throws(Failure) in
      let mine = Queue(queue: queue)
      if let last, last != mine { _ = library.functions.clFinish(last.queue) }
      last = mine
      try work()
    }
  }

  /// Waits for `queue`, which is about to be released.
  func leave(_ queue: cl_command_queue, _ library: OpenCLLibrary) {
    lastUsed.withLock { last in
      _ = library.functions.clFinish(queue)
      if last == Queue(queue: queue) { last = nil }
    }
  }
}
