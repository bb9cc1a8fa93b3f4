import FileFormats
import Layers
import Models
import Optimizers
import Tensors

/// A VAE preset on pictures of noise, stepped by hand: what benchmarks time, and compare with other
/// programs.
///
/// A step is what a ``Trainer`` makes: fresh noise, forward, backward, Adam at 1.5e-3 over all
/// parameters, and the losses read on the host. Loading, files and metrics are left out.
package final class VAERig {
  package static let pictureShape = [28, 28, 1]
  package static let batchSize = 128
  /// Taken in turn.
  package static let batchCount = 8

  private let vae: VAE
  private let model: TrainableVAE
  private let batches: [TrainingBatch]
  /// Pictures in each.
  package let batchSize: Int
  package var parameterSets: [ParameterSet] { [vae.parameters] }
  private var stepsDone = 0

  /// With the preset's own sizes and seed 0.
  ///
  /// - Parameters:
  ///   - preset: The family of encoder and decoder.
  ///   - device: Where.
  ///   - batchSize: Pictures in a step.
  ///   - wrap: Makes of the optimiser the one that steps are made with.
  package init(
    _ preset: VAEConfiguration.Preset, on device: Device, batchSize: Int = VAERig.batchSize,
    wrappingOptimizer wrap: (any Optimizer) -> any Optimizer = { $0 }
  ) {
    self.batchSize = batchSize
    let shape = Self.pictureShape
    let configuration = VAEConfiguration(
      height: shape[0], width: shape[1], channels: shape[2], preset: preset)
    vae = VAE(configuration, seed: 0, on: device)
    let optimizer = OptimizerConfiguration().makeOptimizer(of: vae.parameters)
    model = TrainableVAE(vae, optimizer: wrap(optimizer))
    batches = (0..<Self.batchCount).map { batch in
      let numbers = (0..<batchSize).map { Int32(batch * batchSize + $0) }
      let examples = Tensor(numbers, shape: [batchSize], on: device)
      return TrainingBatch(
        pictures: Tensor.uniform(
          [batchSize] + shape, key: RandomKey(seed: 0, stream: RandomStream.data),
          examples: examples, on: device), examples: examples)
    }
  }

  /// Makes the next step.
  ///
  /// - Returns: Its loss, in nats an example, alone.
  @discardableResult
  package func step() throws(DeviceError) -> [Double] {
    stepsDone += 1
    return [try model.step(batch(stepsDone), context(stepsDone)).read().loss]
  }

  /// All that another program needs to make the same first steps, by names in a safetensors file:
  /// the parameters as they are now, `pictures` (batches, `[8, 128, 28, 28, 1]`) and the `noise` of
  /// those steps (`[steps, 128, latents]`).
  ///
  /// - Precondition: no step has been made.
  package func recipe(steps: Int) throws -> [String: NumericArray] {
    precondition(stepsDone == 0, "a recipe after \(stepsDone) steps")
    var arrays: [String: NumericArray] = [:]
    for parameter in vae.parameters.trainable {
      arrays[parameter.name] = NumericArray(
        shape: parameter.shape, try parameter.value.detached().floats())
    }
    arrays["pictures"] = NumericArray(
      shape: [Self.batchCount, batchSize] + Self.pictureShape,
      try batches.flatMap { try $0.pictures.floats() })
    let noise = try (1...steps).map {
      try vae.noise(for: batch($0).examples, key: context($0).noiseKey).floats()
    }
    arrays["noise"] = NumericArray(
      shape: [steps, batchSize, vae.configuration.latentSize], noise.flatMap { $0 })
    return arrays
  }

  private func batch(_ step: Int) -> TrainingBatch { batches[(step - 1) % batches.count] }

  private func context(_ step: Int) -> StepContext {
    StepContext(step: step, seed: 0, rate: 1.5e-3, clip: nil)
  }
}
