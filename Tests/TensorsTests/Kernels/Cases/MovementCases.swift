import CKernels

@testable import Tensors

extension KernelTable {
  static let movement: [KernelCase] = copies + casts + lookups

  // MARK: Copy

  /// Source, then target.
  private static let copyWalks: [Walk] =
    counts.map { Walk("\($0)", [$0], [[1], [1]]) } + [
      Walk("one", [], [[], []]),
      Walk("many", [manyChunks], [[1], [1]]),
      Walk("repeated", [manyChunks], [[0], [1]]),
      Walk("backwards", [1009], [[-1], [1]]),
      Walk("every third", [101], [[3], [1]]),
      Walk("to every second", [101], [[1], [2]]),
      Walk("transposed", [33, 17], [[1, 33], [17, 1]]),
      Walk("large transposed", [301, 401], [[1, 301], [401, 1]]),
      Walk("inner channels", [5, 7, 3], [[1, 15, 5], [21, 3, 1]]),
      Walk("window", [9, 11], [[40, 1], [11, 1]]),
      Walk("into a window", [9, 11], [[11, 1], [40, 1]]),
      Walk("rows backwards", [7, 12], [[-12, 1], [12, 1]]),
      Walk("pictures backwards", [3, 5, 6, 2], [[60, 12, -2, 1], [60, 12, 2, 1]]),
      Walk("repeated rows", [301, 129], [[0, 1], [129, 1]]),
      Walk("repeated columns", [129, 301], [[1, 0], [301, 1]]),
      Walk("six axes", [2, 3, 2, 3, 2, 3], [[1, 2, 6, 12, 36, 72], [108, 36, 18, 6, 3, 1]]),
      Walk("empty", [3, 0, 2], [[2, 2, 1], [2, 2, 1]]),
    ]

  private static let copies: [KernelCase] = copyWalks.flatMap { walk in
    [DType.float32, .float16, .float64].map { dtype in
      let shape = ck_copy_shape(
        element_bytes: Int32(dtype.byteCount), rank: Int32(walk.sizes.count),
        size: axisTuple(walk.sizes), source_stride: axisTuple(walk.strides[0]),
        target_stride: axisTuple(walk.strides[1]))
      return KernelCase(
        "copy \(dtype.byteCount) bytes \(walk.label)",
        [
          .input(walk.extent(0), .edges, as: dtype, start: walk.start(0)),
          .updated(walk.extent(1), .whole, as: dtype),
        ],
        truth: .exact { v in
          var y = v[1]
          walk.forEach { _, at in y[at[1]] = Elements.rounded(v[0][at[0]], to: dtype) }
          return [y]
        }
      ) { .copy(shape, source: $0[0], target: $0[1]) }
    }
  }

  // MARK: Cast

  private static let casts: [KernelCase] = DType.allCases.flatMap { from in
    DType.allCases.filter { $0 != from }.flatMap { to in
      [0, 1, 17, 1009, 20_011].map { castCase(from, to, $0) }
    }
  }

  private static func castCase(_ from: DType, _ to: DType, _ count: Int) -> KernelCase {
    let values: TestValues =
      from == .int32
      ? .integers(-(1 << 24)...1 << 24)
      : .list(
        halfway + TestValues.special + [2_147_483_520, -2_147_483_648, 3e9, -3e9, 0.999, -1.75])
    let shape = ck_cast_shape(from: from.ck, to: to.ck, count: Int32(count))
    return KernelCase(
      "cast \(from.rawValue) to \(to.rawValue) \(count)",
      [.input(count, values, as: from), .output(count, as: to)],
      truth: .exact { v in
        [v[0].map { Elements.rounded(Elements.rounded($0, to: from), to: to) }]
      }
    ) { .cast(shape, source: $0[0], target: $0[1]) }
  }

  /// Numbers halfway between two float16 or bfloat16, and one float32 step to either side; also
  /// float16's limits.
  private static let halfway: [Double] = {
    let values: [Float] = [
      1 + 0x1p-11, 1 + 0x3p-11, 1 + 0x1p-8, 1 + 0x3p-8, 65_504, 65_519, 65_520, 0x1p-25, 0x1.8p-25,
      0x1p-14, 0x1.FFCp-15,
    ]
    return values.flatMap { [Double($0), Double($0.nextUp), Double($0.nextDown)] }
  }()

