import FileFormats
import Tensors

/// Examples on a device, and which they are.
public struct TrainingBatch {
  /// `[N, H, W, C]` in 0…1.
  public let pictures: Tensor
  /// int32 `[N]`: the examples' places in their data set, which random numbers depend on.
  public let examples: Tensor

  public init(pictures: Tensor, examples: Tensor) {
    self.pictures = pictures
    self.examples = examples
  }
}

/// Where a trainer's examples come from, cut into batches.
public struct TrainingData {
  /// Name of the source in names of runs, such as `fashion-mnist`.
  public let name: String
  /// Height, width and channels of every picture.
  public let pictureShape: [Int]
  /// Batches in a pass over the training examples.
  public let stepsPerEpoch: Int
  public let heldOutCount: Int
  /// How the held-out examples were chosen, as protocol strings say it: `test`, `hash-10%`.
  public let heldOutName: String
  /// What decides the examples, without paths; kept in checkpoints and compared on resume.
  public let identity: JSONValue

  private let trainingBatch: (_ step: Int, Device) throws -> TrainingBatch
  private let heldOutBatch: (Range<Int>, Device) throws -> TrainingBatch

  /// - Parameters:
  ///   - trainingBatch: The batch of a step, from 1, decided by the step alone. Asked for in rising order.
  ///   - heldOutBatch: The held-out examples at these places, in their order.
  public init(
    name: String, pictureShape: [Int], stepsPerEpoch: Int, heldOutCount: Int, heldOutName: String,
    identity: JSONValue, trainingBatch: @escaping (Int, Device) throws -> TrainingBatch,
    heldOutBatch: @escaping (Range<Int>, Device) throws -> TrainingBatch
  ) {
    self.name = name
    self.pictureShape = pictureShape
    self.stepsPerEpoch = stepsPerEpoch
    self.heldOutCount = heldOutCount
    self.heldOutName = heldOutName
    self.identity = identity
    self.trainingBatch = trainingBatch
    self.heldOutBatch = heldOutBatch
  }

  /// The batch of the step numbered `step`, from 1.
  func training(_ step: Int, on device: Device) throws -> TrainingBatch {
    try trainingBatch(step, device)
  }

  /// The held-out examples at these places.
  func heldOut(_ range: Range<Int>, on device: Device) throws -> TrainingBatch {
    try heldOutBatch(range, device)
  }
}
