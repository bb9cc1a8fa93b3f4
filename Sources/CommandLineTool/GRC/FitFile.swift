import Drawing
import FileFormats
import Foundation
import RelationalContext
import Training

/// Shapes, tables, figures and pages that the commands write of a fit.
///
/// All say that they are ours: OBJ in its first comment, glTF in its extras, SVG in its metadata, PNG
/// in a text, pages by their generator. CSV has no room for words, so there the columns say it: a
/// table with exactly those of ``ShapeColumns`` is one that `export` wrote.
enum FitFile {
  private static let maker = "made by atelier "

  /// What the files say of themselves.
  static func mark(of fit: FittedContext) -> String {
    "\(maker)\(atelierVersion), grc, templates \(fit.templates.name),"
      + " seed \(fit.configuration.seed), epoch \(fit.epoch)"
  }

  /// Puts a file in place of an older one of ours; what others made is left alone.
  ///
  /// - Throws: ``UsageError/notOurs(_:)``, also for a folder, device or pipe, or why it cannot be
  ///   written.
  static func write(_ bytes: [UInt8], to path: String) throws {
    try refuseOthers([path])
    try AtomicFile.write(bytes, to: path)
  }

  /// Asks before several files are written, so that all are or none is.
  ///
  /// - Throws: ``UsageError/notOurs(_:)`` for the first that is there and not ours.
  static func refuseOthers(_ paths: [String]) throws(UsageError) {
    for path in paths where !isFree(path) { throw .notOurs(path) }
  }

  /// Whether nothing is there, or a file that says it is ours.
  ///
  /// A link that leads nowhere is left to the writer, which refuses it.
  static func isFree(_ path: String) -> Bool {
    var status = stat()
    guard stat(path, &status) == 0 else { return true }
    guard status.st_mode & S_IFMT == S_IFREG else { return false }
    guard let bytes = try? ByteSource(path: path).readAll(limit: 1 << 30) else { return false }
    let beginning = String(decoding: bytes.prefix(4000), as: UTF8.self)
    switch URL(filePath: path).pathExtension.lowercased() {
    case "obj": return beginning.hasPrefix("# \(maker)")
    case "glb", "gltf":
      let extras = try? GLTF.extras(in: bytes, file: path)
      return extras.flatMap { $0 }?["atelier"] != nil
    case "svg": return String(decoding: bytes, as: UTF8.self).contains("<metadata>\(maker)")
    case "png":
      let texts = try? PNG.texts(in: bytes, file: path)
      return texts?.contains { $0.keyword == pngKeyword && $0.text.hasPrefix(maker) } ?? false
    case "csv":
      let names = bytes.prefix { $0 != UInt8(ascii: "\r") && $0 != UInt8(ascii: "\n") }
      let columns = try? CSV.decode(Array(names), file: path).columns
      return columns.map(ShapeColumns.areOfShapes) ?? false
    default: return beginning.contains("<meta name=\"generator\" content=\"Atelier\">")
    }
  }

  fileprivate static let pngKeyword = "Comment"
}

extension Drawing {
  /// The drawing as the bytes of a PNG that says what made it.
  ///
  /// - Throws: Where there is no font for its words.
  func png(scale: Double) throws -> [UInt8] {
    PNG.encode(
      try picture(scale: scale),
      texts: [PNGText(keyword: FitFile.pngKeyword, text: provenance)])
  }
}
