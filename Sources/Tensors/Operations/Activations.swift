internal import CKernels

/// A function applied elementwise to a layer's result.
public enum Activation: Sendable, Hashable {
  case relu
  /// x for x > 0, else `slope`·x.
  case leakyReLU(slope: Float)
  /// x for x > 0, else `alpha`·(exp(x) − 1) (Clevert et al. 2016, arXiv:1511.07289).
  case elu(alpha: Float)
  /// x·Φ(x), exactly, by erf (Hendrycks and Gimpel 2016, arXiv:1606.08415).
  case gelu
  /// x·sigmoid(x), also called swish (Elfwing et al. 2017, arXiv:1702.03118).
  case silu
  case sigmoid
  case tanh
  /// log(1 + exp(x)), without overflow.
  case softplus

  var slope: Float {
    switch self {
    case .leakyReLU(let slope): slope
    case .elu(let alpha): alpha
    default: 0
    }
  }

  /// The three names that the kernels have for it.
  var kernels: (forward: ck_unary_op, backward: ck_binary_op, epilogue: ck_activation) {
    switch self {
    case .relu: (CK_RELU, CK_RELU_BACKWARD, CK_ACT_RELU)
    case .leakyReLU: (CK_LEAKY_RELU, CK_LEAKY_RELU_BACKWARD, CK_ACT_LEAKY_RELU)
    case .elu: (CK_ELU, CK_ELU_BACKWARD, CK_ACT_ELU)
    case .gelu: (CK_GELU, CK_GELU_BACKWARD, CK_ACT_GELU)
    case .silu: (CK_SILU, CK_SILU_BACKWARD, CK_ACT_SILU)
    case .sigmoid: (CK_SIGMOID, CK_SIGMOID_BACKWARD, CK_ACT_SIGMOID)
    case .tanh: (CK_TANH, CK_TANH_BACKWARD, CK_ACT_TANH)
    case .softplus: (CK_SOFTPLUS, CK_SOFTPLUS_BACKWARD, CK_ACT_SOFTPLUS)
    }
  }

  /// The kernel of dy·f'(x) that reads f(x), by which an activation fused into a product needs only
  /// its output to be undone; nil where f(x) does not tell f'(x).
  var backwardByOutput: ck_binary_op? {
    switch self {
    case .relu: CK_RELU_BACKWARD
    case .leakyReLU(let slope): slope > 0 ? CK_LEAKY_RELU_BACKWARD : nil
    case .elu(let alpha): alpha >= 0 ? CK_ELU_BACKWARD_BY_OUTPUT : nil
    case .sigmoid: CK_SIGMOID_BACKWARD_BY_OUTPUT
    case .tanh: CK_TANH_BACKWARD_BY_OUTPUT
    case .gelu, .silu, .softplus: nil
    }
  }

  /// f'(x) from y = f(x), in operations that can be differentiated again.
  private func derivative(byOutput y: Tensor) -> Tensor {
    switch self {
    case .elu(let alpha): Tensor.where(y.detached() .> y.constant(0), y.constant(1), y + alpha)
    case .sigmoid: y * (1 - y)
    case .tanh: 1 - y.squared()
    default: derivative(at: y)
    }
  }

  /// f'(x) in operations that can be differentiated again.
  func derivative(at x: Tensor) -> Tensor {
    switch self {
    case .relu: return x.detached() .> x.constant(0)
    case .leakyReLU(let slope):
      return Tensor.where(x.detached() .> x.constant(0), x.constant(1), x.constant(Double(slope)))
    case .elu(let alpha):
      // exp of the negative part alone, so that large x cannot overflow where it is not used.
      let below = Tensor.minimum(x, x.constant(0)).exp().scaled(by: alpha)
      return Tensor.where(x.detached() .> x.constant(0), x.constant(1), below)
    case .gelu:
      // Held to where the density is 0 in either type: an infinity times that 0 would be NaN.
      let x = x.clamped(-40, 40)
      let cumulative = (x * x.constant(0.5.squareRoot())).erf().scaled(by: 0.5, plus: 0.5)
      let peak = x.constant(1 / (2 * Double.pi).squareRoot())
      let density = peak * x.squared().scaled(by: -0.5).exp()
      return cumulative + x * density
    case .silu:
      // Held to where sigmoid is 0 or 1, as above.
      let x = x.clamped(-1000, 1000)
      let s = x.sigmoid()
      return s * (1 + x * (1 - s))
    case .sigmoid:
      let s = x.sigmoid()
      return s * (1 - s)
    case .tanh: return 1 - x.tanh().squared()
    case .softplus: return x.sigmoid()
    }
  }
}

extension Tensor {
  /// `activation` of every element.
  public func activated(_ activation: Activation) -> Tensor {
    unary(activation.kernels.forward, alpha: activation.slope, saving: .firstInput) { pass in
      [activation.backward(pass, at: pass.input(0))]
    }
  }

  /// x where positive, else 0.
  public func relu() -> Tensor { activated(.relu) }
  /// x where positive, else `slope`·x.
  ///
  /// The default slope is that of DCGAN's discriminator (Radford, Metz and Chintala 2016,
  /// arXiv:1511.06434).
  public func leakyReLU(slope: Float = 0.2) -> Tensor { activated(.leakyReLU(slope: slope)) }
  /// x where positive, else `alpha`·(exp(x) − 1); ``Activation/elu(alpha:)``.
  public func elu(alpha: Float = 1) -> Tensor { activated(.elu(alpha: alpha)) }
  /// x·Φ(x); ``Activation/gelu``.
  public func gelu() -> Tensor { activated(.gelu) }
  /// x·sigmoid(x); ``Activation/silu``.
  public func silu() -> Tensor { activated(.silu) }
  /// 1 / (1 + exp(−x)), in 0…1.
  public func sigmoid() -> Tensor { activated(.sigmoid) }
  /// The hyperbolic tangent, in −1…1.
  public func tanh() -> Tensor { activated(.tanh) }
  /// log(1 + exp(x)), without overflow.
  public func softplus() -> Tensor { activated(.softplus) }
}

extension Activation {
  /// dy·f'(x): one fused kernel, or plain operations where the backward pass is itself recorded.
  func backward(_ pass: Backward, at x: Tensor) -> Tensor {
    if pass.isRecorded { return pass.gradient * derivative(at: x) }
    return backward(pass, kernels.backward, x)
  }

  /// The same from y = f(x), where ``backwardByOutput`` has a kernel for that.
  func backward(_ pass: Backward, byOutput y: Tensor) -> Tensor {
    if pass.isRecorded { return pass.gradient * derivative(byOutput: y) }
    return backward(pass, backwardByOutput!, y)
  }

  private func backward(_ pass: Backward, _ op: ck_binary_op, _ saved: Tensor) -> Tensor {
    Tensor.binary(op, saved.detached(), pass.gradient, alpha: slope, saving: .none) { _ in
      [nil, nil]
    }
  }
}
