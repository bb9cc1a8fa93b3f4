import FileFormats
import Foundation
import Tensors

/// Trains a model step by step, and keeps in a run's folder what is needed to look at it, judge it
/// and go on.
///
/// Order within a step: update, the next batch, losses read, held-out metrics, statistics, sheets,
/// checkpoint. The next batch is on its way to the device while that computes; what is wrong with it
/// is told in its own step. A process that is killed anywhere between two checkpoints loses the steps between
/// and nothing else: made again, they have the same bits.
final class Trainer {
  private let model: any TrainableModel
  private let data: TrainingData
  private let configuration: RunConfiguration
  private let folder: RunFolder
  private let monitors: [TrainingMonitor]
  private let shouldStop: () -> Bool
  private let judge: PictureJudge?

  private var best: BestResult?
  private var lastCheckpoint: String?
  private var lastMetrics: [Metric] = []
  private var meter: Meter
  /// Of the step to be made next, where it was asked for ahead.
  private var nextBatch: Result<TrainingBatch, any Error>?

  /// A trainer of this model on this data, writing to this folder.
  ///
  /// `monitors` are told of everything, in order. `shouldStop` is asked after every step; true ends
  /// the training with a checkpoint. `judge` looks at a generator's pictures whenever metrics are due.
  init(
    _ model: any TrainableModel, data: TrainingData, configuration: RunConfiguration,
    folder: RunFolder, judge: PictureJudge? = nil, monitors: [TrainingMonitor],
    shouldStop: @escaping () -> Bool
  ) {
    self.model = model
    self.data = data
    self.configuration = configuration
    self.folder = folder
    self.monitors = monitors
    self.shouldStop = shouldStop
    self.judge = judge
    meter = Meter(batchSize: configuration.batchSize)
  }

  /// Trains from the model's present state, which is that after `checkpoint`, to the end.
  ///
  /// - Throws: ``TrainingError/diverged(step:what:lastGood:)``, `DeviceError`, `FileFormatError`,
  ///   or an error of a monitor. The folder then holds the run up to its last checkpoint.
  func run(from checkpoint: Checkpoint?) throws -> TrainingOutcome {
    let first = checkpoint?.step ?? 0
    best = checkpoint?.best
    lastCheckpoint = checkpoint?.path
    lastMetrics = checkpoint?.metrics ?? []
    try tell(.started(afterStep: first, of: configuration.steps))
    meter.start()

    var step = first
    var (isStopped, isAlarmed) = (false, false)
    while step < configuration.steps, !isStopped {
      step += 1
      let losses = try update(step)
      isStopped = shouldStop()
      let hasAlarm = try finish(
        step, losses, isLast: step == configuration.steps, isStopped: isStopped)
      isAlarmed = hasAlarm && configuration.cadence.stopsOnAlarm
      isStopped = isStopped || isAlarmed
    }
    let isComplete = step == configuration.steps
    try tell(.ended(step: step, isComplete: isComplete))
    return TrainingOutcome(
      step: step, isComplete: isComplete, isAlarmed: isAlarmed, seconds: meter.seconds,
      picturesPerSecond: meter.picturesPerSecond, metrics: lastMetrics,
      checkpoint: lastCheckpoint)
  }

  /// One update, and its losses.
  private func update(_ step: Int) throws -> StepLosses {
    let batch = try (nextBatch ?? self.batch(step)).get()
    let rate = configuration.schedule.rate(step: step, of: configuration.steps)
    let queued = model.step(
      batch,
      StepContext(
        step: step, seed: configuration.seed, rate: Float(rate), clip: configuration.optimizer.clip)
    )
    nextBatch = step < configuration.steps ? self.batch(step + 1) : nil
    let losses = try queued.read()
    meter.count()
    guard losses.loss.isFinite else {
      throw TrainingError.diverged(
        step: step, what: TrainingError.became("the loss", losses.loss), lastGood: lastCheckpoint)
    }
    return losses
  }

