import Foundation
import Tensors
import Testing

@testable import Benchmarking

@Suite struct PeerTests {
  /// Computes a row with our own kernels, and then spoils it.
  private final class FakePeer: Peer {
    let names = ["fake"]
    let description = "for tests"
    var spoil: (inout [Float]) -> Void = { _ in }
    private(set) var turns = 0

    func use(cores: [Int]) {}

    func prepare(_ row: KernelRow, _ numbers: [[Float]]) throws -> [Contender] {
      var result = try row.compute(zip(row.operands, numbers).map { Tensor($1, shape: $0.shape) })[
        0
      ]
      .floats()
      spoil(&result)
      return ["slow": 8.0, "fast": 2.0].sorted { $0.key < $1.key }.map { name, time in
        Contender(peer: "fake", variant: name, results: [result]) { _ in
          self.turns += 1
          return time
        }
      }
    }
  }

  private static let rows = [
    KernelRow.product("first", .init(m: 5, n: 7, k: 3), group: "pair"),
    KernelRow.product("second", .init(m: 4, n: 6, k: 9, transposingA: true), group: "pair"),
  ]

  private func run(
    _ peer: FakePeer, rows: [KernelRow] = rows, isCancelled: @escaping () -> Bool = { false }
  ) throws -> BenchmarkReport {
    var benchmark = KernelBenchmark(rows: rows, threads: [1])
    (benchmark.rounds, benchmark.seconds, benchmark.copySizes) = (3, 1e-5, [4096])
    (benchmark.peers, benchmark.bindsCores) = ([peer], false)
    benchmark.isCancelled = isCancelled
    var report = BenchmarkReport(
      kind: "kernels", device: "Some CPU (R), avx2", command: "atelier", date: "2026-11-22",
      rounds: 3)
    do { try benchmark.run { report.receive($0) } } catch BenchmarkError.interrupted {
      report.isComplete = false
    }
    return report
  }

  @Test("whoever wants no more rows gets no other turn, and keeps those that are there")
  func interrupted() throws {
    let peer = FakePeer()
    // The first row has six turns of it.
    let report = try run(peer, isCancelled: { peer.turns >= 7 })
    #expect(!report.isComplete && report.json["isComplete"] == false)
    #expect(report.rows.map(\.name) == ["first"] && peer.turns == 7)
  }

  @Test("rows are timed in turns, a peer's fastest variant counts, and a group has its mean")
  func timed() throws {
    let peer = FakePeer()
    let report = try run(peer)
    #expect(report.rows.map(\.name) == ["first", "second", "pair-mean"])
    #expect(peer.turns == 2 * 2 * 3)
    for row in report.rows {
      #expect(row.peers.map(\.peer) == ["fake"])
      #expect(abs(row.peers[0].milliseconds - 2) < 1e-12)
      let ratio = try #require(row.ratio)
      #expect(abs(ratio * row.milliseconds - 2) < 1e-9)
    }
    let product = report.rows[0].milliseconds * report.rows[1].milliseconds
    #expect(abs(report.rows[2].milliseconds - product.squareRoot()) < 1e-12)
    #expect(report.rows[0].variants.map(\.name) == ["fast", "slow"])
  }

  @Test("a peer that answers wrong numbers is refused with the place, and not timed")
  func wrongNumbers() throws {
    let peer = FakePeer()
    peer.spoil = { if $0.count == 35 { $0[11] += 0.01 } }
    let report = try run(peer)
    #expect(report.refused.map(\.name) == ["first"])
    #expect(report.refused[0].reason.contains("fake (fast) computes something else: element 11"))
    #expect(report.rows.map(\.name) == ["second"])
    #expect(peer.turns == 2 * 3)
  }

  @Test(
    "results agree within 1e-4 of their root mean square, and nothing agrees with NaN",
    arguments: [(0.9e-4, nil), (1.1e-4, 2), (Float.nan, 2), (Float.infinity, 2)])
  func agreement(error: Float, index: Int?) {
    let theirs: [Float] = [3, -3, 3, -3]
    var ours = theirs
    ours[2] += 3 * error
    #expect(Agreement.difference([theirs, ours], [theirs, theirs])?.index == index)
    #expect(
      Agreement.difference([theirs, ours], [theirs, theirs])?.result == index.map { _ in 1 })
  }

  @Test(
    "a refusal names the limit that the row is held to", arguments: [Precision.float32, .bfloat16])
  func limit(precision: Precision) throws {
    let allowed = Agreement.tolerance(precision)
    let found = try #require(Agreement.difference([[2]], [[1]], tolerance: allowed))
    #expect(
      "\(BenchmarkError.disagreement(peer: "p (v)", found))"
        == "p (v) computes something else: element 0 of result 0 is 1.0 there and 2.0 here; the"
        + " largest difference is 1 of the root mean square,"
        + " \(precision == .float32 ? "0.0001" : "0.02") is allowed; not timed")
  }

  @Test("results missing, or of another length, do not agree")
  func lengths() {
    #expect(Agreement.difference([[1]], [[1], [2]])?.result == 1)
    #expect(Agreement.difference([[1]], []) != nil)
    #expect(Agreement.difference([[1, 2]], [[1]])?.index == 1)
    #expect(Agreement.difference([[]], [[]]) == nil)
  }

  @Test("a library that is not here is named with what the system says")
  func missingLibrary() {
    #expect {
      try OpenBLAS(library: "libno-such-blas.so")
    } throws: {
      guard case .missing("openblas", let reason) = $0 as? BenchmarkError else { return false }
      return reason.contains("libno-such-blas.so") && reason.contains("libopenblas0")
    }
    #expect {
      try OpenBLAS(library: "libm.so.6")
    } throws: {
      $0 as? BenchmarkError
        == .missing(peer: "openblas", reason: "libm.so.6 has no cblas_sgemm")
    }
  }

  @Test("OpenBLAS agrees on every orientation", .enabled(if: (try? OpenBLAS()) != nil))
  func openBLAS() throws {
    let library = try OpenBLAS()
    for row in Self.rows {
      let numbers = row.numbers()
      let contender = try #require(library.prepare(row, numbers).first)
      let operands = zip(row.operands, numbers).map { Tensor($1, shape: $0.shape) }
      let ours = try row.compute(operands).map { try $0.floats() }
      #expect(Agreement.difference(ours, contender.results) == nil)
    }
    let sizes = KernelRow.Convolution(
      batch: 1, side: 3, channels: 1, filters: 1, kernel: 3, stride: 1)
    #expect(library.prepare(.convolution("row", sizes, .forward), [[], []]).isEmpty)
  }
}
