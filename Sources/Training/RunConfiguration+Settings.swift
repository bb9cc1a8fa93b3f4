import Models

/// The parts of a run that settings change.
public struct Settings: Sendable, Hashable {
  public var model: ModelConfiguration
  public var optimizer: OptimizerConfiguration
  public var cadence = Cadence()

  public init(model: ModelConfiguration) {
    self.model = model
    optimizer = model.defaultOptimizer
    if case .gan = model {
      // An epoch says little of a GAN: of few pictures it is over at once.
      (cadence.evaluateEvery, cadence.showsBeginning) = (1000, true)
    }
  }

  /// Every setting of this model, the model's own first.
  public var all: [Setting<Settings>] {
    switch model {
    case .vae: Self.vae + Self.shared
    case .classifier: Self.classifier + Self.shared
    case .gan: Self.gan + Self.shared
    }
  }

  /// Applies `key=value` in the order given; a key given twice takes its last value.
  ///
  /// - Throws: For a key that the model does not have (naming the nearest) or that the optimiser
  ///   chosen in the end does not use, a value that does not fit, and for a whole that makes no
  ///   model.
  public mutating func apply(_ assignments: [String]) throws(TrainingError) {
    let given = try Setting.apply(assignments, of: all, model: model.kind, to: &self)
    for key in given {
      let users = OptimizerConfiguration.rules(using: key)
      guard users.contains(optimizer.rule) else {
        throw .unusedSetting(key, chosen: optimizer.rule.rawValue, users: users.map(\.rawValue))
      }
    }
    if let problem = model.problem ?? optimizer.problem { throw .impossible(problem) }
  }
}

// The tables. A setting is one line: key, help, and where the value goes.
extension Settings {
  private static let vae: [Setting<Settings>] = [
    .integer("latentSize", "length of a latent vector", from: 1, vae(\.latentSize)),
    .integers("hidden", "units of the dense preset's hidden layers", vae(\.hidden)),
    .integers("filters", "filters of the convolutional preset's layers", vae(\.filters)),
    .number("beta", "weight of the divergence in the loss", vae(\.beta)),
    .word("likelihood", "bernoulli or gaussian", ["bernoulli", "gaussian"]) { settings, word in
      settings.vae.likelihood = word == "bernoulli" ? .bernoulli : .gaussian(deviation: 0.1)
    },
    .number("deviation", "of the gaussian likelihood, in 0…1 pixels") { settings, value in
      settings.vae.likelihood = .gaussian(deviation: value)
    },
  ]

  private static let classifier: [Setting<Settings>] = [
    .integers("filters", "filters of the convolutional preset's layers", classifier(\.filters)),
    .number("noise", "most noise on training pictures, its deviation", classifier(\.noise)),
  ]

  private static let gan: [Setting<Settings>] = [
    .integer("latentSize", "length of a latent vector", from: 1, gan(\.latentSize)),
    .word(
      "architecture",
      GANConfiguration.Architecture.allCases.map(\.rawValue).joined(separator: ", "),
      GANConfiguration.Architecture.allCases.map(\.rawValue)
    ) { $0.gan.architecture = .init(rawValue: $1)! },
    .integer("filters", "filters next to the picture, doubled inwards", from: 1, gan(\.filters)),
    .integers("hidden", "units of dense networks, from latents to picture", gan(\.hidden)),
    .integer("mappingDepth", "dense layers from latents to styles", from: 1, gan(\.mappingDepth)),
    .integer("depth", "how often the picture is halved", from: 1, gan(\.depth)),
    .word(
      "loss", AdversarialLoss.allCases.map(\.rawValue).joined(separator: ", "),
      AdversarialLoss.allCases.map(\.rawValue)
    ) { $0.gan.loss = AdversarialLoss(rawValue: $1)! },
    .word(
      "criticNormalization", "none, batch, layer or spectral",
      GANConfiguration.CriticNormalization.allCases.map(\.rawValue)
    ) { $0.gan.criticNormalization = .init(rawValue: $1)! },
    .number(
      "gradientPenalty", "weight of (slope − 1)² between real and made", gan(\.gradientPenalty)),
    .number("r1", "weight of the critic's slope at real pictures", gan(\.r1)),
    .number(
      "reconstruction", "weight of how badly the critic draws real pictures again",
      gan(\.reconstruction)),
    .number("pathLength", "weight of uneven paths, in parts of the paper's", gan(\.pathLength)),
    .integer(
      "pathLengthEvery", "steps from one such penalty to the next", from: 1, gan(\.pathLengthEvery)),
    .word("conditional", "no, or yes: pictures of a class that is asked for", ["no", "yes"]) {
      $0.gan.isConditional = $1 == "yes"
    },
    .number(
      "ambiguity", "weight of the wish to be of no class", gan(\.ambiguity)),
    .word(
      "ambiguityLoss", "sigmoid (the paper's) or uniform",
      StyleAmbiguity.allCases.map(\.rawValue)
    ) { $0.gan.ambiguityLoss = .init(rawValue: $1)! },
    .integer("penaltyEvery", "steps from one penalty to the next", from: 1, gan(\.penaltyEvery)),
    .integer(
      "criticSteps", "updates of the critic to one of the generator", from: 1, gan(\.criticSteps)),
    .number("criticRate", "the critic's learning rate over the generator's", gan(\.criticRate)),
    .number("augmentation", "probability of each change that the critic sees", gan(\.augmentation)),
    .number(
      "augmentationTarget", "mean sign of verdicts that it follows, 0 to stay",
      gan(\.augmentationTarget)),
    .word(
      "onAlarm", "warn or stop: what to do where pictures collapse or are copies", ["warn", "stop"]
    ) { $0.cadence.stopsOnAlarm = $1 == "stop" },
  ]

