import Layers
import Models
import Optimizers
import Tensors

/// A ``GAN`` under training: two players, each with an optimiser of its own.
///
/// A step is an update of the critic and, every ``GANConfiguration/criticSteps``, then one of the
/// generator, through the critic that was just updated.
final class TrainableGAN: GenerativeModel {
  let gan: GAN
  let largestBatch: Int
  private let generatorOptimizer, criticOptimizer: any Optimizer
  private let steps = ReplayedSteps()

  /// What a step does.
  private struct StepKind: Hashable {
    let updatesGenerator: Bool
    /// Whether the critic's slope is penalised, and the generator's path length.
    let penalizesSlope, penalizesPaths: Bool
  }

  var device: Device { gan.generator.parameters.device }
  var players: [Player] {
    [
      Player(name: "generator", optimizer: generatorOptimizer),
      Player(name: "critic", optimizer: criticOptimizer),
    ]
  }

  init(_ gan: GAN, optimizer: OptimizerConfiguration) {
    self.gan = gan
    largestBatch = gan.configuration.largestBatch
    generatorOptimizer = optimizer.makeOptimizer(of: gan.generator.parameters)
    criticOptimizer = optimizer.ofCritic.makeOptimizer(of: gan.critic.parameters)
  }

  func step(_ batch: TrainingBatch, _ context: StepContext) -> QueuedLosses {
    let kind = kind(ofStep: context.step)
    let criticRate = context.rate * gan.configuration.criticRate
    let rates = [criticRate] + (kind.updatesGenerator ? [context.rate] : [])
    let values = steps.make(batch, context, kind: kind, rates: rates) {
      losses(of: $0, context, kind)
    }
    return QueuedLosses(
      values: values,
      parts: ["real", "made"] + (kind.penalizesSlope ? ["penalty"] : [])
        + (kind.updatesGenerator ? ["generator"] : []) + (kind.penalizesPaths ? ["paths"] : [])
        + (gan.configuration.isAugmented ? ["augmentation"] : []))
  }

  private func kind(ofStep step: Int) -> StepKind {
    let configuration = gan.configuration
    let hasPenalty = configuration.r1 > 0 || configuration.gradientPenalty > 0
    let updates = step % configuration.criticSteps == 0
    return StepKind(
      updatesGenerator: updates,
      penalizesSlope: hasPenalty && (step - 1) % configuration.penaltyEvery == 0,
      penalizesPaths: updates && configuration.pathLength > 0
        && step / configuration.criticSteps % configuration.pathLengthEvery == 0)
  }

  /// The first step of each kind; two of one kind where there is but one, since the second replays it.
  var rehearsal: [Int] {
    // All that will ever be: both rhythms meet again after as many steps.
    let configuration = gan.configuration
    let paths = configuration.pathLength > 0 ? configuration.pathLengthEvery : 1
    let period = configuration.criticSteps * configuration.penaltyEvery * paths
    var (seen, kinds): (Set<StepKind>, [Int]) = ([], [])
    for step in 1...period {
      if seen.insert(kind(ofStep: step)).inserted { kinds.append(step) }
    }
    return kinds.count == 1 ? [1, 2] : kinds
  }

