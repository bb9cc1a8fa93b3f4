import Foundation
import LinearAlgebra
import Tensors
import Testing

@testable import Evaluation

@Suite("Distances between sets of pictures")
struct DistanceTests {
  @Test("Fréchet's is that of the formula where covariances are diagonal: Σ (Δμ² + (σ₁ − σ₂)²)")
  func frechetByHand() throws {
    let distance = try FrechetDistance(to: impressions(300, seed: 1), LAPACK())
    // Against itself but moved and stretched: the root of the product is the covariance, times 2.
    let own = try impressions(300, seed: 1)
    let rows = own.rows
    let moved = Impressions(
      count: 300, features: own.features.map { 2 * $0 + 3 }, probabilities: own.probabilities,
      classCount: 3)
    let means = (0..<5).map { column in rows.reduce(0) { $0 + $1[column] } / 300 }
    let trace = (0..<5).reduce(0.0) { sum, column in
      sum + rows.reduce(0) { $0 + pow($1[column] - means[column], 2) } / 299
    }
    let expected = means.reduce(0) { $0 + pow($1 + 3, 2) } + trace
    #expect(abs(try distance.distance(to: moved).value - expected) < 1e-4 * expected)
    #expect(abs(try distance.distance(to: own).value) < 1e-5)
  }

  @Test("Fréchet's of unlike covariances is that of the trace of the root, by Newton's iteration")
  func frechetByIteration() throws {
    let (a, b) = (try impressions(200, seed: 2), try mixed(200, seed: 3))
    let found = try FrechetDistance(to: a, LAPACK()).distance(to: b).value
    let (first, second) = (plainFit(a), plainFit(b))
    // Denman and Beavers' iteration for the root of Σ₁Σ₂, which needs no eigenvalues.
    var (y, z) = (multiplied(first.covariance, second.covariance), identity(5))
    for _ in 0..<60 { (y, z) = (halfSum(y, inverse(z)), halfSum(z, inverse(y))) }
    var traces = 0.0
    for index in 0..<5 {
      traces += first.covariance[index][index] + second.covariance[index][index]
      traces -= 2 * y[index][index]
    }
    let shift = zip(first.mean, second.mean).reduce(0.0) { $0 + pow($1.0 - $1.1, 2) }
    #expect(abs(found - (shift + traces)) < 1e-4 * found, "\(found) and \(shift + traces)")
  }

  @Test("the interval of a distance holds what twenty other sets of the same kind give, mostly")
  func interval() throws {
    let reference = try FrechetDistance(to: impressions(2000, seed: 4), LAPACK())
    let estimate = try reference.distance(to: impressions(500, seed: 5, shift: 0.3))
    #expect(estimate.low < estimate.value && estimate.value < estimate.high)
    // A fresh set has the estimate's own spread about the truth: √2 of it between two of them.
    let width = (estimate.high - estimate.low) * 0.75
    let others = try (6..<26).map {
      try reference.distance(to: MomentSums(impressions(500, seed: $0, shift: 0.3)).fit())
    }
    let inside = others.count { abs($0 - estimate.value) < width }
    #expect(inside >= 16, "\(inside) of 20")
    #expect(width < 0.5 * estimate.value, "an interval that holds anything would hold these")
  }

  @Test("the kernel's is that of all pairs, worked out one by one")
  func kernel() throws {
    let (a, b) = (try impressions(70, seed: 1), try impressions(53, seed: 2, shift: 0.4))
    func k(_ x: [Double], _ y: [Double]) -> Double {
      pow(zip(x, y).reduce(0) { $0 + $1.0 * $1.1 } / 5 + 1, 3)
    }
    func within(_ rows: [[Double]]) -> Double {
      var sum = 0.0
      for i in rows.indices { for j in rows.indices where i != j { sum += k(rows[i], rows[j]) } }
      return sum / Double(rows.count * (rows.count - 1))
    }
    var across = 0.0
    for x in a.rows { for y in b.rows { across += k(x, y) } }
    let expected = within(a.rows) + within(b.rows) - 2 * across / Double(70 * 53)
    let found = try KernelDistance(to: a).distance(to: b)
    #expect(abs(found.value - expected) < 1e-5 * (1 + abs(expected)))
    #expect(found.low < found.value && found.value < found.high)
  }

