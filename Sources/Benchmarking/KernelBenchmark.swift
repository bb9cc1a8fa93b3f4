import FileFormats
import Foundation
import Tensors

/// Times rows beside peers: on the same cores, from the same numbers, in turns.
///
/// At each number of threads the process and its peers are bound to as many cores, and the roofs are
/// measured. For each row all sides compute the same numbers and must agree; then each round gives
/// every contender one turn. Whoever goes first changes from round to round.
package struct KernelBenchmark {
  package var rows: [KernelRow]
  package var threads: [Int]
  package var rounds = 7
  /// Of a turn.
  package var seconds = 0.02
  package var peers: [any Peer] = []
  /// Says whether others keep the machine busy; nil not to ask.
  package var load: MachineLoad?
  /// Sizes of copies measured as roofs.
  package var copySizes = Roofs.sizes
  /// Whether the process is bound to as many cores as it has threads; tests share theirs.
  package var bindsCores = true

  package init(rows: [KernelRow], threads: [Int]) { (self.rows, self.threads) = (rows, threads) }

  /// - Parameter receive: Gets each piece when it is there.
  /// - Throws: ``BenchmarkError``, a `DeviceError`, or what peers throw. What was received before
  ///   ``BenchmarkError/void(share:)`` is void, too.
  package func run(_ receive: (BenchmarkEvent) -> Void) throws {
    for count in threads {
      let cores = try CoreBinding.cores(for: count)
      if bindsCores { CoreBinding.bind(to: cores) }
      for peer in peers { try peer.use(cores: cores) }
      let device = try Device.cpu(threads: count)
      let inBFloat16 = try device.multiplying(in: .bfloat16)
      let roofs = try load.quietly { _ in
        try Roofs.measure(threads: count, sizes: copySizes)
      }
      receive(.roofs(roofs[0]))
      var timed: [(group: String?, figures: Figures)] = []
      for (place, row) in rows.enumerated() {
        do {
          let device = row.precision == .float32 ? device : inBFloat16
          let figures = try measure(row, on: device, roofs[0])
          receive(.timed(figures))
          timed.append((row.group, figures))
        } catch BenchmarkError.disagreement(let peer, let difference) {
          let reason = "\(BenchmarkError.disagreement(peer: peer, difference))"
          receive(.refused(Refusal(name: row.name, threads: count, reason: reason)))
        }
        if let group = row.group, place + 1 == rows.count || rows[place + 1].group != group {
          let members = timed.filter { $0.group == group }.map(\.figures)
          Figures(meanOf: members, group: group).map { receive(.timed($0)) }
        }
      }
    }
  }

  private func measure(
    _ row: KernelRow, on device: Device, _ roofs: Roofs
  ) throws -> Figures {
    let numbers = row.numbers()
    let theirs = try peers.flatMap { try $0.prepare(row, numbers) }
    defer { for peer in peers { try? peer.release() } }
    let contenders = try [ours(row, numbers, device)] + theirs
    try Agreement.check(contenders, tolerance: Agreement.tolerance(row.precision))
    let race = try Race(
      contenders, rounds: rounds, seconds: seconds, threads: roofs.threads, load: load)
    return Figures(row, race, roofs, peak: roofs.gigaflops(row.precision))
  }

  /// Eager operations, results allocated by the call, as a program of this library runs them.
  private func ours(
    _ row: KernelRow, _ numbers: [[Float]], _ device: Device
  ) throws -> Contender {
    let operands = zip(row.operands, numbers).map { Tensor($1, shape: $0.shape, on: device) }
    if row.holdsWeights { ParameterUpdate.holdWeights(operands[1]) }
    let results = try row.compute(operands).map { try $0.floats() }
    return Contender(peer: "atelier", variant: "eager", results: results) { seconds in
      try timeTurn(seconds) {
        _ = row.compute(operands)
        try device.synchronize()
      }
    }
  }
}
