import FileFormats
import Optimizers
import Tensors

/// When the trainer does more than train.
///
/// None of it changes the parameters' bits. Intervals are in steps; 0 leaves the end alone.
public struct Cadence: Sendable, Hashable {
  /// Sheets of samples and reconstructions.
  public var sampleEvery = 500
  /// Whether there are sheets before the first of these, too: after steps 1, 2, 4, 8 and so on, where
  /// learning shows.
  public var showsBeginning = false
  public var checkpointEvery = 500
  /// Held-out metrics, each with a checkpoint; nil for once an epoch, but not more often than every
  /// 100 steps.
  public var evaluateEvery: Int?
  /// Entries in the TensorBoard file.
  public var eventEvery = 10
  /// How many of the newest checkpoints stay, beside the best one; 0 for all.
  public var keep = 3
  /// Whether an alarm ends the training.
  public var stopsOnAlarm = false

  public init() {}

  /// Whether sheets are written after this step.
  func hasSheet(_ step: Int) -> Bool {
    guard sampleEvery > 0 else { return false }
    return step % sampleEvery == 0
      || showsBeginning && step < sampleEvery && step & (step - 1) == 0
  }

  var json: JSONValue {
    [
      "sampleEvery": .integer(sampleEvery), "checkpointEvery": .integer(checkpointEvery),
      "evaluateEvery": evaluateEvery.map { .integer($0) } ?? .null,
      "eventEvery": .integer(eventEvery), "keep": .integer(keep),
      "showsBeginning": .bool(showsBeginning), "stopsOnAlarm": .bool(stopsOnAlarm),
    ]
  }
}

extension RunConfiguration {
  /// Whether there are sheets before the last step.
  var isShownEarly: Bool {
    cadence.sampleEvery > 0 && steps > (cadence.showsBeginning ? 1 : cadence.sampleEvery)
  }

  /// Whether there may be metrics before the last step.
  var isEvaluatedEarly: Bool {
    // By default as often as epochs end, which is at most every 100 steps.
    let interval = cadence.evaluateEvery ?? 100
    return interval > 0 && steps > interval
  }
}

/// Everything that decides a training run.
public struct RunConfiguration: Sendable {
  /// The source as it was named; may be a path, so it stays out of checkpoints.
  public var dataSource: String
  /// What decides the examples and their order of preparation, without paths.
  public var dataIdentity: JSONValue
  public var model: ModelConfiguration
  public var optimizer: OptimizerConfiguration
  public var schedule: LearningRateSchedule
  /// Examples a step.
  public var batchSize: Int
  /// Steps in all.
  public var steps: Int
  public var seed: UInt64
  /// Of the device that it runs on.
  public var precision: Precision
  public var cadence: Cadence
  /// Whose parameters it begins with; nil for those drawn from the seed.
  public var start: StartingPoint?
  /// What that is known by; a resumed run's checkpoint knows it where it was not told again.
  var startIdentity: JSONValue?

  public init(
    dataSource: String, dataIdentity: JSONValue, model: ModelConfiguration,
    optimizer: OptimizerConfiguration = .init(),
    schedule: LearningRateSchedule = .init(peak: 1.5e-3), batchSize: Int = 128, steps: Int,
    seed: UInt64 = 0, precision: Precision = .float32, cadence: Cadence = .init(),
    start: StartingPoint? = nil
  ) {
    self.dataSource = dataSource
    self.dataIdentity = dataIdentity
    self.model = model
    self.optimizer = optimizer
    self.schedule = schedule
    self.batchSize = batchSize
    self.steps = steps
    self.seed = seed
    self.precision = precision
    self.cadence = cadence
    (self.start, startIdentity) = (start, start?.identity)
  }

  /// What decides the parameters' bits, apart from the model: kept in checkpoints, and compared on
  /// resume.
  public var training: JSONValue {
    let members: JSONValue = [
      "data": dataIdentity, "optimizer": optimizer.json, "schedule": JSONValue(encoding: schedule),
      "batchSize": .integer(batchSize), "steps": .integer(steps), "seed": .string("\(seed)"),
      "precision": .string(precision.rawValue),
    ]
    return members.merging(startIdentity.map { ["init": $0] } ?? [:])
  }

  /// The value of the key `format` in `config.json`.
  package static let format = "atelier-run/1"

  /// The whole effective configuration, as in `config.json`.
  public var json: JSONValue {
    training.merging([
      "dataSource": .string(dataSource), "model": model.json, "cadence": cadence.json,
      "format": .string(Self.format),
    ])
  }
}
