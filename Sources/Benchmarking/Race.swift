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
  ///   - contenders: Ours, then the peers'; they are known to agree.
  ///   - rounds: Turns of each that nothing disturbed, at least.
  ///   - seconds: Of a turn.
  ///   - threads: That each uses.
  ///   - load: Watches the rounds, and nothing but them; nil not to.
  ///   - isCancelled: Asked before every turn.
  /// - Throws: ``BenchmarkError/void(share:)``, ``BenchmarkError/interrupted``; what turns throw.
  package init(
    _ contenders: [Contender], rounds: Int, seconds: Double, threads: Int, load: MachineLoad?,
    isCancelled: () -> Bool = { false }
  ) throws {
    let turns = try load.quietly(atLeast: rounds) { round in
      var milliseconds = contenders.map { _ in 0.0 }
      for place in contenders.indices {
        let who = (place + round) % contenders.count
        if isCancelled() { throw BenchmarkError.interrupted }
        if threads > 1, contenders.count > 1 { Thread.sleep(forTimeInterval: Self.pause) }
        milliseconds[who] = try contenders[who].turn(seconds)
      }
      return milliseconds
    }
    func times(of who: Int) -> Times { Times(turns.map { $0[who] }) }
    ours = times(of: 0)
    variants = contenders.indices.dropFirst().map {
      let times = times(of: $0)
      return Figures.Variant(
        peer: contenders[$0].peer, name: contenders[$0].variant, milliseconds: times.median,
        spread: times.spread)
    }
  }
}
