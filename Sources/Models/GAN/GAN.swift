import Layers
import Tensors

/// A generator of pictures and the critic that it learns from (Goodfellow and others 2014,
/// arXiv:1406.2661).
///
/// The critic tells real pictures from made ones, the generator learns to make such as it takes for
/// real. Latent vectors are standard normal; where pictures are of a class, a number for each class
/// follows, 1 for its own. Shapes: latents `[N, inputSize]`, pictures `[N, H, W, C]` in 0…1 (−1…1
/// inside), verdicts `[N, 1]`, classes int32 `[N]`.
public final class GAN {
  /// What it was built from.
  public let configuration: GANConfiguration
  public let generator: Generator
  public let critic: Critic
  private let augmentation: CriticAugmentation?
  private let meanPathLength: Parameter?

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
    let own = ParameterSet(seed: seed &* 2, on: device, dtype: dtype)
    let other = ParameterSet(seed: seed &* 2 &+ 1, on: device, dtype: dtype)
    generator =
      switch configuration.architecture {
      case .convolutional: Generator(own, configuration.convolutionalGenerator(in: own.root))
      case .residual: Generator(own, configuration.residualGenerator(in: own.root))
      case .excitation: Generator(own, configuration.excitationGenerator(in: own.root))
      case .dense: Generator(own, configuration.denseGenerator(in: own.root))
      case .style:
        Generator(
          own, Mapping(configuration, in: own.root.scope("mapping")),
          Synthesis(configuration, in: own.root))
      }
    let verdicts =
      switch configuration.architecture {
      case .convolutional, .style: configuration.convolutionalCritic(in: other.root)
      case .residual, .excitation: configuration.residualCritic(in: other.root)
      case .dense: configuration.denseCritic(in: other.root)
      }
    critic = Critic(configuration, verdicts, other)
    meanPathLength =
      configuration.pathLength > 0
      ? own.root.statistic("meanPathLength", [1], initially: 0) : nil
    augmentation =
      configuration.isAugmented
      ? CriticAugmentation(
        initially: configuration.augmentation, target: configuration.augmentationTarget,
        in: critic.parameters.root.scope("augmentation")) : nil
  }

  /// The pictures of latent vectors, nearer to the middle of all by a temperature below 1, farther from
  /// it above.
  ///
  /// The middle is the mean style where there are styles, else the latent vector 0 (of the same class).
  public func pictures(
    _ latents: Tensor, temperature: Float = 1, _ mode: ForwardMode = .evaluation
  ) -> Tensor {
    let hasStyles = configuration.architecture == .style
    let styles = generator.styles(
      hasStyles ? latents : tempered(latents, by: temperature), temperature: temperature, mode)
    let pictures = generator.pictures(of: styles, mode).scaled(by: 0.5, plus: 0.5)
    // Others end in tanh.
    return hasStyles ? pictures.clamped(0, 1) : pictures
  }

  /// How real the critic takes pictures to be, as pictures of these classes where it is conditional.
  public func verdicts(
    _ pictures: Tensor, labels: Tensor? = nil, _ mode: ForwardMode = .evaluation
  ) -> Tensor {
    critic(pictures.scaled(by: 2, plus: -1), labels: labels, mode).verdicts
  }

  /// How likely the critic takes each class for of pictures in 0…1, before softmax or sigmoid,
  /// `[N, classes]`; nil where it does not tell classes apart.
  public func classes(_ pictures: Tensor, _ mode: ForwardMode = .evaluation) -> Tensor? {
    critic(pictures.scaled(by: 2, plus: -1), labels: nil, mode).classes
  }

  /// Latent vectors, one a seed; of a class, where pictures are of one: `label`, else each class in
  /// turn.
  public func latents(seeds: [Int], label: Int? = nil, key: RandomKey) -> Tensor {
    let device = generator.parameters.device
    func vector(_ values: [Int]) -> Tensor {
      Tensor(values.map { Int32(truncatingIfNeeded: $0) }, shape: [values.count], on: device)
    }
    let classes = max(configuration.classes, 1)
    return latents(
      examples: vector(seeds), labels: vector(seeds.map { label ?? $0 % classes }), key: key)
  }

  /// Latent vectors, one an example, of these classes where pictures are of one.
  public func latents(examples: Tensor, labels: Tensor, key: RandomKey) -> Tensor {
    let parameters = generator.parameters
    let latents = Tensor.normal(
      [examples.shape[0], configuration.latentSize], key: key, examples: examples,
      on: parameters.device, dtype: parameters.dtype)
    guard configuration.isConditional else { return latents }
    let classes = labels.oneHot(depth: configuration.classes, dtype: parameters.dtype)
    return Tensor.concatenated([latents, classes], axis: 1)
  }

  private func tempered(_ latents: Tensor, by temperature: Float) -> Tensor {
    guard temperature != 1 else { return latents }
    let size = configuration.latentSize
    let scaled = latents.sliced(0..<size, axis: 1).scaled(by: temperature)
    guard configuration.isConditional else { return scaled }
    let classes = latents.sliced(size..<configuration.inputSize, axis: 1)
    return Tensor.concatenated([scaled, classes], axis: 1)
  }

  /// Pictures in −1…1, as the networks have them, and what they were made of: styles where there are
  /// such, else the latent vectors.
  public func made(_ latents: Tensor, _ mode: ForwardMode) -> (pictures: Tensor, styles: Tensor) {
    let styles = generator.styles(latents, mode)
    return (generator.pictures(of: styles, mode), styles)
  }

  /// What the generator minimises beside its loss, of pictures that ``made(_:_:)`` gave: how far the
  /// lengths that a step of the style moves the picture are from their mean (Karras and others 2020,
  /// arXiv:1912.04958, section 3.2), as often as the configuration says.
  ///
  /// - Parameters:
  ///   - pictures: In −1…1, with their history.
  ///   - styles: What they were made of.
  ///   - direction: Standard normal numbers, shaped like the pictures.
  /// - Returns: A scalar.
  public func pathLengthPenalty(
    _ pictures: Tensor, _ styles: Tensor, along direction: Tensor
  ) -> Tensor {
    guard let meanPathLength else {
      preconditionFailure("GAN: no path lengths in \(configuration)")
    }
    let lengths = Self.pathLengths(pictures, styles, along: direction)
    let mean = meanPathLength.value
    let moved = mean + (lengths.detached().mean().reshaped([1]) - mean).scaled(by: 0.01)
    meanPathLength.assign(moved)
    return (lengths - moved).squared().mean().scaled(by: configuration.pathLengthWeight)
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
  ///   - labels: The classes of both; nil where they play no part.
  ///   - between: Uniform numbers in 0…1, `[N, 1, 1, 1]`: where the gradient penalty looks.
  ///   - isPenalized: Whether penalties on gradients are added, ``GANConfiguration/penaltyEvery``
  ///     times as heavy.
  ///   - mode: Training, where batch normalisation sees either kind of pictures by itself.
  /// - Returns: The loss and the penalties in it, both scalars, and the verdicts, `[N, 1]`.
  public func criticLoss(
    real: Tensor, made: Tensor, labels: Tensor? = nil, between: Tensor, isPenalized: Bool,
    _ mode: ForwardMode
  ) -> (loss: Tensor, penalty: Tensor, verdicts: (real: Tensor, made: Tensor)) {
    let look = isPenalized && configuration.r1 > 0 ? real.tracked() : real
    let opinion = critic(look, labels: labels, mode)
    let (verdicts, others) = (opinion.verdicts, critic(made, labels: labels, mode).verdicts)
    var loss = configuration.loss.critic(real: verdicts, made: others)
    if let difference = critic.difference(opinion, real, mode) {
      loss = loss + difference.scaled(by: configuration.reconstruction)
    }
    if let classes = opinion.classes, let labels {
      loss = loss + configuration.ambiguityLoss.critic(classes, labels: labels)
    }
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
        of: critic(mixed, labels: labels, mode).verdicts, withRespectTo: [mixed], recorded: true)[0]
      // A slope of exactly 0 has no direction, and its root no gradient.
      let norm = (slope.squared().sum(axes: [1, 2, 3]) + 1e-12).sqrt()
      penalty =
        penalty + (norm - 1).squared().mean().scaled(by: configuration.gradientPenalty * every)
    }
    return (loss + penalty, penalty, found)
  }

  /// How far a step of each style moves its picture in a direction, `[N]`.
  static func pathLengths(
    _ pictures: Tensor, _ styles: Tensor, along direction: Tensor
  ) -> Tensor {
    let slope = gradients(
      of: (pictures * direction).sum(), withRespectTo: [styles], recorded: true)[0]
    return (slope.squared().sum(axes: [1]) + 1e-8).sqrt()
  }

  /// What the generator minimises, of its own pictures as the critic sees them and the classes that
  /// they are to be of; the critic's parameters get no gradient.
  public func generatorLoss(
    made: Tensor, labels: Tensor? = nil, _ mode: ForwardMode
  ) -> Tensor {
    critic.parameters.frozen {
      let opinion = critic(made, labels: labels, mode)
      let loss = configuration.loss.generator(made: opinion.verdicts)
      guard let classes = opinion.classes else { return loss }
      return loss
        + configuration.ambiguityLoss.generator(classes).scaled(by: configuration.ambiguity)
    }
  }
}
