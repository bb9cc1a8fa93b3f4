import CKernels
import Foundation
import Synchronization
import Testing

/// The threads that kernels run on: every chunk once, whoever claims it and whenever helpers wake.
@Suite(.serialized) struct PoolTests {
  /// What a task finds: one count a chunk, and who has it wait.
  private struct Board {
    var counts: UnsafeMutablePointer<Int32>
    /// Every so many chunks one takes long; 0 for none.
    var slowEvery: Int32
  }

  private static let task: ck_task = { context, chunk, scratch in
    let board = context!.assumingMemoryBound(to: Board.self).pointee
    if board.slowEvery > 0, chunk % board.slowEvery == 0 { usleep(200) }
    scratch!.assumingMemoryBound(to: Int32.self)[0] = chunk
    board.counts[Int(chunk)] += 1
  }

  private func expectEachOnce(
    threads: Int32, chunks: Int32, slowEvery: Int32 = 0, on pool: OpaquePointer
  ) {
    var counts = [Int32](repeating: 0, count: Int(chunks) + 1)
    counts.withUnsafeMutableBufferPointer { counts in
      var board = Board(counts: counts.baseAddress!, slowEvery: slowEvery)
      ck_pool_run(pool, chunks, Self.task, &board)
    }
    let expected = [Int32](repeating: 1, count: Int(chunks)) + [0]
    #expect(counts == expected, "\(chunks) chunks on \(threads) threads")
  }

  private func withPool(threads: Int32, _ body: (OpaquePointer) throws -> Void) throws {
    let pool = try #require(ck_pool_create(threads))
    defer { ck_pool_destroy(pool) }
    #expect(ck_pool_threads(pool) == threads)
    try body(pool)
  }

  @Test("every chunk runs once: fewer than threads, as many, more", arguments: [1, 2, 3, 8, 33])
  func once(threads: Int32) throws {
    try withPool(threads: threads) { pool in
      for chunks in Int32(0)...70 { expectEachOnce(threads: threads, chunks: chunks, on: pool) }
    }
  }

  @Test("tasks that follow each other at once never meet", arguments: [2, 3, 8])
  func inARow(threads: Int32) throws {
    try withPool(threads: threads) { pool in
      for round in Int32(0)..<4000 {
        expectEachOnce(threads: threads, chunks: 1 + round * 7 % 19, on: pool)
      }
    }
  }

  @Test("chunks that take long are waited for")
  func slow() throws {
    try withPool(threads: 3) { pool in
      for every in Int32(1)...12 {
        expectEachOnce(threads: 3, chunks: 12, slowEvery: every, on: pool)
      }
    }
  }

  /// Chunks that wait for one another, so that no single thread can end the task.
  private final class Meeting: Sendable {
    private let begun = Atomic(0)
    private let missed = Atomic(false)
    /// Which chunks wait, and until how many have begun.
    let waiting: Range<Int32>
    let wanted: Int

    init(chunks waiting: Range<Int32>, until wanted: Int) {
      (self.waiting, self.wanted) = (waiting, wanted)
    }

    /// Whether nobody waited in vain.
    var isHeld: Bool { !missed.load(ordering: .relaxed) }

    func attend(_ chunk: Int32) {
      begun.add(1, ordering: .sequentiallyConsistent)
      guard waiting.contains(chunk) else { return }
      let end = ContinuousClock.now + .seconds(20)
      while begun.load(ordering: .sequentiallyConsistent) < wanted {
        if ContinuousClock.now > end { return missed.store(true, ordering: .relaxed) }
        sched_yield()
      }
    }
  }

  private static let meet: ck_task = { context, chunk, _ in
    Unmanaged<Meeting>.fromOpaque(context!).takeUnretainedValue().attend(chunk)
  }

  @Test("as many chunks as threads run at the same time, awake or asleep", arguments: [2, 5])
  func together(threads: Int32) throws {
    try withPool(threads: threads) { pool in
      for round in 0..<20 {
        if round % 5 == 0 { usleep(3000) }
        let meeting = Meeting(chunks: 0..<threads, until: Int(threads))
        ck_pool_run(pool, threads, Self.meet, Unmanaged.passUnretained(meeting).toOpaque())
        #expect(meeting.isHeld, "round \(round)")
      }
    }
  }

  @Test("what a slow thread has not come to, the caller's too, others do", arguments: [2, 3, 8])
  func stealing(threads: Int32) throws {
    let chunks = 10 * threads
    try withPool(threads: threads) { pool in
      for slow in [0, chunks - 10] {
        let meeting = Meeting(chunks: slow..<slow + 1, until: Int(chunks))
        ck_pool_run(pool, chunks, Self.meet, Unmanaged.passUnretained(meeting).toOpaque())
        #expect(meeting.isHeld, "chunk \(slow) waits for all others")
      }
    }
  }

  @Test("helpers that went to sleep come back", arguments: [false, true])
  func asleep(atOnce: Bool) throws {
    if atOnce { ck_pools_sleep_at_once(true) }
    defer { if atOnce { ck_pools_sleep_at_once(false) } }
    try withPool(threads: 4) { pool in
      for round in Int32(0)..<30 {
        usleep(2000)
        expectEachOnce(
          threads: 4, chunks: 1 + round % 9, slowEvery: round % 3, on: pool)
      }
    }
  }
}
