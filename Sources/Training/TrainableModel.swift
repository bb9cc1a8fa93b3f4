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

  /// Held-out metrics; the first decides which checkpoint is best, and less is better. Parameters
  /// are frozen.
  func evaluate(_ data: TrainingData, batchSize: Int) throws -> [Metric]
}

/// A model that makes pictures.
protocol GenerativeModel: TrainableModel {
  /// Latent vectors `[N, …]` of the model's own distribution, each decided by its seed alone.
  func latents(seeds: [Int]) -> Tensor

  /// The picture `[N, H, W, C]` in 0…1 of each latent vector, decided by it and the parameters alone.
  func pictures(of latents: Tensor) -> Tensor

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
}

extension GenerativeModel {
  /// Pictures by seeds, their latent vectors scaled by the temperature.
  func samples(seeds: [Int], temperature: Float) -> Tensor {
    pictures(of: latents(seeds: seeds).scaled(by: temperature))
  }
}

extension TrainableModel {
  /// Runs `body` with each player's averaged parameters, where an average is kept, in place of the
  /// trained ones, and no gradient recorded.
  ///
  /// The trained ones are put back bit for bit.
  func presenting<Result>(_ body: () throws -> Result) rethrows -> Result {
    let swaps = players.compactMap { player -> (buffer: Tensor, trained: Tensor)? in
      guard let average = player.averageBuffer else { return nil }
      let buffer = player.parameters.buffer
      let trained = buffer.zerosLike()
      ParameterUpdate.assign(buffer, to: trained)
      ParameterUpdate.assign(average, to: buffer)
      return (buffer, trained)
    }
    defer { for swap in swaps { ParameterUpdate.assign(swap.trained, to: swap.buffer) } }
    return try frozen(players[...], body)
  }

  private func frozen<Result>(
    _ players: ArraySlice<Player>, _ body: () throws -> Result
  ) rethrows -> Result {
    guard let player = players.first else { return try body() }
    return try player.parameters.frozen { try frozen(players.dropFirst(), body) }
  }
}

extension Player {
  fileprivate var averageBuffer: Tensor? { optimizer.state.first { $0.name == "average" }?.buffer }
}
