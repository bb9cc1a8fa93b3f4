import Foundation

/// Something that tries candidates, and survives them.
protocol TrialRunner {
  /// - Returns: The outcome, nil where `isCancelled` said so first.
  mutating func run(_ request: TrialRequest, isCancelled: () -> Bool) -> TrialOutcome?
}

/// A worker in a child process, which is killed when a candidate takes too long and started again
/// after that, a crash or a failure.
package struct WorkerProcess: TrialRunner {
  /// Program and arguments that answer as ``TuningWorker/serve(device:precision:)`` does.
  private let command: [String]
  /// Seconds that a candidate may take, its compilation included.
  private let limit: Double
  private var child: ChildProcess?

  package init(command: [String], limit: Double) {
    (self.command, self.limit) = (command, limit)
  }

  mutating func run(_ request: TrialRequest, isCancelled: () -> Bool) -> TrialOutcome? {
    let child: ChildProcess
    do {
      child = try self.child ?? ChildProcess(command, isSilent: true)
    } catch {
      return TrialOutcome(failure: "\(error)", isOfHeuristic: true)
    }
    let outcome = ask(child, request, isCancelled)
    self.child = outcome == nil || outcome?.failure != nil ? nil : child
    return outcome
  }

  private func ask(
    _ child: ChildProcess, _ request: TrialRequest, _ isCancelled: () -> Bool
  ) -> TrialOutcome? {
    guard let line = try? JSONEncoder().encode(request) else {
      preconditionFailure("a product that JSON cannot hold")
    }
    child.send(line)
    let clock = ContinuousClock()
    let end = clock.now + .seconds(limit)
    switch child.answer(unless: { isCancelled() || clock.now >= end }) {
    case .line(let text):
      return (try? JSONDecoder().decode(TrialOutcome.self, from: Data(text)))
        ?? TrialOutcome(failure: "the process that tried it answered what is no outcome")
    case .ended(let ending):
      return TrialOutcome(failure: "the process that tried it ended with \(ending)")
    case .givenUp:
      return isCancelled()
        ? nil : TrialOutcome(failure: "it took more than \(String(format: "%g", limit)) s")
    }
  }
}
