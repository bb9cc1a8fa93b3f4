import Locks

/// The memory of a recorded step: blocks that its replays write again, and nobody else.
///
/// While the step is recorded, a tensor that goes gives its block to the next one of its size, as
/// on the device itself. So the blocks in use at any moment of the recording are a plan that holds
/// for every replay, and a replay takes no more than the step did.
final class StepMemory: @unchecked Sendable {
  let backend: any Backend
  /// By the size of the block.
  private let waiting = Locked<[Int: [Memory]]>([:])

  init(on backend: any Backend) { self.backend = backend }

  deinit {
    waiting.withLock { waiting in
      for (size, blocks) in waiting {
        for block in blocks { backend.release(block, byteCount: size) }
      }
    }
  }

  func take(byteCount: Int) -> Memory {
    let size = backend.blockSize(for: byteCount)
    let block = waiting.withLock { $0[size]?.popLast() }
    return block ?? backend.allocate(byteCount: byteCount)
  }

  func give(_ block: Memory, byteCount: Int) {
    if case .none = block { return }
    let size = backend.blockSize(for: byteCount)
    waiting.withLock { $0[size, default: []].append(block) }
  }
}
