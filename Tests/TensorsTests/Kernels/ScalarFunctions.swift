import CKernels
import Foundation

@testable import Tensors

/// A unary operation, its truth by the C library in double precision, and the error that
/// `elementwise/math.inc` states.
struct ScalarFunction: Sendable {
  let op: ck_unary_op
  let name: String
  let domain: TestValues
  let alpha: Float
  let beta: Float
  let function: @Sendable (Double) -> Double
  let truth: Truth

  init(
    _ op: ck_unary_op, _ name: String, _ domain: TestValues = .normal, alpha: Float = 0,
    beta: Float = 0, ulps: Double, in64 ulps64: Double? = nil,
    _ function: @escaping @Sendable (Double) -> Double
  ) {
    (self.op, self.name, self.domain, self.alpha, self.beta) = (op, name, domain, alpha, beta)
    self.function = function
    truth = Truth(ulps == 0 ? .exact : .ulps(ulps), float64: ulps64.map { .ulps($0) }) {
      [$0[0].map(function)]
    }
  }

  /// f(x) of an activation.
  init(_ row: ActivationRow) {
    let (kernels, alpha) = (row.activation.kernels, row.activation.slope)
    self.init(
      kernels.forward, row.name, row.values, alpha: alpha, ulps: row.ulps, in64: row.ulps64
    ) { row.function($0, Double(alpha)) }
  }

  /// One per operation, in the order of `ck_unary_op`.
  ///
  /// A rounding to nearest is half a unit; the last 0.01 is for the truth's own rounding.
  static let all: [ScalarFunction] = {
    let nearest = 0.51
    let (alpha, beta): (Float, Float) = (-0.75, 1.5)
    return [
      ScalarFunction(CK_NEGATE, "negate", ulps: 0) { -$0 },
      ScalarFunction(CK_ABS, "abs", ulps: 0) { abs($0) },
      ScalarFunction(CK_SIGN, "sign", .whole, ulps: 0) {
        $0 > 0 ? 1 : $0 < 0 ? -1 : $0 == 0 ? 0 : $0
      },
      ScalarFunction(CK_SQUARE, "square", ulps: nearest) { $0 * $0 },
      ScalarFunction(CK_SQRT, "sqrt", .positive, ulps: nearest) { $0.squareRoot() },
      ScalarFunction(CK_RSQRT, "rsqrt", .positive, ulps: 1.51) { 1 / $0.squareRoot() },
      ScalarFunction(CK_RECIPROCAL, "reciprocal", ulps: nearest) { 1 / $0 },
      ScalarFunction(CK_EXP, "exp", ulps: 0.9) { exp($0) },
      ScalarFunction(CK_LOG, "log", .positive, ulps: 1) { log($0) },
      ScalarFunction(CK_LOG1P, "log1p", .positive, ulps: 1.7) { log1p($0) },
      ScalarFunction(CK_EXPM1, "expm1", ulps: 1.5) { expm1($0) },
      ScalarFunction(CK_ERF, "erf", ulps: 1.1) { erf($0) },
      ScalarFunction(CK_FLOOR, "floor", ulps: 0) { $0.rounded(.down) },
      ScalarFunction(CK_SCALE_SHIFT, "scaleShift", alpha: alpha, beta: beta, ulps: nearest) {
        Double(beta).addingProduct(Double(alpha), $0)
      },
      ScalarFunction(CK_CLAMP, "clamp", alpha: alpha, beta: beta, ulps: 0) {
        $0 < Double(alpha) ? Double(alpha) : $0 > Double(beta) ? Double(beta) : $0
      },
    ]
      + ActivationRow.all.map(ScalarFunction.init)
  }()
}

/// A binary operation, its truth and its stated error.
struct PairFunction: Sendable {
  enum Bound: Sendable {
    case exact
    case ulps(Double)
    /// So many units of roundoff of dy: f' crosses 0, where only an absolute error can be stated.
    case ofGradient(Double)
  }
  let op: ck_binary_op
  let name: String
  let domain: TestValues
  let alpha: Float
  let bound: Bound
  let bound64: Bound
  /// Special values of a: of derivatives by the output, those that an output can have.
  let edges: [Double]
  let function: @Sendable (Double, Double) -> Double