  // MARK: Gather, scatter, one-hot

  private static let tables: [(rows: Int, width: Int, count: Int)] = [
    (7, 5, 9), (1, 1, 1), (5, 1, 33), (3, 17, 1009), (11, 64, 130), (0, 3, 4), (4, 0, 3), (4, 3, 0),
    (2, 3, 40_001), (5000, 31, 3), (70_001, 1, 200_003),
  ]

  private static let lookups: [KernelCase] = tables.flatMap {
    lookupCases($0.rows, $0.width, $0.count)
  }

  static func lookupCases(_ rows: Int, _ width: Int, _ count: Int) -> [KernelCase] {
    let shape = ck_gather_shape(rows: Int32(rows), width: Int32(width), count: Int32(count))
    // Some lie outside, on both sides; many are named twice.
    let indices = TestValues.integers(-1...rows)
    let label = "\(count) of [\(rows), \(width)]"
    @Sendable func forEach(_ v: [Double], _ body: (_ row: Int, _ position: Int) -> Void) {
      for (position, row) in v.enumerated() where row >= 0 && row < Double(rows) {
        body(Int(row), position)
      }
    }
    return [
      KernelCase(
        "gather \(label)",
        [.input(rows * width), .input(count, indices, as: .int32), .output(count * width)],
        truth: .exact { v in
          var y = [Double](repeating: 0, count: count * width)
          forEach(v[1]) { row, i in
            for c in 0..<width { y[i * width + c] = v[0][row * width + c] }
          }
          return [y]
        }
      ) { .gather(shape, table: $0[0], indices: $0[1], y: $0[2]) },
      KernelCase(
        "scatterAdd \(label)",
        [.input(count * width), .input(count, indices, as: .int32), .updated(rows * width)],
        truth: Truth(.ofMagnitudes(sumUnits(count / Swift.max(rows, 1)))) { v in
          var table = v[2]
          forEach(v[1]) { row, i in
            for c in 0..<width { table[row * width + c] += v[0][i * width + c] }
          }
          return [table]
        }
      ) { .scatterAdd(shape, source: $0[0], indices: $0[1], table: $0[2]) },
    ] + (count * rows > 1_000_000 ? [] : [oneHotCase(count, rows)])
  }

  private static func oneHotCase(_ count: Int, _ depth: Int) -> KernelCase {
    let shape = ck_one_hot_shape(count: Int32(count), depth: Int32(depth))
    return KernelCase(
      "oneHot \(count) × \(depth)",
      [.input(count, .integers(-1...depth), as: .int32), .output(count * depth)],
      truth: .exact { v in
        [v[0].flatMap { index in (0..<depth).map { Double($0) == index ? 1 : 0 } }]
      }
    ) { .oneHot(shape, indices: $0[0], y: $0[1]) }
  }

  static let integerMovement: [KernelCase] =
    [(7, 5, 9), (3, 17, 1009)].flatMap { rows, width, count in
      lookupCases(rows, width, count).map { whole($0).typed(.int32) }
    }

  /// The row with whole numbers where it drew others.
  static func whole(_ row: KernelCase) -> KernelCase {
    KernelCase(
      row.name,
      row.operands.map {
        OperandSpec(
          role: $0.role, count: $0.count, values: $0.dtype == nil ? .whole : $0.values,
          dtype: $0.dtype, start: $0.start)
      }, truth: row.truth, call: row.call)
  }
}

extension Elements {
  /// The number as an element of the type would hold it: rounded to nearest even; to integers
  /// toward zero, saturating, NaN to 0.
  static func rounded(_ value: Double, to dtype: DType) -> Double {
    if dtype != .int32 { return Elements([value], as: dtype).value(0) }
    return value.isNaN ? 0 : Swift.min(Swift.max(value.rounded(.towardZero), -0x1p31), 0x1p31 - 1)
  }
}
