import Layers
import Tensors

/// A generator of pictures and the critic that it learns from (Goodfellow and others 2014,
/// arXiv:1406.2661), both convolutional after Radford, Metz and Chintala 2016 (arXiv:1511.06434).
///
/// The critic tells real pictures from made ones, the generator learns to make such as it takes for
/// real. Latent vectors are standard normal. Shapes: latents `[N, latentSize]`, pictures
/// `[N, H, W, C]` in 0…1 (−1…1 inside), verdicts `[N, 1]`.
public final class GAN {
  /// A network with parameters of its own.
  public struct Network {
    public let parameters: ParameterSet
    let layers: Sequential
  }

  /// What it was built from.
  public let configuration: GANConfiguration
  public let generator, critic: Network

  /// - Parameters:
  ///   - configuration: Picture size, networks and losses.
  ///   - seed: Decides the initial parameters.
  ///   - device: Where it lives.
  ///   - dtype: float32, or float64 to check it.
  public init(
    _ configuration: GANConfiguration, seed: UInt64, on device: Device = .cpu,
    dtype: DType = .float32
  ) {
    if let problem = configuration.problem { preconditionFailure("GAN: \(problem)") }
    self.configuration = configuration
    func network(_ number: UInt64, _ layers: (ParameterScope) -> Sequential) -> Network {
      let parameters = ParameterSet(seed: seed &* 2 &+ number, on: device, dtype: dtype)
      return Network(parameters: parameters, layers: layers(parameters.root))
    }
    generator = network(0, configuration.generatorLayers)
    critic = network(1, configuration.criticLayers)
  }

  /// The pictures of latent vectors.
  public func pictures(_ latents: Tensor, _ mode: ForwardMode = .evaluation) -> Tensor {
    made(latents, mode).scaled(by: 0.5, plus: 0.5)
  }

  /// How real the critic takes pictures to be.
  public func verdicts(_ pictures: Tensor, _ mode: ForwardMode = .evaluation) -> Tensor {
    critic.layers(pictures.scaled(by: 2, plus: -1), mode)
  }

  /// Latent vectors, one a seed.
  public func latents(seeds: [Int], key: RandomKey) -> Tensor {
    let device = generator.parameters.device
    let examples = Tensor(
      seeds.map { Int32(truncatingIfNeeded: $0) }, shape: [seeds.count], on: device)
    return latents(examples: examples, key: key)
  }

  /// Latent vectors, one an example.
  public func latents(examples: Tensor, key: RandomKey) -> Tensor {
    Tensor.normal(
      [examples.shape[0], configuration.latentSize], key: key, examples: examples,
      on: generator.parameters.device, dtype: generator.parameters.dtype)
  }

  /// Pictures in −1…1, as the networks have them.
  public func made(_ latents: Tensor, _ mode: ForwardMode) -> Tensor {
    generator.layers(latents, mode)
  }

  /// What the critic minimises.
  ///
  /// - Parameters:
  ///   - real: Pictures in −1…1.
  ///   - made: The same, of the generator and without history.
  ///   - between: Uniform numbers in 0…1, `[N, 1, 1, 1]`: where the gradient penalty looks.
  ///   - isPenalized: Whether penalties on gradients are added, ``GANConfiguration/penaltyEvery``
  ///     times as heavy.
  ///   - mode: Training, where batch normalisation sees either kind of pictures by itself.
  /// - Returns: The loss, the penalties in it, and the mean verdicts, all scalars.
  public func criticLoss(
    real: Tensor, made: Tensor, between: Tensor, isPenalized: Bool, _ mode: ForwardMode
  ) -> (loss: Tensor, penalty: Tensor, verdicts: (real: Tensor, made: Tensor)) {
    let look = isPenalized && configuration.r1 > 0 ? real.tracked() : real
    let verdicts = critic.layers(look, mode)
    let others = critic.layers(made, mode)
    let loss = configuration.loss.critic(real: verdicts, made: others)
    let means = (verdicts.detached().mean(), others.detached().mean())
    var penalty = Tensor(0, dtype: real.dtype, on: real.device)
    guard isPenalized else { return (loss, penalty, means) }
    let every = Float(configuration.penaltyEvery)
    if configuration.r1 > 0 {
      let slope = gradients(of: verdicts, withRespectTo: [look], recorded: true)[0]
      let squares = slope.squared().sum(axes: [1, 2, 3]).mean()
      penalty = penalty + squares.scaled(by: 0.5 * configuration.r1 * every)
    }
    if configuration.gradientPenalty > 0 {
      let mixed = (made + between * (real - made)).detached().tracked()
      let slope = gradients(
        of: critic.layers(mixed, mode), withRespectTo: [mixed], recorded: true)[0]
      // A slope of exactly 0 has no direction, and its root no gradient.
      let norm = (slope.squared().sum(axes: [1, 2, 3]) + 1e-12).sqrt()
      penalty =
        penalty + (norm - 1).squared().mean().scaled(by: configuration.gradientPenalty * every)
    }
    return (loss + penalty, penalty, means)
  }

  /// What the generator minimises, of its own pictures in −1…1; the critic's parameters get no
  /// gradient.
  public func generatorLoss(made: Tensor, _ mode: ForwardMode) -> Tensor {
    critic.parameters.frozen { configuration.loss.generator(made: critic.layers(made, mode)) }
  }
}

extension GANConfiguration {
  private static let kernel = [4, 4]
  private static let geometry = Convolution2DGeometry(stride: 2, padding: 1)

  /// Latents through a dense layer to the innermost size, then doubled until they are a picture;
  /// batch normalisation and ReLU after all but the last layer, tanh after that.
  func generatorLayers(in scope: ParameterScope) -> Sequential {
    let (inner, channels) = (sizes[depth], depths[depth - 1])
    var layers: [any Layer] = [
      Dense(
        latentSize, inner.reduce(1, *) * channels, hasBias: false,
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
  func criticLayers(in scope: ParameterScope) -> Sequential {
    let isSpectral = criticNormalization == .spectral
    let normalization: NormalizationKind? =
      switch criticNormalization {
      case .none, .spectral: nil
      case .batch: .batch
      // All numbers of a picture, as in the papers; our `layer` is each place by itself.
      case .layer: .group(count: 1)
      }
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
    return Sequential(
      layers + [
        Flatten(),
        Dense(
          features, 1, isSpectral: isSpectral, initializer: Self.initializer,
          in: scope.scope("\(depth)")),
      ])
  }

  /// As in Radford, Metz and Chintala 2016, section 3.
  private static let initializer = Initializer.normal(deviation: 0.02)
}
