import Locks

/// Shows on stderr how many of a source's files are read: one rewriting line on a terminal, plain
/// lines now and then elsewhere, and nothing for what is done soon.
final class ReadingDisplay: Sendable {
  private let word: String
  private let isTerminal: Bool
  private let interval: Duration
  private let state: Locked<(lastShown: ContinuousClock.Instant, hasOpenLine: Bool)>

  /// `word` says what is done with the files.
  init(_ word: String = "reading", isTerminal: Bool = Console.isTerminal) {
    self.word = word
    self.isTerminal = isTerminal
    interval = isTerminal ? .milliseconds(100) : .seconds(10)
    state = Locked((lastShown: .now, hasOpenLine: false))
  }

  /// Takes a ``Datasets/ReadingProgress``.
  func receive(_ done: Int, of total: Int) {
    state.withLock { state in
      guard .now - state.lastShown >= interval else { return }
      state.lastShown = .now
      let line = Self.line(done, of: total, word: word)
      if isTerminal { Console.rewrite(line) } else { Console.note(line) }
      state.hasOpenLine = isTerminal
    }
  }

  /// Ends a line that was being rewritten.
  func close() {
    state.withLock { state in
      if state.hasOpenLine { Console.note("") }
      state.hasOpenLine = false
    }
  }

  /// Such as `reading  1200/5000  24 %`.
  static func line(_ done: Int, of total: Int, word: String = "reading") -> String {
    "\(word)  \(done)/\(total)  \(100 * done / max(total, 1)) %"
  }
}
