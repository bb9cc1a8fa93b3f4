import Foundation
import LinearAlgebra
import Tensors

/// How different the pictures of one set are from each other.
struct Diversity {
  private let impressions: Impressions
  private let lapack: LAPACK

  init(_ impressions: Impressions, _ lapack: LAPACK) {
    (self.impressions, self.lapack) = (impressions, lapack)
  }

  /// exp E KL(p(y|x) ‖ p(y)): from 1 to the number of classes.
  ///
  /// Source: Salimans and others 2016, arXiv:1606.03498, by another network.
  func classifierScore() -> Estimate {
    let (count, classes) = (impressions.count, impressions.classCount)
    let (probabilities, entropies) = (impressions.probabilities.map(Double.init), entropies)
    func score(_ weights: [Float]) -> Double {
      var marginal = [Double](repeating: 0, count: classes)
      var entropy = 0.0
      for row in 0..<count where weights[row] > 0 {
        let weight = Double(weights[row]) / Double(count)
        entropy += weight * entropies[row]
        for label in 0..<classes {
          marginal[label] += weight * probabilities[row * classes + label]
        }
      }
      return exp(marginal.reduce(0.0) { $1 > 0 ? $0 - $1 * log($1) : $0 } - entropy)
    }
    return resampled(score)
  }

  /// The mean entropy of the judge's opinion what class a picture is of, divided by log K: 0 where it is
  /// sure of every picture, 1 where each could be of any class.
  ///
  /// What a creative adversarial network is to raise (Elgammal and others 2017, arXiv:1706.07068).
  func classEntropy() -> Estimate {
    let (entropies, most) = (entropies, log(Double(max(impressions.classCount, 2))))
    return resampled { weights in
      zip(weights, entropies).reduce(0) { $0 + Double($1.0) * $1.1 } / Double(weights.count) / most
    }
  }

  /// Of the judge's opinion of each picture, in nats.
  private var entropies: [Double] {
    let classes = impressions.classCount
    return (0..<impressions.count).map { row in
      impressions.probabilities[row * classes..<(row + 1) * classes].reduce(0.0) { sum, p in
        p > 0 ? sum - Double(p) * log(Double(p)) : sum
      }
    }
  }

  /// The number of pictures that differ in effect: exp of the entropy of the eigenvalues of K / n, K
  /// being the cosines between features (Friedman and Dieng 2023, arXiv:2210.02410).
  ///
  /// From 1, where all are alike, to the lesser of n and the number of features.
  func vendiScore() throws -> Estimate {
    let unit = unitRows
    let width = impressions.featureCount
    return try resampled { weights in
      let rows = Tensor(weights, shape: [weights.count, 1])
      // The eigenvalues other than 0 of XXᵀ are those of XᵀX, which is far smaller.
      let kernel = try (unit * rows).matmul(unit, transposingSelf: true).floats()
      let matrix = kernel.map { Double($0) / Double(weights.count) }
      let values = try lapack.symmetricEigen(matrix, order: width).values
      return exp(values.reduce(0.0) { $1 > 0 ? $0 - $1 * log($1) : $0 })
    }
  }

  /// 1 less the mean cosine between the features of two different pictures.
  func pairwiseDistance() throws -> Estimate {
    let unit = unitRows
    let squares = try unit.squared().sum(axes: [1]).floats()
    return try resampled { weights in
      let rows = Tensor(weights, shape: [weights.count, 1])
      let sum = try (unit * rows).sum(axes: [0]).floats()
      let n = Double(weights.count)
      // Pairs of one picture with itself say nothing, also where a resample has it twice.
      let selves = zip(weights, squares).reduce(0.0) { $0 + Double($1.0 * $1.0 * $1.1) }
      let pairs = n * n - weights.reduce(0.0) { $0 + Double($1) * Double($1) }
      return 1 - (sum.reduce(0.0) { $0 + Double($1) * Double($1) } - selves) / max(pairs, 1)
    }
  }

  /// The features, each row of length 1.
  private var unitRows: Tensor {
    let rows = impressions.tensor
    let lengths = rows.squared().sum(axes: [1], keepingDimensions: true).sqrt()
    return rows / Tensor.maximum(lengths, Tensor(filling: [1, 1], with: 1e-12))
  }

  private func resampled(_ score: ([Float]) throws -> Double) rethrows -> Estimate {
    let (count, draws) = (impressions.count, Draws(seed: 0))
    let value = try score([Float](repeating: 1, count: count))
    return Estimate(
      value, try (0..<Bootstrap.resamples).map { try score(draws.resample(count, series: $0)) })
  }
}
