import Layers
import Optimizers
import Tensors
import Testing

@testable import Training

/// A network of one layer, whose step draws noise.
private struct Model {
  let parameters = ParameterSet(seed: 5, on: .cpu)
  let layer: Dense
  let adam: Adam

  init() {
    layer = Dense(6, 3, in: parameters.root)
    adam = Adam(parameters)
  }

  /// Makes a step; its loss, `[1]`.
  func step(_ batch: TrainingBatch, _ context: StepContext) -> Tensor {
    let x = batch.pictures.reshaped([batch.pictures.shape[0], 6])
    let noise = Tensor.normal(x.shape, key: context.noiseKey, examples: batch.examples)
    let loss = layer(x + noise, .evaluation).squared().mean()
    adam.step(
      gradients(of: loss, withRespectTo: parameters.trainable.map(\.value)), rate: context.rate)
    return loss.detached().reshaped([1])
  }
}

@Suite struct ReplayedStepsTests {
  @Test("batches of two shapes in turn, as epochs with a short last one have, train as eagerly")
  func shapes() throws {
    let (eager, replayed, steps) = (Model(), Model(), ReplayedSteps())
    for (index, count) in [4, 4, 3, 4, 4, 3, 4, 3, 3].enumerated() {
      let batch = TrainingBatch(
        pictures: .uniform([count, 2, 3, 1], key: RandomKey(seed: UInt64(index), stream: 9)),
        examples: Tensor((0..<count).map { Int32($0 * 7 + index) }, shape: [count]))
      let context = StepContext(
        step: index + 1, seed: 2, rate: 0.1 / Float(index + 1), clip: nil)
      let loss = try steps.make(batch, context) { replayed.step($0, context) }.floats()
      #expect(try loss == eager.step(batch, context).floats(), "step \(index + 1)")
      #expect(replayed.adam.stepCount == index + 1)
      #expect(
        try replayed.parameters.buffer.floats() == eager.parameters.buffer.floats(),
        "step \(index + 1)")
    }
  }
}
