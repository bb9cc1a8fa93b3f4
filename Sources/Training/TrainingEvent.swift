import FileFormats

/// What a trainer tells its monitors.
public enum TrainingEvent: Sendable {
  /// Training begins after this many steps: 0, or a checkpoint's.
  case started(afterStep: Int, of: Int)
  /// Something that people should know and that stops nothing.
  case warning(String)
  case step(StepRecord)
  /// A sheet of pictures is on disk.
  case sheet(Sheet)
  case checkpoint(step: Int, path: String)
  /// The last event: all steps are done, or someone asked to stop.
  case ended(step: Int, isComplete: Bool)
}

/// One step that has been made.
public struct StepRecord: Sendable {
  /// From 1.
  public let step: Int
  /// From 1: which pass over the training examples this step belongs to.
  public let epoch: Int
  public let loss: Double
  /// Terms of the loss by name, in the model's order.
  public let parts: [(name: String, value: Double)]
  /// Learning rate of the step.
  public let rate: Double
  /// Held-out metrics, when this step was evaluated.
  public let metrics: [Metric]
  /// Whether a checkpoint of this step comes next.
  public let precedesCheckpoint: Bool
  /// Memory and speed, now and then: the only numbers here that differ between equal runs.
  public let resources: Resources?

  package init(
    step: Int, epoch: Int, loss: Double, parts: [(name: String, value: Double)], rate: Double,
    metrics: [Metric] = [], precedesCheckpoint: Bool, resources: Resources? = nil
  ) {
    (self.step, self.epoch, self.loss, self.parts) = (step, epoch, loss, parts)
    (self.rate, self.metrics, self.resources) = (rate, metrics, resources)
    self.precedesCheckpoint = precedesCheckpoint
  }
}

/// A number with the protocol that it was measured by.
public struct Metric: Sendable, Hashable {
  public let name: String
  public let value: Double
  /// Everything that decides the value, such as `elbo/v1 split=test samples=1 n=10000 seed=0`.
  public let protocolString: String

  public init(name: String, value: Double, protocolString: String) {
    self.name = name
    self.value = value
    self.protocolString = protocolString
  }
}

/// What training takes of the machine.
public struct Resources: Sendable {
  /// The most memory that the process and its device tensors have held, in bytes.
  public let peakHostBytes, peakDeviceBytes: Int
  /// Since the last such record.
  public let picturesPerSecond: Double
}

/// Receives events, in order, on the trainer's thread; an error it throws stops the training.
public typealias TrainingMonitor = (TrainingEvent) throws -> Void

/// Measures a generator's pictures, which it gets by their seeds, in training; the first of its metrics
/// decides which checkpoint is best, and less is better.
public typealias PictureJudge = (_ pictures: ([Int]) throws -> [Picture]) throws -> [Metric]
