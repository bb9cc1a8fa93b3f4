import Models
import Training

/// The parts of a fit that `--set key=value` changes.
public struct FitSettings: Sendable, Hashable {
  public var configuration = FitConfiguration()
  public var model: RelationalContextConfiguration

  /// The article's fit of rows of that many numbers, with as many context numbers as tell these
  /// templates apart: mixes of N templates have N − 1 degrees of freedom.
  public init(rowSize: Int, templates: Int) {
    model = RelationalContextConfiguration(rowSize: rowSize)
    model.contextSize = max(1, templates - 1)
  }

  /// Applies `key=value` in the order given.
  ///
  /// - Throws: A `TrainingError` for a key that is none, naming the nearest, and for a value that
  ///   does not fit.
  public mutating func apply(_ assignments: [String]) throws(TrainingError) {
    try Setting.apply(assignments, of: Self.all, model: "fit", to: &self)
    if let problem = configuration.problem ?? model.problem { throw .impossible(problem) }
  }

  /// Every setting.
  public static let all: [Setting<FitSettings>] = [
    .integer("contextSize", "numbers of the context; by default templates less 1", from: 0) {
      $0.model.contextSize = $1
    },
    .number("contextTarget", "what the relational loss pulls the context to") {
      $0.model.contextTarget = $1
    },
    .number("contextShare", "the context's factor in that loss, which squares it") {
      $0.model.contextShare = $1
    },
    .integers("relationalHidden", "units of the relational network's hidden layers") {
      $0.model.relationalHidden = $1
    },
    .integers("generativeHidden", "units of the generative network's hidden layers") {
      $0.model.generativeHidden = $1
    },
    .word("lastLayer", "linear or elu: what the networks end with", ["linear", "elu"]) {
      $0.model.isLastLinear = $1 == "linear"
    },
    .word(
      "sampling", "grid or continuous: where an epoch's rows lie",
      FitConfiguration.Sampling.allCases.map(\.rawValue)
    ) {
      $0.configuration.sampling = .init(rawValue: $1)!
    },
    .word(
      "mixing", "row or epoch: what has weights of its own",
      FitConfiguration.Mixing.allCases.map(\.rawValue)
    ) {
      $0.configuration.mixing = .init(rawValue: $1)!
    },
    .number("mixingPower", "power of the weights: 1 is uniform; their number by default") {
      $0.configuration.mixingPower = $1
    },
    .number("mixingMargin", "how far below 0 weights may go: mixes beyond the templates") {
      $0.configuration.mixingMargin = $1
    },
    .integer("rowsPerEpoch", "rows of an epoch, of continuous sampling", from: 1) {
      $0.configuration.rowsPerEpoch = $1
    },
    .number("relationalRate", "learning rate of the relational network") {
      $0.configuration.relationalRate = $1
    },
    .number("generativeRate", "learning rate of the generative network") {
      $0.configuration.generativeRate = $1
    },
    .integers("templateHidden", "units of the template models' hidden layers") {
      $0.configuration.templateHidden = $1
    },
    .integer("templateSteps", "updates of a template model", from: 1) {
      $0.configuration.templateSteps = $1
    },
    .number("templateRate", "its first learning rate, which falls to 0") {
      $0.configuration.templateRate = $1
    },
    .number("templateBound", "error with which a template model is taken at once") {
      $0.configuration.templateBound = $1
    },
    .integer("templateAttempts", "fits of a template model at most", from: 1) {
      $0.configuration.templateAttempts = $1
    },
  ]
}
