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

  /// How so many training pictures are learnt where nothing else is asked for.
  func defaults(of pictures: Int) -> TrainingDefaults

  /// What looks at the pictures of a model of this family in training, or nil.
  func judge(of dataset: any Dataset) -> PictureJudge?

  /// The model of these data, before settings are applied.
  func model(of data: TrainingData) throws -> ModelConfiguration
}

/// How a family of models is trained where nothing else is asked for.
struct TrainingDefaults {
  /// Pictures an update.
  var batch = 128
  /// Peak of the learning rate.
  var rate = 1.5e-3
  var extent = Extent.epochs(10)

  /// When a training ends.
  enum Extent {
    /// After so many passes over the training pictures.
    case epochs(Int)
    /// When so many pictures were shown.
    case pictures(Int)
  }
}

extension ModelTrainingCommand {
  func defaults(of pictures: Int) -> TrainingDefaults { TrainingDefaults() }

  func judge(of dataset: any Dataset) -> PictureJudge? { nil }

  func run() throws { try train() }

  func train() throws {
    try training.check()
    try Settings(model: example).applying(training.set)
    Interruption.watch()
    let device = try device.select(training.precision)
    Console.note("reading \(self.data.source)")
    let (dataset, data, defaults) = try open()
    let configuration = try configuration(data, defaults)
    let session = TrainingSession(
      configuration, data, device, training, judge: judge(of: dataset))
    guard training.dryRun else { return try session.run() }
    try configuration.start?.check(configuration.model, configuration.optimizer)
    let json = configuration.json
    try Console.result(training.json ? json.encoded : String(json.prettyEncoded.dropLast()))
    try session.checkMemory()
  }

  /// The pictures as they are, the batches that are made of them, and what suits these pictures, with
  /// the batch that was asked for.
  func open() throws -> (dataset: any Dataset, data: TrainingData, defaults: TrainingDefaults) {
    let dataset = try data.open()
    var defaults = defaults(of: DatasetSplit(dataset).training.count)
    defaults.batch = training.batch ?? defaults.batch
    let batches = data.batches(of: dataset, size: defaults.batch, seed: training.seed)
    return (dataset, batches, defaults)
  }

  private func configuration(
    _ data: TrainingData, _ defaults: TrainingDefaults
  ) throws -> RunConfiguration {
    let batch = defaults.batch
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
      batchSize: batch, steps: try training.total(data, defaults), seed: training.seed,
      precision: training.precision, cadence: settings.cadence,
      start: try training.start.map(StartingPoint.init))
  }
}

extension ModelConfiguration {
  /// The keys of `--set` that this model has, a line each.
  var keys: String { Setting.table(Settings(model: self).all) }
}