  private func batch(_ step: Int) -> Result<TrainingBatch, any Error> {
    Result { try data.training(step, on: model.device) }
  }

  /// Everything around an update: metrics, statistics, sheets and a checkpoint, as the cadence has
  /// it.
  ///
  /// - Returns: Whether a metric is where it should not be.
  private func finish(
    _ step: Int, _ losses: StepLosses, isLast: Bool, isStopped: Bool
  ) throws -> Bool {
    let cadence = configuration.cadence
    let isEvaluated = isLast || isDue(step, every: cadence.evaluateEvery ?? defaultInterval)
    let keeps =
      isLast || isStopped || isEvaluated || isDue(step, every: cadence.checkpointEvery)
    lastMetrics = isEvaluated ? try metrics() : []
    if let bad = lastMetrics.first(where: { !$0.value.isFinite }) {
      throw TrainingError.diverged(
        step: step, what: TrainingError.became(bad.name, bad.value), lastGood: lastCheckpoint)
    }
    let isBest = noteResult(step)
    try tell(
      .step(
        StepRecord(
          step: step, epoch: data.epoch(ofStep: step, batchSize: configuration.batchSize),
          loss: losses.loss,
          parts: losses.parts,
          rate: configuration.schedule.rate(step: step, of: configuration.steps),
          metrics: lastMetrics, precedesCheckpoint: keeps,
          resources: keeps ? meter.resources(on: model.device) : nil)))
    if isLast || cadence.hasSheet(step) { try writeSheets(step) }
    if keeps { try writeCheckpoint(step, isBest: isBest) }
    return try sayAlarms(step)
  }

  /// Held-out metrics: the judge's, where there is one, then the model's own.
  private func metrics() throws -> [Metric] {
    try model.presenting {
      let own = try model.evaluate(data, batchSize: configuration.batchSize)
      guard let judge, let model = model as? any GenerativeModel else { return own }
      return try judge { seeds in
        try model.samples(seeds: seeds).pictures()
      } + own
    }
  }

  /// Tells what the newest metrics warn of, and whether that is anything.
  private func sayAlarms(_ step: Int) throws -> Bool {
    guard step * configuration.batchSize >= TrainingAlarm.firstThousands * 1000 else {
      return false
    }
    let alarms = TrainingAlarm.raised(by: lastMetrics)
    for alarm in alarms { try tell(.warning("step \(step): \(alarm)")) }
    return !alarms.isEmpty
  }

  private func isDue(_ step: Int, every interval: Int) -> Bool {
    interval > 0 && step % interval == 0
  }

  private var defaultInterval: Int {
    max(data.steps(epochs: 1, batchSize: configuration.batchSize) ?? 0, 100)
  }

  /// Whether this step's metrics are the best so far.
  private func noteResult(_ step: Int) -> Bool {
    guard judge != nil || model.isRankedByItsMetrics, let value = lastMetrics.first?.value,
      value < best?.value ?? .infinity
    else { return false }
    best = BestResult(step: step, value: value)
    return true
  }

  private func writeSheets(_ step: Int) throws {
    guard let model = model as? any GenerativeModel else { return }
    try model.presenting {
      let count = Sheet.count(of: configuration.model.pictureShape)
      let recipe = SampleRecipe(
        model: configuration.model.kind, run: folder.name, step: step,
        parameters: try model.parameterChecksum(), seeds: SeedList(Array(0..<count)),
        columns: Sheet.columns, maker: PictureMaker(model.device))
      let (picture, png) = recipe.encode(try model.render(recipe))
      try write(
        Sheet(
          step: step, kind: .samples, path: folder.sheet(.samples, step), picture: picture, png: png
        ))

      guard let pictures = try model.renderReconstructions(data, count: count / 2) else { return }
      let sheet = PictureGrid(columns: Sheet.columns).composed(pictures)
      let made = reconstructionRecipe(step, parameters: recipe.parameters)
      try write(
        Sheet(
          step: step, kind: .reconstructions, path: folder.sheet(.reconstructions, step),
          picture: sheet, png: PNG.encode(sheet, recipe: made.json, parameters: made.line)))
    }
  }

