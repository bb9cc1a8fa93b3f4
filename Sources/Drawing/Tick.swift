import Foundation

/// A place on an axis that is told by words.
public struct Tick: Hashable, Sendable {
  /// The number.
  public let value: Double
  /// What stands beside it.
  public let label: String

  /// A tick of one's own.
  public init(_ value: Double, _ label: String) {
    self.value = value
    self.label = label
  }
}

/// Ticks that people like to read: Heckbert 1990, "Nice numbers for graph labels", Graphics Gems.
extension Tick {
  /// Ticks within a range.
  ///
  /// On a linear axis steps are 1, 2 or 5 times a power of ten; on a logarithmic one there are powers
  /// of ten, and 2 and 5 times them where the range has less than two.
  static func nice(in range: ClosedRange<Double>, _ scale: Axis.Scale, count: Int) -> [Tick] {
    switch scale {
    case .linear:
      let step = niceStep(range, count: count)
      return multiples(of: step, in: range).map { Tick($0, label($0, step: step)) }
    case .logarithmic:
      return logarithmic(in: range, count: count)
    }
  }

  /// The range rounded outwards to whole ticks.
  static func niceRange(
    around range: ClosedRange<Double>, _ scale: Axis.Scale, count: Int
  ) -> ClosedRange<Double> {
    switch scale {
    case .linear:
      let step = niceStep(range, count: count)
      let low = (range.lowerBound / step + 1e-9).rounded(.down) * step
      let high = (range.upperBound / step - 1e-9).rounded(.up) * step
      return min(low, range.lowerBound)...max(high, range.upperBound)
    case .logarithmic:
      let low = pow(10, (log10(range.lowerBound) + 1e-9).rounded(.down))
      let high = pow(10, (log10(range.upperBound) - 1e-9).rounded(.up))
      return min(low, range.lowerBound)...max(high, range.upperBound)
    }
  }

  /// 1, 2 or 5 times a power of ten, so that about `count` steps fill the range.
  private static func niceStep(_ range: ClosedRange<Double>, count: Int) -> Double {
    let rough = (range.upperBound - range.lowerBound) / Double(max(count, 1))
    let power = pow(10, log10(rough).rounded(.down))
    let share = rough / power
    // The thresholds are geometric means of neighbours.
    return (share < 1.414 ? 1 : share < 3.162 ? 2 : share < 7.071 ? 5 : 10) * power
  }

  private static func multiples(of step: Double, in range: ClosedRange<Double>) -> [Double] {
    let first = (range.lowerBound / step - 1e-6).rounded(.up)
    let last = (range.upperBound / step + 1e-6).rounded(.down)
    guard first <= last, last - first < 1000 else { return [] }
    return (0...Int(last - first)).map { (first + Double($0)) * step }
      .map { min(max($0, range.lowerBound), range.upperBound) }
  }

  private static func logarithmic(in range: ClosedRange<Double>, count: Int) -> [Tick] {
    let first = (log10(range.lowerBound) - 1e-9).rounded(.up)
    let last = (log10(range.upperBound) + 1e-9).rounded(.down)
    if last - first >= 2 {
      let stride = max(1, Int(((last - first) / Double(max(count, 1))).rounded(.up)))
      return Swift.stride(from: Int(first), through: Int(last), by: stride).map { exponent in
        Tick(pow(10, Double(exponent)), "10" + superscript(exponent))
      }
    }
    var ticks: [Tick] = []
    for exponent in Int(first) - 1...Int(last) + 1 {
      for factor in [1.0, 2, 5] {
        let value = factor * pow(10, Double(exponent))
        if range.contains(value) { ticks.append(Tick(value, label(value, step: value))) }
      }
    }
    return ticks
  }

  /// A number with as many decimals as the step needs: "0.25", "−3", "20,000", "2×10⁶".
  static func label(_ value: Double, step: Double) -> String {
    if abs(value) < abs(step) * 1e-6 { return "0" }
    let sign = value < 0 ? "−" : ""
    let digits = -Int((log10(abs(step)) + 1e-9).rounded(.down))
    let size = Int((log10(abs(value)) + 1e-9).rounded(.down))
    if size >= 6 || digits > 4 {
      let mantissa = abs(value) / pow(10, Double(size))
      let text = String(format: "%.\(min(max(0, digits + size), 15))f", mantissa)
      return sign + (text == "1" ? "10" : text + "×10") + superscript(size)
    }
    return sign + grouped(String(format: "%.\(max(0, digits))f", abs(value)))
  }

  /// Thousands are set apart from 10,000 on.
  private static func grouped(_ number: String) -> String {
    let parts = number.split(separator: ".")
    guard parts[0].count > 4 else { return number }
    var whole = ""
    for (index, digit) in parts[0].enumerated() {
      if index > 0 && (parts[0].count - index).isMultiple(of: 3) { whole += "," }
      whole.append(digit)
    }
    return parts.count > 1 ? "\(whole).\(parts[1])" : whole
  }

  private static func superscript(_ exponent: Int) -> String {
    let digits = Array("⁰¹²³⁴⁵⁶⁷⁸⁹")
    return String(
      String(exponent).map { $0 == "-" ? "⁻" : digits[$0.wholeNumberValue ?? 0] })
  }
}
