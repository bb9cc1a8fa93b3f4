import Foundation
import Testing

@testable import Tensors

/// Products on matrix units, with plain C in the place of the instructions: what is checked is which
/// item has which number, and what factors are rounded to.
@Suite("Matrix units, emulated", .enabled(if: !TestDevices.openCL.isEmpty, TestDevices.skipped))
struct MatrixUnitTests {
  static let precisions: [Precision] = [.bfloat16, .tf32]

  private func device(_ precision: Precision) throws -> Device {
    var device = TestDevices.openCL[0].device
    device.emulatesMatrixUnits = true
    return Device(
      backend: try OpenCLBackend(
        device, library: try OpenCLLibrary.system.get(), precision: precision))
  }

  @Test("the self-test passes, and would not with an instruction that gives something else")
  func selfTest() throws {
    var device = TestDevices.openCL[0].device
    let library = try OpenCLLibrary.system.get()
    #expect(throws: DeviceError.self) {
      _ = try OpenCLBackend.tested(device, library: library, precision: .bfloat16)
    }
    device.emulatesMatrixUnits = true
    for precision in Self.precisions {
      let backend = try OpenCLBackend.tested(device, library: library, precision: precision)
      #expect(backend.precision == precision)
    }
  }

  @Test(
    "products of any size and layout are those of the rounded factors", arguments: precisions)
  func products(_ precision: Precision) throws {
    let device = try device(precision)
    for (m, n, k) in [(37, 70, 19), (132, 64, 96)] {
      for (transposesA, transposesB) in [
        (false, false), (false, true), (true, false), (true, true),
      ] {
        let shapeA = transposesA ? [k, m] : [m, k], shapeB = transposesB ? [n, k] : [k, n]
        try expectProducts(
          "[\(m), \(k)] x [\(k), \(n)] \(transposesA) \(transposesB)", precision, device
        ) {
          [numbers(shapeA, 1, on: $0), numbers(shapeB, 2, on: $0)]
        } compute: {
          [$0[0].matmul($0[1], transposingSelf: transposesA, transposingOther: transposesB)]
        }
      }
    }
  }

  @Test("a tuning tries other tiles of the units, and they give the same", arguments: precisions)
  func tuning(_ precision: Precision) throws {
    let backend = try #require(try device(precision).backend as? OpenCLBackend)
    let item = ProductCase.gemm(
      transposeA: false, transposeB: true, m: 70, n: 90, k: 100, units: backend.units)
    let usual = ProductPlan.usual(item.problem, on: backend.device).tile
    let search = TileSearch(item.problem, heuristic: usual, on: backend.device)
    let tiles = (0..<search.count).compactMap { search.candidate($0, best: nil, avoiding: []) }
    #expect(Set(tiles).count > 12)
    #expect(tiles.allSatisfy { $0.units == backend.units && $0.fits(backend.device) })
    var worker = TuningWorker(backend)
    for tile in [tiles[1], tiles[tiles.count - 1]] {
      let outcome = worker.answer(.init(item: item, tile: tile, isFinal: true))
      #expect(outcome.failure == nil, "\(tile): \(outcome)")
    }
  }

  @Test("all passes of a convolution are those of the rounded factors", arguments: precisions)
  func convolutions(_ precision: Precision) throws {
    let device = try device(precision)
    let geometries: [(Convolution2DGeometry, kernel: Int)] = [
      (.init(stride: 2, padding: 1), 4), (.init(padding: 1), 3),
    ]
    for (geometry, kernel) in geometries {
      try expectProducts("kernel \(kernel)", precision, device) {
        [
          numbers([3, 9, 7, 12], 3, on: $0), numbers([10, kernel, kernel, 12], 4, on: $0),
          numbers([3] + geometry.outputSize([9, 7], kernel: [kernel, kernel]) + [10], 5, on: $0),
        ]
      } compute: { operands in
        // Seeds of gradients are rounded as factors, too.
        let tracked = operands.prefix(2).map { $0.tracked() }
        let y = tracked[0].conv2d(tracked[1], geometry: geometry)
        return [y.detached()] + gradients(of: y, withRespectTo: tracked, seed: operands[2])
      }
    }
  }

  @Test("a NaN among the factors reaches its products alone", arguments: precisions)
  func notANumber(_ precision: Precision) throws {
    let device = try device(precision)
    for bits in [0x7fff_ffff, 0x7f80_0001, 0xffff_ffff] as [UInt32] {
      var left = [Float](repeating: 1, count: 20 * 8)
      left[8 * 3 + 5] = Float(bitPattern: bits)
      let a = Tensor(left, shape: [20, 8], on: device)
      let rows = try a.matmul(.ones([8, 4], on: device)).floats()
      for (i, value) in rows.enumerated() {
        #expect(i / 4 == 3 ? value.isNaN : value == 8, "\(bits), element \(i): \(value)")
      }
    }
  }

  // MARK: Helpers

  private func numbers(_ shape: [Int], _ stream: UInt32, on device: Device) -> Tensor {
    .normal(shape, key: RandomKey(seed: 7, stream: stream), on: device)
  }

  /// Compares with float32 products of factors that are rounded beforehand: those of two such
  /// numbers are exact, so that the order of sums is all that differs.
  private func expectProducts(
    _ what: String, _ precision: Precision, _ device: Device, _ operands: (Device) -> [Tensor],
    compute: ([Tensor]) -> [Tensor]
  ) throws {
    let cpu = try Device.cpu(instructionSet: .reference, threads: 1)
    let rounded = try operands(cpu).map { operand in
      Tensor(try operand.floats().map { round($0, to: precision) }, shape: operand.shape, on: cpu)
    }
    for (found, expected) in zip(compute(operands(device)), compute(rounded)) {
      let (found, expected) = (try found.floats(), try expected.floats())
      let size = expected.map(abs).max() ?? 0
      let wrong = zip(found, expected).enumerated().first {
        !(abs($0.element.0 - $0.element.1) <= 2e-6 * max(size, 1))
      }
      #expect(wrong == nil, "\(what), seed 7: first wrong \(String(describing: wrong))")
    }
  }

  private func round(_ x: Float, to precision: Precision) -> Float {
    switch precision {
    case .float32: x
    case .bfloat16:
      Float(
        bitPattern: (x.bitPattern + 0x7fff + (x.bitPattern >> 16 & 1)) & 0xffff_0000)
    case .tf32: Float(bitPattern: (x.bitPattern + 0x1000) & ~0x1fff)
    }
  }
}
