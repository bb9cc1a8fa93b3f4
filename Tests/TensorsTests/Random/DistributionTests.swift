import Foundation
import Testing

@testable import Tensors

/// Whether the numbers are distributed as they say.
///
/// Seeds are fixed, so these hold or fail for good; bounds are at 5 standard errors.
@Suite("Distributions")
struct DistributionTests {
  private static let rows = 1000
  private static let columns = 1000
  private static let count = Double(rows * columns)
  /// The standard error of the mean of as many numbers of variance 1.
  private static let standardError = 1 / count.squareRoot()
  private let key = RandomKey(seed: 2026, stream: 8)

  private func moments(_ values: [Float]) -> (
    mean: Double, variance: Double, third: Double, fourth: Double
  ) {
    let x = values.map(Double.init)
    let mean = x.reduce(0, +) / Double(x.count)
    func central(_ power: Double) -> Double {
      x.reduce(0) { $0 + pow($1 - mean, power) } / Double(x.count)
    }
    return (mean, central(2), central(3), central(4))
  }

  @Test("normal numbers have mean 0, variance 1, no skew, kurtosis 3")
  func normalMoments() throws {
    let m = moments(try Tensor.normal([Self.rows, Self.columns], key: key).floats())
    let limit = 5 * Self.standardError
    #expect(abs(m.mean) < limit)
    #expect(abs(m.variance - 1) < limit * 2.0.squareRoot())
    #expect(abs(m.third) < limit * 15.0.squareRoot())
    #expect(abs(m.fourth - 3) < limit * 96.0.squareRoot())
  }

  /// Kolmogorov and Smirnov's statistic √n·sup|Fₙ − F| passes 1.95 in one sample of a thousand.
  @Test("normal numbers follow the normal distribution everywhere, uniform ones the uniform")
  func kolmogorovSmirnov() throws {
    let normal = try Tensor.normal([Self.rows, Self.columns], key: key).floats().sorted()
    #expect(statistic(normal) { 0.5 * erfc(-Double($0) * 0.5.squareRoot()) } < 1.95)
    let uniform = try Tensor.uniform([Self.rows, Self.columns], key: key).floats().sorted()
    #expect(statistic(uniform) { Double($0) } < 1.95)
  }

  private func statistic(_ sorted: [Float], _ distribution: (Float) -> Double) -> Double {
    let n = Double(sorted.count)
    let largest = sorted.enumerated().reduce(0) { largest, item in
      let f = distribution(item.element)
      return max(largest, abs(f - Double(item.offset) / n), abs(f - Double(item.offset + 1) / n))
    }
    return largest * n.squareRoot()
  }

  @Test("normal numbers have tails as heavy as they should be")
  func tails() throws {
    let x = try Tensor.normal([Self.rows, Self.columns], key: key).floats()
    for limit: Float in [1, 2, 3, 4] {
      let expected = Self.count * erfc(Double(limit) * 0.5.squareRoot())
      let found = Double(x.filter { abs($0) > limit }.count)
      #expect(abs(found - expected) < 5 * expected.squareRoot(), "beyond \(limit)")
    }
    #expect(x.allSatisfy { abs($0) < 6.5 })
  }

  @Test("uniform numbers lie in 0 ..< 1, evenly, and neighbours do not depend on one another")
  func uniform() throws {
    let x = try Tensor.uniform([Self.rows, Self.columns], key: key).floats()
    #expect(x.allSatisfy { $0 >= 0 && $0 < 1 })
    let m = moments(x)
    let limit = 5 * Self.standardError
    #expect(abs(m.mean - 0.5) < limit / 12.0.squareRoot())
    #expect(abs(m.variance - 1 / 12.0) < limit / 180.0.squareRoot())
    // Next in the row, next row, next block.
    for lag in [1, 4, Self.columns] {
      let products = zip(x, x.dropFirst(lag)).reduce(0.0) {
        $0 + (Double($1.0) - 0.5) * (Double($1.1) - 0.5)
      }
      #expect(abs(products / Self.count) < limit / 12, "lag \(lag)")
    }
  }

  @Test("Bernoulli numbers are 1 as often as asked", arguments: [0, 0.1, 0.5, 0.999, 1] as [Float])
  func bernoulli(probability: Float) throws {
    let x = try Tensor.bernoulli([Self.rows, 100], probability: probability, key: key).floats()
    #expect(x.allSatisfy { $0 == 0 || $0 == 1 })
    let p = Double(probability)
    let found = x.reduce(0.0) { $0 + Double($1) } / Double(x.count)
    #expect(abs(found - p) <= 5 * (p * (1 - p) / Double(x.count)).squareRoot())
  }
}
