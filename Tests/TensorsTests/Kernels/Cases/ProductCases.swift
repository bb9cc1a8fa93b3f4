import CKernels

@testable import Tensors

/// A matrix product with all that can be asked of it.
private struct Product: Sendable {
  var m, n, k: Int
  var transposeA = false
  var transposeB = false
  var batch = 1
  var sharesA = false
  var sharesB = false
  /// Elements beyond each stored row, and beyond each matrix of the batch.
  var gap = 0
  var accumulate = false
  var hasBias = false
  var activation = CK_NO_ACTIVATION
  var values = TestValues.normal
  var precision = Precision.float32
  var label = ""

  var inBFloat16: Product {
    var other = self
    (other.precision, other.label) = (.bfloat16, label + " in bfloat16")
    return other
  }

  /// What is added to, or lies in the gaps.
  private var before: TestValues { if case .whole = values { .whole } else { .normal } }

  private var rowsA: Int { transposeA ? k : m }
  private var rowsB: Int { transposeB ? n : k }
  private var lda: Int { (transposeA ? m : k) + gap }
  private var ldb: Int { (transposeB ? k : n) + gap }
  private var ldc: Int { n + gap }
  private var strideA: Int { sharesA ? 0 : rowsA * lda + gap }
  private var strideB: Int { sharesB ? 0 : rowsB * ldb + gap }
  private var strideC: Int { m * ldc + gap }

  private func extent(_ rows: Int, _ columns: Int, _ step: Int, _ stride: Int) -> Int {
    rows * columns * batch == 0 ? 0 : (batch - 1) * stride + (rows - 1) * step + columns
  }

  var kernelCase: KernelCase {
    let shape = ck_gemm_shape(
      batch: Int32(batch), m: Int32(m), n: Int32(n), k: Int32(k), transpose_a: transposeA ? 1 : 0,
      transpose_b: transposeB ? 1 : 0, lda: Int32(lda), ldb: Int32(ldb), ldc: Int32(ldc),
      batch_stride_a: Int32(strideA), batch_stride_b: Int32(strideB),
      batch_stride_c: Int32(strideC), accumulate: accumulate ? 1 : 0, activation: activation,
      slope: 0.2, precision: precision.ck(.float32))
    let sizeC = extent(m, n, ldc, strideC)
    let isWrittenWhole = gap == 0 && !accumulate
    let name =
      "gemm \(batch > 1 ? "\(batch) of " : "")\(m) × \(n) × \(k) \(transposeA ? "t" : "n")\(transposeB ? "t" : "n")"
      + label
    return KernelCase(
      name,
      [
        .input(extent(rowsA, transposeA ? m : k, lda, strideA), values),
        .input(extent(rowsB, transposeB ? k : n, ldb, strideB), values),
        .input(hasBias ? n : 0, values), isWrittenWhole ? .output(sizeC) : .updated(sizeC, before),
      ],
      truth: Truth(.of(sumUnits(k) + 8, { magnitudes($0) }), { multiply($0, activated: true) })
    ) { .gemm(shape, a: $0[0], b: $0[1], bias: hasBias ? $0[2] : nil, c: $0[3]) }
  }

  /// Activations have slopes of at most 1.13, so they hardly enlarge the errors of their sums; near
  /// 0 some of them are of size 1.
  private func magnitudes(_ v: [[Double]]) -> [[Double]] {
    let sums = multiply(v.map { $0.map(Swift.abs) }, activated: false)
    let margin = (activation == CK_NO_ACTIVATION ? 0 : 1) + (precision == .bfloat16 ? flushed : 0)
    return sums.map { $0.map { $0 + margin } }
  }

  private func multiply(_ v: [[Double]], activated: Bool) -> [[Double]] {
    let factors = v[0...1].map { precision == .bfloat16 ? $0.map(bfloat16Factor) : $0 }
    let (a, b, bias) = (factors[0], factors[1], v[2])
    var c = v[3].isEmpty ? [Double](repeating: 0, count: extent(m, n, ldc, strideC)) : v[3]
    for member in 0..<batch {
      for i in 0..<m {
        for j in 0..<n {
          let at = member * strideC + i * ldc + j
          var sum = accumulate ? c[at] : 0
          for p in 0..<k {
            let x = a[member * strideA + (transposeA ? p * lda + i : i * lda + p)]
            sum += x * b[member * strideB + (transposeB ? j * ldb + p : p * ldb + j)]
          }
          sum += hasBias ? bias[j] : 0
          c[at] = activated ? epilogue(activation, 0.2, sum) : sum
        }
      }
    }
    return [c]
  }
}

/// In bfloat16 a denormal sum counts as 0: so many units of roundoff make up for that, a step.
let flushed = 0x1p-126 / 0x1p-24

/// What an epilogue makes of a sum.
func epilogue(_ activation: ck_activation, _ slope: Float, _ x: Double) -> Double {
  if activation == CK_NO_ACTIVATION { return x }
  guard let row = ActivationRow.row(of: activation) else {
    preconditionFailure("activation \(activation.rawValue) has no row in ActivationRow.all")
  }
  return row.function(x, Double(slope))
}

/// No activation, and every other that an epilogue may be.
let epilogues: [ck_activation] = (0..<UInt32(CK_ACTIVATION_COUNT)).map {
  ck_activation(rawValue: $0)
}

extension KernelTable {
  private static let allProducts =
    smallProducts + blockedProducts + batches + withEpilogues + specialProducts

  static let products: [KernelCase] = allProducts.map(\.kernelCase)

  static let productsInBFloat16: [KernelCase] = (allProducts + productsOfPairs).map(
    \.inBFloat16.kernelCase)

