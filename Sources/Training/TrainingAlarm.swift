/// A metric that says that training on is of no use, and what to do then.
public struct TrainingAlarm: Sendable {
  /// The metric.
  public let name: String
  /// Whether a value is where it should not be.
  let isRaised: @Sendable (Double) -> Bool
  /// What is wrong, and what helps.
  let advice: String

  /// Pictures shown to the critic before alarms are heeded, in thousands: what is young looks collapsed.
  static let firstThousands = 10

  /// Limits are far from what good runs have, which docs/models.md tells.
  static let all = [
    TrainingAlarm(
      name: "diversity", isRaised: { $0 < 0.4 },
      advice:
        "the pictures are much more alike than real ones (collapse): an earlier checkpoint may"
        + " be better; a lower --rate or --preset r1 helps"),
    TrainingAlarm(
      name: "overfitting", isRaised: { $0 > 0.9 },
      advice: "the critic knows the training pictures by heart and has nothing more to teach: stop,"
        + " or train with --augment adaptive or more pictures"),
    TrainingAlarm(
      name: "novelty", isRaised: { $0 < 0.6 },
      advice:
        "the pictures are nearer to training pictures than real ones are: an earlier checkpoint"
        + " makes newer ones"),
  ]

  /// A sentence for each metric that is where it should not be.
  static func raised(by metrics: [Metric]) -> [String] {
    metrics.flatMap { metric in
      all.filter { $0.name == metric.name && $0.isRaised(metric.value) }.map { alarm in
        "\(metric.name) is \((metric.value * 1000).rounded() / 1000): \(alarm.advice)"
      }
    }
  }
}
