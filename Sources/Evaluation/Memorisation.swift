import FileFormats
import Tensors

/// Whether a model repeats what it was trained on: how near its pictures are to training pictures,
/// beside how near they are to as many real ones that it never saw.
///
/// About 1 where training pictures are nothing special to it, towards 0 where it copies them.
/// Distances are between a judge's features. Where fewer pictures are held out than were trained on,
/// copies of those that are left out pass: ``Novelty`` sees them.
struct Memorisation {
  /// Median distance to the nearest training picture, over that to the nearest held-out one.
  let ratio: Estimate
  /// Pictures on either side.
  let size: Int

  /// How near these pictures are to either side; `seed` decides which of the larger side are taken.
  ///
  /// - Throws: The device's failure.
  init(made: Impressions, training: Impressions, heldOut: Impressions, seed: UInt64) throws {
    let size = min(training.count, heldOut.count)
    self.size = size
    let sides = [training, heldOut].map { $0.subset(size, seed: seed) }
    let distances = try sides.map { try nearestDistances(from: made, to: Neighbours($0)) }
    self.ratio = ratioOfMedians(made.count) { rows in
      distances.map { side in median(rows.map { side[$0] }) }
    }
  }
}

/// Median distance of made pictures to the nearest training picture, over that of held-out ones.
///
/// About 1 of new pictures, 0 of copies, of whichever training pictures these are. It compares as
/// Meehan, Chaudhuri and Dasgupta 2020 (arXiv:2004.05675, section 3) do, with all training pictures
/// however few are held out. What is blurred lies nearer, too.
struct Novelty {
  private let training: Neighbours
  private let ofHeldOut: Double

  /// - Throws: The device's failure.
  init(to training: Impressions, beside heldOut: Impressions) throws {
    self.training = Neighbours(training)
    ofHeldOut = median(try nearestDistances(from: heldOut, to: self.training))
  }

  /// - Throws: The device's failure.
  func value(of made: Impressions) throws -> Double {
    ratio(median(try nearestDistances(from: made, to: training)), ofHeldOut)
  }

  /// The value with what other pictures of the model would have made of it.
  ///
  /// - Throws: The device's failure.
  func estimate(of made: Impressions) throws -> Estimate {
    let distances = try nearestDistances(from: made, to: training)
    return ratioOfMedians(made.count) { rows in
      [median(rows.map { distances[$0] }), ofHeldOut]
    }
  }

  /// The nearest training picture of each row: its index, and the distance over the median of held-out
  /// ones.
  ///
  /// - Throws: The device's failure.
  func nearest(to made: Impressions) throws -> [(index: Int, distance: Double)] {
    try training.nearest(1, to: made).map {
      ($0[0].index, ratio(Double($0[0].squared).squareRoot(), ofHeldOut))
    }
  }
}

/// A made picture beside the training picture that it lies nearest to.
public struct LikestPicture: Sendable {
  public let made: Picture
  public let training: Picture
  /// Between a judge's features, over the median of held-out pictures' distances to their nearest:
  /// about 1 of new pictures, 0 of copies.
  public let distance: Double
}

/// From each row to the nearest of the others.
private func nearestDistances(
  from rows: Impressions, to others: Neighbours
) throws -> [Double] {
  try others.nearest(1, to: rows).map { Double($0[0].squared).squareRoot() }
}

/// The ratio of two medians, of all rows and of resamples of them.
private func ratioOfMedians(_ count: Int, _ medians: ([Int]) -> [Double]) -> Estimate {
  func found(_ rows: [Int]) -> Double {
    let pair = medians(rows)
    return ratio(pair[0], pair[1])
  }
  let draws = Draws(seed: 0)
  let resampled = (0..<Bootstrap.resamples).map { series in
    let weights = draws.resample(count, series: series)
    return found(weights.indices.flatMap { Array(repeating: $0, count: Int(weights[$0])) })
  }
  return Estimate(found(Array(0..<count)), resampled)
}

private func ratio(_ near: Double, _ far: Double) -> Double {
  far > 0 ? near / far : near > 0 ? .greatestFiniteMagnitude : 1
}

private func median(_ values: [Double]) -> Double {
  let sorted = values.sorted()
  let middle = sorted.count / 2
  return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
