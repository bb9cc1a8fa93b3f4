import Locks
import Testing

@testable import Tensors

@Suite("BufferPool")
struct BufferPoolTests {
  /// Blocks are numbered; what was made and destroyed is kept.
  private final class Ledger: Sendable {
    struct State {
      var made = 0
      var sizes: [Int] = []
      var destroyed: [Int] = []
      /// Bytes that the system has left.
      var room = Int.max
    }
    let state = Locked(State())

    func pool(limit: Int = .max) -> BufferPool<Int, Never> {
      BufferPool(
        limit: limit,
        create: { size in
          self.state.withLock {
            guard size <= $0.room else { return nil }
            $0.room -= size
            $0.made += 1
            $0.sizes.append(size)
            return $0.made
          }
        },
        destroy: { block in
          self.state.withLock {
            $0.destroyed.append(block)
            $0.room += $0.sizes[block - 1]
          }
        })
    }

    var made: Int { state.withLock { $0.made } }
    var destroyed: [Int] { state.withLock { $0.destroyed.sorted() } }
  }

  @Test("a size class holds its request and wastes at most a quarter, and classes rise")
  func sizeClasses() {
    var last = 0
    for size in Array(1...5000) + [1 << 20, (1 << 20) + 1, (1 << 30) + 12345] {
      let given = BufferPool<Int, Never>.sizeClass(size)
      #expect(given >= size && given >= last)
      #expect(given <= 256 || Double(given) <= 1.25 * Double(size), "\(size) gets \(given)")
      #expect(
        BufferPool<Int, Never>.sizeClass(given) == given,
        "a block of \(given) goes back to another class")
      last = given
    }
  }

  @Test("a block is its class or, near the largest, that; beyond it, what was asked for")
  func largestBlock() {
    let pool = BufferPool<Int, Never>(
      limit: .max, largestBlock: 300_000, create: { $0 }, destroy: { _ in })
    for (asked, size) in [(1000, 1024), (290_000, 300_000), (300_000, 300_000), (320_000, 320_000)]
    {
      #expect(pool.blockSize(for: asked) == size)
      #expect(pool.take(byteCount: asked) == size)
      pool.give(size, byteCount: asked)
    }
  }

  @Test("a block that came back is given again for the same class, and for no other")
  func reuse() {
    let ledger = Ledger()
    let pool = ledger.pool()
    let first = pool.take(byteCount: 1000)!
    pool.give(first, byteCount: 1000)
    #expect(pool.use == MemoryUse(current: 0, peak: 1024, cached: 1024))
    let other = pool.take(byteCount: 5000)
    #expect(other != first)
    #expect(pool.take(byteCount: 1024) == first)
    #expect(ledger.made == 2 && ledger.destroyed == [])
    #expect(pool.use.cached == 0)
  }

  @Test("live blocks never pass the limit")
  func limit() {
    let pool = Ledger().pool(limit: 1024)
    let first = pool.take(byteCount: 512)!
    #expect(pool.take(byteCount: 512) != nil)
    #expect(pool.take(byteCount: 1) == nil)
    #expect(pool.use.current == 1024)
    pool.give(first, byteCount: 512)
    #expect(pool.take(byteCount: 300) != nil, "waiting blocks do not count as live")
    #expect(pool.use == MemoryUse(current: 832, peak: 1024, cached: 0))
  }

  @Test("waiting blocks make room: under the limit, and when the system has no more")
  func waitingBlocksGoFirst() {
    let ledger = Ledger()
    let pool = ledger.pool(limit: 2048)
    let small = (0..<4).map { _ in pool.take(byteCount: 512)! }
    for block in small { pool.give(block, byteCount: 512) }
    #expect(pool.take(byteCount: 2048) != nil)
    #expect(ledger.destroyed == small)

    let poor = Ledger()
    poor.state.withLock { $0.room = 1024 }
    let other = poor.pool()
    let block = other.take(byteCount: 1024)!
    #expect(other.take(byteCount: 256) == nil)
    other.give(block, byteCount: 1024)
    #expect(other.take(byteCount: 512) != nil)
    #expect(poor.destroyed == [block])
  }

  @Test("no more waiting blocks are destroyed than it takes, the largest first")
  func fewestBlocksGo() {
    let ledger = Ledger()
    let pool = ledger.pool(limit: 4096)
    let blocks = [256, 1024, 512, 2048].map { ($0, pool.take(byteCount: $0)!) }
    for (size, block) in blocks { pool.give(block, byteCount: size) }
    // 3840 wait; 1280 more may take 256 beside them.
    #expect(pool.take(byteCount: 1280) != nil)
    #expect(ledger.destroyed == [blocks[3].1])
    #expect(pool.use == MemoryUse(current: 1280, peak: 3840, cached: 1792))
  }

  @Test("a refusal for another reason than memory is thrown at once, and costs no block")
  func otherFailure() throws {
    struct Refusal: Error {}
    let calls = Locked(0)
    let pool = BufferPool<Int, any Error>(
      limit: 4096,
      create: { size in
        calls.withLock { $0 += 1 }
        if size > 1024 { throw Refusal() }
        return size
      }, destroy: { _ in Issue.record("a waiting block was destroyed") })
    let block = try #require(try pool.take(byteCount: 512))
    pool.give(block, byteCount: 512)
    #expect(throws: Refusal.self) { try pool.take(byteCount: 2048) }
    #expect(calls.withLock { $0 } == 2)
    #expect(pool.use.cached == 512 && pool.use.current == 0)
    withExtendedLifetime(pool) {}
    _ = try pool.take(byteCount: 512)
  }

  @Test("trim destroys what waits, deinit too; what is live stays")
  func trim() {
    let ledger = Ledger()
    var pool: BufferPool<Int, Never>? = ledger.pool()
    let live = pool!.take(byteCount: 300)!
    let waiting = pool!.take(byteCount: 300)!
    pool!.give(waiting, byteCount: 300)
    pool!.trim()
    #expect(ledger.destroyed == [waiting])
    #expect(pool!.use == MemoryUse(current: 320, peak: 640, cached: 0))
    pool!.give(live, byteCount: 300)
    pool = nil
    #expect(ledger.destroyed == [live, waiting].sorted())
  }

  @Test("peak is the most ever live at once")
  func peak() {
    let pool = Ledger().pool()
    let blocks = (0..<3).map { _ in pool.take(byteCount: 256)! }
    for block in blocks { pool.give(block, byteCount: 256) }
    _ = pool.take(byteCount: 256)
    #expect(pool.use == MemoryUse(current: 256, peak: 768, cached: 512))
  }
}
