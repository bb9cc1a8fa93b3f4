import FileFormats
import Tensors
import Testing

@testable import Benchmarking

/// Ours on an OpenCL device beside others there; suites on it are skipped where there is none.
private let openCL = try? Device.select("opencl:0").device

@Suite struct CLBlastTests {
  @Test("a CLBlast that is not here is named with what the system says")
  func missing() {
    #expect {
      try CLBlast(on: .cpu, library: "libno-such-clblast.so")
    } throws: {
      guard case .missing("clblast", let reason) = $0 as? BenchmarkError else { return false }
      return reason.contains("libno-such-clblast.so") && reason.contains("libclblast1")
    }
    #expect {
      try CLBlast(on: .cpu, library: "libm.so.6")
    } throws: {
      $0 as? BenchmarkError
        == .missing(peer: "clblast", reason: "libm.so.6 has no CLBlastSgemm")
    }
  }

  @Test(
    "CLBlast agrees on every orientation, on our own queue, and leaves other rows alone",
    .enabled(if: openCL.flatMap { try? CLBlast(on: $0) } != nil))
  func agrees() throws {
    let device = try #require(openCL)
    let library = try CLBlast(on: device)
    #expect(library.description.hasPrefix("libclblast"))
    for (a, b) in [(false, false), (true, false), (false, true), (true, true)] {
      let row = KernelRow.product(
        "row", .init(m: 5, n: 7, k: 3, transposingA: a, transposingB: b))
      let numbers = row.numbers()
      let contender = try #require(library.prepare(row, numbers).first)
      let ours = row.compute(zip(row.operands, numbers).map { Tensor($1, shape: $0.shape) })
      #expect(Agreement.difference([try ours[0].floats()], contender.results) == nil, "\(a) \(b)")
      #expect(try contender.turn(1e-5) > 0)
    }
    let sizes = KernelRow.Convolution(
      batch: 1, side: 3, channels: 1, filters: 1, kernel: 3, stride: 1)
    #expect(try library.prepare(.convolution("row", sizes, .forward), [[], []]).isEmpty)
  }
}

@Suite(.enabled(if: openCL != nil)) struct OpenCLPeerTests {
  private func device() throws -> Device { try #require(openCL) }

  @Test("another library's failure is its own: the device goes on")
  func foreignFailure() throws {
    let device = try device()
    let tensors = [[1, 2], [3, 4]].map { (values: [Float]) in
      Tensor(values, shape: [2], on: device)
    }
    var seen = 0
    let status = try device.queueForeign("a function", on: tensors) { _, operands, _ in
      seen = operands.count
      return -38
    }
    #expect(status == -38 && seen == 2)
    #expect(try (tensors[0] + tensors[1]).floats() == [4, 6])
  }

  /// Says the right numbers, and counts its turns.
  private final class FakePeer: Peer {
    let names = ["fake"]
    let description = "for tests"
    private(set) var turns = 0

    func use(cores: [Int]) { Issue.record("an OpenCL device has no cores to be bound to") }

    func prepare(_ row: KernelRow, _ numbers: [[Float]]) throws -> [Contender] {
      let results = row.compute(zip(row.operands, numbers).map { Tensor($1, shape: $0.shape) })
      return [
        Contender(peer: "fake", variant: "v", results: [try results[0].floats()]) { _ in
          self.turns += 1
          return 2
        }
      ]
    }
  }

  @Test("rows run on the device beside peers, without threads, and with its processor's roofs")
  func rows() throws {
    let device = try device()
    let row = KernelRow.product("row", .init(m: 9, n: 5, k: 70), group: "pair")
    var benchmark = KernelBenchmark(rows: [row, row])
    (benchmark.rounds, benchmark.seconds, benchmark.copySizes) = (3, 1e-5, [4096])
    let peer = FakePeer()
    benchmark.peers = [peer]
    var report = BenchmarkReport(
      kind: "kernels", device: "\(device)", command: "c", date: "2026-11-22", rounds: 3)
    try benchmark.run(on: device) { report.receive($0) }
    #expect(report.rows.map(\.name) == ["row", "row", "pair-mean"] && report.refused.isEmpty)
    #expect(report.rows.allSatisfy { $0.threads == nil && $0.gigaflops ?? 0 > 0 })
    #expect(report.rows[0].peers.map(\.milliseconds) == [2] && peer.turns == 6)
    #expect(report.roofs.count == (device.isProcessor ? 1 : 0))
    #expect((report.rows[0].shareOfRoof != nil) == device.isProcessor)
  }

  @Test(
    "rows of a precision that the device does not have are left out",
    arguments: Precision.allCases)
  func precision(_ precision: Precision) throws {
    let device = try device()
    let row = KernelRow.product("row", .init(m: 3, n: 4, k: 5)).multiplying(in: precision)
    var benchmark = KernelBenchmark(rows: [row])
    (benchmark.rounds, benchmark.seconds, benchmark.copySizes) = (1, 1e-5, [4096])
    var timed: [Figures] = []
    try benchmark.run(on: device) { if case .timed(let figures) = $0 { timed.append(figures) } }
    #expect(timed.map(\.precision) == (device.multiplies(in: precision) ? [precision] : []))
  }

  @Test("the device's steps are beside the processor's, which begin and move alike")
  func besideProcessor() throws {
    let device = try device()
    var benchmark = TrainingBenchmark(rows: [.init(.tinyPair)])
    (benchmark.rounds, benchmark.seconds) = (2, 1e-5)
    benchmark.peers = [try ProcessorPeer(threads: 1)]
    var report = BenchmarkReport(
      kind: "training", device: "\(device)", command: "c", date: "2026-11-22", rounds: 2)
    try benchmark.run(on: device, load: nil) { report.receive($0) }
    #expect(report.refused.map(\.reason) == [])
    let row = try #require(report.rows.first)
    #expect(row.peers.map(\.peer) == ["cpu"] && row.threads == nil)
    #expect(row.ratio.map { $0 > 0 && $0 == row.peers[0].milliseconds / row.milliseconds } == true)
  }
}

@Suite struct TurnTests {
  @Test("what calls only queued is waited for once at the end of each run, inside its time")
  func finish() {
    var events: [String] = []
    _ = timeTurn(0, finish: { events.append("finish") }, { events.append("call") })
    #expect(events == ["call", "finish"])
  }
}
