import Foundation
import RelationalContext

/// A fit's progress on stderr.
final class FitDisplay {
  private let clock = ContinuousClock()
  private let progress = ProgressLine()
  private var firstEpoch: (made: Int, at: ContinuousClock.Instant)?

  func receive(_ event: FitEvent) {
    switch event {
    case .warning(let text): progress.say("warning: \(text)")
    case .template(let name, let errors, let bound):
      progress.say(Self.describe(name, errors, bound))
    case .templates(let made, let most):
      progress.show("template models: update \(made) of at most \(most)")
    case .epochs(let made, let total, let losses):
      if firstEpoch == nil { firstEpoch = (made, clock.now) }
      progress.show(line(made, total, losses), isDue: made == total)
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

  /// Ends a line that was being rewritten, before anything else is said.
  func close() { progress.close() }
}
