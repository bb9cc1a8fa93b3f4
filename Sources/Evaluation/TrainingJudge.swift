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

  private let dataset: any Dataset
  private let makeJudge: () throws -> Judge
  private let padding: (height: Int, width: Int)?
  private var prepared: Sight?

  /// The judge, and the real pictures as it sees them.
  private struct Sight {
    let judge: Judge
    /// How many of either part.
    let training, heldOut: Int
    let distance: KernelDistance
    /// Where enough are held out.
    let novelty: Novelty?
  }

  /// - Parameters:
  ///   - dataset: What is trained on.
  ///   - judge: By whose features; made when the first pictures come.
  public init(of dataset: any Dataset, by judge: @escaping () throws -> Judge) {
    (self.dataset, makeJudge) = (dataset, judge)
    padding = (dataset as? PaddedDataset).map { ($0.innerShape.height, $0.innerShape.width) }
  }

  /// The distance between what a generator makes of seeds 0 to 999 and training pictures, then
  /// ``Novelty`` where enough pictures are held out; nothing with a
  /// single training picture.
  ///
  /// - Throws: The device's failure, or an error of the data.
  public func measure(_ pictures: ([Int]) throws -> [Picture]) throws -> [Metric] {
    // Of one picture there is no distance between two.
    guard let sight = try sight() else { return [] }
    let made = try sight.judge.look(at: Self.made) { seeds in
      try stride(from: seeds.lowerBound, to: seeds.upperBound, by: 64).flatMap { first in
        try pictures(Array(first..<min(first + 64, seeds.upperBound))).map(middle)
      }
    }
    let conditions = "judge=\(sight.judge.checksum) data=\(dataset.name) n=\(Self.made)"
    var metrics = [
      Metric(
        name: "kd", value: try sight.distance.value(of: made),
        protocolString: "kd/v1 \(conditions) ref=train:\(sight.training)")
    ]
    guard let novelty = sight.novelty else { return metrics }
    metrics.append(
      Metric(
        name: "novelty",
        value: try novelty.value(of: made),
        protocolString: "novelty/v1 \(conditions) ref=train:\(sight.training)"
          + " real=\(sight.heldOut)"
      ))
    return metrics
  }

  /// Real pictures are looked at once, when they are first needed; nil with fewer than two to train
  /// on.
  private func sight() throws -> Sight? {
    if let prepared { return prepared }
    let split = DatasetSplit(dataset)
    guard split.training.count > 1 else { return nil }
    let judge = try makeJudge()
    let parts = try [split.training, split.heldOut].map { all in
      let indices = Draws(seed: 0).choose(min(Self.real, all.count), of: all.count).map { all[$0] }
      return try judge.look(at: indices.count) { range in
        try range.map { middle(try dataset.picture(at: indices[$0])) }
      }
    }
    prepared = Sight(
      judge: judge, training: parts[0].count, heldOut: parts[1].count,
      distance: try KernelDistance(to: parts[0]),
      novelty: parts[1].count >= Self.fewestHeldOut
        ? try Novelty(to: parts[0], beside: parts[1]) : nil)
    return prepared
  }

  /// A picture without what pads it.
  private func middle(_ picture: Picture) -> Picture {
    padding.map { picture.centerCropped(height: $0.height, width: $0.width) } ?? picture
  }
}
