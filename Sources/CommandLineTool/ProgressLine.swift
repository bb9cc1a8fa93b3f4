/// A line of progress on stderr: rewritten on a terminal, a new one now and then elsewhere.
final class ProgressLine {
  let isTerminal: Bool
  private let clock = ContinuousClock()
  private var lastShown: ContinuousClock.Instant?
  private var isOpen = false

  init(isTerminal: Bool = Console.isTerminal) { self.isTerminal = isTerminal }

  /// Shows how far something is, where the last time was long enough ago or `isDue` says so: 0.1 s on
  /// a terminal, 10 s elsewhere.
  func show(_ line: @autoclosure () -> String, isDue: Bool = false) {
    let interval: Duration = isTerminal ? .milliseconds(100) : .seconds(10)
    guard isDue || lastShown.map({ clock.now - $0 >= interval }) ?? true else { return }
    lastShown = clock.now
    if isTerminal { rewrite(line()) } else { Console.note(line()) }
  }

  /// Shows a line on a terminal, whenever the last was.
  func rewrite(_ line: String) {
    guard isTerminal else { return }
    Console.rewrite(String(line.prefix(Console.width - 1)))
    isOpen = true
  }

  /// Says something that stays.
  func say(_ line: String) {
    close()
    Console.note(line)
  }

  /// Ends a line that was being rewritten, before anything else is said.
  func close() {
    if isOpen { Console.note("") }
    isOpen = false
  }
}
