import Foundation

/// Contenders that agree, timed in turns.
package struct Race {
  /// Of the first contender, which is ours.
  package let ours: Times
  /// Of the others, in their order.
  package let variants: [Figures.Variant]

  /// Between turns on several threads: as long as idle threads of OpenBLAS and OpenMP go on watching
  /// for work, on cores that the next one needs.
  private static let pause = 0.04

  init(ours: Times, variants: [Figures.Variant]) {
    (self.ours, self.variants) = (ours, variants)
  }

  /// Each round gives every contender one turn; whoever goes first changes from round to round.
  ///
  /// - Parameters:
  ///   - contenders: Ours, then the peers'.
  ///   - rounds: Turns of each.
  ///   - seconds: Of a turn.
  ///   - threads: That each uses.
  ///   - tolerance: Of agreement.
  /// - Throws: ``BenchmarkError/disagreement(peer:_:)`` before anything is timed; what turns throw.
  package init(
    _ contenders: [Contender], rounds: Int, seconds: Double, threads: Int,
    tolerance: Double = Agreement.tolerance
  ) throws {
    for other in contenders.dropFirst() {
      if let found = Agreement.difference(
        contenders[0].results, other.results, tolerance: tolerance)
      {
        throw BenchmarkError.disagreement(peer: "\(other.peer) (\(other.variant))", found)
      }
    }
    var times = contenders.map { _ in Times([]) }
    for round in 0..<rounds {
      for place in contenders.indices {
        let who = (place + round) % contenders.count
        if threads > 1, contenders.count > 1 { Thread.sleep(forTimeInterval: Self.pause) }
        times[who].milliseconds.append(try contenders[who].turn(seconds))
      }
    }
    ours = times[0]
    variants = zip(contenders, times).dropFirst().map {
      Figures.Variant(
        peer: $0.peer, name: $0.variant, milliseconds: $1.median, spread: $1.spread)
    }
  }
}
