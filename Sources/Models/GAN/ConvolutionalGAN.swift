import Layers
import Tensors

/// Networks after Radford, Metz and Chintala 2016 (arXiv:1511.06434), section 3.
extension GANConfiguration {
  private static let kernel = [4, 4]
  private static let geometry = Convolution2DGeometry(stride: 2, padding: 1)

  /// Latents through a dense layer to the innermost size, then doubled until they are a picture;
  /// batch normalisation and ReLU after all but the last layer, tanh after that.
  func convolutionalGenerator(in scope: ParameterScope) -> Sequential {
    let (inner, channels) = (sizes[depth], depths[depth - 1])
    var layers: [any Layer] = [
      Dense(
        inputSize, inner.reduce(1, *) * channels, hasBias: false,
        initializer: Self.initializer, in: scope.scope("0")),
      Reshape(inner + [channels]),
    ]
    for step in 1...depth {
      let isLast = step == depth
      let inputs = depths[depth - step]
      layers += [
        Normalization(.batch, channels: inputs, in: scope.scope("\(step - 1).normalization")),
        Activate(.relu),
        ConvTransposed2D(
          inputs, isLast ? self.channels : depths[depth - step - 1], kernel: Self.kernel,
          geometry: Self.geometry, outputSize: sizes[depth - step],
          activation: isLast ? .tanh : nil, hasBias: isLast, initializer: Self.initializer,
          in: scope.scope("\(step)")),
      ]
    }
    return Sequential(layers)
  }

  /// Convolutions that halve the picture, normalised but for the first, leaky ReLU of .2 after each;
  /// then one number.
  func convolutionalCritic(in scope: ParameterScope) -> CriticLayers {
    let (isSpectral, normalization) = (criticNormalization == .spectral, criticNormalizationKind)
    var layers: [any Layer] = []
    for (index, outputs) in depths.enumerated() {
      let isNormalized = index > 0 && normalization != nil
      layers.append(
        Conv2D(
          index == 0 ? channels : depths[index - 1], outputs, kernel: Self.kernel,
          geometry: Self.geometry, hasBias: !isNormalized, isSpectral: isSpectral,
          initializer: Self.initializer, in: scope.scope("\(index)")))
      if isNormalized, let normalization {
        layers.append(
          Normalization(
            normalization, channels: outputs, in: scope.scope("\(index).normalization")))
      }
      layers.append(Activate(.leakyReLU(slope: 0.2)))
    }
    let features = sizes[depth].reduce(1, *) * depths[depth - 1]
    return CriticLayers(
      trunk: Sequential(layers), summary: Sequential([Flatten()]),
      verdict: Dense(
        features, 1, isSpectral: isSpectral, initializer: Self.initializer,
        in: scope.scope("\(depth)")))
  }

  private static let initializer = Initializer.normal(deviation: 0.02)
}
