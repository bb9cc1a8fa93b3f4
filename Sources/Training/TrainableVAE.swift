import FileFormats
import Layers
import Models
import Optimizers
import Tensors

/// A ``VAE`` under training: one loss, one optimiser.
final class TrainableVAE: GenerativeModel {
  let vae: VAE
  let largestBatch: Int
  private let optimizer: any Optimizer
  private let steps = ReplayedSteps()

  var device: Device { vae.parameters.device }
  var players: [Player] { [Player(optimizer: optimizer)] }

  convenience init(_ vae: VAE, optimizer: OptimizerConfiguration) {
    self.init(vae, optimizer: optimizer.makeOptimizer(of: vae.parameters))
  }

  init(_ vae: VAE, optimizer: any Optimizer) {
    self.vae = vae
    largestBatch = vae.configuration.largestBatch
    self.optimizer = optimizer
  }

  func step(_ batch: TrainingBatch, _ context: StepContext) -> QueuedLosses {
    QueuedLosses(
      values: steps.make(batch, context) { losses(of: $0, context) },
      parts: ["reconstruction", "divergence"])
  }

  /// Makes a step; its loss and both terms, `[3]`.
  private func losses(of batch: TrainingBatch, _ context: StepContext) -> Tensor {
    let noise = vae.noise(for: batch.examples, key: context.noiseKey)
    let mode = ForwardMode.training(
      seed: context.seed, step: UInt32(context.step), examples: batch.examples)
    let bound = vae.bound(batch.pictures, noise: noise, mode)
    let loss = bound.loss
    let gradients = gradients(of: loss, withRespectTo: vae.parameters.trainable.map(\.value))
    optimizer.step(gradients, rate: context.rate, maximumNorm: context.clip)

    let terms = [
      loss.detached(), bound.reconstruction.detached().mean(), bound.divergence.detached().mean(),
    ]
    return Tensor.concatenated(terms.map { $0.reshaped([1]) })
  }

  func evaluate(_ data: TrainingData, batchSize: Int) throws -> [Metric] {
    guard data.heldOutCount > 0 else { return [] }
    return [try heldOutNegativeELBO(vae, data, batchSize: batchSize)]
  }

  func latents(seeds: [Int], label: Int?) -> Tensor {
    vae.latents(seeds: seeds, key: RandomKey(seed: 0, stream: RandomStream.sampling))
  }

  func pictures(of latents: Tensor, temperature: Float) -> Tensor {
    vae.decode(latents.scaled(by: temperature))
  }

  func reconstructions(of pictures: Tensor) -> Tensor? { vae.reconstruct(pictures) }
}

/// Mean over the held-out examples of −ELBO in nats, β = 1, with one latent sample an example.
///
/// The sample of an example is decided by seed 0 and the example alone, so that runs, batch sizes
/// and devices are measured alike. Sums are taken in double precision in one order.
func heldOutNegativeELBO(
  _ vae: VAE, _ data: TrainingData, batchSize: Int
) throws -> Metric {
  let key = RandomKey(seed: 0, stream: RandomStream.evaluation)
  var sum = 0.0
  try vae.parameters.frozen {
    for first in stride(from: 0, to: data.heldOutCount, by: batchSize) {
      let batch = try data.heldOut(
        first..<min(first + batchSize, data.heldOutCount), on: vae.parameters.device)
      let noise = vae.noise(for: batch.examples, key: key)
      let values = try vae.bound(batch.pictures, noise: noise, .evaluation).negativeELBO.floats()
      sum = values.reduce(sum) { $0 + Double($1) }
    }
  }
  return Metric(
    name: "heldOutNegativeELBO", value: sum / Double(data.heldOutCount),
    protocolString:
      "elbo/v1 split=\(data.heldOutName) samples=1 n=\(data.heldOutCount) seed=0")
}
