import Datasets
import FileFormats
import Tensors
import Training

/// What a judge says of a generator while it trains: quick, and good enough to choose a checkpoint by
/// and to see copies.
///
/// The kernel distance decides: it has no bias, so that 50 real pictures are enough. It is measured
/// with few pictures; a figure to be told is ``Evaluation``'s.
public final class TrainingJudge {
  /// Pictures that the generator makes.
  static let made = 1000
  /// Most real pictures of either part.
  static let real = 2000
  /// Fewest held-out pictures that tell a copy from a likeness.
  static let fewestHeldOut = 10

  private let judge: Judge
  private let dataset: any Dataset
  private let split: DatasetSplit
  private let padding: (height: Int, width: Int)?
  private var seen: (training: Impressions, heldOut: Impressions)?

  /// - Parameters:
  ///   - judge: By whose features.
  ///   - dataset: What is trained on.
  public init(_ judge: Judge, _ dataset: any Dataset) {
    (self.judge, self.dataset) = (judge, dataset)
    split = DatasetSplit(dataset)
    padding = (dataset as? PaddedDataset).map { ($0.innerShape.height, $0.innerShape.width) }
  }

  /// The distance between what a generator makes of seeds 0 to 999 and training pictures, then
  /// ``Memorisation/novelty(of:training:heldOut:)`` where enough pictures are held out; nothing with a
  /// single training picture.
  ///
  /// - Throws: The device's failure, or an error of the data.
  public func measure(_ pictures: ([Int]) throws -> [Picture]) throws -> [Metric] {
    let (training, heldOut) = try realPictures()
    // Of one picture there is no distance between two.
    guard training.count > 1 else { return [] }
    let made = try judge.look(at: Self.made) { seeds in
      try stride(from: seeds.lowerBound, to: seeds.upperBound, by: 64).flatMap { first in
        try pictures(Array(first..<min(first + 64, seeds.upperBound))).map(middle)
      }
    }
    let conditions = "judge=\(judge.checksum) data=\(dataset.name) n=\(Self.made)"
    var metrics = [
      Metric(
        name: "kd", value: try KernelDistance(to: training).distance(to: made).value,
        protocolString: "kd/v1 \(conditions) ref=train:\(training.count)")
    ]
    guard heldOut.count >= Self.fewestHeldOut else { return metrics }
    metrics.append(
      Metric(
        name: "novelty",
        value: try Memorisation.novelty(of: made, training: training, heldOut: heldOut),
        protocolString: "novelty/v1 \(conditions) ref=train:\(training.count) real=\(heldOut.count)"
      ))
    return metrics
  }

  private func realPictures() throws -> (training: Impressions, heldOut: Impressions) {
    if let seen { return seen }
    let parts = try [split.training, split.heldOut].map { all in
      let indices = Draws(seed: 0).choose(min(Self.real, all.count), of: all.count).map { all[$0] }
      return try judge.look(at: indices.count) { range in
        try range.map { middle(try dataset.picture(at: indices[$0])) }
      }
    }
    seen = (parts[0], parts[1])
    return (parts[0], parts[1])
  }

  /// A picture without what pads it.
  private func middle(_ picture: Picture) -> Picture {
    padding.map { picture.centerCropped(height: $0.height, width: $0.width) } ?? picture
  }
}
