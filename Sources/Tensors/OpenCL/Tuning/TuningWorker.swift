import Foundation

/// What a worker is asked: to try a tile on a product.
package struct TrialRequest: Codable, Sendable {
  let item: ProductCase
  let tile: ProductTile
  /// Also on an odd case of the same kind, and with more turns.
  let isFinal: Bool
}

/// What came of it.
package struct TrialOutcome: Codable, Equatable, Sendable {
  /// Milliseconds; none where the candidate failed.
  var milliseconds: Double?
  var heuristicMilliseconds: Double?
  /// Why it must not be chosen; nil for a candidate that may be.
  var failure: String?
  /// Whether the failure says nothing of the tile: the heuristic's own failed, so that there is
  /// nothing to compare with, or nothing could be tried at all.
  var isOfHeuristic = false
}

/// Tries candidates in a process of its own, which a candidate may hang or end.
///
/// Requests and outcomes are lines of JSON on stdin and stdout; the process ends with its input, and
/// after a failure, since memory and driver may have suffered.
package struct TuningWorker {
  private let backend: OpenCLBackend
  private var current: (item: Data, trial: ProductTrial)?

  private init(device index: Int, precision: Precision) throws(DeviceError) {
    backend = try OpenCLBackend.open(index: index, precision: precision)
    // The heuristic is what everything is compared with.
    backend.use(nil)
  }

  init(_ backend: OpenCLBackend) { self.backend = backend }

  /// Answers until there are no more requests; the first one with why the device cannot be opened,
  /// where it cannot.
  package static func serve(device index: Int, precision: Precision) {
    // Drivers print where they like: the line to the parent is out of their reach.
    let output = dup(STDOUT_FILENO)
    dup2(STDERR_FILENO, STDOUT_FILENO)
    var worker: TuningWorker?
    while let line = readLine(strippingNewline: true) {
      guard let request = try? JSONDecoder().decode(TrialRequest.self, from: Data(line.utf8)) else {
        return
      }
      var outcome: TrialOutcome
      do {
        var open = try worker ?? TuningWorker(device: index, precision: precision)
        outcome = open.answer(request)
        worker = open
      } catch {
        outcome = TrialOutcome(failure: reason(error), isOfHeuristic: true)
      }
      guard var text = try? JSONEncoder().encode(outcome) else { return }
      text.append(UInt8(ascii: "\n"))
      let isWritten = text.withUnsafeBytes { write(output, $0.baseAddress!, $0.count) == $0.count }
      if outcome.failure != nil || !isWritten { return }
    }
  }

  /// The outcome of a request, in this process.
  mutating func answer(_ request: TrialRequest) -> TrialOutcome {
    let trial: ProductTrial
    do {
      trial = try self.trial(of: request.item)
    } catch {
      return TrialOutcome(failure: Self.reason(error), isOfHeuristic: true)
    }
    do {
      let plan = trial.plan(request.tile)
      try trial.check(plan)
      if request.isFinal, let odd = try backend.odd(request.item) {
        let small = try ProductTrial(odd, on: backend)
        try small.check(small.plan(request.tile))
      }
      let times = try trial.race(plan, turns: request.isFinal ? 9 : 3)
      return TrialOutcome(milliseconds: times.plan, heuristicMilliseconds: times.heuristic)
    } catch {
      return TrialOutcome(failure: Self.reason(error))
    }
  }

  private mutating func trial(of item: ProductCase) throws -> ProductTrial {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let key = try encoder.encode(item)
    if let current, current.item == key { return current.trial }
    current = nil
    let trial = try ProductTrial(item, on: backend)
    current = (key, trial)
    return trial
  }

  /// In one line.
  private static func reason(_ error: any Error) -> String {
    let text = (error as? ProductTrial.Failure)?.reason ?? "\(error)"
    let lines = text.split(separator: "\n").prefix(3).joined(separator: " ")
    return String(lines.prefix(300))
  }
}
