import FileFormats
import Tensors

/// Examples on a device, and which they are.
public struct TrainingBatch {
  /// `[N, H, W, C]` in 0…1.
  public let pictures: Tensor
  /// int32 `[N]`: the examples' places in their data set, which random numbers depend on.
  public let examples: Tensor
  /// int32 `[N]`: the class of each, −1 where it has none.
  public let labels: Tensor

  /// Without `labels` no example has a class.
  public init(pictures: Tensor, examples: Tensor, labels: Tensor? = nil) {
    self.pictures = pictures
    self.examples = examples
    let count = examples.shape[0]
    self.labels =
      labels ?? Tensor([Int32](repeating: -1, count: count), shape: [count], on: pictures.device)
  }
}

/// Where a trainer's examples come from, cut into batches.
public struct TrainingData {
  /// Name of the source in names of runs, such as `fashion-mnist`.
  public let name: String
  /// Height, width and channels of every picture.
  public let pictureShape: [Int]
  /// Name of each class; empty where the data has no labels.
  public let classNames: [String]
  /// Examples that are trained on.
  public let trainingCount: Int
  public let heldOutCount: Int
  /// How the held-out examples were chosen, as protocol strings say it: `test`, `hash-10%`.
  public let heldOutName: String
  /// What decides the examples, without paths; kept in checkpoints and compared on resume.
  public let identity: JSONValue
  /// What people should know of it before training, such as files that were left out.
  public let warnings: [String]

  private let trainingBatch: (_ step: Int, Device) throws -> TrainingBatch
  private let heldOutBatch: (Range<Int>, Device) throws -> TrainingBatch
  private let chosenBatch: ((Range<Int>, _ epoch: Int?, Device) throws -> TrainingBatch)?

  /// Examples from anywhere; the properties say what each argument means.
  ///
  /// `trainingBatch` gives the batch of a step, from 1, decided by the step alone and asked for in
  /// rising order; `heldOutBatch` the held-out examples at these places, in their order; `chosenBatch`
  /// the training examples, as an epoch shows them or without augmentation: nil where nothing needs
  /// to look at them.
  public init(
    name: String, pictureShape: [Int], classNames: [String] = [], trainingCount: Int,
    heldOutCount: Int, heldOutName: String, identity: JSONValue, warnings: [String] = [],
    trainingBatch: @escaping (Int, Device) throws -> TrainingBatch,
    heldOutBatch: @escaping (Range<Int>, Device) throws -> TrainingBatch,
    chosenBatch: ((Range<Int>, _ epoch: Int?, Device) throws -> TrainingBatch)? = nil
  ) {
    self.name = name
    self.pictureShape = pictureShape
    self.classNames = classNames
    self.trainingCount = trainingCount
    self.heldOutCount = heldOutCount
    self.heldOutName = heldOutName
    self.identity = identity
    self.warnings = warnings
    self.trainingBatch = trainingBatch
    self.heldOutBatch = heldOutBatch
    self.chosenBatch = chosenBatch
  }

  /// Steps that show every training example that many times, rounded up; nil for more than 2³¹.
  public func steps(epochs: Int, batchSize: Int) -> Int? {
    let (examples, overflow) = epochs.multipliedReportingOverflow(by: trainingCount)
    let steps = examples / batchSize + (examples % batchSize == 0 ? 0 : 1)
    return overflow || steps > Int32.max ? nil : steps
  }

  /// Which pass over the training examples a step begins in, from 1.
  public func epoch(ofStep step: Int, batchSize: Int) -> Int {
    (step - 1) * batchSize / trainingCount + 1
  }

  /// The batch of the step numbered `step`, from 1.
  func training(_ step: Int, on device: Device) throws -> TrainingBatch {
    try trainingBatch(step, device)
  }

  /// The held-out examples at these places, mixed so that the first are of no single class.
  func heldOut(_ range: Range<Int>, on device: Device) throws -> TrainingBatch {
    try heldOutBatch(range, device)
  }

  /// The training examples at these places, mixed in the same way, without augmentation; nil where
  /// they cannot be had so.
  func plain(_ range: Range<Int>, on device: Device) throws -> TrainingBatch? {
    try chosenBatch?(range, nil, device)
  }

  /// The training examples at these places as an epoch, from 0, shows them; nil where they cannot be
  /// had so.
  func shown(_ range: Range<Int>, inEpoch epoch: Int, on device: Device) throws -> TrainingBatch? {
    try chosenBatch?(range, epoch, device)
  }
}
