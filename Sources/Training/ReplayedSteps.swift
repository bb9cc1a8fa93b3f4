import Tensors

/// Makes the steps of a training: the first of each batch shape is recorded, those after it are
/// replayed, with the same bits.
final class ReplayedSteps {
  private var recorded: [[Int]: RecordedStep] = [:]

  /// Makes one step, or queues it where the device computes by itself.
  ///
  /// - Parameters:
  ///   - batch: Its examples.
  ///   - context: Its number and rate.
  ///   - rates: Those of the updates, in their order; the context's for all where nil.
  ///   - body: Makes the step from a batch, all updates at these rates, and gives its losses
  ///     as one vector. What it depends on beside the batch, parameters, optimisers and the step's
  ///     random numbers must be the same in every step: see ``RecordedStep``.
  /// - Returns: The losses, to be read before the next step is made, which overwrites them.
  func make(
    _ batch: TrainingBatch, _ context: StepContext, rates: [Float]? = nil,
    _ body: (TrainingBatch) -> Tensor
  ) -> Tensor {
    let (number, inputs) = (UInt32(context.step), [batch.pictures, batch.examples, batch.labels])
    if let step = recorded[batch.pictures.shape] {
      let rates = rates ?? Array(repeating: context.rate, count: step.updateCount)
      step.replay(number, inputs: inputs, rates: rates)
      return step.results[0]
    }
    let step = RecordedStep(number, on: batch.pictures.device, inputs: inputs) { inputs in
      [body(TrainingBatch(pictures: inputs[0], examples: inputs[1], labels: inputs[2]))]
    }
    recorded[batch.pictures.shape] = step
    return step.results[0]
  }
}