  private static let shared: [Setting<Settings>] = [
    .word("optimizer", "adam, adamw or sgd", OptimizerConfiguration.Rule.allCases.map(\.rawValue)) {
      $0.optimizer.rule = .init(rawValue: $1)!
    },
    .number("beta1", "adam: decay of the mean of gradients") { $0.optimizer.beta1 = $1 },
    .number("beta2", "adam: decay of the mean of their squares") { $0.optimizer.beta2 = $1 },
    .number("epsilon", "adam: added to the root of the latter") { $0.optimizer.epsilon = $1 },
    .number("momentum", "sgd: share of the last update carried on") { $0.optimizer.momentum = $1 },
    .number("weightDecay", "pull of the parameters to 0") { $0.optimizer.weightDecay = $1 },
    .number("clip", "largest joint norm of the gradients") { $0.optimizer.clip = $1 },
    .number("averageDecay", "keep and use an average of the parameters") {
      $0.optimizer.averageDecay = $1
    },
    .integer("sampleEvery", "steps between sheets of pictures, 0 for the end alone", from: 0) {
      $0.cadence.sampleEvery = $1
    },
    .integer("checkpointEvery", "steps between checkpoints, 0 for the end alone", from: 0) {
      $0.cadence.checkpointEvery = $1
    },
    .integer("evaluateEvery", "steps between held-out metrics, 0 for the end alone", from: 0) {
      $0.cadence.evaluateEvery = $1
    },
    .integer("eventEvery", "steps between TensorBoard entries", from: 1) {
      $0.cadence.eventEvery = $1
    },
    .integer("keep", "newest checkpoints that stay, 0 for all", from: 0) { $0.cadence.keep = $1 },
  ]

  private static func vae<Value>(
    _ path: WritableKeyPath<VAEConfiguration, Value> & Sendable
  ) -> @Sendable (inout Settings, Value) -> Void {
    { $0.vae[keyPath: path] = $1 }
  }

  private static func gan<Value>(
    _ path: WritableKeyPath<GANConfiguration, Value> & Sendable
  ) -> @Sendable (inout Settings, Value) -> Void {
    { $0.gan[keyPath: path] = $1 }
  }

  private static func classifier<Value>(
    _ path: WritableKeyPath<ClassifierConfiguration, Value> & Sendable
  ) -> @Sendable (inout Settings, Value) -> Void {
    { $0.classifier[keyPath: path] = $1 }
  }
}

// The tables' settings are those of the model that there is.
extension Settings {
  private var vae: VAEConfiguration {
    get {
      if case .vae(let configuration) = model { return configuration }
      preconditionFailure("a setting of vae for \(model.kind)")
    }
    set { model = .vae(newValue) }
  }

  private var classifier: ClassifierConfiguration {
    get {
      if case .classifier(let configuration) = model { return configuration }
      preconditionFailure("a setting of classifier for \(model.kind)")
    }
    set { model = .classifier(newValue) }
  }

  private var gan: GANConfiguration {
    get {
      if case .gan(let configuration) = model { return configuration }
      preconditionFailure("a setting of gan for \(model.kind)")
    }
    set { model = .gan(newValue) }
  }
}

extension Settings {
  /// These settings with assignments applied.
  ///
  /// - Throws: What ``apply(_:)`` throws.
  @discardableResult
  public func applying(_ assignments: [String]) throws(TrainingError) -> Settings {
    var settings = self
    try settings.apply(assignments)
    return settings
  }
}
