import CKernels

@testable import Tensors

extension KernelTable {
  static let elementwise: [KernelCase] = unary + binary + choices + fills

  // MARK: Unary

  private static let unary: [KernelCase] = ScalarFunction.all.flatMap { function in
    [0, 1, 7, 8, 17, 33, 1009].map { unaryCase(function, $0, function.domain) }
      + [unaryCase(function, manyChunks, .edges), inPlace(function, 1009)]
  }

  private static func unaryCase(_ f: ScalarFunction, _ count: Int, _ values: TestValues)
    -> KernelCase
  {
    let shape = ck_unary_shape(op: f.op, count: Int32(count), alpha: f.alpha, beta: f.beta)
    return KernelCase(
      "unary \(f.name) \(count)", [.input(count, values), .output(count)], truth: f.truth
    ) { .unary(shape, x: $0[0], y: $0[1]) }
  }

  private static func inPlace(_ f: ScalarFunction, _ count: Int) -> KernelCase {
    let shape = ck_unary_shape(op: f.op, count: Int32(count), alpha: f.alpha, beta: f.beta)
    return KernelCase(
      "unary \(f.name) \(count) in place", [.updated(count, f.domain)], truth: f.truth
    ) { .unary(shape, x: $0[0], y: $0[0]) }
  }

  // MARK: Binary

  private static let binary: [KernelCase] = PairFunction.all.flatMap { function in
    smallWalks.map { binaryCase(function, $0) } + [edgePairs(function)]
      + (function.op == CK_ADD || function.op == CK_POWER ? bigWalks : []).map {
        binaryCase(function, $0)
      }
  }

  /// Both whole; one a scalar; one a row or column; axes that cannot be merged, up to the largest
  /// rank; inputs that are not contiguous.
  private static let smallWalks: [Walk] =
    [0, 1, 7, 16, 17, 1009].map { Walk("\($0)", [$0], repeated: [[], []]) } + [
      Walk("scalars", [], repeated: [[], []]),
      Walk("vector scalar", [37], repeated: [[], [0]]),
      Walk("scalar vector", [37], repeated: [[0], []]),
      Walk("matrix row", [5, 33], repeated: [[], [0]]),
      Walk("matrix column", [5, 33], repeated: [[], [1]]),
      Walk("row column", [17, 19], repeated: [[0], [1]]),
      Walk("middle", [3, 5, 7], repeated: [[], [1]]),
      Walk("six axes", [2, 3, 2, 3, 2, 3], repeated: [[1, 3, 5], [0, 2, 4]]),
      Walk("every other", [29], [[2], [3]]),
      Walk("transposed", [13, 21], [[1, 13], [21, 1]]),
      Walk("backwards", [6, 9], [[-9, 1], [9, -1]]),
      Walk("empty", [4, 0, 3], repeated: [[], [0]]),
    ]

  private static let bigWalks: [Walk] = [
    Walk("\(manyChunks)", [manyChunks], repeated: [[], []]),
    Walk("many rows", [701, 213], repeated: [[], [0]]),
    Walk("many columns", [701, 213], repeated: [[], [1]]),
    Walk("long rows", [3, 70_001], repeated: [[], [1]]),
    Walk("many short rows", [50_001, 3], repeated: [[0], [1]]),
  ]

  /// Every special value with every other.
  ///
  /// Derivatives get finite gradients: what f' = 0 makes of an infinite one is not stated.
  private static func edgePairs(_ function: PairFunction) -> KernelCase {
    let a = function.edges
    let b = function.isDerivative ? TestValues.finite : TestValues.special
    let walk = Walk("all special pairs", [a.count, b.count], repeated: [[1], [0]])
    return binaryCase(function, walk, .list(a), .list(b))
  }

  private static func binaryCase(
    _ f: PairFunction, _ walk: Walk, _ a: TestValues? = nil, _ b: TestValues? = nil
  ) -> KernelCase {
    let shape = ck_binary_shape(
      op: f.op, rank: Int32(walk.sizes.count), size: axisTuple(walk.sizes),
      stride_a: axisTuple(walk.strides[0]), stride_b: axisTuple(walk.strides[1]), alpha: f.alpha)
    return KernelCase(
      "binary \(f.name) \(walk.label)",
      [
        .input(walk.extent(0), a ?? f.domain, start: walk.start(0)),
        .input(walk.extent(1), b ?? f.domain, start: walk.start(1)), .output(walk.count),
      ],
      truth: Truth(bound(f, f.bound, walk), float64: bound(f, f.bound64, walk)) {
        zipped(walk, $0, f.function)
      }
    ) { .binary(shape, a: $0[0], b: $0[1], y: $0[2]) }
  }

