import Layers
import Tensors

/// A generator for few pictures after Liu and others 2021 (arXiv:2101.04775), section 3, and what its
/// critic has beside a residual one: a decoder, which keeps it from looking at a few details alone.
extension GANConfiguration {
  /// Latents through a dense layer to the innermost size, steps that double it until it is that of the
  /// picture, and a convolution with tanh.
  func excitationGenerator(in scope: ParameterScope) -> Sequential {
    let inner = sizes[depth] + [depths[depth - 1]]
    let first = scope.scope("0")
    return Sequential([
      Dense(
        inputSize, 2 * inner.reduce(1, *), hasBias: false, initializer: .he(fanIn: inputSize),
        in: first),
      Reshape(inner.dropLast() + [2 * inner[2]]),
      Normalization(.batch, channels: 2 * inner[2], in: first.scope("normalization")),
      GatedLinearUnit(),
      ExcitedSteps(self, in: scope),
      Conv2D(
        filters, channels, kernel: [3, 3], geometry: .init(padding: 1), activation: .tanh,
        initializer: .he(fanIn: 9 * filters), in: scope.scope("\(depth + 1)")),
    ])
  }

  /// A map of the critic's features to a picture of half the size.
  func criticDecoder(in scope: ParameterScope) -> Sequential {
    let steps = (1..<max(depth, 2)).map { step -> any Layer in
      GatedStep(
        depths[depth - step], depths[max(depth - step - 1, 0)],
        to: sizes[max(depth - step, 1)], in: scope.scope("\(step - 1)"))
    }
    return Sequential(
      steps + [
        Conv2D(
          filters, channels, kernel: [3, 3], geometry: .init(padding: 1), activation: .tanh,
          initializer: .he(fanIn: 9 * filters), in: scope.scope("\(steps.count)"))
      ])
  }
}

/// The first half of the channels, let through by the sigmoid of the other (Dauphin and others 2017,
/// arXiv:1612.08083): `[…, 2C]` → `[…, C]`.
private struct GatedLinearUnit: Layer {
  func callAsFunction(_ x: Tensor, _ mode: ForwardMode) -> Tensor {
    let (axis, half) = (x.rank - 1, x.shape[x.rank - 1] / 2)
    return x.sliced(0..<half, axis: axis) * x.sliced(half..<2 * half, axis: axis).sigmoid()
  }
}

/// Nearest neighbours to a larger size, a 3×3 convolution, batch normalisation, gated.
private struct GatedStep: Layer {
  private let size: [Int]
  private let layers: Sequential

  init(_ inputs: Int, _ outputs: Int, to size: [Int], in scope: ParameterScope) {
    self.size = size
    layers = Sequential([
      Conv2D(
        inputs, 2 * outputs, kernel: [3, 3], geometry: .init(padding: 1), hasBias: false,
        initializer: .he(fanIn: 9 * inputs), in: scope),
      Normalization(.batch, channels: 2 * outputs, in: scope.scope("normalization")),
      GatedLinearUnit(),
    ])
  }

  func callAsFunction(_ x: Tensor, _ mode: ForwardMode) -> Tensor {
    layers(x.resized(to: size, mode: .nearest), mode)
  }
}

/// Steps from the innermost size to the picture's, whose channels smaller sizes weigh.
private struct ExcitedSteps: Layer {
  private let steps: [GatedStep]
  /// What weighs the result of a step, by its place.
  private let excitations: [Int: Excitation]
  private let distance: Int

  init(_ configuration: GANConfiguration, in scope: ParameterScope) {
    let (depth, sizes, depths) = (
      configuration.depth, configuration.sizes, configuration.depths
    )
    func channels(_ place: Int) -> Int { depths[max(depth - place - 1, 0)] }
    steps = (1...depth).map { step in
      GatedStep(
        channels(step - 1), channels(step), to: sizes[depth - step], in: scope.scope("\(step)"))
    }
    // From 8 to 128 pixels in the paper, as far apart as there is room for in small pictures.
    let distance = min(max(depth - 1, 1), 4)
    self.distance = distance
    excitations = Dictionary(
      uniqueKeysWithValues: (distance...depth).map { place in
        let source = place - distance
        return (
          place,
          Excitation(
            of: channels(place), by: channels(source), smaller: 1 << source, to: sizes[depth],
            in: scope.scope("\(place)").scope("excitation"))
        )
      })
  }

  func callAsFunction(_ x: Tensor, _ mode: ForwardMode) -> Tensor {
    var maps = [x]
    for (index, step) in steps.enumerated() {
      let y = step(maps[index], mode)
      let excitation = excitations[index + 1]
      maps.append(excitation.map { y * $0(maps[index + 1 - distance], mode) } ?? y)
    }
    return maps[steps.count]
  }
}

/// Weights of channels in 0…1, `[N, 1, 1, outputs]`, that a smaller map decides.
private struct Excitation: Layer {
  private let factor: Int
  private let outputs: Int
  private let layers: Sequential

  /// - Parameters:
  ///   - outputs: Channels that are weighed.
  ///   - inputs: Channels of the map that decides.
  ///   - factor: By which that map is larger than the innermost one.
  ///   - size: The innermost size, all of whose places decide.
  ///   - scope: Where the parameters are declared.
  init(
    of outputs: Int, by inputs: Int, smaller factor: Int, to size: [Int], in scope: ParameterScope
  ) {
    (self.factor, self.outputs) = (factor, outputs)
    let places = size.reduce(inputs, *)
    layers = Sequential([
      Flatten(),
      Dense(
        places, outputs, activation: .leakyReLU(slope: 0.1), initializer: .he(fanIn: places),
        in: scope.scope("0")),
      Dense(
        outputs, outputs, activation: .sigmoid, initializer: .he(fanIn: outputs),
        in: scope.scope("1")),
    ])
  }

  func callAsFunction(_ x: Tensor, _ mode: ForwardMode) -> Tensor {
    let pooled =
      factor == 1
      ? x : x.averagePool2d(kernel: [factor, factor], geometry: .init(stride: factor))
    return layers(pooled, mode).reshaped([x.shape[0], 1, 1, outputs])
  }
}
