import CKernels
import Testing

@testable import Tensors

/// A row of the table of checks: a kernel call over operands described but not yet allocated, what
/// it should give, and how nearly.
///
/// The same row is run on every instruction set, number of threads and device.
struct KernelCase: Sendable, CustomTestStringConvertible {
  let name: String
  /// Inputs, then outputs, in the order of the call.
  let operands: [OperandSpec]
  /// Type of the operands that do not fix their own.
  var elementType: DType
  /// Multiplications and additions, where arithmetic is what costs.
  var flops: Double
  let truth: Truth?
  /// In bfloat16: AMX sums in another order, so its kernels are held to the truth likewise.
  var differsOnAMX = false
  let call: @Sendable ([Operand]) -> KernelCall

  init(
    _ name: String, _ operands: [OperandSpec], as elementType: DType = .float32, flops: Double = 0,
    truth: Truth? = nil, call: @escaping @Sendable ([Operand]) -> KernelCall
  ) {
    self.name = name
    self.operands = operands
    self.elementType = elementType
    self.flops = flops
    self.truth = truth
    self.call = call
  }

  var testDescription: String { elementType == .float32 ? name : "\(name) \(elementType.rawValue)" }

  /// The same row in another element type.
  func typed(_ dtype: DType) -> KernelCase {
    var other = self
    other.elementType = dtype
    return other
  }

  var seed: UInt64 { TensorsTests.seed(of: name) }

  /// Least number of bytes that the call moves.
  var byteCount: Int {
    operands.reduce(0) { $0 + $1.count * ($1.dtype ?? elementType).byteCount }
  }
}

/// One operand of a row: its size and what it holds.
struct OperandSpec: Sendable {
  enum Role: Sendable {
    case input
    /// Written whole; holds a canary before.
    case output
    /// Read and written, or written in part.
    case updated
  }
  let role: Role
  let count: Int
  let values: TestValues
  /// nil: the row's element type.
  let dtype: DType?
  /// Where in the operand the call's pointer points.
  let start: Int

  static func input(
    _ count: Int, _ values: TestValues = .normal, as dtype: DType? = nil, start: Int = 0
  ) -> OperandSpec {
    OperandSpec(role: .input, count: count, values: values, dtype: dtype, start: start)
  }

  static func output(_ count: Int, as dtype: DType? = nil) -> OperandSpec {
    OperandSpec(role: .output, count: count, values: .unit, dtype: dtype, start: 0)
  }

  static func updated(
    _ count: Int, _ values: TestValues = .normal, as dtype: DType? = nil, start: Int = 0
  ) -> OperandSpec {
    OperandSpec(role: .updated, count: count, values: values, dtype: dtype, start: start)
  }
}

/// What a row should give, computed in Double by a short formula of its own, and how far from that
/// the kernel may be.
struct Truth: Sendable {
  /// From the operands' initial values to the outputs' and updated operands' values, in order.
  typealias Formula = @Sendable ([[Double]]) -> [[Double]]

  enum Bound: Sendable {
    /// No error: the very number, down to the sign of a zero.
    case exact
    /// So many units in the last place of the result.
    case ulps(Double)
    /// So many units of roundoff (2⁻²⁴, or 2⁻⁵³ in float64) of what the formula gives for the
    /// inputs' absolute values: the size of the terms, of which the result may be a small
    /// difference.
    case ofMagnitudes(Double)
    /// The same of a size that a formula of its own gives for each output.
    case of(Double, Formula)
  }
  let bound: Bound
  /// The bound in float64, where it is another (a libm formula that is ill-conditioned in its last
  /// digits).
  let bound64: Bound
  let formula: Formula

  init(_ bound: Bound, float64 bound64: Bound? = nil, _ formula: @escaping Formula) {
    self.bound = bound
    self.bound64 = bound64 ?? bound
    self.formula = formula
  }

  /// Bits are moved, not computed.
  static func exact(_ formula: @escaping Formula) -> Truth { Truth(.exact, formula) }
}

/// Rounding errors of a sum of `terms` products have random signs, so they grow as √terms; 4 is the
/// margin, and 8 covers what is done before and after.
func sumUnits(_ terms: Int) -> Double { 4 * Double(Swift.max(terms, 1)).squareRoot() + 8 }