  private func write(_ sheet: Sheet) throws {
    try AtomicFile.write(sheet.png, to: sheet.path)
    try tell(.sheet(sheet))
  }

  private func reconstructionRecipe(_ step: Int, parameters: String) -> (
    json: JSONValue, line: String
  ) {
    let kind = SheetKind.reconstructions.rawValue
    let json: JSONValue = [
      "format": "atelier-picture/1", "version": .string(atelierVersion), "kind": .string(kind),
      "model": .string(configuration.model.kind), "run": .string(folder.name),
      "step": .integer(step), "parameters": .string(parameters), "data": data.identity,
      "split": .string(data.heldOutName), "columns": .integer(Sheet.columns),
    ]
    let maker = PictureMaker(model.device)
    return (
      json.merging(maker.json),
      "\(configuration.model.kind), run \(folder.name), step \(step), \(kind) of \(data.name),"
        + " parameters \(parameters), by \(maker)"
    )
  }

  private func writeCheckpoint(_ step: Int, isBest: Bool) throws {
    let path = folder.checkpoint(step)
    let bytes = try Checkpoint.encode(
      model,
      .init(
        step: step, model: configuration.model.json, training: configuration.training, best: best,
        metrics: lastMetrics), lastGood: lastCheckpoint)
    try AtomicFile.write(bytes, to: path)
    lastCheckpoint = path
    removeOldCheckpoints(newest: step)
    try tell(.checkpoint(step: step, path: path))
  }

  /// Deletes what the cadence does not keep: all but the newest few and the best.
  private func removeOldCheckpoints(newest step: Int) {
    guard configuration.cadence.keep > 0 else { return }
    let older = folder.checkpointSteps().filter { $0 < step && $0 != best?.step }
    for old in older.dropLast(configuration.cadence.keep - 1) {
      try? FileManager.default.removeItem(atPath: folder.checkpoint(old))
    }
  }

  private func tell(_ event: TrainingEvent) throws {
    for monitor in monitors { try monitor(event) }
  }
}

/// How a training went.
public struct TrainingOutcome: Sendable {
  /// Steps made, those before a resume included.
  public let step: Int
  /// Whether that is all of them.
  public let isComplete: Bool
  /// Whether an alarm ended it, as ``Cadence/stopsOnAlarm`` asks for.
  public let isAlarmed: Bool
  /// Of this process, metrics and files included.
  public let seconds: Double
  public let picturesPerSecond: Double
  /// Held-out metrics after the last step; empty when that was not evaluated.
  public let metrics: [Metric]
  /// The newest checkpoint.
  public let checkpoint: String?
}

/// Counts pictures and time.
private struct Meter {
  let batchSize: Int
  private let clock = ContinuousClock()
  private var begin = ContinuousClock.now
  private var last = ContinuousClock.now
  private var steps = 0
  private var lastSteps = 0

  init(batchSize: Int) { self.batchSize = batchSize }

  mutating func start() { (begin, last) = (.now, .now) }
  mutating func count() { steps += 1 }

  var seconds: Double { (clock.now - begin) / .seconds(1) }
  var picturesPerSecond: Double { rate(steps, seconds) }

  /// Memory now, and speed since the last call.
  mutating func resources(on device: Device) -> Resources {
    var usage = rusage()
    getrusage(RUSAGE_SELF.rawValue, &usage)
    let now = clock.now
    defer { (last, lastSteps) = (now, steps) }
    return Resources(
      // Linux counts in KiB.
      peakHostBytes: usage.ru_maxrss * 1024, peakDeviceBytes: device.memoryUse.peak,
      picturesPerSecond: rate(steps - lastSteps, (now - last) / .seconds(1)))
  }

  private func rate(_ steps: Int, _ seconds: Double) -> Double {
    seconds > 0 ? Double(steps * batchSize) / seconds : 0
  }
}
