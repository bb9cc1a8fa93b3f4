/// One way to compute a row, made ready by a peer or by us.
package struct Contender {
  /// `atelier`, or the peer's name.
  package let peer: String
  /// Such as `channels-last`; a peer's fastest counts.
  package let variant: String
  /// What its first call gave.
  package let results: [[Float]]
  /// Of training, all that it changes, by name and in our layout, as its first steps left it.
  package let weights: [String: [Float]]
  /// Milliseconds a call takes, by a turn of about this many seconds.
  package let turn: (_ seconds: Double) throws -> Double

  package init(
    peer: String, variant: String, results: [[Float]], weights: [String: [Float]] = [:],
    turn: @escaping (_ seconds: Double) throws -> Double
  ) {
    (self.peer, self.variant, self.turn) = (peer, variant, turn)
    (self.results, self.weights) = (results, weights)
  }
}

/// Times of one contender, a turn each.
package struct Times: Sendable {
  package var milliseconds: [Double]

  package init(_ milliseconds: [Double]) { self.milliseconds = milliseconds }

  package var median: Double { quantile(0.5) }
  /// Width of the range that the middle half lies in.
  package var spread: Double { quantile(0.75) - quantile(0.25) }

  private func quantile(_ share: Double) -> Double {
    let sorted = milliseconds.sorted()
    let place = share * Double(sorted.count - 1)
    let (low, high) = (sorted[Int(place)], sorted[min(Int(place) + 1, sorted.count - 1)])
    return low + (high - low) * (place - place.rounded(.down))
  }
}

/// Milliseconds a call takes: ever longer runs of calls until one lasts `seconds`, which counts; the
/// shorter ones warm up.
///
/// - Parameters:
///   - seconds: Of the run that counts.
///   - finish: Waits, at the end of a run, for calls that were only queued.
///   - call: What is timed.
/// - Returns: The mean of the run that counts.
package func timeTurn(
  _ seconds: Double, finish: () throws -> Void, _ call: () throws -> Void
) rethrows -> Double {
  let clock = ContinuousClock()
  var calls = 1
  while true {
    let elapsed =
      try clock.measure {
        for _ in 0..<calls { try call() }
        try finish()
      } / .seconds(1)
    if elapsed >= seconds { return 1e3 * elapsed / Double(calls) }
    // A little more than it should take, at most a hundred times as many as were tried.
    let wanted = 1.2 * seconds / max(elapsed, 1e-9)
    calls = max(calls + 1, Int(Double(calls) * min(wanted, 100)))
  }
}

/// The same of calls that are done when they return.
package func timeTurn(_ seconds: Double, _ call: () throws -> Void) rethrows -> Double {
  try timeTurn(seconds, finish: {}, call)
}
