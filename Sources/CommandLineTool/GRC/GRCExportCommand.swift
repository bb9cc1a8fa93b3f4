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
      The name of FILE says what is written: .obj for one shape, a folder (ending in /) for an OBJ
      a shape, .glb or .gltf for an animation of all shapes, .csv for their numbers, with where
      they lie in design space. Several values of --between or --beyond follow one another.

      Examples:
        atelier grc export runs/petals --between 0.5 --time 0.8 --out half.obj
        atelier grc export runs/petals --between 0.5 --time 0:1.1:23 --out opening.glb
        atelier grc export runs/petals --beyond 0:1:11 --time 0.8 --out beyond/
        atelier grc export runs/petals --template 2 --out curled.glb
      """)

  @Argument(help: ArgumentHelp("Folder of the run.", valueName: "run"))
  var folder: String

  @OptionGroup var shapes: ShapeOptions

  @Option(
    help: ArgumentHelp("A template as it was read instead, counted from 1.", valueName: "number"))
  var template: Int?

  @Option(help: ArgumentHelp("Where to; see above.", valueName: "file"))
  var out: String

  @Flag(help: "Print one JSON object.")
  var json = false

  func run() throws {
    let fit = try FittedContext(RunFolder(path: folder))
    let frames = try template.map { try templateFrames($0, fit) } ?? shapes.frames(of: fit)
    let export = ShapeExport(
      frames, of: fit.templates,
      comments: [
        "made by atelier \(atelierVersion), grc, templates \(fit.templates.name),"
          + " seed \(fit.configuration.seed), epoch \(fit.epoch)"
      ])
    guard export.isFinite else {
      throw UsageError.wrongValue(
        out, place: "--out", expected: "a shape with finite numbers: this is too far beyond the templates")
    }
    let files = try write(export, frames.count)
    if json {
      try Console.result(["files": .array(files.map { .string($0) })])
    } else {
      for file in files { try Console.result(file) }
    }
  }

  private func templateFrames(_ number: Int, _ fit: FittedContext) throws -> [ShapeFrame] {
    let set = fit.templates
    guard (1...set.templates.count).contains(number) else {
      throw UsageError.wrongValue(
        "\(number)", place: "--template", expected: "a number from 1 to \(set.templates.count)")
    }
    return try fit.templateShapes(number - 1)
  }

  private func write(_ export: ShapeExport, _ count: Int) throws -> [String] {
    let suffix = out.hasSuffix("/") ? "/" : URL(filePath: out).pathExtension.lowercased()
    guard export.isMesh || suffix == "csv" else {
      throw UsageError.wrongValue(out, place: "--out", expected: "a .csv: these templates are tables")
    }
    switch suffix {
    case "obj":
      guard count == 1 else {
        throw UsageError.wrongValue(
          out, place: "--out",
          expected: "a folder (ending in /), .glb, .gltf or .csv for \(count) shapes, or one --time")
      }
      try AtomicFile.write(export.objects[0], to: out)
    case "/":
      let folder = RunFolder(path: out).path
      try RunFolder.make(folder)
      return try export.objects.enumerated().map { index, bytes in
        let path = "\(folder)/shape\(String(format: "%04d", index)).obj"
        try AtomicFile.write(bytes, to: path)
        return path
      }
    case "glb": try AtomicFile.write(export.animation(as: .binary), to: out)
    case "gltf": try AtomicFile.write(export.animation(as: .text), to: out)
    case "csv": try AtomicFile.write(CSV.encode(export.table), to: out)
    default:
      throw UsageError.wrongValue(
        out, place: "--out", expected: "a name that ends in .obj, .glb, .gltf, .csv or /")
    }
    return [out]
  }
}
