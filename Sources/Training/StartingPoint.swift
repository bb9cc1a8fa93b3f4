import FileFormats
import Foundation
import Tensors

/// A checkpoint of another run with whose parameters a training begins, to learn something else from
/// there.
///
/// Optimisers begin anew, as does the count of steps.
public struct StartingPoint: Sendable {
  private let checkpoint: Checkpoint
  /// What it is known by: kept in checkpoints of the run that began there, and compared on resume.
  public let identity: JSONValue

  /// The newest checkpoint of a run's folder, or a checkpoint.
  ///
  /// - Throws: A `FileFormatError` for a damaged file, a ``TrainingError`` where there is none.
  public init(path: String) throws {
    checkpoint = try Self.checkpoint(path)
    let checksum = String(format: "%08x", CRC32.of(try checkpoint.bytes()))
    identity = [
      "run": .string(RunFolder(ofCheckpoint: checkpoint.path).name),
      "step": .integer(checkpoint.step), "checksum": .string(checksum),
    ]
  }

  /// The model whose parameters ``init(path:)`` would take; reads no parameters.
  ///
  /// - Throws: A `FileFormatError` for a damaged file, a ``TrainingError`` where there is none.
  public static func model(path: String) throws -> ModelConfiguration {
    try checkpoint(path).configuration
  }

  private static func checkpoint(_ path: String) throws -> Checkpoint {
    try RunFolder(path: path).choose(RunFolder.isFolder(path) ? .latest : .path(path))
  }

  /// Refuses another model's parameters.
  ///
  /// - Throws: ``TrainingError/cannotBegin(_:expected:found:)`` naming the first array that is missing
  ///   or of another shape.
  public func check(_ model: ModelConfiguration, _ optimizer: OptimizerConfiguration) throws {
    func refusal(_ expected: String, _ found: String) -> TrainingError {
      .cannotBegin(checkpoint.path, expected: expected, found: found)
    }
    let arrays = model.arrays(optimizer).filter { Self.isTaken($0.name) }
    for (name, shape) in arrays {
      guard let entry = checkpoint.file[name], entry.shape == shape else {
        throw refusal(
          "'\(name)' of \(shape)", checkpoint.file[name].map { "\($0.shape)" } ?? "none")
      }
    }
    let names = Set(arrays.map(\.name))
    if let extra = checkpoint.file.entries.first(where: {
      Self.isTaken($0.name) && !names.contains($0.name)
    }) {
      throw refusal("no '\(extra.name)'", "one")
    }
  }

  /// Whether an array says what was learnt, not how: augmentation and mean path length begin anew.
  private static func isTaken(_ name: String) -> Bool {
    !name.contains("optimizer.")
      && !["critic.augmentation.strength", "generator.meanPathLength"].contains(name)
  }

  /// Puts its parameters and statistics into a model, and its averages where both have such; averages
  /// begin with the parameters where it has none.
  ///
  /// - Throws: A `FileFormatError` for a file that was damaged since.
  func begin(_ model: any TrainableModel) throws {
    for player in model.players {
      for (name, tensor) in player.modelArrays where Self.isTaken(name) {
        try copy(name, to: tensor)
      }
      guard let average = player.averageBuffer else { continue }
      if try !copy(player.prefix + "optimizer.average", to: average) {
        ParameterUpdate.assign(player.parameters.buffer, to: average)
      }
    }
  }

  /// False where there is no such array.
  @discardableResult
  private func copy(_ name: String, to target: Tensor) throws -> Bool {
    guard checkpoint.file[name] != nil else { return false }
    let array = try checkpoint.file.array(named: name)
    ParameterUpdate.assign(
      Tensor(array.floats, shape: array.shape, on: target.device), to: target)
    return true
  }
}
