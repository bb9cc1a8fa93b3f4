internal import CKernels

extension Tensor {
  /// One unary kernel, recorded with the given rule.
  func unary(
    _ op: ck_unary_op, alpha: Float = 0, beta: Float = 0, saving: SavedTensors,
    backward: @escaping BackwardRule
  ) -> Tensor {
    let y = sibling(shape)
    let scalars = ck_unary_shape(op: op, count: Int32(count), alpha: alpha, beta: beta)
    backend.execute(.unary(scalars, x: operand, y: y.operand))
    return y.recorded(from: [self], saving: saving, backward: backward)
  }

  /// One binary kernel with broadcasting, recorded with the given rule.
  static func binary(
    _ op: ck_binary_op, _ a: Tensor, _ b: Tensor, alpha: Float = 0, saving: SavedTensors,
    backward: @escaping BackwardRule
  ) -> Tensor {
    a.checkPartner(b, "\(op)")
    let shape =
      a.shape == b.shape ? a.shape : StridedLoop.broadcastShape([a.shape, b.shape], "elementwise")
    let y = a.sibling(shape)
    let loop = StridedLoop(
      shape: shape,
      strides: [
        StridedLoop.broadcastStrides(a.shape, to: shape),
        StridedLoop.broadcastStrides(b.shape, to: shape),
      ])
    let scalars = ck_binary_shape(
      op: op, rank: Int32(loop.sizes.count), size: axisTuple(loop.sizes),
      stride_a: axisTuple(loop.strides[0]), stride_b: axisTuple(loop.strides[1]), alpha: alpha)
    a.backend.execute(.binary(scalars, a: a.operand, b: b.operand, y: y.operand))
    return y.recorded(from: [a, b], saving: saving, backward: backward)
  }

  func checkPartner(_ other: Tensor, _ operation: @autoclosure () -> String) {
    precondition(
      dtype == other.dtype, "\(operation()): \(dtype.rawValue) with \(other.dtype.rawValue)")
    precondition(
      backend === other.backend,
      "\(operation()): tensors on two devices, \(backend.name) and \(other.backend.name)")
  }

  // MARK: Arithmetic, with broadcasting

  /// Elementwise sum.
  public static func + (a: Tensor, b: Tensor) -> Tensor {
    let (shapeA, shapeB) = (a.shape, b.shape)
    return binary(CK_ADD, a, b, saving: .none) {
      [
        $0.needs(0) ? $0.gradient.summed(to: shapeA) : nil,
        $0.needs(1) ? $0.gradient.summed(to: shapeB) : nil,
      ]
    }
  }

  /// Elementwise difference.
  public static func - (a: Tensor, b: Tensor) -> Tensor {
    let (shapeA, shapeB) = (a.shape, b.shape)
    return binary(CK_SUBTRACT, a, b, saving: .none) {
      [
        $0.needs(0) ? $0.gradient.summed(to: shapeA) : nil,
        $0.needs(1) ? (-$0.gradient).summed(to: shapeB) : nil,
      ]
    }
  }

  /// Elementwise product.
  public static func * (a: Tensor, b: Tensor) -> Tensor {
    let (shapeA, shapeB) = (a.shape, b.shape)
    return binary(CK_MULTIPLY, a, b, saving: [.firstInput, .secondInput]) {
      [
        $0.needs(0) ? ($0.gradient * $0.input(1)).summed(to: shapeA) : nil,
        $0.needs(1) ? ($0.gradient * $0.input(0)).summed(to: shapeB) : nil,
      ]
    }
  }

  /// Elementwise quotient.
  public static func / (a: Tensor, b: Tensor) -> Tensor {
    let (shapeA, shapeB) = (a.shape, b.shape)
    return binary(CK_DIVIDE, a, b, saving: [.secondInput, .output]) {
      let scaled = $0.gradient / $0.input(1)
      return [
        $0.needs(0) ? scaled.summed(to: shapeA) : nil,
        $0.needs(1) ? (-(scaled * $0.output)).summed(to: shapeB) : nil,
      ]
    }
  }

