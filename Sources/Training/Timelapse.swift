import FileFormats
import Foundation

/// A run's sheets of samples as an animation: the same latent vectors all along, so that it shows
/// learning.
public enum Timelapse {
  /// Milliseconds that each sheet is shown, and the last one, before it begins again.
  static let (frame, last) = (200, 2000)

  /// The animated PNG of a run.
  ///
  /// - Throws: ``TrainingError/noSheets(run:)`` with fewer than two, a `FileFormatError` of one that
  ///   cannot be read or is not of the others' size.
  public static func encode(_ folder: RunFolder) throws -> [UInt8] {
    let steps = folder.sheetSteps(.samples)
    guard steps.count > 1 else { throw TrainingError.noSheets(run: folder.path) }
    let frames = try steps.map { step in
      let path = folder.sheet(.samples, step)
      return try PNG.decode(
        try ByteSource(path: path).readAll(limit: Picture.maximumBytes), file: path)
    }
    for (step, picture) in zip(steps, frames) where picture.shape != frames[0].shape {
      throw FileFormatError.mismatch(
        folder.sheet(.samples, step), expected: "a sheet of \(frames[0].shape) like the first",
        found: "\(picture.shape)", advice: "take the sheet that is not the run's away")
    }
    let recipe: JSONValue = [
      "format": "atelier-picture/1", "version": .string(atelierVersion), "kind": "timelapse",
      "run": .string(folder.name), "steps": .array(steps.map { .integer($0) }),
    ]
    return AnimatedPNG.encode(
      frames,
      milliseconds: Array(repeating: frame, count: frames.count - 1) + [last],
      texts: PNG.texts(
        recipe: recipe, parameters: "run \(folder.name), steps \(steps[0]) to \(steps.last!)"))
  }
}
