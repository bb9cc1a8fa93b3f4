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

/// What a training is made of once its data are open.
struct PreparedTraining {
  let dataset: any Dataset
  let data: TrainingData
  let settings: Settings
  /// With what was asked for in their place.
  let defaults: TrainingDefaults
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
    let prepared = try prepare()
    let configuration = try configuration(prepared)
    let session = TrainingSession(
      configuration, prepared.data, device, training, judge: judge(of: prepared.dataset))
    guard training.dryRun else { return try session.run() }
    try configuration.start?.check(configuration.model, configuration.optimizer)
    let json = configuration.json
    try Console.result(training.json ? json.encoded : String(json.prettyEncoded.dropLast()))
    try session.checkMemory()
  }

  /// Opens the data and decides what is asked for nowhere.
  func prepare() throws -> PreparedTraining {
    let dataset = try data.open()
    let split = DatasetSplit(dataset)
    var defaults = defaults(of: split.training.count)
    defaults.batch = training.batch ?? defaults.batch
    func inBatches(of size: Int) -> TrainingData {
      data.batches(of: dataset, split, size: size, seed: training.seed)
    }
    var batches = inBatches(of: defaults.batch)
    let settings = try Settings(model: try model(of: batches)).applying(training.set)
    let largestBatch = settings.model.largestBatch
    if let batch = training.batch, batch > largestBatch {
      throw UsageError.wrongValue(
        "\(batch)", place: "--batch",
        expected: "at most \(largestBatch) pictures of this size with this model")
    }
    if defaults.batch > largestBatch {
      defaults.batch = largestBatch
      batches = inBatches(of: largestBatch)
    }
    return PreparedTraining(
      dataset: dataset, data: batches, settings: settings, defaults: defaults)
  }

  private func configuration(_ prepared: PreparedTraining) throws -> RunConfiguration {
    let (data, settings, defaults) = (prepared.data, prepared.settings, prepared.defaults)
    return RunConfiguration(
      dataSource: self.data.source, dataIdentity: data.identity,
      model: settings.model.withoutIdleClasses,
      optimizer: settings.optimizer, schedule: training.learningRate(default: defaults.rate),
      batchSize: defaults.batch, steps: try training.total(data, defaults), seed: training.seed,
      precision: training.precision, cadence: settings.cadence,
      start: try training.start.map(StartingPoint.init))
  }
}

extension ModelConfiguration {
  /// The keys of `--set` that this model has, a line each.
  var keys: String { Setting.table(Settings(model: self).all) }
}
