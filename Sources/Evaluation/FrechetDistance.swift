import LinearAlgebra
import Tensors

/// The squared distance between normal distributions fitted to two sets of features:
/// ‖μ₁ − μ₂‖² + tr(Σ₁ + Σ₂ − 2 (Σ₁^½ Σ₂ Σ₁^½)^½).
///
/// Sources: Dowson and Landau 1982; as a measure of pictures Heusel et al. 2017, arXiv:1706.08500.
/// It is biased upwards with few pictures, so that only numbers of equal n compare.
struct FrechetDistance {
  private let lapack: LAPACK
  private let reference: NormalFit
  /// Σ₁^½ of the reference.
  private let root: [Double]

  /// - Throws: `LinearAlgebraError`.
  init(to reference: Impressions, _ lapack: LAPACK) throws {
    self.lapack = lapack
    self.reference = try MomentSums(reference).fit()
    let order = reference.featureCount
    let (values, vectors) = try lapack.symmetricEigen(self.reference.covariance, order: order)
    root = Self.composed(values.map { max($0, 0).squareRoot() }, vectors, order)
  }

  /// How far a set of pictures is, and the interval over which pictures they might have been.
  func distance(to pictures: Impressions) throws -> Estimate {
    let sums = MomentSums(pictures)
    let draws = Draws(seed: 0)
    let resampled = try (0..<Bootstrap.resamples).map { series in
      try distance(to: sums.fit(draws.resample(pictures.count, series: series)))
    }
    return Estimate(try distance(to: sums.fit()), resampled)
  }

  func distance(to other: NormalFit) throws -> Double {
    let order = reference.mean.count
    let inner = product(product(root, other.covariance, order), root, order)
    let values = try lapack.symmetricEigen(inner, order: order).values
    let trace = (0..<order).reduce(0.0) {
      $0 + reference.covariance[$1 * (order + 1)] + other.covariance[$1 * (order + 1)]
    }
    let shift = zip(reference.mean, other.mean).reduce(0.0) {
      $0 + ($1.0 - $1.1) * ($1.0 - $1.1)
    }
    return shift + trace - 2 * values.reduce(0) { $0 + max($1, 0).squareRoot() }
  }

  /// Σ values[i] · vector i · vector iᵀ.
  private static func composed(
    _ values: [Double], _ vectors: [Double], _ order: Int
  ) -> [Double] {
    var scaled = vectors
    for row in 0..<order { for column in 0..<order { scaled[row * order + column] *= values[row] } }
    return product(transposed(vectors, order), scaled, order)
  }
}

/// Mean and covariance (divided by n − 1) of features.
struct NormalFit {
  var mean: [Double]
  var covariance: [Double]
}

/// What means and covariances of a set, and of resamples of it, are made of.
struct MomentSums {
  private let center: [Double]
  /// Rows less the center, a block each: products of a block are summed in single precision, blocks
  /// in double.
  private let blocks: [Tensor]
  private let count: Int
  private static let blockSize = 512

  init(_ impressions: Impressions) {
    let (count, width) = (impressions.count, impressions.featureCount)
    self.count = count
    var sums = [Double](repeating: 0, count: width)
    for row in 0..<count {
      for column in 0..<width { sums[column] += Double(impressions.features[row * width + column]) }
    }
    let center = sums.map { $0 / Double(count) }
    self.center = center
    blocks = stride(from: 0, to: count, by: Self.blockSize).map { first in
      let rows = min(Self.blockSize, count - first)
      let values = (0..<rows * width).map {
        Float(Double(impressions.features[first * width + $0]) - center[$0 % width])
      }
      return Tensor(values, shape: [rows, width])
    }
  }

  /// The fit to the rows, each taken as often as `weights` say; once by default.
  func fit(_ weights: [Float]? = nil) throws -> NormalFit {
    let width = center.count
    var first = [Double](repeating: 0, count: width)
    var second = [Double](repeating: 0, count: width * width)
    var start = 0
    for block in blocks {
      let rows = block.shape[0]
      let weighted =
        weights.map { block * Tensor(Array($0[start..<start + rows]), shape: [rows, 1]) } ?? block
      start += rows
      for (index, value) in try weighted.sum(axes: [0]).floats().enumerated() {
        first[index] += Double(value)
      }
      let products = try weighted.matmul(block, transposingSelf: true).floats()
      for (index, value) in products.enumerated() { second[index] += Double(value) }
    }
    let n = Double(count)
    let shift = first.map { $0 / n }
    for row in 0..<width {
      for column in 0..<width {
        let index = row * width + column
        second[index] = (second[index] - n * shift[row] * shift[column]) / max(n - 1, 1)
      }
    }
    return NormalFit(mean: zip(center, shift).map { $0 + $1 }, covariance: second)
  }
}

/// a · b of square matrices.
func product(_ a: [Double], _ b: [Double], _ order: Int) -> [Double] {
  var result = [Double](repeating: 0, count: order * order)
  a.withUnsafeBufferPointer { a in
    b.withUnsafeBufferPointer { b in
      result.withUnsafeMutableBufferPointer { result in
        for row in 0..<order {
          for inner in 0..<order {
            let factor = a[row * order + inner]
            for column in 0..<order {
              result[row * order + column] += factor * b[inner * order + column]
            }
          }
        }
      }
    }
  }
  return result
}

func transposed(_ matrix: [Double], _ order: Int) -> [Double] {
  (0..<order * order).map { matrix[$0 % order * order + $0 / order] }
}
