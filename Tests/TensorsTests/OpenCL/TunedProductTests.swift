import CKernels
import Foundation
import Testing

@testable import Tensors

/// Tuned tiles and candidates on the first usable device.
@Suite(
  "Tuned products", .enabled(if: !TestDevices.openCL.isEmpty, TestDevices.skipped),
  .timeLimit(.minutes(2)))
struct TunedProductTests {
  private let backend: OpenCLBackend
  private let device: Device
  private let item = ProductCase.gemm(transposeA: false, transposeB: true, m: 33, n: 40, k: 50)

  init() throws {
    backend = try OpenCLBackend(
      TestDevices.openCL[0].device, library: try OpenCLLibrary.system.get())
    device = Device(backend: backend)
  }

  private var heuristic: ProductTile {
    ProductPlan.usual(item.problem, on: backend.device).tile
  }

  /// Another that fits.
  private var another: ProductTile {
    var tile = heuristic
    tile.depth /= 2
    return tile
  }

  private func tuning(_ tile: ProductTile) -> ProductTuning {
    var tuning = ProductTuning(.init(backend.device))
    tuning.set(
      .init(
        bucket: ProductBucket(item.problem, tile.units), tile: tile, milliseconds: 1,
        heuristicMilliseconds: 2, tried: 1))
    return tuning
  }

  @Test("products of a tuned bucket take its tile, others the heuristic's, with the same parts")
  func lookup() {
    let near = TuningFileTests.problem(30, 44, 60, transposeB: true)
    let far = TuningFileTests.problem(30, 44, 200, transposeB: true)
    let usual = ProductPlan.usual(near, on: backend.device)
    #expect(backend.plan(for: near).tile == usual.tile)
    backend.use(tuning(another))
    #expect(backend.plan(for: near).tile == another && another != usual.tile)
    #expect(backend.plan(for: near).parts == usual.parts)
    #expect(backend.plan(for: far).tile == ProductPlan.usual(far, on: backend.device).tile)
  }

  @Test("a tile that does not fit this device is passed over")
  func tooLarge() {
    var large = heuristic
    large.tilesM = 1024
    large.depth = 1024
    #expect(!large.fits(backend.device))
    backend.use(tuning(large))
    #expect(backend.plan(for: item.problem).tile == heuristic)
  }

  @Test("a tuned product has the bits of an untuned one")
  func bits() throws {
    let x = Tensor((0..<(33 * 50)).map { sin(Float($0)) }, shape: [33, 50], on: device)
    let weight = Tensor((0..<(40 * 50)).map { cos(Float($0)) }, shape: [40, 50], on: device)
    let usual = try x.matmul(weight, transposingOther: true).floats()
    backend.use(tuning(another))
    let tuned = try x.matmul(weight, transposingOther: true).floats()
    let first = zip(usual, tuned).enumerated().first { $1.0.bitPattern != $1.1.bitPattern }
    #expect(first == nil, "element \(first?.offset ?? 0)")
  }

  @Test("a candidate that is right is timed; one whose sums lack a half is told of")
  func checking() throws {
    let trial = try ProductTrial(item, on: backend)
    try trial.check(trial.plan(another))
    let times = try trial.race(trial.plan(another), turns: 2)
    #expect(times.plan > 0 && times.heuristic > 0 && times.plan.isFinite)
    // Half of every sum is missing.
    let half = ProductPlan(
      item.problem, tile: another, parts: ProductParts(count: 1, length: 25))
    #expect(throws: ProductTrial.Failure.self) { try trial.check(half) }
    try trial.check(trial.plan(heuristic))
  }

  @Test("a worker tells of a tile that does not compile, and tries the next on an odd case too")
  func worker() {
    var worker = TuningWorker(backend)
    var broken = heuristic
    broken.width = 5
    let failed = worker.answer(.init(item: item, tile: broken, isFinal: false))
    #expect(failed.failure?.contains("did not compile") == true, "\(failed)")
    #expect(!failed.isOfHeuristic && failed.milliseconds == nil)
    let right = worker.answer(.init(item: item, tile: another, isFinal: true))
    #expect(right.failure == nil && right.milliseconds ?? 0 > 0, "\(right)")
  }

  @Test(
    "requests are the same behind the pipe", arguments: ["gemm:tn:5x6x7:2", "conv:2,9,9,8,8,3,1,1"])
  func wire(shape: String) throws {
    for item in try device.products(named: shape) {
      let request = TrialRequest(item: item, tile: heuristic, isFinal: true)
      let read = try JSONDecoder().decode(
        TrialRequest.self, from: JSONEncoder().encode(request))
      #expect(read.item.problem == item.problem && read.tile == heuristic && read.isFinal)
      #expect(read.item.counts == item.counts)
    }
  }

  @Test("a convolution stands for the products that its passes come to")
  func passes() throws {
    let direct = try device.products(named: "conv:2,8,8,3,4,4,2,1").map(\.problem)
    #expect(direct.map(\.kind) == [.forward, .inputGradient, .filterGradient])
    #expect(direct[0].m == 2 * 4 * 4 && direct[0].n == 4 && direct[0].k == 4 * 4 * 3)
    // By Winograd's algorithm: products between the 36 points of a tile.
    let points = try device.products(named: "conv:2,16,16,16,16,3,1,1").map(\.problem)
    #expect(points.count == 3 && points.allSatisfy { $0.count == 36 })
    for text in ["gemm", "gemm:nx:1x2x3", "gemm:nn:1x2", "conv:1,2", "gemm:nn:0x1x1", ""] {
      #expect(throws: TuningError.self, "\(text)") { try device.products(named: text) }
    }
  }
}
