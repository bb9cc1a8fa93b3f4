import Tensors

/// activation(x · weightᵀ + bias): `[…, inputs]` → `[…, outputs]`.
public struct Dense: Layer {
  /// A row of weights an output, `[outputs, inputs]`.
  public let weight: Parameter
  /// Added to the product, `[outputs]`; nil for none.
  public let bias: Parameter?
  /// Applied to the result; nil for none.
  public let activation: Activation?
  private let spectral: SpectralNormalization?

  /// - Parameters:
  ///   - inputs: Features of the last axis.
  ///   - outputs: Features of the result.
  ///   - activation: Applied to the result; none by default.
  ///   - hasBias: Off before a normalisation, which would cancel it.
  ///   - isSpectral: Whether the weight is divided by its largest singular value (Miyato and others
  ///     2018).
  ///   - initializer: Of the weight; by default uniform in ±1/√inputs, and so is the bias.
  ///   - scope: Where the parameters are declared.
  public init(
    _ inputs: Int, _ outputs: Int, activation: Activation? = nil, hasBias: Bool = true,
    isSpectral: Bool = false, initializer: Initializer? = nil, in scope: ParameterScope
  ) {
    weight = scope.parameter("weight", [outputs, inputs], initializer ?? .fanIn(inputs))
    bias = hasBias ? scope.parameter("bias", [outputs], .fanIn(inputs)) : nil
    self.activation = activation
    spectral = isSpectral ? SpectralNormalization(of: weight, in: scope) : nil
  }

  public func callAsFunction(_ x: Tensor, _ mode: ForwardMode) -> Tensor {
    let weight = spectral?.normalized(weight.value, mode) ?? weight.value
    return x.linear(weight: weight, bias: bias?.value, activation: activation)
  }
}
