import FileFormats
import Foundation
import Testing

@testable import Datasets

/// A folder that is gone when `body` returns.
func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appending(path: "datasets-\(UUID())").path
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  return try body(folder)
}

/// Writes files, making their folders.
func write(_ files: [String: [UInt8]], in folder: String) throws {
  for (name, bytes) in files {
    let path = "\(folder)/\(name)"
    try FileManager.default.createDirectory(
      at: URL(filePath: path).deletingLastPathComponent(), withIntermediateDirectories: true)
    try AtomicFile.write(bytes, to: path)
  }
}

/// Runs `body`, which must throw a `FileFormatError`, and returns it.
func failure<Result>(
  sourceLocation: SourceLocation = #_sourceLocation,
  _ body: () throws(FileFormatError) -> Result
) -> FileFormatError? {
  do {
    _ = try body()
    Issue.record("no error", sourceLocation: sourceLocation)
    return nil
  } catch {
    return error
  }
}

/// `count` grey pictures of one value each: 0, 1, 2, …; labels are value mod 3.
func numbered(_ count: Int, side: Int = 2, testRange: Range<Int> = 0..<0) -> PictureArray {
  let shape = PictureShape(height: side, width: side, channels: 1)
  return PictureArray(
    name: "numbered", shape: shape,
    pixels: (0..<count).flatMap { [UInt8](repeating: UInt8($0 % 256), count: shape.count) },
    labels: (0..<count).map { $0 % 3 }, classNames: ["zero", "one", "two"], testRange: testRange)
}

func flat(_ height: Int, _ width: Int, _ channels: Int, _ value: UInt8) -> Picture {
  Picture(
    height: height, width: width, channels: channels,
    filledWith: Color(red: value, green: value, blue: value))
}
