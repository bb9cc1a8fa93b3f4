import FileFormats
import Layers
import Optimizers
import Tensors

/// A model that a ``Trainer`` can train.
///
/// The trainer asks for one step at a time and does not look inside: a model with one loss takes
/// one gradient, an adversarial one alternates between its players, and both are kept, resumed and
/// shown alike.
protocol TrainableModel: AnyObject {
  var device: Device { get }
  /// Everything that training changes. A model with one player leaves its name empty.
  var players: [Player] { get }

  /// The most examples that fit a batch: see ``ModelConfiguration/largestBatch``.
  var largestBatch: Int { get }

  /// Makes one update, or queues it where the device computes by itself.
  ///
  /// - Returns: The losses that led to it, to be read before the next update.
  func step(_ batch: TrainingBatch, _ context: StepContext) -> QueuedLosses

  /// Numbers of steps that together take all the memory that training does: all kinds of steps.
  var rehearsal: [Int] { get }

  /// Makes running statistics those of the parameters as they are now: averages, with which none were
  /// gathered.
  func calibrate()

  /// Whether the first of its own metrics decides which checkpoint is best, less being better; else
  /// only a judge's does.
  var isRankedByItsMetrics: Bool { get }

  /// Held-out metrics. Parameters are frozen.
  func evaluate(_ data: TrainingData, batchSize: Int) throws -> [Metric]
}

/// A model that makes pictures.
protocol GenerativeModel: TrainableModel {
  /// Latent vectors `[N, …]` of the model's own distribution, each decided by its seed alone; of the
  /// class `label`, where the model makes pictures of classes, else of each class in turn.
  func latents(seeds: [Int], label: Int?) -> Tensor

  /// The picture `[N, H, W, C]` in 0…1 of each latent vector, which is first brought nearer to the
  /// middle of all by a temperature below 1; decided by both and the parameters alone.
  func pictures(of latents: Tensor, temperature: Float) -> Tensor

  /// What the model makes of these pictures, or nil where it cannot look at any.
  func reconstructions(of pictures: Tensor) -> Tensor?
}

/// Parameters, and the rule that updates them.
struct Player {
  /// Prefix of its arrays in checkpoints; empty, or such as `generator`.
  let name: String
  let optimizer: any Optimizer

  init(name: String = "", optimizer: any Optimizer) {
    self.name = name
    self.optimizer = optimizer
  }

  var parameters: ParameterSet { optimizer.parameters }
}

/// What one step depends on, apart from the batch and the parameters.
struct StepContext: Sendable {
  /// From 1.
  let step: Int
  let seed: UInt64
  /// Learning rate.
  let rate: Float
  /// Largest joint norm of the gradients; nil for no limit.
  let clip: Float?

  /// The key of this step's noise.
  var noiseKey: RandomKey {
    RandomKey(seed: seed, stream: RandomStream.noise, step: UInt32(step))
  }
}

/// The loss of a step, and its terms by name.
struct StepLosses: Sendable {
  let loss: Double
  let parts: [(name: String, value: Double)]

  init(loss: Double, parts: [(name: String, value: Double)]) {
    self.loss = loss
    self.parts = parts
  }
}

/// The losses of a step that may still be on its way.
struct QueuedLosses {
  /// The loss, then its terms.
  let values: Tensor
  /// Names of the terms.
  let parts: [String]

  /// Waits for the step.
  ///
  /// - Throws: The device's first failure.
  func read() throws(DeviceError) -> StepLosses {
    let values = try values.floats().map(Double.init)
    return StepLosses(
      loss: values[0], parts: zip(parts, values.dropFirst()).map { (name: $0, value: $1) })
  }
}

extension TrainableModel {
  var rehearsal: [Int] { [1, 2] }

  func calibrate() {}

  var isRankedByItsMetrics: Bool { true }
}

extension GenerativeModel {
  /// Pictures by seeds.
  func samples(seeds: [Int], label: Int? = nil, temperature: Float = 1) -> Tensor {
    pictures(of: latents(seeds: seeds, label: label), temperature: temperature)
  }
}

extension TrainableModel {
  /// Puts each player's averaged parameters, where an average is kept, in place of the trained ones,
  /// and statistics to match.
  func takeAverages() {
    let averages = players.compactMap { player in
      player.averageBuffer.map { (average: $0, buffer: player.parameters.buffer) }
    }
    for (average, buffer) in averages { ParameterUpdate.assign(average, to: buffer) }
    if !averages.isEmpty { calibrate() }
  }

  /// Runs `body` after ``takeAverages()``, with no gradient recorded.
  ///
  /// The trained parameters and statistics are put back bit for bit.
  func presenting<Result>(_ body: () throws -> Result) rethrows -> Result {
    let live = players.filter { $0.averageBuffer != nil }.flatMap { player in
      [player.parameters.buffer] + player.parameters.statistics.map(\.value)
    }
    let trained = live.map { array in
      let copy = array.zerosLike()
      ParameterUpdate.assign(array, to: copy)
      return copy
    }
    defer { for (copy, array) in zip(trained, live) { ParameterUpdate.assign(copy, to: array) } }
    return try frozen {
      takeAverages()
      return try body()
    }
  }

  /// Runs `body` with no gradient recorded.
  func frozen<Result>(_ body: () throws -> Result) rethrows -> Result {
    try frozen(players[...], body)
  }

  private func frozen<Result>(
    _ players: ArraySlice<Player>, _ body: () throws -> Result
  ) rethrows -> Result {
    guard let player = players.first else { return try body() }
    return try player.parameters.frozen { try frozen(players.dropFirst(), body) }
  }
}

extension Player {
  /// The averages of the parameters, as long as their buffer; nil where none are kept.
  var averageBuffer: Tensor? { optimizer.state.first { $0.name == "average" }?.buffer }
}