  /// Makes a step: the critic's loss, its mean verdicts on real and made pictures, then the penalty, the
  /// generator's loss and its penalty where there are such.
  private func losses(
    of batch: TrainingBatch, _ context: StepContext, _ kind: StepKind
  ) -> Tensor {
    let mode = ForwardMode.training(
      seed: context.seed, step: UInt32(context.step), examples: batch.examples)
    let count = batch.examples.shape[0]
    let labels = gan.configuration.usesClasses ? batch.labels : nil
    let latents = gan.latents(
      examples: batch.examples, labels: batch.labels, key: context.noiseKey)
    let between = Tensor.uniform(
      [count, 1],
      key: RandomKey(
        seed: context.seed, stream: RandomStream.between, step: UInt32(context.step)),
      examples: batch.examples, on: device)
    let real = batch.pictures.scaled(by: 2, plus: -1)
    let made =
      kind.updatesGenerator
      ? gan.made(latents, mode).pictures
      : gan.generator.parameters.frozen { gan.made(latents, mode).pictures }

    func seen(_ pictures: Tensor, _ stream: UInt32) -> Tensor {
      gan.augmented(
        pictures,
        RandomKey(seed: context.seed, stream: stream, step: UInt32(context.step)),
        examples: batch.examples)
    }
    let critic = gan.criticLoss(
      real: seen(real, RandomStream.realAugmentation),
      made: seen(made.detached(), RandomStream.madeAugmentation),
      labels: labels, between: between.reshaped([count, 1, 1, 1]), isPenalized: kind.penalizesSlope,
      mode)
    criticOptimizer.step(
      slopes(of: critic.loss, criticOptimizer),
      rate: context.rate * gan.configuration.criticRate, maximumNorm: context.clip)
    var found = [critic.loss, critic.verdicts.real.mean(), critic.verdicts.made.mean()]
    if kind.penalizesSlope { found.append(critic.penalty) }
    if kind.updatesGenerator {
      let loss = gan.generatorLoss(
        made: seen(made, RandomStream.generatorAugmentation), labels: labels, mode)
      var slopes = slopes(of: loss, generatorOptimizer)
      found.append(loss)
      if kind.penalizesPaths {
        let penalty = pathLengthPenalty(latents, batch, context)
        slopes = zip(slopes, self.slopes(of: penalty, generatorOptimizer)).map { $0 + $1 }
        found.append(penalty)
      }
      generatorOptimizer.step(slopes, rate: context.rate, maximumNorm: context.clip)
    }
    gan.adaptAugmentation(to: critic.verdicts.real)
    if let strength = gan.augmentationStrength { found.append(strength) }
    return Tensor.concatenated(found.map { $0.detached().reshaped([1]) })
  }

  /// Of half the pictures, made again and by themselves: its gradient goes through the generator twice,
  /// and of all pictures would take the most memory of any step, 2.3 GiB for 1.7 at 64×64, batch 64.
  private func pathLengthPenalty(
    _ latents: Tensor, _ batch: TrainingBatch, _ context: StepContext
  ) -> Tensor {
    let half = 0..<(latents.shape[0] + 1) / 2
    let examples = batch.examples.sliced(half)
    let mode = ForwardMode.training(
      seed: context.seed, step: UInt32(context.step), examples: examples)
    let (pictures, styles) = gan.made(latents.sliced(half), mode)
    let key = RandomKey(
      seed: context.seed, stream: RandomStream.pathDirection, step: UInt32(context.step))
    let direction = Tensor.normal(
      pictures.flattened().shape, key: key, examples: examples, on: device)
    return gan.pathLengthPenalty(pictures, styles, along: direction.reshaped(pictures.shape))
  }

  private func slopes(of loss: Tensor, _ optimizer: any Optimizer) -> [Tensor] {
    gradients(of: loss, withRespectTo: optimizer.parameters.trainable.map(\.value))
  }

  /// Batches of made pictures whose statistics are averaged, and pictures in each.
  private static let calibrationBatches = (count: 8, size: 64)

  /// The generator's statistics; the critic is not averaged.
  func calibrate() {
    guard !gan.generator.parameters.statistics.isEmpty else { return }
    let (count, size) = Self.calibrationBatches
    let atOnce = min(size, largestBatch)
    for pass in 0..<count {
      let seeds = Array(pass * atOnce..<(pass + 1) * atOnce)
      _ = gan.made(latents(seeds: seeds, label: nil), .calibration(pass: pass + 1))
    }
  }

  var isRankedByItsMetrics: Bool { false }

  /// How the two players fare; how good the pictures are is for judges to say.
  func evaluate(_ data: TrainingData, batchSize: Int) throws -> [Metric] {
    try PlayersHealth(self, data).metrics
  }

  func latents(seeds: [Int], label: Int?) -> Tensor {
    gan.latents(
      seeds: seeds, label: label, key: RandomKey(seed: 0, stream: RandomStream.sampling))
  }

  func pictures(of latents: Tensor, temperature: Float) -> Tensor {
    gan.pictures(latents, temperature: temperature)
  }

  func reconstructions(of pictures: Tensor) -> Tensor? { nil }
}

extension OptimizerConfiguration {
  /// The same without an average, of which only the generator makes use.
  var ofCritic: OptimizerConfiguration {
    var configuration = self
    configuration.averageDecay = nil
    return configuration
  }
}
