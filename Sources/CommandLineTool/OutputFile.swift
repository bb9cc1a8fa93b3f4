import FileFormats
import Foundation

/// Pictures that commands write.
enum OutputFile {
  /// Puts a PNG in place of an older one of ours; another program's file that is there already is
  /// left alone.
  ///
  /// - Returns: The path.
  /// - Throws: ``UsageError/wouldOverwrite(_:)``, or why it cannot be written.
  @discardableResult
  static func write(_ png: [UInt8], to path: String) throws -> String {
    var status = stat()
    if lstat(path, &status) == 0 {
      let bytes = try ByteSource(path: path).readAll(limit: Picture.maximumBytes)
      let recipe = (try? PNG.recipe(in: bytes, file: path)) ?? nil
      if recipe == nil { throw UsageError.wouldOverwrite(path) }
    }
    try AtomicFile.write(png, to: path)
    return path
  }
}
