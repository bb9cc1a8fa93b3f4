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
      names no other; older ones there are replaced. Tables, a single template and a
      fit without a context have fewer. One that fails does not keep the others back.

      Examples:
        atelier grc figures runs/petals
        atelier grc figures runs/three --pair 1,3 --time 0.9 --out plates
      """)

  @Argument(help: ArgumentHelp("Folder of the run.", valueName: "run"))
  var folder: String

  @Option(help: ArgumentHelp("Where to.", valueName: "folder"))
  var out: String?

  @Option(
    help: ArgumentHelp(
      "Which two templates, counted from 1. (default: 1,2)", valueName: "a,b"))
  var pair: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The time of figures 6, 7 and 8. Default: 0.7 of the way from the first to the last.",
      valueName: "number"))
  var time: Float?

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
    let chosen = count > 1 || pair != nil ? try PairOption.parse(pair, templates: count) : (0, 0)
    let time = try time.map { try share($0, fit.templates.timeAxis) } ?? 0.7
    if out?.isEmpty ?? false {
      throw UsageError.wrongValue("", place: "--out", expected: "a folder, such as plates")
    }
    let target = RunFolder(path: out ?? "\(folder)/figures").path
    try RunFolder.make(target)
    var files: [String] = []
    var failure: (any Error)?
    for figure in Figure.allCases where fit.has(figure) {
      let name = "\(target)/\(figure.rawValue)"
      do {
        try draw(figure, of: fit, chosen, time, to: name)
      } catch {
        // The others can be had all the same; the first failure is told at the end.
        if failure != nil { Console.note("\(figure.rawValue): \(error)") }
        failure = failure ?? error
        continue
      }
      files += ["\(name).svg", "\(name).png"]
      if !json { try Console.result("\(name).svg and .png") }
    }
    if json { try Console.result(["files": .array(files.map { .string($0) })]) }
    if let failure { throw failure }
  }

  /// Writes a figure in both forms.
  private func draw(
    _ figure: Figure, of fit: FittedContext, _ pair: (Int, Int), _ time: Float, to name: String
  ) throws {
    let drawing = try fit.draw(figure, pair: pair, time: time)
    try AtomicFile.write(drawing.svg, to: "\(name).svg")
    try AtomicFile.write(PNG.encode(drawing.picture(scale: scale)), to: "\(name).png")
  }

  /// The share of a time that a figure can show: from as long before the first to as long after the
  /// last.
  private func share(_ time: Float, _ axis: MapAxis) throws(UsageError) -> Float {
    let share = axis.share(time)
    guard share >= -1, share <= 2 else {
      throw .wrongValue(
        "\(time)", place: "--time",
        expected: "a number from \(axis.value(-1)) to \(axis.value(2))")
    }
    return share
  }
}

/// `--pair a,b`: two templates, counted from 1.
enum PairOption {
  /// The two, counted from 0; the first two where none are named.
  static func parse(_ text: String?, templates count: Int) throws(UsageError) -> (Int, Int) {
    let text = text ?? "1,2"
    if count < 2 {
      throw .wrongValue(text, place: "--pair", expected: "nothing: this fit has one template")
    }
    let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map {
      Int($0.trimmingCharacters(in: .whitespaces))
    }
    guard numbers.count == 2, let first = numbers[0], let second = numbers[1], first != second,
      (1...count).contains(first), (1...count).contains(second)
    else {
      throw .wrongValue(
        text, place: "--pair",
        expected: "two different templates by their numbers from 1 to \(count), such as 1,2")
    }
    return (first - 1, second - 1)
  }
}