  /// Elementwise larger value; a tie takes the first, and so does the gradient.
  ///
  /// NaN in either gives NaN.
  public static func maximum(_ a: Tensor, _ b: Tensor) -> Tensor {
    extremum(CK_MAXIMUM, a, b) { x, y in x .>= y }
  }

  /// Elementwise smaller value; a tie takes the first, and so does the gradient.
  ///
  /// NaN in either gives NaN.
  public static func minimum(_ a: Tensor, _ b: Tensor) -> Tensor {
    extremum(CK_MINIMUM, a, b) { x, y in x .<= y }
  }

  private static func extremum(
    _ op: ck_binary_op, _ a: Tensor, _ b: Tensor,
    takesFirst: @escaping @Sendable (Tensor, Tensor) -> Tensor
  ) -> Tensor {
    let (shapeA, shapeB) = (a.shape, b.shape)
    return binary(op, a, b, saving: [.firstInput, .secondInput]) {
      let first = takesFirst($0.input(0).detached(), $0.input(1).detached())
      let share = $0.gradient * first
      return [
        $0.needs(0) ? share.summed(to: shapeA) : nil,
        $0.needs(1) ? ($0.gradient - share).summed(to: shapeB) : nil,
      ]
    }
  }

  /// `self` to the power of `exponent`, elementwise; NaN where `self` is negative.
  ///
  /// The gradient is PyTorch's where both have a value: for `self` it is 0 where `exponent` is 0,
  /// whatever `self` is; for `exponent` it is 0 where `self` is 0 and `exponent` at least 0.
  public func pow(_ exponent: Tensor) -> Tensor {
    let (shapeA, shapeB) = (shape, exponent.shape)
    return Tensor.binary(
      CK_POWER, self, exponent, saving: [.firstInput, .secondInput, .output]
    ) { pass in
      let (x, p) = (pass.input(0), pass.input(1))
      return [
        pass.needs(0) ? (pass.gradient * Tensor.powerSlope(x, p)).summed(to: shapeA) : nil,
        pass.needs(1)
          ? (pass.gradient * pass.output * Tensor.powerLogarithm(x, p)).summed(to: shapeB) : nil,
      ]
    }
  }

  /// p·xᵖ⁻¹, and 0 for p = 0.
  ///
  /// There x⁻¹ may be infinite or NaN. It is kept out before the product, not after it, so that the
  /// rules of the product and the power meet numbers when they are differentiated in turn.
  private static func powerSlope(_ x: Tensor, _ p: Tensor) -> Tensor {
    let (zero, one) = (x.constant(0), x.constant(1))
    let power = x.detached().pow(p.detached() - 1)
    let isKeptOut = Tensor.where(power .< x.constant(.infinity), zero, p .== zero)
    return Tensor.where(isKeptOut, zero, p) * Tensor.where(isKeptOut, one, x).pow(p - 1)
  }

  /// log x, and 0 for x = 0 where xᵖ is finite: xᵖ·log x is 0 or tends to it.
  private static func powerLogarithm(_ x: Tensor, _ p: Tensor) -> Tensor {
    let zero = x.constant(0)
    return Tensor.where((x .== zero) * (p .>= zero), x.constant(1), x).log()
  }

  // MARK: With a number

  /// `self * factor + offset`, in one pass.
  public func scaled(by factor: Float, plus offset: Float = 0) -> Tensor {
    unary(CK_SCALE_SHIFT, alpha: factor, beta: offset, saving: .none) {
      [$0.gradient.scaled(by: factor)]
    }
  }

