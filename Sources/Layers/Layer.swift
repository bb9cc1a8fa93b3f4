import Tensors

/// A differentiable function with parameters of its own.
public protocol Layer {
  /// The layer's result for `x`, whose first axis counts examples.
  func callAsFunction(_ x: Tensor, _ mode: ForwardMode) -> Tensor
}

/// Whether a forward pass is for training, and what its random numbers depend on then.
public enum ForwardMode: Sendable {
  /// Nothing is drawn; running statistics are used and stay as they are.
  case evaluation
  /// Dropout masks come from (seed, layer's stream, step, example); `examples` is int32 `[N]`,
  /// which example each row is.
  case training(seed: UInt64, step: UInt32, examples: Tensor)
  /// As in evaluation, but that batch normalisation uses the batch's own statistics, and its running
  /// ones become the mean over the passes so far, of which this is the `pass`th, from 1: for parameters
  /// that were not trained with the statistics, such as averages.
  case calibration(pass: Int)

  /// Whether it is ``training(seed:step:examples:)``.
  public var isTraining: Bool {
    if case .training = self { true } else { false }
  }
}

/// Layers one after another.
public struct Sequential: Layer {
  /// The layers, first to last.
  public let layers: [any Layer]

  /// The first of `layers` gets the input, the last gives the result; none pass the input on.
  public init(_ layers: [any Layer]) { self.layers = layers }

  public func callAsFunction(_ x: Tensor, _ mode: ForwardMode) -> Tensor {
    layers.reduce(x) { $1($0, mode) }
  }
}

/// An activation as a layer of its own, for after a normalisation; dense and convolutional layers
/// take theirs directly.
public struct Activate: Layer {
  /// The function applied to every element.
  public let activation: Activation

  /// A layer that applies `activation` to every element.
  public init(_ activation: Activation) { self.activation = activation }

  public func callAsFunction(_ x: Tensor, _ mode: ForwardMode) -> Tensor { x.activated(activation) }
}

/// Another shape for each example: `[N, …]` to `[N, shape…]`.
public struct Reshape: Layer {
  /// Size of each axis of an example in the result.
  public let shape: [Int]

  /// - Parameter shape: Sizes of an example's axes, without the first; as many elements as it has
  ///   now; one size may be -1.
  public init(_ shape: [Int]) { self.shape = shape }

  public func callAsFunction(_ x: Tensor, _ mode: ForwardMode) -> Tensor {
    x.reshaped([x.shape[0]] + shape)
  }
}

/// Each example as one vector: `[N, …]` to `[N, features]`.
public struct Flatten: Layer {
  /// A layer without parameters.
  public init() {}

  public func callAsFunction(_ x: Tensor, _ mode: ForwardMode) -> Tensor { x.flattened() }
}
