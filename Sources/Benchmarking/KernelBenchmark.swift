import FileFormats
import Foundation
import Tensors

/// Times rows beside peers: on the same cores or OpenCL device, from the same numbers, in turns.
///
/// On the CPU, at each number of threads, the process and its peers are bound to as many cores, and
/// the roofs are measured. For each row all sides compute the same numbers and must agree; then each
/// round gives every contender one turn. Whoever goes first changes from round to round.
package struct KernelBenchmark {
  package var rows: [KernelRow]
  /// Of the CPU.
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
  /// Whether nobody wants the rest; asked before every turn.
  package var isCancelled: () -> Bool = { false }

  package init(rows: [KernelRow], threads: [Int] = []) {
    (self.rows, self.threads) = (rows, threads)
  }

  /// On the CPU.
  ///
  /// - Parameter receive: Gets each piece when it is there.
  /// - Throws: ``BenchmarkError``, a `DeviceError`, or what peers throw. What was received before
  ///   ``BenchmarkError/void(share:)`` is void, too.
  package func run(_ receive: (BenchmarkEvent) -> Void) throws {
    for count in threads {
      let cores = try CoreBinding.cores(for: count)
      if bindsCores { CoreBinding.bind(to: cores) }
      for peer in peers { try peer.use(cores: cores) }
      let roofs = try measureRoofs(threads: count, receive)
      try run(rows, on: .cpu(threads: count), threads: count, roofs, receive)
    }
  }

  /// On an OpenCL device, beside peers that compute on the same one.
  ///
  /// One that is the processor has the processor's roofs, all its threads together; of another none
  /// are known. Rows of a precision that the device does not have are left out.
  ///
  /// - Parameters:
  ///   - device: Where.
  ///   - receive: Gets each piece when it is there.
  /// - Throws: As on the CPU.
  package func run(on device: Device, _ receive: (BenchmarkEvent) -> Void) throws {
    let roofs =
      device.isProcessor ? try measureRoofs(threads: Device.defaultThreads, receive) : nil
    let possible = rows.filter { device.multiplies(in: $0.precision) }
    try run(possible, on: device, threads: nil, roofs, receive)
  }

  private func measureRoofs(
    threads: Int, _ receive: (BenchmarkEvent) -> Void
  ) throws -> Roofs {
    let roofs = try load.quietly { _ in try Roofs.measure(threads: threads, sizes: copySizes) }[0]
    receive(.roofs(roofs))
    return roofs
  }

  private func run(
    _ rows: [KernelRow], on device: Device, threads: Int?, _ roofs: Roofs?,
    _ receive: (BenchmarkEvent) -> Void
  ) throws {
    var timed: [(group: String?, figures: Figures)] = []
    for (place, row) in rows.enumerated() {
      do {
        let device = try device.multiplying(in: row.precision)
        let figures = try measure(row, on: device, threads: threads, roofs)
        receive(.timed(figures))
        timed.append((row.group, figures))
      } catch BenchmarkError.disagreement(let peer, let difference) {
        let reason = "\(BenchmarkError.disagreement(peer: peer, difference))"
        receive(.refused(Refusal(name: row.name, threads: threads, reason: reason)))
      }
      if let group = row.group, place + 1 == rows.count || rows[place + 1].group != group {
        let members = timed.filter { $0.group == group }.map(\.figures)
        Figures(meanOf: members, group: group).map { receive(.timed($0)) }
      }
    }
  }

  private func measure(
    _ row: KernelRow, on device: Device, threads: Int?, _ roofs: Roofs?
  ) throws -> Figures {
    if isCancelled() { throw BenchmarkError.interrupted }
    let numbers = row.numbers()
    let theirs = try peers.flatMap { try $0.prepare(row, numbers) }
    defer { for peer in peers { try? peer.release() } }
    let contenders = try [ours(row, numbers, device)] + theirs
    try Agreement.check(contenders, tolerance: Agreement.tolerance(row.precision))
    let race = try Race(
      contenders, rounds: rounds, seconds: seconds, threads: roofs?.threads ?? 1, load: load,
      isCancelled: isCancelled)
    return Figures(row, threads: threads, race, roofs, peak: roofs?.gigaflops(row.precision))
  }

  /// Eager operations, results allocated by the call, as a program of this library runs them; a
  /// device that queues them is waited for at the end of a turn.
  private func ours(
    _ row: KernelRow, _ numbers: [[Float]], _ device: Device
  ) throws -> Contender {
    let operands = zip(row.operands, numbers).map { Tensor($1, shape: $0.shape, on: device) }
    if row.holdsWeights { ParameterUpdate.holdWeights(operands[1]) }
    let results = try row.compute(operands).map { try $0.floats() }
    return Contender(peer: "atelier", variant: "eager", results: results) { seconds in
      try timeTurn(seconds, finish: { try device.synchronize() }) { _ = row.compute(operands) }
    }
  }
}
