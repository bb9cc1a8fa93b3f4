import Foundation
import Synchronization

/// Ctrl-C (SIGINT), SIGTERM and a closed terminal (SIGHUP): the first asks the work to keep what
/// there is and leave, the second leaves at once; and so does the first where no step has been made, while data
/// is read or a model initialised, which may take minutes and leaves nothing to save.
enum Interruption {
  private static let count = Atomic<Int>(0)
  private static let hasStep = Atomic<Bool>(false)

  /// Whether someone asked to stop.
  static var isRequested: Bool { count.load(ordering: .relaxed) > 0 }

  /// Tells that a step has been made: from now on there is something to save.
  static func noteStep() { hasStep.store(true, ordering: .relaxed) }

  /// Takes over these signals.
  static func watch() {
    // Both exist before a handler needs them.
    _ = isRequested
    _ = hasStep.load(ordering: .relaxed)
    for name in [SIGINT, SIGTERM, SIGHUP] where !(name == SIGHUP && isIgnored(name)) {
      signal(name) { _ in
        if Interruption.count.add(1, ordering: .relaxed).oldValue > 0 {
          _exit(ExitStatus.interrupted.rawValue)
        }
        // Only calls that are safe in a signal handler from here on.
        if !Interruption.hasStep.load(ordering: .relaxed) {
          let words: StaticString =
            "\natelier: leaving; no step was made, so nothing was to be saved\n"
          write(STDERR_FILENO, words.utf8Start, words.utf8CodeUnitCount)
          _exit(ExitStatus.interrupted.rawValue)
        }
        let words: StaticString =
          "\natelier: keeping what is done, and leaving; Ctrl-C again leaves at once\n"
        write(STDERR_FILENO, words.utf8Start, words.utf8CodeUnitCount)
      }
    }
    // Whoever started this process may have left them blocked.
    var all = sigset_t()
    sigemptyset(&all)
    for name in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&all, name) }
    pthread_sigmask(SIG_UNBLOCK, &all, nil)
  }

  /// Whether the process was started so: `nohup` means a training to outlive its terminal.
  private static func isIgnored(_ name: Int32) -> Bool {
    var action = sigaction()
    sigaction(name, nil, &action)
    return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
      == unsafeBitCast(SIG_IGN, to: Int.self)
  }
}
