import Foundation

/// One axis of a chart: what it measures, from where to where.
public struct Axis: Hashable, Sendable {
  /// How numbers are spread along an axis.
  public enum Scale: Hashable, Sendable {
    /// Equal steps for equal differences.
    case linear
    /// Equal steps for equal ratios; for positive numbers, others are gaps.
    case logarithmic
  }

  /// What is measured, with its unit; empty for no words.
  public var label: String
  /// From where to where; `nil` takes what the data need, rounded outwards to whole ticks.
  public var range: ClosedRange<Double>?
  /// How numbers are spread.
  public var scale: Scale
  /// The ticks; `nil` takes nice ones.
  public var ticks: [Tick]?
  /// Whether lines go across the chart at the ticks.
  public var hasGrid: Bool

  /// An axis from its parts.
  ///
  /// - Precondition: `range` is finite and not a single number; on a logarithmic axis it is positive.
  public init(
    _ label: String = "", range: ClosedRange<Double>? = nil, scale: Scale = .linear,
    ticks: [Tick]? = nil, hasGrid: Bool = true
  ) {
    if let range {
      precondition(
        range.lowerBound.isFinite && range.upperBound.isFinite
          && range.lowerBound < range.upperBound
          && (scale == .linear || range.lowerBound > 0),
        "Axis: \(range) has no room for a \(scale) axis")
    }
    self.label = label
    self.range = range
    self.scale = scale
    self.ticks = ticks
    self.hasGrid = hasGrid
  }
}

/// An axis whose ends are known.
struct Ruler {
  let range: ClosedRange<Double>
  let scale: Axis.Scale
  private(set) var ticks: [Tick]

  /// An axis that holds the values where it has no range of its own, with about `count` ticks.
  ///
  /// Values that cannot be placed on it count for nothing.
  init(_ axis: Axis, holding values: some Sequence<Double>, count: Int) {
    scale = axis.scale
    let nice: [Tick]
    if let own = axis.range {
      range = own
      nice = Tick.nice(in: own, scale, count: count)
    } else {
      let needed = Self.span(of: values, scale)
      range = Tick.niceRange(around: needed, scale, count: count)
      nice = Tick.nice(in: range, scale, count: count)
    }
    ticks = (axis.ticks ?? nice).filter { [range] in range.contains($0.value) }
  }

  /// The same range with about `count` nice ticks.
  func withTicks(count: Int) -> Ruler {
    var ruler = self
    ruler.ticks = Tick.nice(in: range, scale, count: count)
    return ruler
  }

  /// Where a number is along the axis: 0 at its start, 1 at its end; `nil` for what has no place.
  func position(_ value: Double) -> Double? {
    guard value.isFinite, scale == .linear || value > 0 else { return nil }
    let (low, high) = (measure(range.lowerBound), measure(range.upperBound))
    return (measure(value) - low) / (high - low)
  }

  private func measure(_ value: Double) -> Double {
    scale == .linear ? value : log10(value)
  }

  /// From the least to the greatest; something wide where there is nothing or one number.
  private static func span(
    of values: some Sequence<Double>, _ scale: Axis.Scale
  ) -> ClosedRange<Double> {
    var low = Double.infinity
    var high = -Double.infinity
    for value in values where value.isFinite && (scale == .linear || value > 0) {
      low = min(low, value)
      high = max(high, value)
    }
    switch scale {
    case .linear:
      if low > high { return 0...1 }
      let reach = low == 0 ? 0.5 : abs(low) * 0.1
      return high - low > abs(low) * 1e-12 ? low...high : low - reach...low + reach
    case .logarithmic:
      if low > high { return 1...10 }
      return low < high ? low...high : low / 2...low * 2
    }
  }
}
