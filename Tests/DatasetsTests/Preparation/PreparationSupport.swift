import FileFormats
import Foundation

@testable import Datasets

/// A picture with something on it: smooth waves and bars, decided by the seed, in parts of its sides,
/// so that the same seed at another size is the same picture.
func scene(
  _ seed: Int, _ height: Int = 96, _ width: Int = 96, crop: Double = 0, gain: Double = 1
) -> Picture {
  var pixels: [UInt8] = []
  let (a, b, c) = (1 + seed % 5, 1 + seed / 5 % 5, seed % 7)
  for row in 0..<height {
    for column in 0..<width {
      let y = crop + (1 - 2 * crop) * (Double(row) + 0.5) / Double(height)
      let x = crop + (1 - 2 * crop) * (Double(column) + 0.5) / Double(width)
      for channel in 0..<3 {
        let wave =
          sin(Double(a) * 3 * x + Double(channel)) + cos(Double(b) * 4 * y + Double(c))
          + sin(Double(a + b) * 2 * (x + y) + Double(seed))
        pixels.append(UInt8(min(max(gain * (100 + 30 * wave), 0), 255)))
      }
    }
  }
  return Picture(height: height, width: width, channels: 3, pixels: pixels)
}

/// Every file of a folder with its bytes.
func contents(_ folder: String) throws -> [String: [UInt8]] {
  let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
  var files: [String: [UInt8]] = [:]
  for name in names {
    var isFolder: ObjCBool = false
    _ = FileManager.default.fileExists(atPath: "\(folder)/\(name)", isDirectory: &isFolder)
    if isFolder.boolValue { continue }
    files[name] = try ByteSource(path: "\(folder)/\(name)").readAll(limit: 1 << 28)
  }
  return files
}

extension Preparation {
  /// What became of a picture, in a word: the reason, or `used`.
  func fate(_ name: String) -> String {
    let picture = pictures.first { $0.name == name }!
    return picture.isUsed ? "used" : picture.finding!.reason.rawValue
  }
}
