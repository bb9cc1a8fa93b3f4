import CKernels
import Foundation
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

  @Test("chunks that take long are waited for, and others take over what is left behind them")
  func slow() throws {
    try withPool(threads: 3) { pool in
      for every in Int32(1)...12 {
        expectEachOnce(threads: 3, chunks: 12, slowEvery: every, on: pool)
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
