import ArgumentParser
import FileFormats
import Foundation
import RelationalContext
import Training

struct GRCExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write shapes of a fit, or its templates, as OBJ, glTF or CSV.",
    discussion: """
      The name of FILE says what is written: .obj for one shape, a folder (ending
      in /) for an OBJ a shape, .glb or .gltf for an animation of all shapes, .csv
      for their numbers, with where they lie in design space. Several values of
      --between or --beyond follow one another. Older files of this command are
      replaced, those of other programs are left alone.

      Examples:
        atelier grc export runs/petals --between 0.5 --time 0.8 --out half.obj
        atelier grc export runs/petals --time 0:1.1:23 --out opening.glb
        atelier grc export runs/petals --beyond 0:1:11 --time 0.8 --out beyond/
        atelier grc export runs/petals --template 2 --out curled.glb
      """)

  @Argument(help: ArgumentHelp("Folder of the run.", valueName: "run"))
  var folder: String

  @OptionGroup var shapes: ShapeOptions

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "A template as it was read instead, at all of its times; counted from 1.",
      valueName: "number"))
  var template: Int?

  @Option(help: ArgumentHelp("Where to; see above.", valueName: "file"))
  var out: String

  @Flag(help: "Print one JSON object.")
  var json = false

  func run() throws {
    if template != nil, let other = shapes.given { throw UsageError.conflict("--template", other) }
    let form = try form()
    let fit = try FittedContext(RunFolder(path: folder))
    let frames =
      try template.map { try templateFrames($0, fit) } ?? shapes.shapes(of: fit).map(\.frame)
    try check(form, frames, fit.templates)
    let export = ShapeExport(frames, of: fit.templates, comments: [FitFile.mark(of: fit)])
    let files = try write(export, as: form)
    if json {
      try Console.result(["files": .array(files.map { .string($0) })])
    } else {
      for file in files { try Console.result(file) }
    }
  }

  /// What is written.
  private enum Form { case object, objects, glb, gltf, table }

  private func form() throws(UsageError) -> Form {
    if out.hasSuffix("/") || !out.isEmpty && RunFolder.isFolder(out) { return .objects }
    switch URL(filePath: out).pathExtension.lowercased() {
    case "obj": return .object
    case "glb": return .glb
    case "gltf": return .gltf
    case "csv": return .table
    default:
      throw .wrongValue(
        out, place: "--out", expected: "a name that ends in .obj, .glb, .gltf, .csv or /")
    }
  }

  private func templateFrames(_ number: Int, _ fit: FittedContext) throws -> [ShapeFrame] {
    let set = fit.templates
    guard (1...set.templates.count).contains(number) else {
      throw UsageError.wrongValue(
        "\(number)", place: "--template",
        expected: set.templates.count == 1
          ? "1, the only one" : "a number from 1 to \(set.templates.count)")
    }
    return try fit.templateShapes(number - 1)
  }

  private func check(
    _ form: Form, _ frames: [ShapeFrame], _ set: TemplateSet
  ) throws(UsageError) {
    if form == .table { return }
    if set.pointsPerRow == 0 {
      throw .wrongValue(out, place: "--out", expected: "a .csv: these templates are tables")
    }
    if set.rows.count > 1, frames[0].path.points.count < 2 {
      throw .wrongValue(
        out, place: "--out", expected: "a .csv for a single row: a mesh needs two or more")
    }
    if form == .object, frames.count > 1 {
      throw .wrongValue(
        out, place: "--out",
        expected: "a folder (ending in /), .glb, .gltf or .csv for \(frames.count) shapes,"
          + " or one --time")
    }
  }

  private func write(_ export: ShapeExport, as form: Form) throws -> [String] {
    switch form {
    case .object: try FitFile.write(export.objects[0], to: out)
    case .objects: return try write(export.objects)
    case .glb: try FitFile.write(export.animation(as: .binary), to: out)
    case .gltf: try FitFile.write(export.animation(as: .text), to: out)
    case .table: try FitFile.write(CSV.encode(export.table), to: out)
    }
    return [out]
  }

  /// A file each in a folder, from which more of an earlier, longer series of ours are removed, lest
  /// they be taken for its end.
  private func write(_ objects: [[UInt8]]) throws -> [String] {
    let folder = RunFolder(path: out).path
    try RunFolder.make(folder)
    let name = { (index: Int) in "\(folder)/shape\(String(format: "%04d", index)).obj" }
    let paths = objects.indices.map(name)
    try FitFile.refuseOthers(paths)
    for (path, bytes) in zip(paths, objects) { try AtomicFile.write(bytes, to: path) }
    for index in objects.count... {
      let path = name(index)
      guard FileManager.default.fileExists(atPath: path), FitFile.isFree(path) else { break }
      unlink(path)
    }
    return paths
  }
}
