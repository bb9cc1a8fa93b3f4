import Foundation
import Locks

/// Makes writes fail on purpose, so that tests can see what a crash or a full disk leaves behind.
///
/// Two doors lead here. A test in the same process sets ``hook``. A test of the whole program sets
/// the environment variable `ATELIER_FAULT`, which is read once:
///
/// - `exit-after:STAGE:N` ends the process, as `kill -9` would, right after the N-th time `STAGE`
///   is done;
/// - `fail-at:STAGE:N:CODE` makes the N-th `STAGE` fail with `errno` `CODE` (a number; 28 is
///   ENOSPC).
///
/// Stages are those of ``AtomicFile/Stage``; N counts from 1 over the whole process.
package enum FaultInjection {
  /// Is asked as a stage is about to run.
  package final class Hook: Sendable {
    let errorCode: @Sendable (AtomicFile.Stage) -> Int32

    /// A number other than zero is the `errno` that the stage fails with.
    package init(_ errorCode: @escaping @Sendable (AtomicFile.Stage) -> Int32) {
      self.errorCode = errorCode
    }
  }

  /// The hook of the current task; others run undisturbed.
  @TaskLocal package static var hook: Hook?

  static func failure(before stage: AtomicFile.Stage) -> Int32 {
    if let hook { return hook.errorCode(stage) }
    guard let plan, plan.stage == stage, let code = plan.errorCode else { return 0 }
    return countOccurrence() == plan.occurrence ? code : 0
  }

  static func passed(_ stage: AtomicFile.Stage) {
    guard let plan, plan.stage == stage, plan.errorCode == nil else { return }
    if countOccurrence() == plan.occurrence { kill(getpid(), SIGKILL) }
  }

  struct Plan: Equatable {
    var stage: AtomicFile.Stage
    var occurrence: Int
    /// `nil` ends the process.
    var errorCode: Int32?

    init?(_ text: String) {
      let fields = text.split(separator: ":", omittingEmptySubsequences: false)
      guard fields.count >= 3, let stage = AtomicFile.Stage(rawValue: String(fields[1])),
        let occurrence = Int(fields[2]), occurrence > 0
      else { return nil }
      switch (fields[0], fields.count) {
      case ("exit-after", 3): break
      case ("fail-at", 4):
        guard let code = Int32(fields[3]), code > 0 else { return nil }
        errorCode = code
      default: return nil
      }
      self.stage = stage
      self.occurrence = occurrence
    }
  }

  private static let plan: Plan? = {
    guard let text = ProcessInfo.processInfo.environment["ATELIER_FAULT"] else { return nil }
    guard let plan = Plan(text) else {
      preconditionFailure(
        "ATELIER_FAULT: \"\(text)\" is not exit-after:STAGE:N or fail-at:STAGE:N:CODE")
    }
    return plan
  }()

  private static let counter = Locked(0)

  private static func countOccurrence() -> Int {
    counter.withLock {
      $0 += 1
      return $0
    }
  }
}
