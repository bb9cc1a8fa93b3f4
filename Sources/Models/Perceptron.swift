import Layers
import Tensors

/// Dense layers one after another with ELU between them; the last one is linear, so that results
/// of any size and sign can be reached.
public struct Perceptron {
  /// Numbers of a row at the input, at each hidden layer and at the output.
  public let sizes: [Int]
  /// Weights `[outputs, inputs]` and biases of each layer, in order: `0.weight`, `0.bias`, ….
  public let parameters: ParameterSet
  private let layers: Sequential

  /// Numbers in all weights and biases of layers of these sizes.
  static func parameterCount(_ sizes: [Int]) -> Int {
    zip(sizes, sizes.dropFirst()).reduce(0) { $0 + ($1.0 + 1) * $1.1 }
  }

  /// Layers with weights and biases uniform in ±1/√inputs, PyTorch's default.
  ///
  /// - Parameters:
  ///   - sizes: At least an input's and an output's, each at least 1.
  ///   - isLastLinear: Whether the last layer goes without ELU, as by default.
  ///   - seed: Decides the initial parameters.
  ///   - device: Where they lie.
  ///   - dtype: float32, or float64 on the CPU.
  public init(
    _ sizes: [Int], isLastLinear: Bool = true, seed: UInt64, on device: Device = .cpu,
    dtype: DType = .float32
  ) {
    precondition(
      sizes.count >= 2 && sizes.allSatisfy { $0 > 0 }, "a perceptron of sizes \(sizes)")
    let parameters = ParameterSet(seed: seed, on: device, dtype: dtype)
    let last = sizes.count - 2
    layers = Sequential(
      zip(sizes, sizes.dropFirst()).enumerated().map { index, size in
        Dense(
          size.0, size.1, activation: index < last || !isLastLinear ? .elu(alpha: 1) : nil,
          in: parameters.root.scope("\(index)"))
      })
    (self.sizes, self.parameters) = (sizes, parameters)
  }

  /// `[N, sizes.first]` → `[N, sizes.last]`.
  public func callAsFunction(_ x: Tensor) -> Tensor { layers(x, .evaluation) }
}
