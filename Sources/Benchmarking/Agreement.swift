import Tensors

/// Whether two programs computed the same thing, before either is timed.
package enum Agreement {
  /// Largest difference allowed, as a share of the root mean square of the peer's result: float32
  /// sums of some thousand terms and Winograd's transforms stay a factor of ten below.
  package static let tolerance = 1e-4

  /// The same, by precision: a peer's bfloat16 results are rounded to 8 bits of significand, and the
  /// largest of them are some five times the root mean square.
  package static func tolerance(_ precision: Precision) -> Double {
    switch precision {
    case .float32: tolerance
    case .bfloat16: 5 * 0x1p-8
    case .tf32: 5 * 0x1p-11
    }
  }

  /// - Throws: ``BenchmarkError/disagreement(peer:_:)`` for the first contender whose results are not
  ///   those of the first of all.
  package static func check(_ contenders: [Contender], tolerance: Double) throws(BenchmarkError) {
    for other in contenders.dropFirst() {
      if let found = difference(contenders[0].results, other.results, tolerance: tolerance) {
        throw .disagreement(peer: "\(other.peer) (\(other.variant))", found)
      }
    }
  }

  /// Where results part; nil where they agree.
  ///
  /// NaN agrees with nothing; a result missing, or of another length, parts where it ends.
  package static func difference(
    _ ours: [[Float]], _ theirs: [[Float]], tolerance: Double = tolerance
  ) -> Difference? {
    guard ours.count == theirs.count else {
      return Difference(
        result: min(ours.count, theirs.count), index: 0, ours: .nan, theirs: .nan,
        share: .infinity, allowed: tolerance)
    }
    for (number, (a, b)) in zip(ours, theirs).enumerated() {
      if let found = difference(a, b, result: number, tolerance) { return found }
    }
    return nil
  }

  private static func difference(
    _ a: [Float], _ b: [Float], result: Int, _ tolerance: Double
  ) -> Difference? {
    guard a.count == b.count else {
      let end = min(a.count, b.count)
      return Difference(
        result: result, index: end, ours: a.count > end ? a[end] : .nan,
        theirs: b.count > end ? b[end] : .nan, share: .infinity, allowed: tolerance)
    }
    let squares = b.reduce(0.0) { $0 + Double($1) * Double($1) }
    let scale = max((squares / Double(max(b.count, 1))).squareRoot(), .leastNormalMagnitude)
    var first: Int?
    var largest = 0.0
    for i in a.indices {
      let share = abs(Double(a[i]) - Double(b[i])) / scale
      guard !(share <= tolerance) else { continue }
      first = first ?? i
      largest = share.isNaN ? .infinity : max(largest, share)
    }
    return first.map {
      Difference(
        result: result, index: $0, ours: a[$0], theirs: b[$0], share: largest, allowed: tolerance)
    }
  }
}
