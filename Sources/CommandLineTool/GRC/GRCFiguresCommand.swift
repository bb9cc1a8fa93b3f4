import ArgumentParser
import Drawing
import FileFormats
import Foundation
import RelationalContext
import Training

struct GRCFiguresCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "figures",
    abstract: "Draw the article's figures 3, 5, 6, 7 and 8 of a fit, and its confidence map.",
    discussion: """
      Each is written as SVG and as PNG, into the run's folder figures where --out
      names no other; older ones there are replaced, files of other programs are left
      alone. Tables, a single template and a fit without a context have fewer. One
      that cannot be drawn does not keep the others back.

      Examples:
        atelier grc figures runs/petals
        atelier grc figures runs/three --pair 1,3 --time 0.9 --out plates
      """)

  @Argument(help: ArgumentHelp("Folder of the run.", valueName: "run"))
  var folder: String

  @Option(help: ArgumentHelp("Where to.", valueName: "folder"))
  var out: String?

  @OptionGroup var pair: PairOption

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      The time of figures 6, 7 and 8, or a table's word for it. Default: 0.7 of the time \
      axis.
      """,
      valueName: "number"))
  var time: String?

  @Option(help: ArgumentHelp("Size of the PNGs: pixels a point.", valueName: "number"))
  var scale = 2.0

  @Flag(help: "Print one JSON object.")
  var json = false

  func run() throws {
    guard scale >= 0.25, scale <= 8 else {
      throw UsageError.wrongValue("\(scale)", place: "--scale", expected: "a number from 0.25 to 8")
    }
    let fit = try FittedContext(RunFolder(path: folder))
    let count = fit.templates.templates.count
    // A single template has the figures that need no second one.
    let pair = count > 1 || pair.pair != nil ? try pair.parse(templates: count) : (0, 0)
    let time = try time.map { try share($0, fit.templates.timeAxis) } ?? 0.7
    if out?.isEmpty ?? false {
      throw UsageError.wrongValue("", place: "--out", expected: "a folder, such as plates")
    }
    let figures = Figure.allCases.filter(fit.has)
    if figures.isEmpty {
      throw UsageError.wrongValue(
        folder, place: "run", expected: "a fit with a context: without one tables have no figures")
    }
    let target = RunFolder(path: out ?? "\(folder)/figures").path
    let files = figures.map { figure in ["svg", "png"].map { "\(target)/\(figure.rawValue).\($0)" }
    }
    try FitFile.refuseOthers(files.flatMap(\.self))
    try RunFolder.make(target)
    var written: [String] = []
    var failure: (any Error)?
    for (figure, paths) in zip(figures, files) {
      do {
        try draw(figure, of: fit, pair, time, to: paths)
      } catch {
        // The others can be had all the same; the first failure is told at the end.
        if failure != nil { Console.note("\(figure.rawValue): \(error)") }
        failure = failure ?? error
        continue
      }
      written += paths
      if !json { try Console.result("\(paths[0]) and .png") }
    }
    if json { try Console.result(["files": .array(written.map { .string($0) })]) }
    if let failure { throw failure }
  }

  /// Writes a figure in both forms, SVG first.
  private func draw(
    _ figure: Figure, of fit: FittedContext, _ pair: (Int, Int), _ time: Float, to paths: [String]
  ) throws {
    var drawing = try fit.draw(figure, pair: pair, time: time)
    drawing.provenance = FitFile.mark(of: fit)
    try AtomicFile.write(drawing.svg, to: paths[0])
    try AtomicFile.write(drawing.png(scale: scale), to: paths[1])
  }

  /// The share of a time that a figure can show: from as long before the first to as long after the
  /// last.
  private func share(_ time: String, _ axis: MapAxis) throws(UsageError) -> Float {
    let shares = try NumberList.places(time, "--time", on: axis)
    guard shares.count == 1, shares[0] >= -1, shares[0] <= 2 else {
      throw .wrongValue(
        time, place: "--time", expected: "a number from \(axis.value(-1)) to \(axis.value(2))")
    }
    return shares[0]
  }
}
