import Layers
import Tensors

/// Networks without convolutions, for small pictures and for search that asks for very many of them:
/// leaky ReLU of .2 after each layer but the last.
extension GANConfiguration {
  /// Latents through ``hidden`` layers to a picture, tanh last.
  func denseGenerator(in scope: ParameterScope) -> Sequential {
    Sequential(
      denseLayers([inputSize] + hidden + [pictureShape.reduce(1, *)], last: .tanh, in: scope)
        + [Reshape(pictureShape)])
  }

  /// The same sizes backwards, to one number.
  func denseCritic(in scope: ParameterScope) -> CriticLayers {
    let layers = denseLayers(
      [pictureShape.reduce(1, *)] + hidden.reversed() + [1], last: nil, in: scope)
    return CriticLayers(
      trunk: Sequential([Flatten()] + layers.dropLast()), summary: Sequential([]),
      verdict: layers.last!)
  }

  private func denseLayers(
    _ sizes: [Int], last: Activation?, in scope: ParameterScope
  ) -> [Dense] {
    let isSpectral = criticNormalization == .spectral && last == nil
    return zip(sizes, sizes.dropFirst()).enumerated().map { index, size in
      Dense(
        size.0, size.1, activation: index + 2 == sizes.count ? last : .leakyReLU(slope: 0.2),
        isSpectral: isSpectral, initializer: .he(fanIn: size.0), in: scope.scope("\(index)"))
    }
  }
}
