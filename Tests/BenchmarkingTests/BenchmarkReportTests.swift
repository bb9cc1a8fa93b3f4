import FileFormats
import Tensors
import Testing

@testable import Benchmarking

@Suite struct BenchmarkReportTests {
  private let roofs = Roofs(
    threads: 2, multiplyAdds: [(.avx2, 100)], bfloat16: nil,
    copies: [.init(bytes: 1 << 20, milliseconds: 0.5)])

  private func figures(_ row: KernelRow, _ times: [Double]) -> Figures {
    let race = Race(
      ours: Times(times),
      variants: [
        .init(peer: "pytorch", name: "contiguous", milliseconds: 9, spread: 1),
        .init(peer: "pytorch", name: "channels-last", milliseconds: 6, spread: 1),
        .init(peer: "onednn", name: "convolution", milliseconds: 7, spread: 1),
      ])
    return Figures(row, threads: 2, race, roofs, peak: roofs.gigaflops(.avx2))
  }

  @Test("the object has the promised members, and figures follow from times and costs")
  func schema() throws {
    var report = BenchmarkReport(
      kind: "kernels", device: "Some CPU (R), avx2", command: "c", date: "2026-11-22", rounds: 5,
      cap: .avx2)
    #expect(report.json["othersShareOfCore"] == .null, "not known before the run")
    report.othersShareOfCore = 0.04321
    report.missing = [("openblas", "not installed")]
    report.receive(.roofs(roofs))
    let product = KernelRow.product("p", .init(m: 1000, n: 1000, k: 100))
    report.receive(.timed(figures(product, [3, 4, 5, 400])))
    let copy = try #require(KernelRow.all.first { $0.cost == .bytes(1 << 20) })
    report.receive(.timed(figures(copy, [2])))
    report.receive(.refused(.init(name: "r", threads: 2, reason: "why")))

    let json = try JSONValue(parsing: Array(report.json.encoded.utf8), file: "report")
    #expect(json["device"] == "Some CPU (R), avx2" && json["isProvisional"] == false)
    #expect(json["rounds"] == 5 && json["cap"] == "avx2")
    #expect(json["othersShareOfCore"]?.number == 0.0432)
    #expect(json["missing"]?["openblas"] == "not installed")
    #expect(json["roofs"]?.array?.first?["float32Gigaflops"]?["avx2"]?.number == 100)
    #expect(json["roofs"]?.array?.first?["bfloat16Gigaflops"] == .null)
    #expect(json["refused"]?.array?.first?["reason"] == "why")
    let rows = try #require(json["rows"]?.array)
    let first = rows[0]
    #expect(first["name"] == "p" && first["threads"] == 2 && first["precision"] == "float32")
    #expect(first["shape"]?.string == "1000x100 100x1000")
    #expect(first["milliseconds"]?.number == 4.5 && first["spread"]?.number == 100)
    #expect(first["gigaflops"]?.number.map { abs($0 - 0.2 / 4.5e-3) < 1e-9 } == true)
    #expect(first["shareOfRoof"]?.number.map { abs($0 - 0.2 / 0.45) < 1e-9 } == true)
    #expect(first["peers"]?["pytorch"]?.number == 6 && first["peers"]?["onednn"]?.number == 7)
    #expect(first["ratio"]?.number == 6 / 4.5)
    #expect(rows[1]["gigaflops"] == .null && rows[1]["shareOfRoof"]?.number == 0.25)
  }

  @Test("a file is named by date, device with instruction set, and kind, and takes nobody's place")
  func fileName() {
    func name(_ set: String, taken: Set<String> = []) -> String {
      BenchmarkReport(
        kind: "training", device: "Some CPU (R) 9, \(set)", command: "", date: "2026-11-22",
        rounds: 1
      ).fileName { taken.contains($0) }
    }
    let first = "2026-11-22-some-cpu-r-9-avx2-training.json"
    let second = "2026-11-22-some-cpu-r-9-avx2-training-2.json"
    #expect(name("avx2") == first)
    #expect(name("avx2", taken: [first]) == second)
    #expect(
      name("avx2", taken: [first, second]) == "2026-11-22-some-cpu-r-9-avx2-training-3.json")
    #expect(name("avx512", taken: [first]) == "2026-11-22-some-cpu-r-9-avx512-training.json")
    #expect(BenchmarkReport.thisDevice.hasSuffix(", \(InstructionSet.best.rawValue)"))
  }
}
