import FileFormats
import Tensors

/// The sheets that a run keeps, named like their folders.
public enum SheetKind: String, Sendable, CaseIterable {
  /// Pictures from the prior, by seeds 0 to 63.
  case samples
  /// Held-out pictures, each above what the model makes of it.
  case reconstructions
}

/// A sheet of pictures that is on disk.
public struct Sheet: Sendable {
  public let step: Int
  public let kind: SheetKind
  public let path: String
  public let picture: Picture
  /// The file's bytes.
  public let png: [UInt8]
}

extension GenerativeModel {
  /// The pictures of a recipe of samples, by the parameters as they are: see ``presenting(_:)``.
  ///
  /// `label` is the class that the recipe names, if it names one.
  ///
  /// - Throws: The device's failure.
  func render(_ recipe: SampleRecipe, label: Int? = nil) throws(DeviceError) -> [Picture] {
    var pictures: [Picture] = []
    let seeds = recipe.seeds.all
    // A fixed number at a time bounds the memory, and keeps a picture's bits apart from how many
    // are asked for where the kernels allow.
    let atOnce = min(64, largestBatch)
    for first in stride(from: 0, to: seeds.count, by: atOnce) {
      let part = Array(seeds[first..<min(first + atOnce, seeds.count)])
      pictures += try samples(seeds: part, label: label, temperature: recipe.temperature)
        .pictures()
    }
    return pictures
  }

  /// Rows of eight held-out pictures, each with a row of what the model makes of them below; nil
  /// where there is nothing to show.
  ///
  /// - Throws: The device's failure, or an error of the data.
  func renderReconstructions(_ data: TrainingData, count: Int = 32) throws -> [Picture]? {
    let count = min(count, data.heldOutCount)
    guard count > 0 else { return nil }
    var (above, below): ([Picture], [Picture]) = ([], [])
    for first in stride(from: 0, to: count, by: largestBatch) {
      let part = first..<min(first + largestBatch, count)
      let originals = try data.heldOut(part, on: device).pictures
      guard let made = reconstructions(of: originals) else { return nil }
      above += try originals.pictures()
      below += try made.pictures()
    }
    return stride(from: 0, to: count, by: Sheet.columns).flatMap { first in
      let row = first..<min(first + Sheet.columns, count)
      return Array(above[row]) + Array(below[row])
    }
  }
}

extension Sheet {
  /// Pictures in a row of a run's own sheets.
  static let columns = 8

  /// Pictures on a run's own sheets: 64, or as many pairs of rows as the largest file holds, and
  /// one pair of pictures where that is none.
  static func count(of pictureShape: [Int]) -> Int {
    let tile = PictureShape(
      height: pictureShape[0], width: pictureShape[1], channels: pictureShape[2] == 1 ? 1 : 3)
    let counts = stride(from: 64, to: 0, by: -2 * columns)
    return counts.first { count in
      PictureGrid(columns: columns).sheetShape(of: tile, count: count).isWithinLimits
    } ?? 2
  }
}

extension Tensor {
  /// Each picture of a batch in 0…1, rounded to 8 bits; channels beyond those of a picture are left
  /// out.
  func pictures() throws(DeviceError) -> [Picture] {
    let (height, width, depth) = (shape[1], shape[2], shape[3])
    let channels = [1, 3, 4].contains(depth) ? depth : depth > 4 ? 3 : 1
    let values = try floats()
    let size = height * width * depth
    return (0..<shape[0]).map { index in
      let pixels = values[index * size..<(index + 1) * size].enumerated().compactMap {
        $0 % depth < channels ? UInt8(unit: $1) : nil
      }
      return Picture(height: height, width: width, channels: channels, pixels: pixels)
    }
  }
}

extension UInt8 {
  /// A number in 0…1 as a level of 0…255, to nearest; what lies outside is clamped, and NaN is 0.
  fileprivate init(unit value: Float) {
    self = value > 0 ? UInt8(Swift.min(value, 1) * 255 + 0.5) : 0
  }
}
