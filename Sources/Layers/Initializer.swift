import Tensors

/// How a parameter's first values are drawn.
public enum Initializer: Sendable, Hashable {
  case constant(Float)
  /// Uniform in ±bound.
  case uniform(bound: Float)
  /// Normal with mean 0.
  case normal(deviation: Float)

  /// All 0: shifts of normalisations.
  public static let zeros = constant(0)
  /// All 1: scales of normalisations.
  public static let ones = constant(1)

  /// Uniform in ±1/√fanIn, PyTorch's default for dense and convolutional layers.
  public static func fanIn(_ fanIn: Int) -> Initializer {
    .uniform(bound: 1 / Float(max(fanIn, 1)).squareRoot())
  }

  /// Normal with variance 2/fanIn, which keeps the variance of signals through ReLU layers.
  ///
  /// Source: He, Zhang, Ren and Sun 2015, arXiv:1502.01852, section 2.2.
  public static func he(fanIn: Int) -> Initializer {
    .normal(deviation: (2 / Float(max(fanIn, 1))).squareRoot())
  }

  /// Uniform with variance 2/(fanIn + fanOut), for tanh and sigmoid layers (Glorot and Bengio
  /// 2010).
  public static func glorot(fanIn: Int, fanOut: Int) -> Initializer {
    .uniform(bound: (6 / Float(max(fanIn + fanOut, 1))).squareRoot())
  }

  /// Values for parameter `number` of a model: decided by (seed, number) alone, the same on every
  /// device.
  func values(_ shape: [Int], number: Int, seed: UInt64, on device: Device, dtype: DType) -> Tensor
  {
    let key = RandomKey(seed: seed, stream: RandomStream.initialization)
    let count = shape.reduce(1, *)
    switch self {
    case .constant(let value):
      return Tensor(filling: shape, with: value, dtype: dtype, on: device)
    case .uniform(let bound):
      let unit = Tensor.uniform(
        [1, count], key: key, examples: Tensor([Int32(number)], shape: [1], on: device), on: device,
        dtype: dtype)
      return unit.scaled(by: 2 * bound, plus: -bound).reshaped(shape)
    case .normal(let deviation):
      let unit = Tensor.normal(
        [1, count], key: key, examples: Tensor([Int32(number)], shape: [1], on: device), on: device,
        dtype: dtype)
      return unit.scaled(by: deviation).reshaped(shape)
    }
  }
}
