import Foundation

/// A value that one thread at a time may touch.
///
/// Like `Synchronization.Mutex`, but on the system's own lock, which ThreadSanitizer knows: Swift's is
/// made of atomic operations inside the runtime that it cannot see, so that it reports a race at every
/// use (see `docs/adr/0004-locks-that-thread-sanitizer-sees.md`).
package final class Locked<Value>: @unchecked Sendable {
  // The byte keeps a value without size from sharing its address with the lock, which the sanitizer
  // would take for a race.
  private var held: (value: Value, byte: UInt8)
  private let lock = NSLock()

  /// Guards `value`; nothing else may hold a reference into it.
  package init(_ value: Value) { held = (value, 0) }

  /// Runs `body` alone with the value.
  ///
  /// Not to be called from within `body`.
  package func withLock<Result, Failure: Error>(
    _ body: (inout Value) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    lock.lock()
    defer { lock.unlock() }
    return try body(&held.value)
  }
}
