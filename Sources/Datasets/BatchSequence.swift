import FileFormats
import Locks

/// All batches of a training run, each decided by its step alone.
///
/// The examples of epoch after epoch, each in its own ``EpochOrder``, make one endless line that is
/// cut into batches of equal size: a batch may span two epochs, and every epoch shows every example
/// once.
public final class BatchSequence: Sendable {
  /// What the batches are made of.
  public let dataset: any Dataset
  /// The examples that take part, as indices into the data set.
  public let indices: [Int]
  /// Examples in a batch.
  public let batchSize: Int
  /// Decides order and augmentation.
  public let seed: UInt64
  /// Changes made to the pictures.
  public let augmentation: Augmentation

  private let orders = Locked<[Int: EpochOrder]>([:])

  /// Batches of the examples at `indices`, at least one.
  public init(
    _ dataset: any Dataset, indices: [Int], batchSize: Int, seed: UInt64,
    augmentation: Augmentation = .none
  ) {
    precondition(
      batchSize > 0 && !indices.isEmpty,
      "BatchSequence: batches of \(batchSize) from \(indices.count) examples")
    self.dataset = dataset
    self.indices = indices
    self.batchSize = batchSize
    self.seed = seed
    self.augmentation = augmentation
  }

  /// Steps that show every example once, rounded up.
  public var stepsPerEpoch: Int { steps(epochs: 1) }

  /// Steps that show every example that many times, rounded up.
  public func steps(epochs: Int) -> Int { (epochs * indices.count + batchSize - 1) / batchSize }

  /// The batch of a step, counted from 1.
  public func batch(step: Int) throws(FileFormatError) -> Batch {
    precondition(step >= 1, "BatchSequence: steps count from 1, got \(step)")
    let places = (0..<batchSize).map { slot in
      let place = (step - 1) * batchSize + slot
      return (epoch: place / indices.count, position: place % indices.count)
    }
    let chosen = places.map { indices[order(epoch: $0.epoch).indices[$0.position]] }
    return try Self.make(dataset, chosen) { position, picture in
      self.augmentation.apply(
        to: picture, seed: self.seed, epoch: places[position].epoch, index: chosen[position])
    }
  }

  private static func make(
    _ dataset: some Dataset, _ indices: [Int], _ change: (Int, Picture) -> Picture
  ) throws(FileFormatError) -> Batch {
    try Batch(dataset, indices: indices, changing: change)
  }

  /// Orders are kept for the epochs that batches in flight can need.
  private func order(epoch: Int) -> EpochOrder {
    if let order = orders.withLock({ $0[epoch] }) { return order }
    let order = EpochOrder(count: indices.count, seed: seed, epoch: epoch)
    orders.withLock {
      $0[epoch] = order
      if $0.count > 4 { $0 = $0.filter { abs($0.key - epoch) <= 1 } }
    }
    return order
  }
}
