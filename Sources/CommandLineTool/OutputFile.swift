import FileFormats
import Foundation

/// Pictures that commands write.
enum OutputFile {
  /// Puts a PNG in place of an older one of ours; another program's file that is there already is
  /// left alone.
  ///
  /// - Returns: The path.
  /// - Throws: ``UsageError/wouldOverwrite(_:)``, also for a folder, device or pipe, or why it cannot
  ///   be written.
  @discardableResult
  static func write(_ png: [UInt8], to path: String) throws -> String {
    if try !isFree(path) { throw UsageError.wouldOverwrite(path) }
    try AtomicFile.write(png, to: path)
    return path
  }

  /// Whether nothing is there, or a file (perhaps by a link) with a recipe of ours.
  ///
  /// A link that leads nowhere is left to the writer, which refuses it.
  static func isFree(_ path: String) throws -> Bool {
    var status = stat()
    guard stat(path, &status) == 0 else { return true }
    guard status.st_mode & S_IFMT == S_IFREG else { return false }
    // Twice the pixels is more than compression ever adds to a picture of ours.
    let limit = 2 * Picture.maximumBytes
    guard status.st_size <= limit else { return false }
    let bytes = try ByteSource(path: path).readAll(limit: limit)
    let recipe = try? PNG.recipe(in: bytes, file: path)
    return recipe.flatMap { $0 } != nil
  }
}