  @Test("the kernel's is about 0 between sets of one kind, below as well as above")
  func unbiased() throws {
    let values = try (0..<20).map { seed in
      try KernelDistance(to: impressions(100, seed: 100 + seed)).distance(
        to: impressions(100, seed: 200 + seed)
      ).value
    }
    #expect(values.contains { $0 < 0 } && values.contains { $0 > 0 })
    let mean = values.reduce(0, +) / 20
    let deviation = (values.reduce(0) { $0 + pow($1 - mean, 2) } / 19).squareRoot()
    #expect(abs(mean) < 3 * deviation / 20.0.squareRoot())
  }

  @Test("measures are the same whatever order the pictures come in")
  func order() throws {
    let (a, b) = (try impressions(90, seed: 1), try impressions(80, seed: 2))
    let turned = b.rows(Array((0..<80).reversed()))
    let lapack = try LAPACK()
    let frechet = try FrechetDistance(to: a, lapack)
    #expect(
      abs(try frechet.distance(to: b).value - frechet.distance(to: turned).value) < 1e-6)
    let kernel = try KernelDistance(to: a)
    #expect(abs(try kernel.distance(to: b).value - kernel.distance(to: turned).value) < 1e-5)
  }

  private func mixed(_ count: Int, seed: UInt64) throws -> Impressions {
    let own = try impressions(count, seed: seed, shift: 0.5)
    let values = own.rows.flatMap { row in
      [row[0] + row[1], row[1] * 2, row[2] - 0.5 * row[0], row[3] * 0.1, row[4] + row[3]]
    }
    return Impressions(
      count: count, features: values.map(Float.init), probabilities: own.probabilities,
      classCount: 3)
  }
}

// Plain matrices, to which nothing of the program belongs.

private func plainFit(_ set: Impressions) -> (mean: [Double], covariance: [[Double]]) {
  let (rows, n) = (set.rows, Double(set.count))
  let mean = (0..<set.featureCount).map { column in rows.reduce(0) { $0 + $1[column] } / n }
  let covariance = mean.indices.map { i in
    mean.indices.map { j in
      rows.reduce(0) { $0 + ($1[i] - mean[i]) * ($1[j] - mean[j]) } / (n - 1)
    }
  }
  return (mean, covariance)
}

private func identity(_ n: Int) -> [[Double]] {
  (0..<n).map { row in (0..<n).map { $0 == row ? 1 : 0 } }
}

private func multiplied(_ a: [[Double]], _ b: [[Double]]) -> [[Double]] {
  a.map { row in
    b[0].indices.map { column in row.indices.reduce(0) { $0 + row[$1] * b[$1][column] } }
  }
}

private func halfSum(_ a: [[Double]], _ b: [[Double]]) -> [[Double]] {
  zip(a, b).map { zip($0, $1).map { ($0 + $1) / 2 } }
}

private func inverse(_ matrix: [[Double]]) -> [[Double]] {
  let n = matrix.count
  var rows = zip(matrix, identity(n)).map { $0 + $1 }
  for column in 0..<n {
    let pivot = (column..<n).max { abs(rows[$0][column]) < abs(rows[$1][column]) }!
    rows.swapAt(column, pivot)
    let scale = rows[column][column]
    rows[column] = rows[column].map { $0 / scale }
    for row in 0..<n where row != column {
      let factor = rows[row][column]
      rows[row] = zip(rows[row], rows[column]).map { $0 - factor * $1 }
    }
  }
  return rows.map { Array($0[n...]) }
}
