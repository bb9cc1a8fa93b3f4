/// What a run gives, piece by piece.
package enum BenchmarkEvent {
  case roofs(Roofs)
  case timed(Figures)
  case refused(Refusal)
}

/// A row in which two sides computed different things, so that neither was timed.
package struct Refusal: Sendable {
  package let name: String
  package let threads: Int?
  package let reason: String
}
