import FileFormats

/// A metric of a model's pictures.
public struct Measurement: Sendable, Hashable {
  /// Such as `precision`.
  public let name: String
  public let estimate: Estimate
  /// The same of real pictures that the reference does not hold: what nothing made can be expected to
  /// pass; nil where there is no such thing.
  public let real: Double?
  /// Whether less is better, or nil where neither is.
  public let lessIsBetter: Bool?
  /// Everything on which the number depends: only numbers of one protocol compare.
  public let protocolString: String

  public var json: JSONValue {
    [
      "value": .number(estimate.value), "low": .number(estimate.low),
      "high": .number(estimate.high), "real": real.map { .number($0) } ?? .null,
      "protocol": .string(protocolString),
    ]
  }
}

/// A family of metrics, which is measured together.
public enum MetricKind: String, Sendable, CaseIterable {
  /// Fréchet distance of every judge.
  case frechet
  /// Kernel distance.
  case kernel
  /// Precision, recall, density and coverage.
  case manifolds
  /// Classifier score, Vendi score and pairwise distance.
  case diversity
  /// Distance to the nearest training pictures beside that to held-out ones.
  case memorisation
  /// How evenly pictures change between two latent vectors.
  case smoothness
  /// Pictures a second.
  case speed
}
