import FileFormats
import Foundation

/// Makes batches ahead of time on threads of its own, and hands them over in the order of the
/// steps.
///
/// Which thread makes a batch, and when, has no influence on it. An error is thrown by the call
/// that asked for the batch it belongs to; later batches are still to be had.
public final class BatchLoader: Sendable {
  private let state: State

  /// Starts making batches.
  ///
  /// - Parameters:
  ///   - sequence: What to make.
  ///   - step: The first step that ``next()`` will give; steps count from 1.
  ///   - depth: Batches made ahead at most; 4 covers a batch that takes several times as long as
  ///     others.
  ///   - threads: Threads that decode; 2 keep up with training wherever pictures stay in memory.
  public init(_ sequence: BatchSequence, startingAt step: Int = 1, depth: Int = 4, threads: Int = 2)
  {
    precondition(
      step >= 1 && depth >= 1 && threads >= 1,
      "BatchLoader: step \(step), depth \(depth), threads \(threads)")
    let state = State(step: step, depth: depth)
    self.state = state
    for _ in 0..<threads {
      let thread = Thread {
        while let step = state.claim() {
          let result: Result<Batch, FileFormatError>
          do throws(FileFormatError) {
            result = .success(try sequence.batch(step: step))
          } catch {
            result = .failure(error)
          }
          state.deliver(result, step)
        }
      }
      thread.name = "batch loader"
      thread.start()
    }
  }

  deinit { state.stop() }

  /// The next batch and its step; waits until it is made.
  public func next() throws(FileFormatError) -> (step: Int, batch: Batch) {
    let (step, result) = state.take()
    return (step, try result.get())
  }

  /// Batches that lie ready now, for measuring whether training waits for data.
  public var readyCount: Int { state.readyCount }

  /// Waits until as many batches are ready as may be made ahead.
  func waitUntilFull() { state.waitUntilFull() }
}

/// What the threads share, all of it guarded by `condition`.
private final class State: @unchecked Sendable {
  private let condition = NSCondition()
  private let depth: Int
  private var ready: [Int: Result<Batch, FileFormatError>] = [:]
  private var nextToTake: Int
  private var nextToMake: Int
  private var isStopped = false

  init(step: Int, depth: Int) {
    self.depth = depth
    nextToTake = step
    nextToMake = step
  }

  /// The next step to make, once there is room for it; `nil` when the loader is gone.
  func claim() -> Int? {
    condition.withLock {
      while !isStopped && nextToMake >= nextToTake + depth { condition.wait() }
      if isStopped { return nil }
      nextToMake += 1
      return nextToMake - 1
    }
  }

  func deliver(_ result: Result<Batch, FileFormatError>, _ step: Int) {
    condition.withLock {
      ready[step] = result
      condition.broadcast()
    }
  }

  func take() -> (Int, Result<Batch, FileFormatError>) {
    condition.withLock {
      while true {
        if let result = ready.removeValue(forKey: nextToTake) {
          nextToTake += 1
          condition.broadcast()
          return (nextToTake - 1, result)
        }
        condition.wait()
      }
    }
  }

  func stop() {
    condition.withLock {
      isStopped = true
      condition.broadcast()
    }
  }

  var readyCount: Int { condition.withLock { ready.count } }

  func waitUntilFull() {
    condition.withLock { while ready.count < depth { condition.wait() } }
  }
}
