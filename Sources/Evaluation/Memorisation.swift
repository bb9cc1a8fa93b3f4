import Tensors

/// Whether a model repeats what it was trained on: how near its pictures are to training pictures,
/// beside how near they are to as many real ones that it never saw.
///
/// About 1 where training pictures are nothing special to it, towards 0 where it copies them.
/// Distances are between a judge's features.
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
    let distances = try sides.map { side in
      try Neighbours(side).nearest(1, to: made).map { Double($0[0].squared).squareRoot() }
    }
    func found(_ rows: [Int]) -> Double {
      let medians = distances.map { side in Self.median(rows.map { side[$0] }) }
      let (near, far) = (medians[0], medians[1])
      return far > 0 ? near / far : near > 0 ? .greatestFiniteMagnitude : 1
    }
    let draws = Draws(seed: 0)
    let resampled = (0..<Bootstrap.resamples).map { series in
      let weights = draws.resample(made.count, series: series)
      return found(weights.indices.flatMap { Array(repeating: $0, count: Int(weights[$0])) })
    }
    self.ratio = Estimate(found(Array(0..<made.count)), resampled)
  }

  private static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }

  /// The median distance from made pictures to the nearest training picture, over that from held-out
  /// ones: about 1 of new pictures, 0 of copies, of whichever training pictures these are.
  ///
  /// It compares like Meehan, Chaudhuri and Dasgupta 2020 (arXiv:2004.05675), section 3, and needs few
  /// held-out pictures. What is blurred lies nearer, too.
  ///
  /// - Throws: The device's failure.
  static func novelty(
    of made: Impressions, training: Impressions, heldOut: Impressions
  ) throws -> Double {
    let neighbours = try Neighbours(training)
    let medians = try [made, heldOut].map { pictures in
      median(try neighbours.nearest(1, to: pictures).map { Double($0[0].squared).squareRoot() })
    }
    return medians[1] > 0 ? medians[0] / medians[1] : 1
  }
}