  /// Every element with the other sign.
  public static prefix func - (x: Tensor) -> Tensor {
    x.unary(CK_NEGATE, saving: .none) { [-$0.gradient] }
  }
  /// `b` added to every element.
  public static func + (a: Tensor, b: Float) -> Tensor { a.scaled(by: 1, plus: b) }
  /// `a` added to every element.
  public static func + (a: Float, b: Tensor) -> Tensor { b.scaled(by: 1, plus: a) }
  /// `b` subtracted from every element.
  public static func - (a: Tensor, b: Float) -> Tensor { a.scaled(by: 1, plus: -b) }
  /// Every element subtracted from `a`.
  public static func - (a: Float, b: Tensor) -> Tensor { b.scaled(by: -1, plus: a) }
  /// Every element times `b`.
  public static func * (a: Tensor, b: Float) -> Tensor { a.scaled(by: b) }
  /// Every element times `a`.
  public static func * (a: Float, b: Tensor) -> Tensor { b.scaled(by: a) }
  /// Every element divided by `b`: a division, not a product with 1 / `b`, which would round twice.
  public static func / (a: Tensor, b: Float) -> Tensor { a / a.constant(Double(b)) }
  /// `a` divided by every element.
  public static func / (a: Float, b: Tensor) -> Tensor { b.constant(Double(a)) / b }

  // MARK: Functions of one number

  /// Absolute value; its gradient at 0 is 0.
  public func abs() -> Tensor {
    unary(CK_ABS, saving: .firstInput) { [$0.gradient * $0.input(0).detached().sign()] }
  }

  /// -1, 0 or 1; no gradient flows through it.
  public func sign() -> Tensor { unary(CK_SIGN, saving: .none) { _ in [nil] } }

  /// Largest integer not above; no gradient flows through it.
  public func floor() -> Tensor { unary(CK_FLOOR, saving: .none) { _ in [nil] } }

  /// x².
  public func squared() -> Tensor {
    unary(CK_SQUARE, saving: .firstInput) { [($0.gradient * $0.input(0)).scaled(by: 2)] }
  }

  /// √x; NaN where x is negative.
  public func sqrt() -> Tensor {
    unary(CK_SQRT, saving: .output) { [($0.gradient / $0.output).scaled(by: 0.5)] }
  }

  /// 1 / √x.
  public func rsqrt() -> Tensor {
    unary(CK_RSQRT, saving: .output) {
      [($0.gradient * $0.output * $0.output * $0.output).scaled(by: -0.5)]
    }
  }

  /// 1 / x.
  public func reciprocal() -> Tensor {
    unary(CK_RECIPROCAL, saving: .output) { [-($0.gradient * $0.output * $0.output)] }
  }

  /// The exponential function.
  public func exp() -> Tensor {
    unary(CK_EXP, saving: .output) { [$0.gradient * $0.output] }
  }

  /// Natural logarithm.
  public func log() -> Tensor {
    unary(CK_LOG, saving: .firstInput) { [$0.gradient / $0.input(0)] }
  }

  /// log(1 + x), accurate near 0.
  public func log1p() -> Tensor {
    unary(CK_LOG1P, saving: .firstInput) { [$0.gradient / ($0.input(0) + 1)] }
  }

  /// exp(x) - 1, accurate near 0.
  public func expm1() -> Tensor {
    unary(CK_EXPM1, saving: .output) { [$0.gradient * ($0.output + 1)] }
  }

  /// The error function.
  public func erf() -> Tensor {
    unary(CK_ERF, saving: .firstInput) {
      let atZero = $0.gradient.constant(2 / Double.pi.squareRoot())
      return [$0.gradient * (-$0.input(0).squared()).exp() * atZero]
    }
  }

  /// `self` limited to `low...high`; where it is outside, no gradient flows.
  ///
  /// NaN stays NaN. The bounds themselves pass the gradient.
  ///
  /// - Precondition: `low` is at most `high`.
  public func clamped(_ low: Float, _ high: Float) -> Tensor {
    precondition(low <= high, "clamped(\(low), \(high)): the lower bound is above the upper")
    return unary(CK_CLAMP, alpha: low, beta: high, saving: .firstInput) {
      let x = $0.input(0).detached()
      let (low, high) = (x.constant(Double(low)), x.constant(Double(high)))
      return [$0.gradient * ((x .>= low) * (x .<= high))]
    }
  }

