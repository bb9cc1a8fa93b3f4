import Dispatch
import Locks

/// The values of 0..<count, computed on all cores, in order; `progress` is told how many are done,
/// in rising order.
func concurrentMap<Value: Sendable>(
  _ count: Int, progress: @Sendable (_ done: Int) -> Void = { _ in },
  _ body: @Sendable (Int) -> Value
) -> [Value] {
  let results = Locked((all: [Value?](repeating: nil, count: count), done: 0))
  DispatchQueue.concurrentPerform(iterations: count) { index in
    let value = body(index)
    results.withLock {
      $0.all[index] = value
      $0.done += 1
      progress($0.done)
    }
  }
  return results.withLock { $0.all.map { $0! } }
}
