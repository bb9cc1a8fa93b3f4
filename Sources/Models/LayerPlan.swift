import Layers
import Tensors

/// The most elements that a tensor may have.
let maximumElementCount = Int(Int32.max)

/// Elements of a tensor of this shape, or nil where no tensor can have as many.
func elementCount(_ shape: [Int]) -> Int? {
  var count = 1
  for size in shape {
    let (product, overflow) = count.multipliedReportingOverflow(by: size)
    if overflow || product > maximumElementCount { return nil }
    count = product
  }
  return count
}

/// A layer that is to be made: what it will hold and give is known without making it.
struct LayerPlan {
  /// Names (paths from the model's root) and shapes of its parameters, in order of declaration.
  let parameters: [(name: String, shape: [Int])]
  /// What it gives for one example.
  let outputShape: [Int]

  private let maker: (ParameterScope) -> any Layer

  /// The layer, its parameters declared at ``parameters``' names below `root`.
  func make(in root: ParameterScope) -> any Layer { maker(root) }

  static func flatten(_ size: Int) -> LayerPlan {
    LayerPlan(parameters: [], outputShape: [size]) { _ in Flatten() }
  }

  static func reshape(_ shape: [Int]) -> LayerPlan {
    LayerPlan(parameters: [], outputShape: shape) { _ in Reshape(shape) }
  }

  /// A ``Dense`` layer.
  static func dense(
    _ inputs: Int, _ outputs: Int, activation: Activation? = nil, name: String
  ) -> LayerPlan {
    LayerPlan(
      parameters: [("\(name).weight", [outputs, inputs]), ("\(name).bias", [outputs])],
      outputShape: [outputs]
    ) { Dense(inputs, outputs, activation: activation, in: $0.scope(name)) }
  }

  private static let kernel = [4, 4]
  private static let geometry = Convolution2DGeometry(stride: 2, padding: 1)

  /// A convolution that halves height and width, rounding down, to `size`.
  static func halving(
    _ inputs: Int, _ outputs: Int, to size: [Int], activation: Activation?, name: String
  ) -> LayerPlan {
    LayerPlan(
      parameters: [
        ("\(name).filter", [outputs] + kernel + [inputs]), ("\(name).bias", [outputs]),
      ], outputShape: size + [outputs]
    ) {
      Conv2D(
        inputs, outputs, kernel: kernel, geometry: geometry, activation: activation,
        in: $0.scope(name))
    }
  }

  /// The adjoint of such a convolution of pictures of `size`, which gives that size back.
  static func doubling(
    _ inputs: Int, _ outputs: Int, to size: [Int], activation: Activation?, name: String
  ) -> LayerPlan {
    LayerPlan(
      parameters: [
        ("\(name).filter", [inputs] + kernel + [outputs]), ("\(name).bias", [outputs]),
      ], outputShape: size + [outputs]
    ) {
      ConvTransposed2D(
        inputs, outputs, kernel: kernel, geometry: geometry, outputSize: size,
        activation: activation, in: $0.scope(name))
    }
  }
}
