import Foundation
import Synchronization

/// Ctrl-C (SIGINT), SIGTERM and a closed terminal (SIGHUP): the first asks the training to save and leave, the second leaves at
/// once.
enum Interruption {
  private static let count = Atomic<Int>(0)

  /// Whether someone asked to stop.
  static var isRequested: Bool { count.load(ordering: .relaxed) > 0 }

  /// Takes over these signals.
  static func watch() {
    _ = isRequested  // The counter exists before a handler needs it.
    signal(SIGPIPE, SIG_IGN)  // Whoever read the progress has gone; the training has not.
    for name in [SIGINT, SIGTERM, SIGHUP] {
      signal(name) { _ in
        if Interruption.count.add(1, ordering: .relaxed).oldValue > 0 {
          _exit(ExitStatus.interrupted.rawValue)
        }
        // Only calls that are safe in a signal handler from here on.
        let words: StaticString = "\natelier: saving and leaving; Ctrl-C again leaves at once\n"
        write(STDERR_FILENO, words.utf8Start, words.utf8CodeUnitCount)
      }
    }
    // Whoever started this process may have left both blocked.
    var both = sigset_t()
    sigemptyset(&both)
    sigaddset(&both, SIGINT)
    sigaddset(&both, SIGTERM)
    pthread_sigmask(SIG_UNBLOCK, &both, nil)
  }
}