  /// A slope that is rounded in the denormal range, or to 0, may be multiplied by a large gradient.
  private static func bound(_ f: PairFunction, _ bound: PairFunction.Bound, _ walk: Walk)
    -> Truth.Bound
  {
    switch bound {
    case .exact: .exact
    case .ofGradient(let units): .of(units) { zipped(walk, $0) { _, dy in dy } }
    case .ulps(let units) where f.isDerivative:
      .of(2 * units) {
        zipped(walk, $0) { Swift.abs(f.function($0, $1)) + Swift.abs($1) * 0x1p-125 }
      }
    case .ulps(let units): .ulps(units)
    }
  }

  private static func zipped(
    _ walk: Walk, _ v: [[Double]], _ function: (Double, Double) -> Double
  ) -> [[Double]] {
    var y = [Double](repeating: 0, count: walk.count)
    walk.forEach { position, at in y[position] = function(v[0][at[0]], v[1][at[1]]) }
    return [y]
  }

  // MARK: Where and fill

  private static let choices: [KernelCase] = [
    Walk("0", [0], repeated: [[], [], []]),
    Walk("1009", [1009], repeated: [[], [], []]),
    Walk("scalars", [], repeated: [[], [], []]),
    Walk("row, column, matrix", [17, 33], repeated: [[0], [1], []]),
    Walk("matrix, scalars", [17, 33], repeated: [[], [0, 1], [0, 1]]),
    Walk("six axes", [2, 3, 2, 3, 2, 3], repeated: [[1, 3, 5], [0, 2, 4], []]),
    Walk("many", [501, 301], repeated: [[], [1], [0]]),
  ].flatMap { walk in
    [("", TestValues.whole), (" edges", .list(TestValues.special))].map { label, values in
      whereCase("where \(walk.label)\(label)", walk, values)
    }
  }

  static func whereCase(_ name: String, _ walk: Walk, _ values: TestValues) -> KernelCase {
    let shape = ck_where_shape(
      rank: Int32(walk.sizes.count), size: axisTuple(walk.sizes),
      stride_condition: axisTuple(walk.strides[0]), stride_a: axisTuple(walk.strides[1]),
      stride_b: axisTuple(walk.strides[2]))
    return KernelCase(
      name,
      [
        .input(walk.extent(0), values), .input(walk.extent(1), values),
        .input(walk.extent(2), values), .output(walk.count),
      ],
      truth: .exact { v in
        var y = [Double](repeating: 0, count: walk.count)
        walk.forEach { i, at in y[i] = v[0][at[0]] != 0 ? v[1][at[1]] : v[2][at[2]] }
        return [y]
      }
    ) { .where(shape, condition: $0[0], a: $0[1], b: $0[2], y: $0[3]) }
  }

  private static let fills: [KernelCase] =
    (counts + [manyChunks]).map { fillCase($0, -1.25) }
    + [fillCase(19, .nan)]

  static func fillCase(_ count: Int, _ value: Float) -> KernelCase {
    let shape = ck_fill_shape(count: Int32(count), value: value)
    return KernelCase(
      "fill \(count) \(value)", [.output(count)],
      truth: .exact { _ in [[Double](repeating: Double(value), count: count)] }
    ) { .fill(shape, y: $0[0]) }
  }

  // MARK: int32

  /// The operations that int32 has: all of binary but division, power and the derivatives.
  static let integerElementwise: [KernelCase] =
    ScalarFunction.all.filter { integerUnary.contains($0.name) }.flatMap { f in
      [0, 1, 17, 1009].map { count in
        let whole = ScalarFunction(
          f.op, f.name, alpha: -2, beta: 3, ulps: 0, integerMeaning(f.name))
        return unaryCase(whole, count, .integers(-1000...1000)).typed(.int32)
      }
    }
    + PairFunction.all.filter { !$0.isDerivative && !["divide", "power"].contains($0.name) }
    .flatMap { f in
      smallWalks.map {
        binaryCase(f, $0, .integers(-20...20), .integers(-20...20)).typed(.int32)
      }
    }
    + [
      whereCase(
        "where", Walk("", [17, 33], repeated: [[0], [1], []]), .integers(-1...1)
      ).typed(.int32),
      fillCase(33, -7).typed(.int32),
    ]

  private static let integerUnary = ["negate", "abs", "sign", "square", "clamp", "scaleShift"]

  private static func integerMeaning(_ name: String) -> @Sendable (Double) -> Double {
    switch name {
    case "negate": { -$0 }
    case "abs": { Swift.abs($0) }
    case "sign": { $0.signum() }
    case "square": { $0 * $0 }
    case "clamp": { Swift.min(Swift.max($0, -2), 3) }
    default: { -2 * $0 + 3 }
    }
  }
}

extension Double {
  fileprivate func signum() -> Double { self > 0 ? 1 : self < 0 ? -1 : 0 }
}
