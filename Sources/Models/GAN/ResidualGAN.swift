import Layers
import Tensors

/// Networks of residual blocks after Miyato and others 2018 (arXiv:1802.05957), appendix B.4, the
/// filters doubled inwards in place of being as many everywhere.
extension GANConfiguration {
  /// Latents through a dense layer to the innermost size, blocks that double it until it is that of
  /// the picture, and a convolution with tanh; batch normalisation.
  func residualGenerator(in scope: ParameterScope) -> Sequential {
    let inner = sizes[depth]
    var layers: [any Layer] = [
      Dense(
        inputSize, inner.reduce(1, *) * depths[depth - 1],
        initializer: .he(fanIn: inputSize), in: scope.scope("0")),
      Reshape(inner + [depths[depth - 1]]),
    ]
    for step in 1...depth {
      layers.append(
        ResidualBlock(
          depths[depth - step], depths[max(depth - step - 1, 0)],
          resampling: .up(to: sizes[depth - step]), normalization: .batch,
          in: scope.scope("\(step)")))
    }
    let last = scope.scope("\(depth + 1)")
    return Sequential(
      layers + [
        Normalization(.batch, channels: filters, in: last.scope("normalization")),
        Activate(.relu),
        Conv2D(
          filters, channels, kernel: [3, 3], geometry: .init(padding: 1), activation: .tanh,
          initializer: .he(fanIn: 9 * filters), in: last),
      ])
  }

  /// Blocks that halve the picture, one at the innermost size, the sum over all places, and one
  /// number.
  func residualCritic(in scope: ParameterScope) -> CriticLayers {
    let isSpectral = criticNormalization == .spectral
    func block(_ number: Int, _ inputs: Int, _ outputs: Int, _ resampling: ResidualBlock.Resampling)
      -> ResidualBlock
    {
      ResidualBlock(
        inputs, outputs, resampling: resampling,
        normalization: number == 0 ? nil : criticNormalizationKind, isSpectral: isSpectral,
        isFirst: number == 0, in: scope.scope("\(number)"))
    }
    let inner = depths[depth - 1]
    let halving = depths.enumerated().map { index, outputs in
      block(index, index == 0 ? channels : depths[index - 1], outputs, .down)
    }
    return CriticLayers(
      trunk: Sequential(halving + [block(depth, inner, inner, .none)]),
      summary: Sequential([Activate(.relu), SumPool()]),
      verdict: Dense(
        inner, 1, isSpectral: isSpectral, initializer: .he(fanIn: inner),
        in: scope.scope("\(depth + 1)")))
  }
}

/// Two 3×3 convolutions, each after normalisation and ReLU, added to what came in: `[N, H, W, inputs]`
/// → `[N, H′, W′, outputs]`.
///
/// Where channels or size differ, a 1×1 convolution and the same resampling bring what came in to
/// them.
private struct ResidualBlock: Layer {
  enum Resampling {
    case none
    /// Nearest neighbours, before the first convolution.
    case up(to: [Int])
    /// Means of 2×2 pixels, after the second; an odd row or column at the end is left out.
    case down
  }

  private let resampling: Resampling
  private let isFirst: Bool
  private let normalizations: [Normalization]
  private let convolutions: [Conv2D]
  private let skip: Conv2D?

  /// `isFirst` marks a block that sees pictures: these are not put through ReLU, and the skip is
  /// convolved after it was made smaller, which is the same and cheaper.
  init(
    _ inputs: Int, _ outputs: Int, resampling: Resampling, normalization: NormalizationKind?,
    isSpectral: Bool = false, isFirst: Bool = false, in scope: ParameterScope
  ) {
    (self.resampling, self.isFirst) = (resampling, isFirst)
    func convolution(_ name: String, _ inputs: Int, side: Int) -> Conv2D {
      Conv2D(
        inputs, outputs, kernel: [side, side], geometry: .init(padding: side / 2),
        isSpectral: isSpectral, initializer: .he(fanIn: side * side * inputs),
        in: scope.scope(name))
    }
    let ends = [("first", inputs), ("second", outputs)]
    normalizations = ends.compactMap { name, channels in
      normalization.map {
        Normalization($0, channels: channels, in: scope.scope(name).scope("normalization"))
      }
    }
    convolutions = ends.map { convolution($0, $1, side: 3) }
    if case .none = resampling, inputs == outputs {
      skip = nil
    } else {
      skip = convolution("skip", inputs, side: 1)
    }
  }

  func callAsFunction(_ x: Tensor, _ mode: ForwardMode) -> Tensor {
    var y = isFirst ? x : activated(0, x, mode)
    y = activated(1, convolutions[0](enlarged(y), mode), mode)
    y = reduced(convolutions[1](y, mode))
    guard let skip else { return x + y }
    // A convolution of one pixel may change places with either resampling; first where that is less.
    if case .up = resampling { return enlarged(skip(x, mode)) + y }
    return skip(reduced(x), mode) + y
  }

  private func activated(_ index: Int, _ x: Tensor, _ mode: ForwardMode) -> Tensor {
    (normalizations.isEmpty ? x : normalizations[index](x, mode)).relu()
  }

  private func enlarged(_ x: Tensor) -> Tensor {
    if case .up(let size) = resampling { x.resized(to: size, mode: .nearest) } else { x }
  }

  private func reduced(_ x: Tensor) -> Tensor {
    guard case .down = resampling else { return x }
    return x.averagePool2d(kernel: [2, 2], geometry: .init(stride: 2))
  }
}

/// The sum of each channel over the whole picture: `[N, H, W, C]` → `[N, C]`.
private struct SumPool: Layer {
  func callAsFunction(_ x: Tensor, _ mode: ForwardMode) -> Tensor { x.sum(axes: [1, 2]) }
}
