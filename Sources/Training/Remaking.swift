import FileFormats
import Foundation
import Tensors

/// Makes a picture of samples again from the recipe inside it.
public struct Remaking {
  public let recipe: SampleRecipe
  /// Where the run was found.
  public let folder: RunFolder

  private let file: String
  private let texts: [PNGText]

  /// Reads the recipe and finds the run.
  ///
  /// - Parameters:
  ///   - png: The picture's bytes.
  ///   - file: Its path.
  ///   - run: The run's folder; nil to look for it above the picture, in `runs` and in the current
  ///     folder.
  /// - Throws: A `FileFormatError` for damage, a ``TrainingError`` for a picture without a usable
  ///   recipe or a run that is not found.
  public init(_ png: [UInt8], file: String, run: String? = nil) throws {
    recipe = try SampleRecipe(readingFrom: png, file: file)
    texts = try PNG.texts(in: png, file: file)
    self.file = file
    if let run {
      folder = RunFolder(path: run)
      return
    }
    let above = URL(fileURLWithPath: file).deletingLastPathComponent()
    let places = [
      above.relativePath, above.deletingLastPathComponent().relativePath, "runs/\(recipe.run)",
      recipe.run,
    ]
    let name = recipe.run
    let runs = places.map { RunFolder(path: $0) }
    guard let found = runs.first(where: { $0.isRun && $0.name == name }) else {
      throw TrainingError.runNotFound(picture: file, run: name)
    }
    folder = found
  }

  /// The same file again, byte for byte where the same device computes it.
  ///
  /// - Throws: ``TrainingError/otherParameters(picture:checkpoint:expected:found:)`` where the
  ///   checkpoint is not the one that made the picture, ``TrainingError/wrongRecipe(_:expected:found:)``
  ///   where the sheet would be larger than any picture may be; what ``TrainedModel`` throws.
  public func png(on device: Device) throws -> [UInt8] {
    let model = try TrainedModel(folder, .step(recipe.step), on: device)
    guard model.parameterChecksum == recipe.parameters else {
      throw TrainingError.otherParameters(
        picture: file, checkpoint: model.checkpoint.path, expected: recipe.parameters,
        found: model.parameterChecksum)
    }
    let shape = recipe.sheetShape(of: model.configuration.pictureShape)
    guard shape.isWithinLimits else {
      throw TrainingError.wrongRecipe(
        file, expected: "a sheet of at most \(Picture.limits)",
        found: "\(recipe.columns) columns with padding \(recipe.padding), which make \(shape)")
    }
    let sheet = recipe.composed(try model.pictures(recipe))
    // The texts as they were: they may come from another version of this program.
    return PNG.encode(sheet, texts: texts)
  }
}
