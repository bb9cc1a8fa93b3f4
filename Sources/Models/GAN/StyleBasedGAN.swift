import Layers
import Tensors

/// Latent vectors `[N, inputSize]` to styles `[N, latentSize]`, which weigh the channels of every
/// convolution of a ``Synthesis``.
///
/// After Karras, Laine and Aila 2019 (arXiv:1812.04948) and Karras and others 2020 (arXiv:1912.04958).
/// It keeps the mean of all styles, towards which they can be drawn.
struct Mapping {
  private let layers: Sequential
  /// `[latentSize]`.
  private let meanStyle: Parameter

  /// Share of a batch in the mean.
  private static let share: Float = 0.005
  /// How much slower than the rest the layers learn.
  private static let slowness: Float = 0.01

  init(_ configuration: GANConfiguration, in scope: ParameterScope) {
    let size = configuration.latentSize
    layers = Sequential(
      (0..<configuration.mappingDepth).map { index in
        EqualizedDense(
          index == 0 ? configuration.inputSize : size, size, slowness: Self.slowness,
          activation: .leakyReLU(slope: 0.2), in: scope.scope("\(index)"))
      })
    meanStyle = scope.statistic("meanStyle", [size], initially: 0)
  }

  /// `temperature` draws styles towards the mean (truncation: appendix B of the first source).
  func callAsFunction(_ latents: Tensor, temperature: Float, _ mode: ForwardMode) -> Tensor {
    let length = (latents.squared().mean(axes: [1], keepingDimensions: true) + 1e-8).rsqrt()
    let styles = layers(latents * length, mode)
    follow(styles, mode)
    guard temperature != 1 else { return styles }
    return meanStyle.value + (styles - meanStyle.value).scaled(by: temperature)
  }

  private func follow(_ styles: Tensor, _ mode: ForwardMode) {
    let share: Float
    switch mode {
    case .training: share = Self.share
    case .calibration(let pass): share = 1 / Float(pass)
    case .evaluation: return
    }
    let batch = styles.detached().mean(axes: [0])
    meanStyle.assign(meanStyle.value.scaled(by: 1 - share) + batch.scaled(by: share))
  }
}

/// Styles `[N, L]` to pictures `[N, H, W, C]`.
///
/// A learnt innermost map is doubled until it is of the picture's size. Colours are not bounded.
struct Synthesis {
  private let first: Parameter
  private let sizes: [[Int]]
  /// Of each size, innermost first.
  private let convolutions: [[StyledConvolution]]
  private let colors: [ModulatedConvolution]
  private let colorShifts: [Parameter]

  init(_ configuration: GANConfiguration, in scope: ParameterScope) {
    let (depth, depths) = (configuration.depth, configuration.depths)
    let style = configuration.latentSize
    sizes = configuration.sizes.reversed()
    let sizes = sizes
    func channels(_ place: Int) -> Int { depths[max(depth - place - 1, 0)] }
    first = scope.parameter("first", [1] + sizes[0] + [channels(0)], .normal(deviation: 1))
    convolutions = (0...depth).map { place in
      let inputs = (place == 0 ? [] : [channels(place - 1)]) + [channels(place)]
      return inputs.enumerated().map { index, count in
        StyledConvolution(
          count, channels(place), style: style, size: sizes[place],
          in: scope.scope("\(place)").scope("\(index)"))
      }
    }
    colors = (0...depth).map { place in
      ModulatedConvolution(
        channels(place), configuration.channels, side: 1, style: style, isDemodulated: false,
        in: scope.scope("\(place)").scope("colors"))
    }
    colorShifts = (0...depth).map { place in
      scope.scope("\(place)").scope("colors").parameter("bias", [configuration.channels], .zeros)
    }
  }

  func callAsFunction(_ styles: Tensor, _ mode: ForwardMode) -> Tensor {
    var x = first.value.broadcast(to: [styles.shape[0]] + first.shape.dropFirst())
    var picture: Tensor?
    for (place, layers) in convolutions.enumerated() {
      if place > 0 { x = x.resized(to: sizes[place], mode: .bilinear) }
      for layer in layers { x = layer(x, styles, mode) }
      let colors = colors[place](x, styles, mode) + colorShifts[place].value
      picture = picture.map { $0.resized(to: sizes[place], mode: .bilinear) + colors } ?? colors
    }
    return picture!
  }
}

