import FileFormats
import Foundation
import RelationalContext

/// Shapes, tables and pages that the commands write of a fit.
enum FitFile {
  /// Puts a file in place of an older one of ours; what others made is left alone.
  ///
  /// - Throws: ``UsageError/notOurs(_:)``, also for a folder, device or pipe, or why it cannot be
  ///   written.
  static func write(_ bytes: [UInt8], to path: String) throws {
    guard isFree(path) else { throw UsageError.notOurs(path) }
    try AtomicFile.write(bytes, to: path)
  }

  /// Whether nothing is there, or a file that says it is ours.
  ///
  /// A link that leads nowhere is left to the writer, which refuses it.
  static func isFree(_ path: String) -> Bool {
    var status = stat()
    guard stat(path, &status) == 0 else { return true }
    guard status.st_mode & S_IFMT == S_IFREG else { return false }
    guard let bytes = try? ByteSource(path: path).readAll(limit: 1 << 30) else { return false }
    let beginning = String(decoding: bytes.prefix(1000), as: UTF8.self)
    switch URL(filePath: path).pathExtension.lowercased() {
    case "obj": return beginning.hasPrefix("# made by atelier ")
    case "glb", "gltf":
      let extras = try? GLTF.extras(in: bytes, file: path)
      return extras.flatMap { $0 }?["atelier"] != nil
    case "csv":
      return beginning.prefix { !$0.isNewline }.contains(ShapeExport.errorColumn)
    default: return beginning.contains("<meta name=\"generator\" content=\"Atelier\">")
    }
  }
}