  /// Sizes round those of tiles and of their steps, of whole numbers, whose sums are exact.
  static let wholeProductsInBFloat16: [KernelCase] = [1, 15, 17, 33].flatMap { m in
    [1, 31, 33].flatMap { n in
      [1, 2, 31, 33, 2049].enumerated().map { index, k in
        Product(
          m: m, n: n, k: k, transposeA: (m + index) % 3 == 0, transposeB: (n + index) % 4 < 2,
          batch: 1 + index % 2, gap: index % 3, accumulate: (m + n + index) % 2 == 0,
          hasBias: index > 2, activation: index == 4 ? CK_ACT_RELU : CK_NO_ACTIVATION,
          values: .whole, precision: .bfloat16, label: " whole"
        ).kernelCase
      }
    }
  }

  /// Depths beyond a block of pairs, odd ones, and sums that pass through what is denormal.
  private static let productsOfPairs: [Product] =
    allTransposes.map { Product(m: 15, n: 34, k: 2051, transposeA: $0, transposeB: $1) } + [
      Product(m: 143, n: 258, k: 2049, label: " shared"),
      Product(
        m: 17, n: 33, k: 45,
        values: .list([
          0x1p-63, -0x1.8p-63, 0x1.02p-63, 0x1p-64, -0x1.8p-76, 0x1p-75, 1e-39, -1e-44,
        ]),
        label: " denormal sums"),
      Product(m: 9, n: 40, k: 7, accumulate: true, values: .list([0, -0.0, -1]), label: " zeros"),
      Product(
        m: 9, n: 17, k: 12,
        values: .list([1 + 0x1p-8, -1 - 0x1.8p-7, 1 + 0x1.0001p-8, 0x1.ffp60, 2]),
        label: " ties"),
      Product(m: 9, n: 17, k: 12, values: .list([3.4e38, 1, 2]), label: " beyond the largest"),
    ]

  private static let smallProducts: [Product] = [
    (1, 1, 1), (1, 17, 5), (5, 1, 7), (3, 5, 0), (0, 4, 3), (4, 0, 3), (7, 9, 5), (16, 16, 16),
    (6, 32, 64), (17, 33, 31), (13, 48, 64), (65, 50, 129), (2, 3, 1009),
  ].flatMap { m, n, k in
    allTransposes.map { Product(m: m, n: n, k: k, transposeA: $0, transposeB: $1) }
  }

  private static let allTransposes = [(false, false), (false, true), (true, false), (true, true)]

  /// Sizes beyond a block of rows, of columns and of depth, and of several parts of work.
  private static let blockedProducts: [Product] =
    allTransposes.flatMap { a, b in
      [
        Product(m: 173, n: 131, k: 401, transposeA: a, transposeB: b),
        Product(m: 61, n: 260, k: 785, transposeA: a, transposeB: b, gap: 3, label: " with gaps"),
      ]
    } + [
      Product(m: 341, n: 97, k: 385, transposeB: true, accumulate: true, label: " accumulating"),
      Product(m: 67, n: 17, k: 8209, transposeA: true), Product(m: 5, n: 5303, k: 40),
      Product(m: 3, n: 1031, k: 700, transposeB: true), Product(m: 2111, n: 9, k: 33),
      Product(m: 1031, n: 1, k: 257), Product(m: 1, n: 1031, k: 257, transposeB: true),
    ]

  private static let batches: [Product] =
    allTransposes.map {
      Product(
        m: 7, n: 9, k: 5, transposeA: $0, transposeB: $1, batch: 3, gap: 2, label: " with gaps")
    } + [
      Product(m: 7, n: 9, k: 5, batch: 4, sharesA: true, label: " sharing a"),
      Product(m: 7, n: 9, k: 5, batch: 4, sharesB: true, label: " sharing b"),
      Product(m: 7, n: 9, k: 5, transposeA: true, batch: 4, sharesB: true, label: " sharing b"),
      Product(m: 33, n: 40, k: 65, batch: 67), Product(m: 190, n: 70, k: 33, batch: 5),
      Product(m: 3, n: 3, k: 3, batch: 0), Product(m: 1, n: 1, k: 7, batch: 1009),
    ]

  private static let withEpilogues: [Product] =
    epilogues.flatMap { activation in
      [(13, 37, 21), (60, 70, 400)].flatMap { m, n, k in
        [false, true].map { accumulate in
          Product(
            m: m, n: n, k: k, transposeB: true, accumulate: accumulate, hasBias: true,
            activation: activation,
            label: " bias, activation \(activation.rawValue)\(accumulate ? ", accumulating" : "")")
        }
      }
    } + [
      Product(
        m: 5, n: 6, k: 0, hasBias: true, activation: CK_ACT_SIGMOID, label: " bias of nothing"),
      Product(m: 5, n: 6, k: 0, accumulate: true, label: " accumulating nothing"),
      Product(m: 7, n: 19, k: 11, batch: 3, hasBias: true, label: " bias"),
    ]

  /// Whole numbers come out exactly whatever the order; NaN and infinities reach every sum they
  /// belong to and no other.
  private static let specialProducts: [Product] = [
    Product(m: 61, n: 67, k: 71, values: .whole, label: " whole"),
    Product(
      m: 19, n: 35, k: 6, values: .list([1, 2, 3, 4, 5, .infinity, 6, 7, 8, 9, 10, 11, .nan]),
      label: " special"),
    Product(m: 19, n: 35, k: 40, values: .list([1e-30, -1e-20, 1e-38, 1e-41]), label: " tiny"),
  ]
}
