/// How rows are scaled for the networks, which learn best from numbers about 1.
public struct RowScale: Sendable, Hashable, Codable {
  /// What is taken from each number of a row before it is divided.
  public var offsets: [Float]
  /// What each number of a row is divided by.
  public var factors: [Float]

  /// The scale that rows of these templates take.
  ///
  /// Points are divided by one power of 2, the largest that is not above their largest extent, so that
  /// they span from 1 to 2 and nothing is rounded; shapes of that size, such as the petals, stay as
  /// they are. They are moved where the origin lies outside their box. Columns of tables are each moved and divided so that they go
  /// from 0 to 1.
  init(of templates: [Template], _ content: RowContent) {
    let size = templates[0].rowSize
    var low = Array(templates[0].row(0))
    var high = low
    for template in templates {
      for (index, value) in template.values.enumerated() {
        low[index % size] = min(low[index % size], value)
        high[index % size] = max(high[index % size], value)
      }
    }
    guard case .points = content else {
      offsets = low
      factors = zip(low, high).map { $0 < $1 ? $1 - $0 : 1 }
      return
    }
    let count = size / 3
    let axes = (0..<3).map { axis in
      (
        low[axis * count..<(axis + 1) * count].min()!,
        high[axis * count..<(axis + 1) * count].max()!
      )
    }
    let extent = axes.map { $0.1 - $0.0 }.max()!
    let factor =
      extent > 0 ? Float(sign: .plus, exponent: extent.exponent, significand: 1) : 1
    factors = Array(repeating: factor, count: size)
    offsets = axes.flatMap { axis -> [Float] in
      let containsOrigin = axis.0 <= 0 && axis.1 >= 0
      return Array(repeating: containsOrigin ? 0 : (axis.0 + axis.1) / 2, count: count)
    }
  }

  /// Rows as the networks see them.
  public func normalized(_ rows: [Float]) -> [Float] {
    rows.enumerated().map { index, value in
      (value - offsets[index % offsets.count]) / factors[index % factors.count]
    }
  }

  /// Rows in the templates' own unit.
  public func restored(_ rows: [Float]) -> [Float] {
    rows.enumerated().map { index, value in
      value * factors[index % factors.count] + offsets[index % offsets.count]
    }
  }
}