/// A modulated 3×3 convolution, noise, a shift, leaky ReLU of .2 that keeps the variance.
private struct StyledConvolution {
  private let convolution: ModulatedConvolution
  /// One number: how much of the noise is added.
  private let strength: Parameter
  private let bias: Parameter
  /// `[1, H, W, 1]`: the noise where pictures are to be decided by their latents alone.
  private let noise: Parameter
  private let stream: UInt32

  init(_ inputs: Int, _ outputs: Int, style: Int, size: [Int], in scope: ParameterScope) {
    convolution = ModulatedConvolution(
      inputs, outputs, side: 3, style: style, isDemodulated: true, in: scope)
    strength = scope.parameter("strength", [1], .zeros)
    bias = scope.parameter("bias", [outputs], .zeros)
    noise = scope.statistic("noise", [1] + size + [1], .normal(deviation: 1))
    stream = scope.randomStream()
  }

  func callAsFunction(_ x: Tensor, _ styles: Tensor, _ mode: ForwardMode) -> Tensor {
    let y = convolution(x, styles, mode) + drawn(x, mode) * strength.value + bias.value
    return y.leakyReLU(slope: 0.2).scaled(by: Float(2).squareRoot())
  }

  private func drawn(_ x: Tensor, _ mode: ForwardMode) -> Tensor {
    guard case .training(let seed, let step, let examples) = mode else { return noise.value }
    let shape = [x.shape[0]] + noise.shape.dropFirst()
    return Tensor.normal(
      [shape[0], shape.dropFirst().reduce(1, *)],
      key: RandomKey(seed: seed, stream: stream, step: step), examples: examples, on: x.device,
      dtype: x.dtype
    ).reshaped(shape)
  }
}

/// A convolution whose input channels a style weighs, and whose outputs, where demodulated, are
/// divided by what that does to their deviation (section 2.2 of the second source).
///
/// Weighing what goes in and dividing what comes out is the same as doing so to the filters, which
/// would be others for every picture.
private struct ModulatedConvolution {
  private let filter: Parameter
  private let scale: EqualizedDense
  private let isDemodulated: Bool
  private let side: Int

  init(
    _ inputs: Int, _ outputs: Int, side: Int, style: Int, isDemodulated: Bool,
    in scope: ParameterScope
  ) {
    (self.side, self.isDemodulated) = (side, isDemodulated)
    filter = scope.parameter("filter", [outputs, side, side, inputs], .normal(deviation: 1))
    scale = EqualizedDense(style, inputs, initialBias: 1, in: scope.scope("style"))
  }

  func callAsFunction(_ x: Tensor, _ styles: Tensor, _ mode: ForwardMode) -> Tensor {
    let fanIn = Float(filter.shape.dropFirst().reduce(1, *))
    let filter = filter.value.scaled(by: 1 / fanIn.squareRoot())
    let (count, inputs) = (x.shape[0], x.shape[3])
    let weights = scale(styles, mode)
    let y = (x * weights.reshaped([count, 1, 1, inputs])).conv2d(
      filter, bias: nil, geometry: .init(padding: side / 2))
    guard isDemodulated else { return y }
    let energy = weights.squared().linear(weight: filter.squared().sum(axes: [1, 2]))
    return y * (energy + 1e-8).rsqrt().reshaped([count, 1, 1, y.shape[3]])
  }
}

/// A dense layer whose weights start at deviation 1 and are scaled when they are used, so that all
/// learn at one pace (Karras and others 2018, arXiv:1710.10196, section 4.1).
private struct EqualizedDense: Layer {
  private let weight, bias: Parameter
  private let slowness: Float
  private let activation: Activation?

  /// `slowness` is by how much less than others the layer moves at one learning rate.
  init(
    _ inputs: Int, _ outputs: Int, initialBias: Float = 0, slowness: Float = 1,
    activation: Activation? = nil, in scope: ParameterScope
  ) {
    weight = scope.parameter("weight", [outputs, inputs], .normal(deviation: 1 / slowness))
    bias = scope.parameter("bias", [outputs], .constant(initialBias / slowness))
    (self.slowness, self.activation) = (slowness, activation)
  }

  func callAsFunction(_ x: Tensor, _ mode: ForwardMode) -> Tensor {
    let scale = slowness / Float(weight.shape[1]).squareRoot()
    let y = x.linear(
      weight: weight.value.scaled(by: scale), bias: bias.value.scaled(by: slowness),
      activation: activation)
    // Leaky ReLU halves the variance.
    return activation == nil ? y : y.scaled(by: Float(2).squareRoot())
  }
}
