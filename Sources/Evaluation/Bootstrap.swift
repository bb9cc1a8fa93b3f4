import Tensors

/// Random choices of measurements, the same on every machine.
struct Draws {
  private let philox: Philox

  init(seed: UInt64) { philox = Philox(seed: seed) }

  /// A number below `limit`, by its place in a series.
  private func number(_ index: Int, below limit: Int, series: Int) -> Int {
    let word = philox.word(
      index, example: series, stream: RandomStream.evaluation)
    return Int((UInt64(word) * UInt64(limit)) >> 32)
  }

  /// `size` different numbers below `count`, rising: those that a shuffle of Fisher and Yates brings
  /// to the front.
  func choose(_ size: Int, of count: Int) -> [Int] {
    var order = Array(0..<count)
    for place in 0..<size {
      order.swapAt(place, place + number(place, below: count - place, series: -1))
    }
    return order[..<size].sorted()
  }

  /// How often each of `count` examples comes in a sample of as many, drawn with replacement.
  func resample(_ count: Int, series: Int) -> [Float] {
    var weights = [Float](repeating: 0, count: count)
    for index in 0..<count { weights[number(index, below: count, series: series)] += 1 }
    return weights
  }
}

/// Bootstrap intervals (Efron and Tibshirani 1993).
enum Bootstrap {
  /// Resamples of an interval.
  static let resamples = 200

  /// How far an estimate may lie from what more pictures would give, with 95 % confidence: the basic
  /// interval (Davison and Hinkley 1997, section 5.2), which takes off what resampling itself adds,
  /// as it does to distances.
  ///
  /// - Parameters:
  ///   - value: The estimate.
  ///   - resampled: The same of resamples.
  /// - Returns: Both ends.
  static func interval(_ value: Double, _ resampled: [Double]) -> (low: Double, high: Double) {
    let sorted = resampled.sorted()
    func quantile(_ share: Double) -> Double {
      let place = share * Double(sorted.count - 1)
      let below = Int(place)
      let above = min(below + 1, sorted.count - 1)
      return sorted[below] + (place - Double(below)) * (sorted[above] - sorted[below])
    }
    return (2 * value - quantile(0.975), 2 * value - quantile(0.025))
  }

  /// The mean of numbers that pictures have each, and its interval.
  static func mean(of values: [Double]) -> Estimate {
    let draws = Draws(seed: 0)
    let mean = values.reduce(0, +) / Double(values.count)
    let resampled = (0..<resamples).map { series in
      zip(values, draws.resample(values.count, series: series)).reduce(0) {
        $0 + $1.0 * Double($1.1)
      } / Double(values.count)
    }
    return Estimate(mean, resampled)
  }
}

/// A number that was measured, and its interval with 95 % confidence.
public struct Estimate: Sendable, Hashable {
  public let value, low, high: Double

  init(_ value: Double, _ resampled: [Double]) {
    self.value = value
    (low, high) = Bootstrap.interval(value, resampled)
  }

  public init(value: Double, low: Double, high: Double) {
    (self.value, self.low, self.high) = (value, low, high)
  }
}
