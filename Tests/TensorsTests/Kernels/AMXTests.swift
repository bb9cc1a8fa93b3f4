import CKernels
import Testing

@testable import Tensors

/// Products on the tiles of AMX.
///
/// Tiles in plain C take the place of the processor's, so that the loops round them, packing and
/// sharing out are checked on machines without AMX too. The processor's are checked where it has
/// them.
@Suite("AMX")
struct AMXTests {
  /// Backends that differ in threads, and in who packs, alone: one thread, then more.
  struct Tiles: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let backends: @Sendable () throws -> [CPUBackend]
  }

  /// By the packing of AMX itself where the processor has it, and by that in plain C.
  private static let packers: [(InstructionSet, threads: Int)] = [
    (.avx512, 1), (.avx2, 2), (.avx512, 3),
  ].filter { CPUBackend.canEmulateAMX(with: $0.0) }

  static let tiles: [Tiles] =
    (packers.isEmpty
      ? []
      : [
        Tiles(testDescription: "emulated") {
          try (packers.count == 1 ? [1, 2, 3].map { (.avx2, $0) } : packers).map {
            try TestBackends.emulatingAMX($0.0, threads: $0.1)
          }
        }
      ])
    + (TestBackends.instructionSets.contains(.amx)
      ? [
        Tiles(testDescription: "the processor's") {
          try [1, 2, 3, 7].map {
            try CPUBackend(instructionSet: .amx, threads: $0, precision: .bfloat16)
          }
        }
      ] : [])

  @Test("tiles are emulated wherever there is AVX2, so that the tests below check something")
  func tilesAreThere() {
    #expect(Self.tiles.isEmpty == (InstructionSet.processor < .avx2))
    if Self.tiles.isEmpty { print("SKIP: tiles of AMX are emulated for x86-64 with AVX2 alone") }
    for tiles in Self.tiles { print("products of AMX run on tiles: \(tiles.testDescription)") }
  }

  @Test(
    "products and convolutions are near those of rounded factors, the same at every thread count",
    arguments: KernelTable.onAMX)
  func nearTheTruth(_ row: KernelCase) throws {
    let truth = try #require(row.truth)
    let prepared = PreparedCase(row)
    for tiles in Self.tiles {
      let outcomes = try tiles.backends().map { try prepared.run(on: $0) }
      var failures = outcomes.flatMap(\.damage)
      failures += firstError(outcomes[0].outputs, prepared, truth).map { [$0] } ?? []
      failures += outcomes.compactMap { firstDifference($0.outputs, outcomes[0].outputs) }
      for failure in failures {
        Issue.record("\(row.testDescription), seed \(row.seed), \(tiles): \(failure)")
      }
    }
  }

  @Test(
    "whole numbers have the reference's bits", arguments: KernelTable.wholeProductsInBFloat16)
  func whole(_ row: KernelCase) throws {
    let prepared = PreparedCase(row)
    let expected = try prepared.run(on: TestBackends.reference())
    for tiles in Self.tiles {
      for backend in try tiles.backends() {
        let outcome = try prepared.run(on: backend)
        let difference = firstDifference(outcome.outputs, expected.outputs)
        for failure in outcome.damage + (difference.map { [$0] } ?? []) {
          Issue.record("\(row.testDescription), seed \(row.seed), \(tiles): \(failure)")
        }
      }
    }
  }

  @Test(
    "a picture's convolution and a row's product do not depend on what is beside them",
    arguments: BatchIndependenceTests.sizes)
  func batches(side: Int, kernel: Int, stride: Int) throws {
    let geometry = Convolution2DGeometry(stride: stride, padding: 1)
    for tiles in Self.tiles {
      let device = Device(backend: try tiles.backends()[1])
      func drawn(_ shape: [Int], _ seed: UInt64) -> Tensor {
        Tensor.normal(shape, key: RandomKey(seed: seed), on: device)
      }
      let (filter, pictures) = (
        drawn([17, kernel, kernel, 12], 1), drawn([19, side, side, 12], 2)
      )
      let together = pictures.conv2d(filter, geometry: geometry)
      let back = together.convTransposed2d(filter, geometry: geometry, outputSize: [side, side])
      let (rows, matrix) = (drawn([19, 12 * side], 3), drawn([35, 12 * side], 4))
      let products = rows.linear(weight: matrix)
      for index in [0, 7, 18] {
        let one = index..<(index + 1)
        let y = pictures.sliced(one).conv2d(filter, geometry: geometry)
        let x = y.convTransposed2d(filter, geometry: geometry, outputSize: [side, side])
        let same = try [
          y.floats() == together.sliced(one).floats(), x.floats() == back.sliced(one).floats(),
          rows.sliced(one).linear(weight: matrix).floats() == products.sliced(one).floats(),
        ]
        #expect(same == [true, true, true], "\(tiles), item \(index)")
      }
    }
  }

  // MARK: The step of a tile

  typealias Pair = (Float, Float)

  /// Pairs at the end of the depth, a sum before, and what the manual makes of them.
  static let steps: [(name: String, a: [Pair], b: [Pair], before: Float, after: Float)] = [
    ("one product", [(2, 0)], [(3, 0)], 1, 7),
    (
      "first and second elements have a chain each", [(0x1p24, 1), (1, 1)], [(1, 1), (1, 1)], 0,
      0x1p24 + 2
    ),
    ("chains are added before the sum", [(1, 1)], [(1, 1)], 0x1p24, 0x1p24 + 2),
    ("chains begin from 0", [(0x1p24, 0), (-0x1p24, 0)], [(1, 0), (1, 0)], 1, 1),
    ("chains rise", [(1, 0), (0x1p24, 0), (-0x1p24, 0)], [(1, 0), (1, 0), (1, 0)], 0, 0),
    ("ties go to even", [(1, 0)], [(1, 0)], 0x1p24 + 2, 0x1p24 + 4),
    ("a denormal factor is a zero", [(0x1p-130, 0)], [(0x1p120, 0)], 0, 0),
    ("a denormal chain is a zero", [(0x1p-64, 0)], [(0x1p-63, 0)], 0, 0),
    ("of its sign", [(-0x1p-64, -0x1p-64)], [(0x1p-63, 0x1p-63)], -0.0, -0.0),
    ("so are two chains' sum", [(0x1.8p-60, 0x1p-60)], [(0x1p-66, -0x1p-66)], 0, 0),
    ("the sum before", [(0, 0)], [(0, 0)], 0x1p-130, 0),
    ("and the sum after", [(-0x1p-60, 0)], [(0x1p-66, 0)], 0x1.8p-126, 0),
    ("infinity stays", [(.infinity, 0)], [(1, 0)], 1, .infinity),
    ("infinity times 0 is no number", [(0, .infinity)], [(0, 0)], 1, .nan),
  ]

  @Test("a step is the manual's, worked out by hand", arguments: steps.indices)
  func step(_ index: Int) {
    let (name, pairsA, pairsB, before, after) = Self.steps[index]
    var (sum, a, b) = (ck_amx_tile(), ck_amx_tile(), ck_amx_tile())
    let (row, column) = (3, 5)
    for i in pairsA.indices {
      let k = 16 - pairsA.count + i
      set(&a, row, k, packed(pairsA[i]))
      set(&b, k, column, packed(pairsB[i]))
    }
    set(&sum, row, column, before.bitPattern)
    ck_amx_dot(&sum, &a, &b)
    let found = Float(bitPattern: get(sum, row, column))
    let same = found.bitPattern == after.bitPattern || (found.isNaN && after.isNaN)
    #expect(same, "\(name): \(found), expected \(after)")
  }

  @Test("a step takes every element of its tiles, each at its place")
  func places() {
    func number(_ i: Int, _ j: Int) -> Float { Float((7 * i * i + 5 * j + i * j) % 13 - 6) }
    var (sum, a, b) = (ck_amx_tile(), ck_amx_tile(), ck_amx_tile())
    for i in 0..<16 {
      for j in 0..<16 {
        set(&a, i, j, packed((number(i, 2 * j), number(i, 2 * j + 1))))
        set(&b, i, j, packed((number(2 * i + 40, j), number(2 * i + 41, j))))
        set(&sum, i, j, number(j, i).bitPattern)
      }
    }
    ck_amx_dot(&sum, &a, &b)
    for i in 0..<16 {
      for j in 0..<16 {
        let expected = (0..<32).reduce(number(j, i)) { $0 + number(i, $1) * number($1 + 40, j) }
        #expect(Float(bitPattern: get(sum, i, j)) == expected, "row \(i), column \(j)")
      }
    }
  }

  private func packed(_ pair: Pair) -> UInt32 {
    pair.0.bitPattern >> 16 | pair.1.bitPattern & 0xffff_0000
  }

  private func set(_ tile: inout ck_amx_tile, _ row: Int, _ column: Int, _ bits: UInt32) {
    withUnsafeMutableBytes(of: &tile) {
      $0.storeBytes(of: bits, toByteOffset: 64 * row + 4 * column, as: UInt32.self)
    }
  }

  private func get(_ tile: ck_amx_tile, _ row: Int, _ column: Int) -> UInt32 {
    withUnsafeBytes(of: tile) { $0.load(fromByteOffset: 64 * row + 4 * column, as: UInt32.self) }
  }

  // MARK: What tiles are checked by before they are used

  private static let (side, pairs) = (Int(CK_AMX_CHECK_SIDE), Int(CK_AMX_CHECK_PAIRS))

  static let faults: [(name: String, product: ck_amx_product)] = [
    ("does nothing", { _, _, _ in }),
    (
      "begins from 0",
      { a, b, c in
        c.update(repeating: 0, count: side * side)
        ck_amx_product_emulated(a, b, c)
      }
    ),
    (
      "leaves the last step out",
      { a, b, c in
        let kept = (0..<pairs * side).map { $0 < (pairs - 16) * side ? b[$0] : 0 }
        ck_amx_product_emulated(a, kept, c)
      }
    ),
    (
      "takes b's pairs the wrong way round",
      { a, b, c in
        let turned = (0..<pairs * side).map { b[$0] << 16 | b[$0] >> 16 }
        ck_amx_product_emulated(a, turned, c)
      }
    ),
    (
      "has a row of tiles in the other's place",
      { a, b, c in
        ck_amx_product_emulated(a, b, c)
        for i in 0..<16 * side { (c[i], c[i + 16 * side]) = (c[i + 16 * side], c[i]) }
      }
    ),
    (
      "has one last digit wrong",
      { a, b, c in
        ck_amx_product_emulated(a, b, c)
        c[side * side - 1] = c[side * side - 1].nextUp
      }
    ),
  ]

  @Test("tiles that get whole numbers wrong are refused", arguments: faults.indices)
  func refused(_ index: Int) {
    let (name, product) = Self.faults[index]
    let isRight = ck_amx_product_is_right(product)
    #expect(!isRight, "\(name)")
  }

  @Test("tiles that get them right are not")
  func accepted() {
    let isRight = ck_amx_product_is_right(ck_amx_product_emulated)
    #expect(isRight)
  }
}
