import Locks

/// Memory blocks kept for reuse, so that a training step that looks like the last one allocates
/// nothing.
///
/// Sizes are rounded up to classes a quarter of a power of two apart (at most 25 % waste). Blocks
/// that come back wait in their class; when live and waiting blocks together would pass the limit,
/// waiting ones are destroyed first.
final class BufferPool<Block>: @unchecked Sendable {
  /// The most bytes that live blocks may take together.
  let limit: Int
  /// The most bytes that one block may have.
  private let largestBlock: Int

  private struct State {
    var waiting: [Int: [Block]] = [:]
    var use = MemoryUse()
  }
  private var state = State()  // touched only while `lock` is held
  private let lock = Locked(())
  private let create: @Sendable (Int) -> Block?
  private let destroy: @Sendable (Block) -> Void

  /// - Parameters:
  ///   - limit: The most bytes that live blocks may take together.
  ///   - largestBlock: The most bytes that one block may have; no limit by default.
  ///   - create: Makes a block of so many bytes, or nil where that cannot be had.
  ///   - destroy: Frees a block for good.
  init(
    limit: Int, largestBlock: Int = .max, create: @escaping @Sendable (Int) -> Block?,
    destroy: @escaping @Sendable (Block) -> Void
  ) {
    self.limit = limit
    self.largestBlock = largestBlock
    self.create = create
    self.destroy = destroy
  }

  deinit { trim() }

  var use: MemoryUse { lock.withLock { _ in state.use } }

  /// The next multiple of a quarter of the request's power of two, at least 256.
  static func sizeClass(_ byteCount: Int) -> Int {
    if byteCount <= 256 { return 256 }
    let power = 1 << (Int.bitWidth - 1 - (byteCount - 1).leadingZeroBitCount)
    let quarter = max(power / 4, 64)
    return (byteCount + quarter - 1) / quarter * quarter
  }

  /// The size of the block that a request gets: its class, or the largest block where that is less.
  ///
  /// A request beyond the largest block gets a size of its own, which `create` may refuse.
  func blockSize(for byteCount: Int) -> Int {
    max(byteCount, min(Self.sizeClass(byteCount), largestBlock))
  }

  /// A block of at least so many bytes, or nil where the limit or the system says no.
  func take(byteCount: Int) -> Block? {
    let size = blockSize(for: byteCount)
    return lock.withLock { _ -> Block? in
      guard state.use.current <= limit - size else { return nil }
      var block = state.waiting[size]?.popLast()
      if block != nil {
        state.use.cached -= size
      } else {
        if state.use.current + state.use.cached > limit - size { destroyWaiting() }
        block = create(size)
        if block == nil {
          destroyWaiting()
          block = create(size)
        }
      }
      guard let block else { return nil }
      state.use.current += size
      state.use.peak = max(state.use.peak, state.use.current)
      return block
    }
  }

  /// Takes back a block that `take` gave for so many bytes.
  func give(_ block: Block, byteCount: Int) {
    let size = blockSize(for: byteCount)
    lock.withLock { _ in
      state.use.current -= size
      state.use.cached += size
      state.waiting[size, default: []].append(block)
    }
  }

  /// Destroys every waiting block.
  func trim() { lock.withLock { _ in destroyWaiting() } }

  private func destroyWaiting() {
    for blocks in state.waiting.values { for block in blocks { destroy(block) } }
    state.waiting = [:]
    state.use.cached = 0
  }
}