  init(
    _ op: ck_binary_op, _ name: String, _ domain: TestValues = .normal,
    edges: [Double] = TestValues.special, alpha: Float = 0, within bound: Bound,
    in64 bound64: Bound? = nil, _ function: @escaping @Sendable (Double, Double) -> Double
  ) {
    (self.op, self.name, self.domain, self.alpha) = (op, name, domain, alpha)
    self.edges = edges
    (self.bound, self.bound64, self.function) = (bound, bound64 ?? bound, function)
  }

  /// dy·f'(x) of an activation.
  init(_ row: ActivationRow) {
    let (kernels, alpha) = (row.activation.kernels, row.activation.slope)
    self.init(
      kernels.backward, row.name + "Backward", row.values, alpha: alpha, within: row.slopeBound,
      in64: row.slopeBound64
    ) { x, dy in dy * row.slope(x, Double(alpha)) }
  }

  /// Whether it is dy·f'(x).
  var isDerivative: Bool { op.rawValue >= CK_RELU_BACKWARD.rawValue }

  /// One per operation, in the order of `ck_binary_op`.
  static let all: [PairFunction] = {
    let nearest = Bound.ulps(0.51)
    let exact = Bound.exact
    return [
      PairFunction(CK_ADD, "add", within: nearest) { $0 + $1 },
      PairFunction(CK_SUBTRACT, "subtract", within: nearest) { $0 - $1 },
      PairFunction(CK_MULTIPLY, "multiply", within: nearest) { $0 * $1 },
      PairFunction(CK_DIVIDE, "divide", within: nearest) { $0 / $1 },
      PairFunction(CK_MAXIMUM, "maximum", .whole, within: exact) {
        $0 >= $1 ? $0 : $1 > $0 ? $1 : .nan
      },
      PairFunction(CK_MINIMUM, "minimum", .whole, within: exact) {
        $0 <= $1 ? $0 : $1 < $0 ? $1 : .nan
      },
      PairFunction(CK_POWER, "power", .positive, within: .ulps(6)) {
        $0 < 0 ? .nan : pow($0 == 0 ? 0 : $0, $1)
      },
      PairFunction(CK_EQUAL, "equal", .whole, within: exact) { $0 == $1 ? 1 : 0 },
      PairFunction(CK_NOT_EQUAL, "notEqual", .whole, within: exact) { $0 != $1 ? 1 : 0 },
      PairFunction(CK_LESS, "less", .whole, within: exact) { $0 < $1 ? 1 : 0 },
      PairFunction(CK_LESS_OR_EQUAL, "lessOrEqual", .whole, within: exact) { $0 <= $1 ? 1 : 0 },
      PairFunction(CK_GREATER, "greater", .whole, within: exact) { $0 > $1 ? 1 : 0 },
      PairFunction(CK_GREATER_OR_EQUAL, "greaterOrEqual", .whole, within: exact) {
        $0 >= $1 ? 1 : 0
      },
    ]
      + ActivationRow.all.map(PairFunction.init) + byOutput
  }()

  /// dy·f'(x) of y = f(x), exact but for its two or three roundings.
  private static let byOutput: [PairFunction] = {
    func edges(_ range: ClosedRange<Double>) -> [Double] {
      TestValues.special.filter { $0.isNaN || range.contains($0) }
    }
    return [
      PairFunction(
        CK_ELU_BACKWARD_BY_OUTPUT, "eluBackwardByOutput", edges: edges(-1.5 ... .infinity),
        alpha: 1.5, within: .ulps(1.51)
      ) { y, dy in y > 0 ? dy : dy * (y + 1.5) },
      PairFunction(
        CK_SIGMOID_BACKWARD_BY_OUTPUT, "sigmoidBackwardByOutput", .unit, edges: edges(0...1),
        within: .ulps(2.51)
      ) { y, dy in dy * (y * (1 - y)) },
      PairFunction(
        CK_TANH_BACKWARD_BY_OUTPUT, "tanhBackwardByOutput", edges: edges(-1...1),
        within: .ulps(1.51)
      ) { y, dy in dy * (1 - y * y) },
    ]
  }()
}
