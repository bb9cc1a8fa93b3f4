import Locks

/// Memory blocks kept for reuse, so that a training step that looks like the last one allocates
/// nothing.
///
/// Sizes are rounded up to classes a quarter of a power of two apart (at most 25 % waste). Blocks
/// that come back wait in their class; when live and waiting blocks together would pass the limit,
/// as many waiting ones as it takes are destroyed first, the largest before others. `Failure` is why
/// a block may be refused other than for lack of memory.
final class BufferPool<Block, Failure: Error>: @unchecked Sendable {
  /// The most bytes that live blocks may take together.
  let limit: Int
  /// The most bytes that one block may have.
  private let largestBlock: Int
  private let roundsSizes: Bool

  private struct State {
    var waiting: [Int: [Block]] = [:]
    var use = MemoryUse()
  }
  private var state = State()  // touched only while `lock` is held
  private let lock = Locked(())
  private let create: @Sendable (Int) throws(Failure) -> Block?
  private let destroy: @Sendable (Block) -> Void

  /// - Parameters:
  ///   - limit: The most bytes that live blocks may take together.
  ///   - largestBlock: The most bytes that one block may have; no limit by default.
  ///   - roundsSizes: Whether sizes are rounded up to classes; else a block waits for a request of
  ///     its very size.
  ///   - create: Makes a block of so many bytes, or nil where that cannot be had.
  ///   - destroy: Frees a block for good.
  init(
    limit: Int, largestBlock: Int = .max, roundsSizes: Bool = true,
    create: @escaping @Sendable (Int) throws(Failure) -> Block?,
    destroy: @escaping @Sendable (Block) -> Void
  ) {
    self.limit = limit
    self.largestBlock = largestBlock
    self.roundsSizes = roundsSizes
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
    roundsSizes ? max(byteCount, min(Self.sizeClass(byteCount), largestBlock)) : byteCount
  }

  /// A block of at least so many bytes, or nil where the limit or the system says no.
  ///
  /// - Throws: What `create` throws.
  func take(byteCount: Int) throws(Failure) -> Block? {
    let size = blockSize(for: byteCount)
    return try lock.withLock { _ throws(Failure) -> Block? in
      guard state.use.current <= limit - size else { return nil }
      var block = state.waiting[size]?.popLast()
      if block != nil {
        state.use.cached -= size
      } else {
        destroyWaiting(downTo: limit - size - state.use.current)
        block = try create(size)
        if block == nil, state.use.cached > 0 {
          destroyWaiting(downTo: 0)
          block = try create(size)
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
  func trim() { lock.withLock { _ in destroyWaiting(downTo: 0) } }

  /// Destroys waiting blocks, the largest first, until they take no more than so many bytes.
  private func destroyWaiting(downTo byteCount: Int) {
    if state.use.cached <= byteCount { return }
    for size in state.waiting.keys.sorted(by: >) {
      while state.use.cached > byteCount, let block = state.waiting[size]?.popLast() {
        destroy(block)
        state.use.cached -= size
      }
    }
    state.waiting = state.waiting.filter { !$0.value.isEmpty }
  }
}