  // MARK: Comparison and choice

  /// 1 where equal, else 0, in the operands' type; a comparison with NaN is 0.
  ///
  /// No gradient flows through any of the six comparisons.
  public static func .== (a: Tensor, b: Tensor) -> Tensor { compare(CK_EQUAL, a, b) }
  /// 1 where not equal, else 0; with NaN, 1.
  public static func .!= (a: Tensor, b: Tensor) -> Tensor { compare(CK_NOT_EQUAL, a, b) }
  /// 1 where `a` is less, else 0.
  public static func .< (a: Tensor, b: Tensor) -> Tensor { compare(CK_LESS, a, b) }
  /// 1 where `a` is less or equal, else 0.
  public static func .<= (a: Tensor, b: Tensor) -> Tensor { compare(CK_LESS_OR_EQUAL, a, b) }
  /// 1 where `a` is greater, else 0.
  public static func .> (a: Tensor, b: Tensor) -> Tensor { compare(CK_GREATER, a, b) }
  /// 1 where `a` is greater or equal, else 0.
  public static func .>= (a: Tensor, b: Tensor) -> Tensor { compare(CK_GREATER_OR_EQUAL, a, b) }

  private static func compare(_ op: ck_binary_op, _ a: Tensor, _ b: Tensor) -> Tensor {
    binary(op, a.detached(), b.detached(), saving: .none) { _ in [nil, nil] }
  }

  /// `a` where `condition` is not 0, else `b`; the three broadcast together.
  public static func `where`(_ condition: Tensor, _ a: Tensor, _ b: Tensor) -> Tensor {
    a.checkPartner(b, "where")
    condition.checkPartner(a, "where")
    let shape = StridedLoop.broadcastShape([condition.shape, a.shape, b.shape], "where")
    let y = a.sibling(shape)
    let loop = StridedLoop(
      shape: shape,
      strides: [condition, a, b].map { StridedLoop.broadcastStrides($0.shape, to: shape) })
    let scalars = ck_where_shape(
      rank: Int32(loop.sizes.count), size: axisTuple(loop.sizes),
      stride_condition: axisTuple(loop.strides[0]), stride_a: axisTuple(loop.strides[1]),
      stride_b: axisTuple(loop.strides[2]))
    a.backend.execute(
      .where(
        scalars, condition: condition.operand, a: a.operand, b: b.operand, y: y.operand))
    let (shapeA, shapeB) = (a.shape, b.shape)
    return y.recorded(from: [condition.detached(), a, b], saving: .firstInput) {
      let (choice, zero) = ($0.input(0), $0.gradient.constant(0))
      return [
        nil,
        $0.needs(1) ? Tensor.where(choice, $0.gradient, zero).summed(to: shapeA) : nil,
        $0.needs(2) ? Tensor.where(choice, zero, $0.gradient).summed(to: shapeB) : nil,
      ]
    }
  }

  // MARK: Type

  /// The same numbers in another type: to integers toward zero (saturating, NaN gives 0), to
  /// narrower floats rounded to nearest even.
  public func cast(to dtype: DType) -> Tensor {
    if dtype == self.dtype { return self }
    let y = sibling(shape, dtype: dtype)
    let scalars = ck_cast_shape(from: self.dtype.ck, to: dtype.ck, count: Int32(count))
    backend.execute(.cast(scalars, source: operand, target: y.operand))
    let own = self.dtype
    guard own.isFloatingPoint, dtype.isFloatingPoint else { return y }
    return y.recorded(from: [self], saving: .none) { [$0.gradient.cast(to: own)] }
  }
}
