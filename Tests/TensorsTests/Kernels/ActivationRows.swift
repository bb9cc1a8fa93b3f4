import CKernels
import Foundation
import Testing

@testable import Tensors

/// What the tests know of an activation: its truth in double precision and the errors that
/// `elementwise` states.
///
/// Every table takes its rows from here: the kernels f(x) and dy·f'(x), the epilogues of products and
/// convolutions, the gradients, and the limits of slopes.
struct ActivationRow: Sendable {
  let activation: Activation
  let name: String
  /// f(x, alpha).
  let function: @Sendable (Double, Double) -> Double
  /// f'(x, alpha), at kinks the value that the kernel takes there.
  let slope: @Sendable (Double, Double) -> Double
  /// Arguments to try beside the edges; those of a function of pieces hold its kinks.
  let values: TestValues
  /// Stated error of f in ULP, and of the reference in double precision where that is larger.
  let ulps: Double
  let ulps64: Double
  /// Stated error of dy·f', likewise.
  let slopeBound: PairFunction.Bound
  let slopeBound64: PairFunction.Bound

  init(
    _ activation: Activation, _ name: String, _ values: TestValues = .normal, ulps: Double,
    in64 ulps64: Double? = nil, slope slopeBound: PairFunction.Bound,
    in64 slopeBound64: PairFunction.Bound? = nil,
    _ function: @escaping @Sendable (Double, Double) -> Double,
    slope: @escaping @Sendable (Double, Double) -> Double
  ) {
    (self.activation, self.name, self.function, self.slope) = (activation, name, function, slope)
    (self.values, self.ulps, self.ulps64) = (values, ulps, ulps64 ?? ulps)
    (self.slopeBound, self.slopeBound64) = (slopeBound, slopeBound64 ?? slopeBound)
  }

  /// The row of an epilogue, or nil for none.
  static func row(of epilogue: ck_activation) -> ActivationRow? {
    all.first { $0.activation.kernels.epilogue == epilogue }
  }

  /// One per activation, in the order of `CK_ACTIVATIONS`.
  ///
  /// An ULP bound of a slope is `elementwise`'s, and half a unit for the product with dy; the last
  /// 0.01 is for the truth's own rounding.
  static let all: [ActivationRow] = [
    ActivationRow(.relu, "relu", .whole, ulps: 0, slope: .exact) { x, _ in
      x.isNaN ? x : x > 0 ? x : 0
    } slope: { x, _ in
      x.isNaN ? x : x > 0 ? 1 : 0
    },
    leaky("leakyReLU", 0.2),
    elu("elu", 1.5),
    // erfc's argument is rounded, and its relative change is that of the argument times about x²:
    // in double precision, where the formula is the C library's, only a bound in units of x²·u
    // can hold far out.
    ActivationRow(
      .gelu, "gelu", ulps: 4.9, in64: 4000, slope: .ofGradient(5), in64: .ofGradient(20)
    ) { x, _ in
      x == -.infinity ? 0 : x * 0.5 * erfc(-x * 0.5.squareRoot())
    } slope: { x, _ in
      if x.isInfinite { return x > 0 ? 1 : 0 }
      let density = exp(-0.5 * x * x) / (2 * Double.pi).squareRoot()
      return 0.5 * erfc(-x * 0.5.squareRoot()) + x * density
    },
    ActivationRow(.silu, "silu", ulps: 3.5, slope: .ofGradient(6)) { x, _ in
      x == -.infinity ? 0 : x * sigmoid(x)
    } slope: { x, _ in
      if x.isInfinite { return x > 0 ? 1 : 0 }
      return sigmoid(x) * (1 + x * sigmoid(-x))
    },
    ActivationRow(.sigmoid, "sigmoid", ulps: 2.5, slope: .ulps(4.71)) { x, _ in
      sigmoid(x)
    } slope: { x, _ in
      sigmoid(x) * sigmoid(-x)
    },
    ActivationRow(.tanh, "tanh", ulps: 2.5, slope: .ulps(4.71)) { x, _ in
      tanh(x)
    } slope: { x, _ in
      let e = exp(-2 * abs(x))
      return 4 * e / ((1 + e) * (1 + e))
    },
    ActivationRow(.softplus, "softplus", ulps: 2.1, slope: .ulps(3.01)) { x, _ in
      softplus(x)
    } slope: { x, _ in
      sigmoid(x)
    },
  ]

  /// The same and some that fall below 0, so that their output does not tell the sign of their input.
  static let allAndFalling =
    all + [leaky("leakyReLU falling", -0.5), elu("elu falling", -0.5)]

  private static func elu(_ name: String, _ alpha: Float) -> ActivationRow {
    ActivationRow(.elu(alpha: alpha), name, ulps: 2.51, slope: .ulps(2.51)) { x, alpha in
      x > 0 ? x : alpha * expm1(x)
    } slope: { x, alpha in
      x > 0 ? 1 : alpha * exp(x)
    }
  }

  private static func leaky(_ name: String, _ alpha: Float) -> ActivationRow {
    ActivationRow(.leakyReLU(slope: alpha), name, .whole, ulps: 0.51, slope: .ulps(0.51)) {
      $0 > 0 ? $0 : $1 * $0
    } slope: {
      $0.isNaN ? $0 : $0 > 0 ? 1 : $1
    }
  }
}

extension ActivationRow: CustomTestStringConvertible {
  var testDescription: String { name }
}

/// 1 / (1 + exp(−x)).
func sigmoid(_ x: Double) -> Double { x < 0 ? exp(x) / (1 + exp(x)) : 1 / (1 + exp(-x)) }

/// log(1 + exp(x)).
func softplus(_ x: Double) -> Double { (x > 0 ? x : 0) + log1p(exp(-abs(x))) }
