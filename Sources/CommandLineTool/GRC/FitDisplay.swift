import Foundation
import RelationalContext

/// A fit's progress on stderr: a line that is rewritten on a terminal, a line now and then
/// elsewhere.
final class FitDisplay {
  private let clock = ContinuousClock()
  private let isTerminal = Console.isTerminal
  private var lastShown: ContinuousClock.Instant?
  private var firstEpoch: (made: Int, at: ContinuousClock.Instant)?
  private var hasOpenLine = false

  func receive(_ event: FitEvent) {
    switch event {
    case .warning(let text): say("warning: \(text)")
    case .template(let name, let errors, let bound): say(Self.describe(name, errors, bound))
    case .templates(let made, let most):
      show("template models: update \(made) of at most \(most)", isLast: false)
    case .epochs(let made, let total, let losses):
      if firstEpoch == nil { firstEpoch = (made, clock.now) }
      show(line(made, total, losses), isLast: made == total)
    }
  }

  private static func describe(_ name: String, _ errors: [Float], _ bound: Float) -> String {
    let best = errors.min() ?? .infinity
    let wanted = best <= bound ? "" : ", more than the \(bound) wanted,"
    return "template model \(name): at most \(String(format: "%.4f", best)) from its template"
      + "\(wanted) after \(errors.count) fit\(errors.count == 1 ? "" : "s")"
  }

  private func line(_ made: Int, _ total: Int, _ losses: FitLosses) -> String {
    var parts = [
      "epoch \(made)/\(total)", "lossG \(ProgressDisplay.number(losses.generative))",
      "lossR \(ProgressDisplay.number(losses.relational))",
    ]
    if let first = firstEpoch, made > first.made {
      let rate = Double(made - first.made) / max((clock.now - first.at) / .seconds(1), 1e-9)
      parts += [
        "\(Int(rate)) epochs/s", "\(ProgressDisplay.time(Double(total - made) / rate)) left",
      ]
    }
    return parts.joined(separator: "  ")
  }

  private func show(_ line: String, isLast: Bool) {
    let interval: Duration = isTerminal ? .milliseconds(100) : .seconds(10)
    guard isLast || lastShown.map({ clock.now - $0 >= interval }) ?? true else { return }
    lastShown = clock.now
    if isTerminal {
      Console.rewrite(String(line.prefix(Console.width - 1)))
      hasOpenLine = true
    } else {
      Console.note(line)
    }
  }

  private func say(_ line: String) {
    closeLine()
    Console.note(line)
  }

  /// Ends a line that was being rewritten, before anything else is said.
  func closeLine() {
    if hasOpenLine { Console.note("") }
    hasOpenLine = false
  }
}
