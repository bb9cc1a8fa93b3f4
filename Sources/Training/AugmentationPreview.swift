import FileFormats
import Models
import Tensors

/// A sheet of what a critic sees of training pictures.
public enum AugmentationPreview {
  /// Pictures in a row, and rows of changes below the row of pictures as they are.
  static let (columns, rows) = (8, 7)

  /// A few training pictures, and below each the same as epoch after epoch shows them, with every
  /// change of the critic's as often as the configuration says, or half the time where that is not at
  /// all.
  ///
  /// - Throws: The device's failure, or an error of the data.
  public static func sheet(
    of data: TrainingData, _ configuration: GANConfiguration, on device: Device
  ) throws -> Picture {
    var configuration = configuration
    if configuration.augmentation == 0 { configuration.augmentation = 0.5 }
    let gan = GAN(configuration, seed: 0, on: device)
    let count = min(columns, data.trainingCount, configuration.largestBatch)
    guard let plain = try data.plain(0..<count, on: device) else {
      preconditionFailure("AugmentationPreview: data whose examples cannot be chosen")
    }
    var pictures = try plain.pictures.pictures()
    for row in 0..<rows {
      let batch = try data.shown(0..<count, inEpoch: row, on: device)!
      let key = RandomKey(
        seed: 0, stream: RandomStream.realAugmentation, step: UInt32(row + 1))
      let seen = gan.augmented(
        batch.pictures.scaled(by: 2, plus: -1), key, examples: batch.examples)
      pictures += try seen.scaled(by: 0.5, plus: 0.5).pictures()
    }
    return PictureGrid(columns: count).composed(pictures)
  }
}
