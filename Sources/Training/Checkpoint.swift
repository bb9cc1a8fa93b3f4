import FileFormats
import Tensors

/// A model and its training at one step, in a safetensors file.
///
/// Arrays: parameters and running statistics under their names, and each buffer of an optimiser as
/// `optimizer.NAME`; a player's name goes before all of its arrays. Metadata (all text, JSON where
/// there is structure): `format`, `step`, `model`, `training`, `optimizerSteps`, `instructionSet`,
/// `best`, `metrics`, and the checksum of `FileFormats`. Neither time, path, host nor number of
/// threads is in it, so equal trainings give equal bytes.
public struct Checkpoint: Sendable {
  /// The value of the metadata key `format`.
  static let format = "atelier-checkpoint/1"

  public let path: String
  /// Steps that have been made.
  public let step: Int
  /// See ``ModelConfiguration/json``.
  public let model: JSONValue
  /// See ``RunConfiguration/training``.
  public let training: JSONValue
  /// What did the arithmetic, such as `avx512`: another gives other last bits.
  public let instructionSet: String
  /// The best held-out result up to this step.
  public let best: BestResult?
  /// Held-out metrics of this very step.
  public let metrics: [Metric]

  /// The same as ``model``, of this version and within its limits.
  package let configuration: ModelConfiguration
  /// The optimiser of ``training``, likewise.
  let optimizer: OptimizerConfiguration
  /// The precision of ``training``, likewise.
  let precision: Precision

  let optimizerSteps: [Int]
  package let file: Safetensors

  /// Opens and verifies a checkpoint: its bytes, and then that they say nothing that this program
  /// could not have written, so that a model of ``configuration`` can be made and filled.
  ///
  /// - Throws: A `FileFormatError` for damage anywhere in the file, a ``TrainingError`` for a file
  ///   of another kind, ``TrainingError/wrongContent(_:expected:found:)`` for one whose checksum is
  ///   right and whose content is not.
  public init(path: String) throws {
    let file = try Safetensors(path: path)
    try file.verify()
    guard let format = file.metadata["format"] else {
      throw TrainingError.notACheckpoint(path, found: "other metadata")
    }
    // Not damage: whoever goes on must not begin anew over what another command made.
    if format.hasPrefix("atelier-grc/") {
      throw TrainingError.wrongContent(
        path, expected: "a checkpoint of 'atelier train' (\(Self.format))",
        found: "format '\(format)'")
    }
    guard format == Self.format, file.hasChecksum else {
      throw TrainingError.notACheckpoint(path, found: "format '\(format)'")
    }
    func metadata(_ key: String) throws -> JSONValue {
      guard let text = file.metadata[key] else {
        throw TrainingError.notACheckpoint(path, found: "no '\(key)'")
      }
      return try JSONValue(parsing: Array(text.utf8), file: "\(path) (\(key))")
    }
    /// The value of a key, or of a member of it, read by `read`.
    func checked<Value>(
      _ key: String, member: String? = nil, _ expected: String, _ read: (JSONValue) -> Value?
    ) throws -> Value {
      let whole = try metadata(key)
      let json = member.map { whole[$0] ?? .null } ?? whole
      if let value = read(json) { return value }
      let text = json.encoded
      throw TrainingError.wrongContent(
        path, expected: "\(expected) as '\(member ?? key)'",
        found: text.count > 200 ? "\(text.prefix(200))…" : text)
    }
    guard let instructionSet = file.metadata["instructionSet"] else {
      throw TrainingError.notACheckpoint(path, found: "no 'instructionSet'")
    }
    let counts = 0...Int(Int32.max)
    let step = try checked("step", "a number of steps below 2^31") {
      $0.integer.flatMap { counts.contains($0) ? $0 : nil }
    }
    optimizerSteps = try checked("optimizerSteps", "numbers of updates below 2^31") {
      $0.array?.wholly { $0.integer.flatMap { counts.contains($0) ? $0 : nil } }
    }
    best = try checked("best", "null, or a finite value of a step from 1 to \(step)") { json in
      if json == .null { return .some(nil) }
      guard let best = BestResult(json: json), best.value.isFinite, best.step >= 1,
        best.step <= step
      else { return nil }
      return .some(best)
    }
    metrics = try checked("metrics", "metrics with finite values") {
      $0.array?.wholly { Metric(json: $0).flatMap { $0.value.isFinite ? $0 : nil } }
    }
    configuration = try checked(
      "model", "a model that this version can make", ModelConfiguration.init(json:))
    optimizer = try checked(
      "training", member: "optimizer", "an optimizer that this version can make",
      OptimizerConfiguration.init(json:))
    precision = try checked(
      "training", member: "precision", Precision.allCases.map(\.rawValue).joined(separator: " or ")
    ) { $0.string.flatMap(Precision.init) }
    self.path = path
    self.file = file
    self.step = step
    self.instructionSet = instructionSet
    model = try metadata("model")
    training = try metadata("training")
    try check(arrays: configuration.arrays(optimizer), players: configuration.playerCount)
  }

