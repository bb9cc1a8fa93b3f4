import Tensors

/// A bank of filters over pictures: `[N, H, W, inputs]` → `[N, Ho, Wo, outputs]`.
public struct Conv2D: Layer {
  /// A filter an output channel, `[outputs, Kh, Kw, inputs / groups]`.
  public let filter: Parameter
  /// Added to every output pixel, `[outputs]`; nil for none.
  public let bias: Parameter?
  /// Stride, padding, dilation and groups.
  public let geometry: Convolution2DGeometry
  /// Applied to the result; nil for none.
  public let activation: Activation?
  private let spectral: SpectralNormalization?

  /// - Parameters:
  ///   - inputs: Channels of the picture.
  ///   - outputs: Number of filters.
  ///   - kernel: Size of a filter, [down, across].
  ///   - geometry: Stride, padding, dilation, groups.
  ///   - activation: Applied to the result; none by default.
  ///   - hasBias: Off before a normalisation, which would cancel it.
  ///   - isSpectral: Whether filters are divided by their largest singular value (Miyato and others
  ///     2018).
  ///   - initializer: Of the filters; by default uniform in ±1/√(Kh·Kw·inputs/groups), and so is
  ///     the bias.
  ///   - scope: Where the parameters are declared.
  public init(
    _ inputs: Int, _ outputs: Int, kernel: [Int], geometry: Convolution2DGeometry = .init(),
    activation: Activation? = nil, hasBias: Bool = true, isSpectral: Bool = false,
    initializer: Initializer? = nil, in scope: ParameterScope
  ) {
    let fanIn = kernel[0] * kernel[1] * inputs / geometry.groups
    filter = scope.parameter(
      "filter", [outputs, kernel[0], kernel[1], inputs / geometry.groups],
      initializer ?? .fanIn(fanIn))
    bias = hasBias ? scope.parameter("bias", [outputs], .fanIn(fanIn)) : nil
    self.geometry = geometry
    self.activation = activation
    spectral = isSpectral ? SpectralNormalization(of: filter, in: scope) : nil
  }

  public func callAsFunction(_ x: Tensor, _ mode: ForwardMode) -> Tensor {
    let filter = spectral?.normalized(filter.value, mode) ?? filter.value
    return x.conv2d(filter, bias: bias?.value, geometry: geometry, activation: activation)
  }
}

/// The adjoint of a convolution, which enlarges pictures: `[N, H, W, inputs]` →
/// `[N, Ho, Wo, outputs]`.
public struct ConvTransposed2D: Layer {
  /// The filter of the convolution undone, `[inputs, Kh, Kw, outputs / groups]`.
  public let filter: Parameter
  /// Added to every output pixel, `[outputs]`; nil for none.
  public let bias: Parameter?
  /// That of the convolution undone.
  public let geometry: Convolution2DGeometry
  /// Size of the result, [down, across]; nil for the smallest that the convolution would have
  /// shrunk to the input.
  public let outputSize: [Int]?
  /// Applied to the result; nil for none.
  public let activation: Activation?

  /// - Parameters:
  ///   - inputs: Channels of the input.
  ///   - outputs: Channels of the result.
  ///   - kernel: Size of a filter, [down, across].
  ///   - geometry: That of the convolution undone.
  ///   - outputSize: Needed where the stride leaves several sizes possible, as for odd pictures.
  ///   - activation: Applied to the result; none by default.
  ///   - hasBias: Off before a normalisation, which would cancel it.
  ///   - initializer: Of the filters; by default uniform in ±1/√(Kh·Kw·outputs/groups) as in
  ///     PyTorch, and so is the bias.
  ///   - scope: Where the parameters are declared.
  public init(
    _ inputs: Int, _ outputs: Int, kernel: [Int], geometry: Convolution2DGeometry = .init(),
    outputSize: [Int]? = nil, activation: Activation? = nil, hasBias: Bool = true,
    initializer: Initializer? = nil, in scope: ParameterScope
  ) {
    let fanIn = kernel[0] * kernel[1] * outputs / geometry.groups
    filter = scope.parameter(
      "filter", [inputs, kernel[0], kernel[1], outputs / geometry.groups],
      initializer ?? .fanIn(fanIn))
    bias = hasBias ? scope.parameter("bias", [outputs], .fanIn(fanIn)) : nil
    self.geometry = geometry
    self.outputSize = outputSize
    self.activation = activation
  }

  public func callAsFunction(_ x: Tensor, _ mode: ForwardMode) -> Tensor {
    x.convTransposed2d(
      filter.value, bias: bias?.value, geometry: geometry, outputSize: outputSize,
      activation: activation)
  }
}
