import Drawing

extension MapAxis {
  /// Characters of an axis's words at most: more would run into each other.
  private static let room = 70

  /// The axis in a chart: from one share to another, or what the data need; with ticks at its words,
  /// where it has words.
  ///
  /// Long words are without their middle, and of many only every so manieth is written.
  func drawn(over shares: ClosedRange<Float>? = nil) -> Axis {
    let range = shares.map { value($0.lowerBound)...value($0.upperBound) }
    guard let words else { return Axis(name, range: range) }
    let short = words.map(Self.short)
    let every = short.reduce(0) { $0 + $1.count + 2 } / Self.room + 1
    let ticks = stride(from: 0, to: short.count, by: every).map { Tick(Double($0), short[$0]) }
    return Axis(name, range: range, ticks: ticks)
  }
}
