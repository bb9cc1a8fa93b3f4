import Optimizers
import Tensors

/// Makes the steps of a training: the first of each batch shape is recorded, those after it are
/// replayed, with the same bits.
final class ReplayedSteps {
  private let optimizers: [any Optimizer]
  private var recorded: [[Int]: RecordedStep] = [:]

  /// - Parameter optimizers: All that the steps use.
  init(_ optimizers: [any Optimizer]) { self.optimizers = optimizers }

  /// Makes one step.
  ///
  /// - Parameters:
  ///   - batch: Its examples.
  ///   - context: Its number and rate.
  ///   - body: Makes the step from a batch and gives its losses as one vector. What it depends on
  ///     beside the batch, parameters, optimisers and the step's random numbers must be the same in
  ///     every step: see ``RecordedStep``.
  /// - Returns: The losses.
  /// - Throws: The device's first failure.
  func make(
    _ batch: TrainingBatch, _ context: StepContext, _ body: (TrainingBatch) -> Tensor
  ) throws(DeviceError) -> [Float] {
    let (number, inputs) = (UInt32(context.step), [batch.pictures, batch.examples])
    if let step = recorded[batch.pictures.shape] {
      for optimizer in optimizers { optimizer.advance(rate: context.rate) }
      step.replay(number, inputs: inputs)
      return try step.results[0].floats()
    }
    let step = RecordedStep(number, on: batch.pictures.device, inputs: inputs) { inputs in
      [body(TrainingBatch(pictures: inputs[0], examples: inputs[1]))]
    }
    recorded[batch.pictures.shape] = step
    return try step.results[0].floats()
  }
}
