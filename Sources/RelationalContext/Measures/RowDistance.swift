/// What distances of rows are counted in.
public enum DistanceUnit: String, Sendable, Hashable {
  /// Points lie in space, and their distances are those of space.
  case own = "the templates' own"
  /// Columns of a table have units that have nothing in common: in their own, the one with the
  /// largest numbers would hide the others.
  case columns = "columns from 0 to 1"
}

extension TemplateSet {
  /// What distances of rows are counted in.
  public var distanceUnit: DistanceUnit { pointsPerRow > 0 ? .own : .columns }

  /// What the networks' unit is in that one: points are all divided by one number for them.
  var distanceFactor: Float { pointsPerRow > 0 ? scale.factors[0] : 1 }

  /// Rows in the unit of distances.
  func measured(_ rows: [Float]) -> [Float] {
    switch distanceUnit {
    case .own: rows
    case .columns: scale.normalized(rows)
    }
  }

  /// The distance of rows from others: the root mean square of their numbers' differences, in
  /// ``distanceUnit``.
  func distance(_ a: some Collection<Float>, _ b: some Collection<Float>) -> Double {
    rootMeanSquare(measured(Array(a)), measured(Array(b)))
  }
}
