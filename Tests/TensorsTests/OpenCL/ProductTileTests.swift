import CKernels
import Testing

@testable import Tensors

/// Every tile gives the same bits, those of a GPU's on any device.
@Suite("Tiles of products", .enabled(if: !TestDevices.openCL.isEmpty, TestDevices.skipped))
struct ProductTileTests {
  private let backend = TestDevices.openCL[0]

  /// Some of those that the plans of GPUs choose among, and others that differ in every size.
  ///
  /// Each is a program or two to build, which takes PoCL seconds.
  static let tiles: [ProductTile] =
    [0, 4, 6].map { ProductTile.ofGraphics(.none)[$0].tile } + [
      ProductTile(
        itemsM: 4, itemsN: 2, tilesM: 2, tilesN: 3, rows: 2, vectors: 1, width: 2, depth: 8,
        padA: 4, padB: 4, load: 4, buffers: 1),
      ProductTile(
        itemsM: 2, itemsN: 8, tilesM: 1, tilesN: 1, rows: 8, vectors: 2, width: 1, depth: 32,
        padA: 1, padB: 0, load: 1, buffers: 2),
      ProductTile(
        itemsM: 2, itemsN: 8, rows: 2, vectors: 3, width: 4, depth: 4, padA: 4, padB: 16, load: 1,
        buffers: 2),
      ProductTile(
        itemsM: 4, itemsN: 4, rows: 2, vectors: 1, width: 8, depth: 8, padA: 4, padB: 8, load: 4),
      ProductTile(
        tilesM: 3, tilesN: 2, rows: 4, vectors: 3, width: 8, depth: 16, padA: 4, padB: 8, load: 4),
    ]

  @Test("a product has the reference's bits with every tile", arguments: tiles)
  func sameBits(_ tile: ProductTile) throws {
    guard tile.fits(backend.device) else { return }
    for (m, n, k, transposes) in [(45, 70, 21, true), (3, 2, 40, true), (132, 36, 64, false)] {
      let problem = ProductProblem(
        kind: .gemm(transposeA: transposes, transposeB: !transposes), count: 2, m: m, n: n, k: k,
        alignment: transposes ? 1 : 4)
      for parts in [1, 3] {
        try expectBits(problem, tile, parts: problem.parts(atMost: parts, depth: tile.depth))
      }
    }
  }

  @Test("a product of more rows than tiles times units fit 32 bits is whole", arguments: [3, 17])
  func manyRows(columns: Int) throws {
    let device = Device(backend: backend)
    let rows = 1_600_003
    let left = Tensor((0..<rows).map { Float($0 % 1021) }, shape: [rows, 1], on: device)
    let right = Tensor((0..<columns).map { Float($0 + 1) }, shape: [1, columns], on: device)
    let found = try left.matmul(right).floats()
    let wrong = found.indices.first {
      found[$0] != Float($0 / columns % 1021) * Float($0 % columns + 1)
    }
    #expect(wrong == nil, "element \(wrong ?? 0): \(found[wrong ?? 0])")
  }

  @Test("a tile whose loads would straddle its lines or leave out columns does not fit")
  func unfit() {
    var device = backend.device
    device.pretendToBeGPU(computeUnits: 20)
    let usual = ProductTile.ofGraphics(.none)[0].tile
    #expect(usual.fits(device))
    for change: (inout ProductTile) -> Void in [
      { $0.padA = 1 },
      {
        $0.padB = 2; $0.width = 2
      }, { $0.depth = 12 }, { $0.buffers = 200 },
      { ($0.itemsN, $0.vectors, $0.width) = (3, 1, 2) }, { $0.units = .tf32 },
    ] {
      var tile = usual
      change(&tile)
      #expect(!tile.fits(device), "\(tile)")
    }
  }

  @Test("a plan covers every output, with a tile that fits", arguments: [1, 4, 20, 132])
  func plans(units: Int) {
    var device = backend.device
    device.pretendToBeGPU(computeUnits: units)
    for (m, n, k) in [(1, 1, 1), (64, 64, 100_000), (4096, 4096, 512), (16384, 3, 48), (7, 900, 9)]
    {
      let problem = ProductProblem(
        kind: .gemm(transposeA: false, transposeB: false), count: 1, m: m, n: n, k: k, alignment: 1)
      let plan = ProductPlan.usual(problem, on: device)
      #expect(plan.tile.fits(device))
      let tiles = ((m + plan.tile.m - 1) / plan.tile.m) * ((n + plan.tile.n - 1) / plan.tile.n)
      #expect(plan.groups == tiles * Int(plan.parts.count))
      #expect(Int(plan.parts.count) * Int(plan.parts.length) >= k)
      #expect((Int(plan.parts.count) - 1) * Int(plan.parts.length) < k)
    }
  }

  @Test("a deep product of few outputs is cut into parts where units would idle, and not else")
  func parts() {
    var device = backend.device
    device.pretendToBeGPU(computeUnits: 132)
    func parts(_ m: Int, _ n: Int, _ k: Int) -> Int32 {
      ProductPlan.usual(
        ProductProblem(
          kind: .gemm(transposeA: true, transposeB: false), count: 1, m: m, n: n, k: k,
          alignment: 4), on: device
      ).parts.count
    }
    #expect(parts(64, 64, 100_000) > 1)
    #expect(parts(4096, 4096, 4096) == 1)
    #expect(parts(64, 64, 64) == 1)
  }

  // MARK: Helpers

  /// One chain of fma an output and part, parts added in rising order.
  private func expectBits(
    _ problem: ProductProblem, _ tile: ProductTile, parts: ProductParts
  ) throws {
    guard case .gemm(let transposesA, let transposesB) = problem.kind else { return }
    let (m, n, k, count) = (problem.m, problem.n, problem.k, problem.count)
    let a = (0..<(count * m * k)).map { Float(($0 * 7919) % 2003 - 1001) * 0x1p-9 }
    let b = (0..<(count * k * n)).map { Float(($0 * 104_729) % 1999 - 999) * 0x1p-9 }
    var expected = [Float](repeating: 0, count: count * m * n)
    for at in expected.indices {
      let (z, i, j) = (at / n / m, at / n % m, at % n)
      let sums = stride(from: 0, to: k, by: Int(parts.length)).map { first in
        (first..<min(first + Int(parts.length), k)).reduce(Float(0)) { sum, p in
          let left = a[z * m * k + (transposesA ? p * m + i : i * k + p)]
          let right = b[z * k * n + (transposesB ? j * k + p : p * n + j)]
          return sum.addingProduct(left, right)
        }
      }
      expected[at] = sums.dropFirst().reduce(sums[0], +)
    }
    let device = Device(backend: backend)
    let (left, right) = (
      Tensor(a, shape: [a.count], on: device), Tensor(b, shape: [b.count], on: device)
    )
    let result = Tensor.zeros([expected.count], on: device)
    backend.attempt { () throws(DeviceError) in
      try backend.product(
        problem, by: ProductPlan(problem, tile: tile, parts: parts), scalars: .gemm(problem.shape),
        a: left.operand, b: right.operand, bias: nil, c: result.operand)
    }
    let found = try result.floats()
    let wrong = found.indices.first { found[$0].bitPattern != expected[$0].bitPattern }
    #expect(
      wrong == nil,
      "\(problem.kind) \(m) x \(n) x \(k), \(parts.count) parts, element \(wrong ?? 0): \(found[wrong ?? 0]), expected \(expected[wrong ?? 0])"
    )
  }
}
