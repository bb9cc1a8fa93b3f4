import Tensors

/// How much of what is made looks real, and how much of what is real is made: both sets as unions of
/// balls round their pictures, each as wide as the k-th nearest neighbour is far.
///
/// Sources: precision and recall, Kynkäänniemi et al. 2019, arXiv:1904.06991, k = 3; density and
/// coverage, Naeem et al. 2020, arXiv:2002.09797, k = 5.
struct Manifolds {
  /// The share of made pictures in a ball of a real one.
  let precision: Estimate
  /// The share of real pictures in a ball of a made one.
  let recall: Estimate
  /// In how many balls of real pictures a made one lies, as a share of k: above 1 where it is dense.
  let density: Estimate
  /// The share of real pictures in whose ball a made one lies.
  let coverage: Estimate

  /// Fewer pictures have no such balls.
  static let fewest = 6

  init(real: Impressions, made: Impressions) throws {
    let (reals, mades) = (Neighbours(real), Neighbours(made))
    let own = try reals.nearest(5, to: real, isSame: true)
    let (third, fifth) = (own.map { $0[2].squared }, own.map { $0[4].squared })
    let madeThird = try mades.nearest(3, to: made, isSame: true).map { $0[2].squared }

    var (isReal, balls): ([Double], [Double]) = ([], [])
    let radii = [third, fifth].map { Tensor($0, shape: [1, real.count]) }
    try reals.overBlocks(of: made) { distances, _ in
      isReal += try (distances .<= radii[0]).max(axes: [1]).floats().map(Double.init)
      balls += try (distances .<= radii[1]).sum(axes: [1]).floats().map { Double($0) / 5 }
    }
    var (isMade, isCovered): ([Double], [Double]) = ([], [])
    let madeRadii = Tensor(madeThird, shape: [1, made.count])
    try mades.overBlocks(of: real) { distances, first in
      isMade += try (distances .<= madeRadii).max(axes: [1]).floats().map(Double.init)
      let nearest = try distances.min(axes: [1]).floats()
      isCovered += nearest.enumerated().map { $1 <= fifth[first + $0] ? 1 : 0 }
    }
    (precision, recall) = (Bootstrap.mean(of: isReal), Bootstrap.mean(of: isMade))
    (density, coverage) = (Bootstrap.mean(of: balls), Bootstrap.mean(of: isCovered))
  }
}
