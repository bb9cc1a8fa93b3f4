import Layers
import Models
import Optimizers
import Tensors

/// A ``Classifier`` under training: cross-entropy, one optimiser.
final class TrainableClassifier: TrainableModel {
  let classifier: Classifier
  let largestBatch: Int
  private let optimizer: any Optimizer
  private let steps = ReplayedSteps()

  var device: Device { classifier.parameters.device }
  var players: [Player] { [Player(optimizer: optimizer)] }

  init(_ classifier: Classifier, optimizer: OptimizerConfiguration) {
    self.classifier = classifier
    largestBatch = classifier.configuration.largestBatch
    self.optimizer = optimizer.makeOptimizer(of: classifier.parameters)
  }

  func step(_ batch: TrainingBatch, _ context: StepContext) -> QueuedLosses {
    QueuedLosses(values: steps.make(batch, context) { loss(of: $0, context) }, parts: [])
  }

  /// Makes a step; its loss, `[1]`.
  private func loss(of batch: TrainingBatch, _ context: StepContext) -> Tensor {
    let mode = ForwardMode.training(
      seed: context.seed, step: UInt32(context.step), examples: batch.examples)
    let loss = classifier.crossEntropy(
      noisy(batch, context), labels: batch.labels, mode
    ).mean()
    let parameters = classifier.parameters.trainable.map(\.value)
    optimizer.step(
      gradients(of: loss, withRespectTo: parameters), rate: context.rate, maximumNorm: context.clip)
    return loss.detached().reshaped([1])
  }

  /// The pictures, each with normal noise of its own deviation, uniform up to the most there may be: what
  /// is told from noisy pictures hangs less on single pixels (Ford, Gilmer, Carlini and Cubuk 2019,
  /// arXiv:1901.10513).
  func noisy(_ batch: TrainingBatch, _ context: StepContext) -> Tensor {
    let (pictures, most) = (batch.pictures, classifier.configuration.noise)
    guard most > 0 else { return pictures }
    let count = pictures.shape[0]
    let deviations = Tensor.uniform(
      [count, 1],
      key: RandomKey(
        seed: context.seed, stream: RandomStream.noisiness, step: UInt32(context.step)),
      examples: batch.examples, on: device)
    let noise = Tensor.normal(
      pictures.flattened().shape, key: context.noiseKey, examples: batch.examples, on: device)
    return pictures + (noise * deviations.scaled(by: most)).reshaped(pictures.shape)
  }

  /// The share of held-out pictures that are taken for another class, then their mean −log p in
  /// nats.
  func evaluate(_ data: TrainingData, batchSize: Int) throws -> [Metric] {
    var (errors, entropy, count) = (0, 0.0, 0)
    for first in stride(from: 0, to: data.heldOutCount, by: batchSize) {
      let batch = try data.heldOut(
        first..<min(first + batchSize, data.heldOutCount), on: device)
      let logits = classifier.logits(features: classifier.features(batch.pictures))
      let labels = try batch.labels.integers()
      let likelihoods = try logits.logSoftmax().floats()
      let classes = classifier.configuration.classes
      for (row, (found, label)) in zip(try logits.argmax().integers(), labels).enumerated()
      where label >= 0 {
        count += 1
        if found != label { errors += 1 }
        entropy -= Double(likelihoods[row * classes + Int(label)])
      }
    }
    guard count > 0 else { return [] }
    let conditions = "split=\(data.heldOutName) n=\(count)"
    return [
      Metric(
        name: "heldOutError", value: Double(errors) / Double(count),
        protocolString: "error/v1 \(conditions)"),
      Metric(
        name: "heldOutCrossEntropy", value: entropy / Double(count),
        protocolString: "cross-entropy/v1 \(conditions)"),
    ]
  }
}
