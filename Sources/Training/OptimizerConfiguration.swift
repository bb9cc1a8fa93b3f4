import FileFormats
import Layers
import Optimizers

/// Which rule updates the parameters, and how.
public struct OptimizerConfiguration: Sendable, Hashable {
  /// The rules, by the words of `--set optimizer=`.
  public enum Rule: String, Sendable, Hashable, CaseIterable {
    case adam, adamw, sgd
  }

  public var rule = Rule.adam
  /// Of Adam: decay of the mean of gradients and of their squares, and what is added to the root of
  /// the latter.
  public var beta1: Float = 0.9
  public var beta2: Float = 0.999
  public var epsilon: Float = 1e-8
  /// Of SGD: share of the last update carried on.
  public var momentum: Float = 0.9
  public var weightDecay: Float = 0
  /// The gradients are scaled down together when their joint norm is larger; nil for no limit.
  public var clip: Float?
  /// An average of the parameters is kept with this decay, and used for samples and evaluation; nil
  /// for none.
  public var averageDecay: Float?

  public init() {}

  /// Why no optimiser can be made from this, or nil.
  var problem: String? {
    for (name, value) in [("beta1", beta1), ("beta2", beta2), ("momentum", momentum)]
    where !(0..<1).contains(value) {
      return "\(name) \(value), expected at least 0 and less than 1"
    }
    if let averageDecay, !(0..<1).contains(averageDecay) {
      return "averageDecay \(averageDecay), expected at least 0 and less than 1"
    }
    if !(epsilon > 0) { return "epsilon \(epsilon), expected more than 0" }
    if !(weightDecay >= 0) { return "weightDecay \(weightDecay), expected at least 0" }
    if let clip, !(clip > 0) { return "clip \(clip), expected more than 0" }
    return nil
  }

  /// An optimiser of these parameters; none can be declared afterwards.
  func makeOptimizer(of parameters: ParameterSet) -> any Optimizer {
    switch rule {
    case .adam, .adamw:
      var configuration = Adam.Configuration()
      (configuration.beta1, configuration.beta2) = (beta1, beta2)
      (configuration.epsilon, configuration.weightDecay) = (epsilon, weightDecay)
      configuration.isDecoupled = rule == .adamw
      return Adam(parameters, configuration, averageDecay: averageDecay)
    case .sgd:
      var configuration = SGD.Configuration()
      (configuration.momentum, configuration.weightDecay) = (momentum, weightDecay)
      return SGD(parameters, configuration, averageDecay: averageDecay)
    }
  }

  /// Names of the buffers that the optimiser keeps, each as long as the parameters together.
  var stateNames: [String] {
    (rule == .sgd ? ["momentum"] : ["firstMoment", "secondMoment"])
      + (averageDecay == nil ? [] : ["average"])
  }

  /// The optimiser that a checkpoint describes, or nil where it describes none that can be made.
  init?(json: JSONValue) {
    guard let rule = json["rule"]?.string.flatMap(Rule.init) else { return nil }
    self.init()
    self.rule = rule
    var isWhole = true
    func number(_ key: String) -> Float? {
      let number = json[key]?.number.map { Float($0) }
      isWhole = isWhole && (number?.isFinite ?? (json[key] == .null))
      return number
    }
    (clip, averageDecay) = (number("clip"), number("averageDecay"))
    for (key, path) in Self.numbers(of: rule) {
      if let value = number(key) { self[keyPath: path] = value } else { isWhole = false }
    }
    guard isWhole, problem == nil else { return nil }
  }

  /// The rules that a setting matters to: all of them, unless it is a number of one rule alone.
  static func rules(using key: String) -> [Rule] {
    let users = Rule.allCases.filter { numbers(of: $0).contains { $0.0 == key } }
    return users.isEmpty ? Rule.allCases : users
  }

  /// The numbers that a rule uses, by their keys.
  private static func numbers(of rule: Rule) -> [(String, WritableKeyPath<Self, Float>)] {
    switch rule {
    case .adam, .adamw:
      [
        ("weightDecay", \.weightDecay), ("beta1", \.beta1), ("beta2", \.beta2),
        ("epsilon", \.epsilon),
      ]
    case .sgd: [("weightDecay", \.weightDecay), ("momentum", \.momentum)]
    }
  }

  /// What decides the updates: only the numbers that the rule uses.
  var json: JSONValue {
    var members: [String: JSONValue] = [
      "rule": .string(rule.rawValue), "clip": JSONValue(encoding: clip),
      "averageDecay": JSONValue(encoding: averageDecay),
    ]
    for (key, path) in Self.numbers(of: rule) {
      members[key] = JSONValue(encoding: self[keyPath: path])
    }
    return .object(members)
  }
}
