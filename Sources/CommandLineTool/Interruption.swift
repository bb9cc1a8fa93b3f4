import Foundation
import Synchronization

/// Ctrl-C (SIGINT), SIGTERM and a closed terminal (SIGHUP): the first asks the training to save and
/// leave, the second leaves at once.
enum Interruption {
  private static let count = Atomic<Int>(0)

  /// Whether someone asked to stop.
  static var isRequested: Bool { count.load(ordering: .relaxed) > 0 }

  /// Takes over these signals.
  static func watch() {
    _ = isRequested  // The counter exists before a handler needs it.
    for name in [SIGINT, SIGTERM, SIGHUP] where !(name == SIGHUP && isIgnored(name)) {
      signal(name) { _ in
        if Interruption.count.add(1, ordering: .relaxed).oldValue > 0 {
          _exit(ExitStatus.interrupted.rawValue)
        }
        // Only calls that are safe in a signal handler from here on.
        let words: StaticString = "\natelier: saving and leaving; Ctrl-C again leaves at once\n"
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
