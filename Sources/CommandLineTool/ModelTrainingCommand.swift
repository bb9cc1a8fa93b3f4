import ArgumentParser
import Datasets
import FileFormats
import Tensors
import Training

/// `atelier train MODEL`: what is the same for every model.
protocol ModelTrainingCommand: ParsableCommand {
  var data: TrainingDataOptions { get }
  var training: TrainingOptions { get }
  var device: DeviceOption { get }

  /// Any model of the family, of which settings are checked before anything slow is done: the data
  /// plays no part in what is wrong with most of them.
  var example: ModelConfiguration { get }

  /// Pictures an update, and the peak of the learning rate, where nothing else is asked for.
  var defaults: (batch: Int, rate: Double) { get }

  /// What looks at the pictures of a model of this family in training, or nil.
  func judge(of dataset: any Dataset) -> PictureJudge?

  /// The model of these data, before settings are applied.
  func model(of data: TrainingData) throws -> ModelConfiguration
}

extension ModelTrainingCommand {
  var defaults: (batch: Int, rate: Double) { (128, 1.5e-3) }

  func judge(of dataset: any Dataset) -> PictureJudge? { nil }

  var batch: Int { training.batch ?? defaults.batch }

  func run() throws { try train() }

  func train() throws {
    try training.check()
    try Settings(model: example).applying(training.set)
    Interruption.watch()
    let device = try device.select(training.precision)
    Console.note("reading \(self.data.source)")
    let (dataset, data) = try data.open(batch: batch, seed: training.seed)
    let configuration = try configuration(data)
    let session = TrainingSession(
      configuration, data, device, training, judge: judge(of: dataset))
    guard training.dryRun else { return try session.run() }
    try configuration.start?.check(configuration.model, configuration.optimizer)
    let json = configuration.json
    try Console.result(training.json ? json.encoded : String(json.prettyEncoded.dropLast()))
    try session.checkMemory()
  }

  private func configuration(_ data: TrainingData) throws -> RunConfiguration {
    let settings = try Settings(model: try model(of: data)).applying(training.set)
    let largestBatch = settings.model.largestBatch
    if batch > largestBatch {
      throw UsageError.wrongValue(
        "\(batch)", place: "--batch",
        expected: "at most \(largestBatch) pictures of this size with this model")
    }
    return RunConfiguration(
      dataSource: self.data.source, dataIdentity: data.identity,
      model: settings.model.withoutIdleClasses,
      optimizer: settings.optimizer, schedule: training.learningRate(default: defaults.rate),
      batchSize: batch, steps: try training.total(data, batch: batch), seed: training.seed,
      precision: training.precision, cadence: settings.cadence,
      start: try training.start.map(StartingPoint.init))
  }
}

extension ModelConfiguration {
  /// The keys of `--set` that this model has, a line each.
  var keys: String { Setting.table(Settings(model: self).all) }
}