  /// Refuses a file that does not hold exactly these arrays of float32, and the counts of as many
  /// optimisers.
  private func check(
    arrays expected: [(name: String, shape: [Int])], players: Int
  ) throws(TrainingError) {
    guard optimizerSteps.count == players else {
      throw .wrongContent(
        path, expected: "updates of \(players) optimiser\(players == 1 ? "" : "s")",
        found: "of \(optimizerSteps.count)")
    }
    let names = Set(expected.map(\.name))
    if let extra = file.entries.first(where: { !names.contains($0.name) }) {
      throw .wrongContent(path, expected: "no array '\(extra.name)'", found: "one")
    }
    for (name, shape) in expected {
      let entry = file[name]
      guard let entry, entry.shape == shape, entry.elementType == .float32 else {
        throw .wrongContent(
          path, expected: "array '\(name)' of float32 \(shape)",
          found: entry.map { "\($0.elementType) \($0.shape)" } ?? "none")
      }
    }
  }

  /// The whole file, as it was when it was opened.
  func bytes() throws(FileFormatError) -> [UInt8] { try file.bytes() }

  /// Puts parameters, statistics and optimiser state into a model of the same configuration.
  ///
  /// - Throws: ``TrainingError/wrongContent(_:expected:found:)`` naming the first array that is
  ///   missing, left over or of another shape; then the model is as it was.
  func restore(into model: any TrainableModel) throws {
    let targets = model.players.flatMap(\.arrays)
    try check(arrays: targets.map { ($0.name, $0.tensor.shape) }, players: model.players.count)
    for target in targets {
      let array = try file.array(named: target.name)
      let source = array.bytes.withUnsafeBytes {
        Tensor(bytes: $0, shape: array.shape, dtype: target.tensor.dtype, on: target.tensor.device)
      }
      ParameterUpdate.assign(source, to: target.tensor)
    }
    for (player, count) in zip(model.players, optimizerSteps) {
      player.optimizer.resume(at: count)
    }
  }
}

/// The best held-out result of a run so far.
public struct BestResult: Sendable, Equatable {
  public let step: Int
  public let value: Double

  var json: JSONValue { ["step": .integer(step), "value": .number(value)] }

  init(step: Int, value: Double) {
    self.step = step
    self.value = value
  }

  init?(json: JSONValue) {
    guard let step = json["step"]?.integer, let value = json["value"]?.number else { return nil }
    self.init(step: step, value: value)
  }
}

extension Metric {
  package var json: JSONValue {
    ["name": .string(name), "value": .number(value), "protocol": .string(protocolString)]
  }

  init?(json: JSONValue) {
    guard let name = json["name"]?.string, let value = json["value"]?.number,
      let text = json["protocol"]?.string
    else { return nil }
    self.init(name: name, value: value, protocolString: text)
  }
}

extension Array {
  /// What `read` makes of every element, or nil where it makes nothing of one.
  fileprivate func wholly<Value>(_ read: (Element) -> Value?) -> [Value]? {
    let values = compactMap(read)
    return values.count == count ? values : nil
  }
}

extension Player {
  /// Parameters by name.
  var parameterArrays: [(name: String, tensor: Tensor)] {
    parameters.trainable.map { (prefix + $0.name, $0.value.detached()) }
  }

  /// Parameters and statistics by name.
  var modelArrays: [(name: String, tensor: Tensor)] {
    parameterArrays + parameters.statistics.map { (prefix + $0.name, $0.value.detached()) }
  }

  /// Everything that a checkpoint keeps, by name; windows of the live values.
  var arrays: [(name: String, tensor: Tensor)] {
    modelArrays + optimizer.state.map { (prefix + "optimizer." + $0.name, $0.buffer) }
  }

  /// What names of its arrays begin with.
  var prefix: String { name.isEmpty ? "" : name + "." }
}
