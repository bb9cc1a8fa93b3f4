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

  let optimizerSteps: [Int]
  let file: Safetensors

  /// Opens and verifies a checkpoint.
  ///
  /// - Throws: A `FileFormatError` for damage anywhere in the file, a ``TrainingError`` for a file
  ///   of another kind.
  public init(path: String) throws {
    let file = try Safetensors(path: path)
    try file.verify()
    guard let format = file.metadata["format"] else {
      throw TrainingError.notACheckpoint(path, found: "other metadata")
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
    guard let step = try metadata("step").integer, step >= 0,
      let instructionSet = file.metadata["instructionSet"],
      let counts = try metadata("optimizerSteps").array?.compactMap(\.integer)
    else { throw TrainingError.notACheckpoint(path, found: "damaged metadata") }
    self.path = path
    self.file = file
    self.step = step
    self.instructionSet = instructionSet
    optimizerSteps = counts
    model = try metadata("model")
    training = try metadata("training")
    best = BestResult(json: try metadata("best"))
    metrics = (try metadata("metrics").array ?? []).compactMap(Metric.init(json:))
  }

  /// The whole file, as it was when it was opened.
  func bytes() throws(FileFormatError) -> [UInt8] { try file.bytes() }

  /// Puts parameters, statistics and optimiser state into a model of the same configuration.
  ///
  /// - Throws: ``TrainingError/wrongArrays(_:expected:found:)`` naming the first array that is
  ///   missing, left over or of another shape; then the model is as it was.
  func restore(into model: any TrainableModel) throws {
    let targets = model.players.flatMap(\.arrays)
    let names = Set(targets.map(\.name))
    if let extra = file.entries.first(where: { !names.contains($0.name) }) {
      throw TrainingError.wrongArrays(path, expected: "no array '\(extra.name)'", found: "one")
    }
    guard optimizerSteps.count == model.players.count else {
      throw TrainingError.wrongArrays(
        path, expected: "\(model.players.count) optimisers", found: "\(optimizerSteps.count)")
    }
    for target in targets {
      let expected = "array '\(target.name)' of \(target.tensor.dtype) \(target.tensor.shape)"
      guard let entry = file[target.name] else {
        throw TrainingError.wrongArrays(path, expected: expected, found: "none")
      }
      guard entry.shape == target.tensor.shape,
        entry.elementType.rawValue == target.tensor.dtype.rawValue
      else {
        throw TrainingError.wrongArrays(
          path, expected: expected, found: "\(entry.elementType) \(entry.shape)")
      }
    }
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
  var json: JSONValue {
    ["name": .string(name), "value": .number(value), "protocol": .string(protocolString)]
  }

  init?(json: JSONValue) {
    guard let name = json["name"]?.string, let value = json["value"]?.number,
      let text = json["protocol"]?.string
    else { return nil }
    self.init(name: name, value: value, protocolString: text)
  }
}

extension Player {
  /// Parameters and statistics by name.
  var modelArrays: [(name: String, tensor: Tensor)] {
    (parameters.trainable + parameters.statistics).map {
      (prefix + $0.name, $0.value.detached())
    }
  }

  /// Everything that a checkpoint keeps, by name; windows of the live values.
  var arrays: [(name: String, tensor: Tensor)] {
    modelArrays + optimizer.state.map { (prefix + "optimizer." + $0.name, $0.buffer) }
  }

  private var prefix: String { name.isEmpty ? "" : name + "." }
}
