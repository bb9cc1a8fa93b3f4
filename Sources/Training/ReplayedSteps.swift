import Tensors

/// Makes the steps of a training: the first of each kind and batch shape is recorded, those after it
/// are replayed, with the same bits.
///
/// All lie in the memory of the largest.
final class ReplayedSteps {
  private var recorded: [Key: RecordedStep] = [:]

  private struct Key: Hashable {
    let kind: AnyHashable
    let pictureShape: [Int]
  }

  /// Makes one step, or queues it where the device computes by itself.
  ///
  /// - Parameters:
  ///   - batch: Its examples.
  ///   - context: Its number and rate.
  ///   - kind: What decides what `body` does, where that differs from step to step.
  ///   - rates: Those of the updates, in their order; the context's for all where nil.
  ///   - body: Makes the step from a batch, all updates at these rates, and gives its losses
  ///     as one vector. What it depends on beside the batch, parameters, optimisers and the step's
  ///     random numbers must be the same in every step of the kind: see ``RecordedStep``.
  /// - Returns: The losses, to be read before the next step is made, which overwrites them.
  func make(
    _ batch: TrainingBatch, _ context: StepContext, kind: AnyHashable = 0, rates: [Float]? = nil,
    _ body: (TrainingBatch) -> Tensor
  ) -> Tensor {
    let (number, inputs) = (UInt32(context.step), [batch.pictures, batch.examples, batch.labels])
    let key = Key(kind: kind, pictureShape: batch.pictures.shape)
    if let step = recorded[key] {
      let rates = rates ?? Array(repeating: context.rate, count: step.updateCount)
      step.replay(number, inputs: inputs, rates: rates)
      return step.results[0]
    }
    let step = RecordedStep(
      number, on: batch.pictures.device, inputs: inputs,
      sharingMemoryOf: recorded.values.first
    ) { inputs in
      [body(TrainingBatch(pictures: inputs[0], examples: inputs[1], labels: inputs[2]))]
    }
    recorded[key] = step
    return step.results[0]
  }
}
