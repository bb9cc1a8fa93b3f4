import FileFormats
import Foundation
import Tensors

/// Which of a run's checkpoints.
public enum CheckpointChoice: Sendable, Equatable {
  case latest
  /// The one with the best held-out result.
  case best
  case step(Int)
  /// A file, of this run or not.
  case path(String)
}

/// A model from a checkpoint, ready to make pictures.
public struct TrainedModel {
  public let configuration: ModelConfiguration
  public let checkpoint: Checkpoint
  /// Name of the run that it belongs to.
  public let run: String
  /// Names the parameters that samples are made with.
  public let parameterChecksum: String

  private let model: any GenerativeModel

  /// On a device that can, products are those of the training's precision, so that pictures are
  /// those that it showed.
  ///
  /// - Throws: A `FileFormatError` for a damaged file, a ``TrainingError`` where there is no such
  ///   checkpoint or its model makes no pictures, `DeviceError`.
  public init(_ folder: RunFolder, _ choice: CheckpointChoice, on device: Device) throws {
    checkpoint = try folder.choose(choice)
    configuration = checkpoint.configuration
    run = RunFolder(ofCheckpoint: checkpoint.path).name
    let device = device.isCPU ? try device.multiplying(in: checkpoint.precision) : device
    let made = configuration.makeModel(seed: 0, optimizer: checkpoint.optimizer, on: device)
    guard let model = made as? any GenerativeModel else {
      throw TrainingError.makesNoPictures(checkpoint.path, model: configuration.kind)
    }
    self.model = model
    try checkpoint.restore(into: model)
    model.frozen { model.takeAverages() }
    parameterChecksum = try model.parameterChecksum()
  }

  /// Names of the classes that pictures can be asked to be of; empty where they cannot.
  public var classNames: [String] { configuration.classNames }

  /// A recipe of samples of this model, of one of its ``classNames`` or of each in turn.
  public func recipe(
    seeds: SeedList, className: String? = nil, temperature: Float, columns: Int
  ) -> SampleRecipe {
    SampleRecipe(
      model: configuration.kind, run: run, step: checkpoint.step, parameters: parameterChecksum,
      seeds: seeds, className: className, temperature: temperature, columns: columns,
      maker: PictureMaker(model.device))
  }

  /// Pictures by seeds, in their order.
  ///
  /// - Throws: The device's failure.
  public func pictures(seeds: [Int], temperature: Float = 1) throws -> [Picture] {
    try model.frozen {
      try model.samples(seeds: seeds, temperature: temperature).pictures()
    }
  }

  /// Pictures on the straight way between the latent vectors of two seeds, both ends among them.
  ///
  /// - Throws: The device's failure.
  public func interpolation(
    from first: Int, to last: Int, steps: Int, temperature: Float = 1
  ) throws -> [Picture] {
    try model.frozen {
      let ends = model.latents(seeds: [first, last], label: nil)
      let (a, b) = (ends.sliced(0..<1), ends.sliced(1..<2))
      let latents = (0...steps).map { a + (b - a).scaled(by: Float($0) / Float(steps)) }
      return try model.pictures(of: .concatenated(latents), temperature: temperature).pictures()
    }
  }

  /// The pictures of a recipe, one a seed.
  ///
  /// - Throws: ``TrainingError/unknownClass(_:known:)``, the device's failure.
  public func pictures(_ recipe: SampleRecipe) throws -> [Picture] {
    let label = try recipe.className.map { name in
      guard let label = classNames.firstIndex(of: name) else {
        throw TrainingError.unknownClass(name, known: classNames)
      }
      return label
    }
    return try model.frozen { try model.render(recipe, label: label) }
  }
}

extension RunFolder {
  /// Opens the checkpoint that is asked for.
  package func choose(_ choice: CheckpointChoice) throws -> Checkpoint {
    if case .path(let path) = choice { return try Checkpoint(path: path) }
    guard Self.isFolder(path) else {
      throw FileFormatError.system(path, could: "open the run", code: ENOENT)
    }
    guard isRun else { throw TrainingError.notARun(path) }
    if case .step(let step) = choice { return try open(step) }
    let (newest, damaged) = try newestCheckpoint()
    guard let newest else { throw TrainingError.noCheckpoint(run: path, damaged: damaged) }
    if choice == .best, let best = newest.best, best.step != newest.step {
      return try open(best.step)
    }
    return newest
  }

  private func open(_ step: Int) throws -> Checkpoint {
    let found = checkpointSteps()
    guard found.contains(step) else {
      throw TrainingError.missingStep(step, run: path, found: found)
    }
    return try Checkpoint(path: checkpoint(step))
  }
}
