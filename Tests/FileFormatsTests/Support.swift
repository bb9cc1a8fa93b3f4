import Foundation
import Testing

@testable import FileFormats

/// Files made by other programs; `Tests/Fixtures/make_format_fixtures.py` says how.
enum Fixture {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../Fixtures/formats").standardized.path

  static func path(_ name: String) -> String { "\(folder)/\(name)" }

  static func bytes(_ name: String) throws -> [UInt8] {
    try ByteSource(path: path(name)).readAll(limit: 1 << 20)
  }

  static func source(_ name: String) throws -> ByteSource {
    ByteSource(try bytes(name), name: name)
  }

  /// The pixels an independent program read, as [height, width] or [height, width, channels].
  static func picture(_ name: String) throws -> Picture {
    let array = try NPY.decode(try bytes(name), file: name)
    return Picture(
      height: array.shape[0], width: array.shape[1],
      channels: array.shape.count == 3 ? array.shape[2] : 1, pixels: array.bytes)
  }

  /// The same formula stands in make_format_fixtures.py.
  static func pattern(_ height: Int, _ width: Int, _ channels: Int) -> Picture {
    var pixels: [UInt8] = []
    for row in 0..<height {
      for column in 0..<width {
        for channel in 0..<channels {
          let value = row * 37 + column * 11 + channel * 71 + row * column * 5
          pixels.append(UInt8(value & 255))
        }
      }
    }
    return Picture(height: height, width: width, channels: channels, pixels: pixels)
  }

  static func smooth(_ height: Int, _ width: Int) -> Picture {
    var pixels: [UInt8] = []
    for row in 0..<height {
      for column in 0..<width {
        pixels.append(UInt8(255 * row / (height - 1)))
        pixels.append(UInt8(255 * column / (width - 1)))
        pixels.append(UInt8(255 - 127 * Double(row + column) / Double(height + width)))
      }
    }
    return Picture(height: height, width: width, channels: 3, pixels: pixels)
  }
}

/// A folder that is gone when `body` returns.
func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appending(path: "formats-\(UUID())").path
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  return try body(folder)
}

/// Pictures agree within `tolerance` levels; says where they first do not.
func expectClose(
  _ picture: Picture, _ truth: Picture, within tolerance: Int,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(picture.shape == truth.shape, sourceLocation: sourceLocation)
  guard picture.pixels.count == truth.pixels.count else { return }
  let first = picture.pixels.indices.first {
    abs(Int(picture.pixels[$0]) - Int(truth.pixels[$0])) > tolerance
  }
  #expect(
    first == nil,
    "first at \(first ?? 0): \(picture.pixels[first ?? 0]), truth \(truth.pixels[first ?? 0])",
    sourceLocation: sourceLocation)
}

/// Runs `body`, which must throw a `FileFormatError`, and returns it.
func failure<Result>(
  _ comment: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation,
  _ body: () throws(FileFormatError) -> Result
) -> FileFormatError? {
  do {
    _ = try body()
    Issue.record(comment ?? "no error", sourceLocation: sourceLocation)
    return nil
  } catch {
    return error
  }
}

/// SplitMix64, so that a failing test can be run again from its seed.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
    return value ^ value >> 31
  }
}
