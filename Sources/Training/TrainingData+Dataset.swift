import Datasets
import FileFormats
import Tensors

extension TrainingData {
  /// The training examples of a data set in shuffled, augmented batches made ahead of time, and its
  /// held-out ones as they are.
  ///
  /// - Parameters:
  ///   - dataset: At least one example.
  ///   - split: Which of them are held out; by default ``DatasetSplit``'s, which reads them all where
  ///     they have no test part.
  ///   - batchSize: Examples a step.
  ///   - seed: Decides order and augmentation.
  ///   - augmentation: Changes to training pictures.
  ///   - preparation: How pictures were brought to one shape, beyond the shape itself; kept in
  ///     checkpoints.
  public init(
    _ dataset: any Dataset, split: DatasetSplit? = nil, batchSize: Int, seed: UInt64,
    augmentation: Augmentation = .none, preparation: JSONValue = .null
  ) {
    let split = split ?? DatasetSplit(dataset)
    let batches = BatchesInOrder(
      BatchSequence(
        dataset, indices: split.training, batchSize: batchSize, seed: seed,
        augmentation: augmentation))
    // Files come class by class, but whoever looks at the first of these places wants some of all.
    let (training, heldOut) = (Self.mixed(split.training), Self.mixed(split.heldOut))
    self.init(
      name: dataset.name,
      pictureShape: [dataset.shape.height, dataset.shape.width, dataset.shape.channels],
      classNames: dataset.classNames, trainingCount: split.training.count,
      heldOutCount: split.heldOut.count,
      heldOutName: split.name,
      identity: dataset.identity.merging([
        "mirrors": .bool(augmentation.mirrors),
        "maximumShift": .integer(augmentation.maximumShift), "preparation": preparation,
      ]).merging(augmentation.warp > 0 ? ["warp": JSONValue(encoding: augmentation.warp)] : [:]),
      warnings: Self.warnings(dataset.skipped),
      trainingBatch: { step, device in TrainingBatch(try batches.batch(step), on: device) },
      heldOutBatch: { range, device in
        TrainingBatch(try Batch(dataset, indices: Array(heldOut[range])), on: device)
      },
      chosenBatch: { range, epoch, device in
        let indices = Array(training[range])
        let batch = try Batch(dataset, indices: indices) { position, picture in
          guard let epoch else { return picture }
          return augmentation.apply(
            to: picture, seed: seed, epoch: epoch, index: indices[position])
        }
        return TrainingBatch(batch, on: device)
      })
  }

  private static func mixed(_ indices: [Int]) -> [Int] {
    EpochOrder(count: indices.count, seed: 0, epoch: 0).indices.map { indices[$0] }
  }

  /// Files that were left out: how many, and the first few by name and reason.
  private static func warnings(_ skipped: [FileFormatError]) -> [String] {
    if skipped.isEmpty { return [] }
    let shown = skipped.prefix(5).map { "left out: \($0)" }
    let total = "\(skipped.count) file\(skipped.count == 1 ? "" : "s") could not be read"
    return [skipped.count > shown.count ? "\(total); the first \(shown.count):" : "\(total):"]
      + shown
  }
}

extension TrainingBatch {
  fileprivate init(_ batch: Batch, on device: Device) {
    self.init(
      pictures: batch.pictures(on: device), examples: batch.examples(on: device),
      labels: batch.classes(on: device))
  }
}

/// The batches of rising steps from a loader that works ahead; any step may be the first.
private final class BatchesInOrder {
  private let sequence: BatchSequence
  private var loader: BatchLoader?
  private var next = 0

  init(_ sequence: BatchSequence) { self.sequence = sequence }

  func batch(_ step: Int) throws(FileFormatError) -> Batch {
    if step != next || loader == nil { loader = BatchLoader(sequence, startingAt: step) }
    next = step + 1
    return try loader!.next().batch
  }
}
