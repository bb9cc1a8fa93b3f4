import Layers
import Tensors

/// A generator of pictures and the critic that it learns from (Goodfellow and others 2014,
/// arXiv:1406.2661).
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
  private let augmentation: CriticAugmentation?

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
    switch configuration.architecture {
    case .convolutional:
      generator = network(0, configuration.convolutionalGenerator)
      critic = network(1, configuration.convolutionalCritic)
    case .residual:
      generator = network(0, configuration.residualGenerator)
      critic = network(1, configuration.residualCritic)
    case .dense:
      generator = network(0, configuration.denseGenerator)
      critic = network(1, configuration.denseCritic)
    }
    augmentation =
      configuration.isAugmented
      ? CriticAugmentation(
        initially: configuration.augmentation, target: configuration.augmentationTarget,
        in: critic.parameters.root.scope("augmentation")) : nil
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

  /// Pictures in −1…1 as the critic sees them in training; `key` and `examples` decide how.
  public func augmented(_ pictures: Tensor, _ key: RandomKey, examples: Tensor) -> Tensor {
    augmentation?(pictures, key, examples: examples) ?? pictures
  }

  /// How often each change of ``augmented(_:_:examples:)`` is made, `[1]`; nil where none is.
  public var augmentationStrength: Tensor? { augmentation?.strength.value.detached() }

  /// Lets the strength of the augmentation follow verdicts on real pictures.
  public func adaptAugmentation(to verdicts: Tensor) {
    augmentation?.adapt(to: verdicts - configuration.loss.middle)
  }

  /// What the critic minimises.
  ///
  /// - Parameters:
  ///   - real: Pictures in −1…1, as the critic sees them.
  ///   - made: The same, of the generator and without history.
  ///   - between: Uniform numbers in 0…1, `[N, 1, 1, 1]`: where the gradient penalty looks.
  ///   - isPenalized: Whether penalties on gradients are added, ``GANConfiguration/penaltyEvery``
  ///     times as heavy.
  ///   - mode: Training, where batch normalisation sees either kind of pictures by itself.
  /// - Returns: The loss and the penalties in it, both scalars, and the verdicts, `[N, 1]`.
  public func criticLoss(
    real: Tensor, made: Tensor, between: Tensor, isPenalized: Bool, _ mode: ForwardMode
  ) -> (loss: Tensor, penalty: Tensor, verdicts: (real: Tensor, made: Tensor)) {
    let look = isPenalized && configuration.r1 > 0 ? real.tracked() : real
    let verdicts = critic.layers(look, mode)
    let others = critic.layers(made, mode)
    let loss = configuration.loss.critic(real: verdicts, made: others)
    let found = (verdicts.detached(), others.detached())
    var penalty = Tensor(0, dtype: real.dtype, on: real.device)
    guard isPenalized else { return (loss, penalty, found) }
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
    return (loss + penalty, penalty, found)
  }

  /// What the generator minimises, of its own pictures as the critic sees them; the critic's
  /// parameters get no gradient.
  public func generatorLoss(made: Tensor, _ mode: ForwardMode) -> Tensor {
    critic.parameters.frozen { configuration.loss.generator(made: critic.layers(made, mode)) }
  }
}
