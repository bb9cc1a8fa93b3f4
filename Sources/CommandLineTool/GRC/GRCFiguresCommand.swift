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
      Each is written as SVG and as PNG, into the run's folder figures where --out names no other.

      Examples:
        atelier grc figures runs/petals
        atelier grc figures runs/three --pair 1,3 --time 0.9 --out plates
      """)

  @Argument(help: ArgumentHelp("Folder of the run.", valueName: "run"))
  var folder: String

  @Option(help: ArgumentHelp("Where to.", valueName: "folder"))
  var out: String?

  @Option(help: ArgumentHelp("Which two templates, counted from 1.", valueName: "a,b"))
  var pair = "1,2"

  @Option(help: ArgumentHelp("The time of figures 6, 7 and 8. (default: 0.7)", valueName: "number"))
  var time: Float?

  @Option(help: ArgumentHelp("Pixels a point, of PNGs.", valueName: "number"))
  var scale = 2.0

  @Flag(help: "Print one JSON object.")
  var json = false

  func run() throws {
    guard scale >= 0.25, scale <= 8 else {
      throw UsageError.wrongValue("\(scale)", place: "--scale", expected: "a number from 0.25 to 8")
    }
    let fit = try FittedContext(RunFolder(path: folder))
    let chosen = try PairOption.parse(pair, templates: fit.templates.templates.count)
    let target = RunFolder(path: out ?? "\(folder)/figures").path
    try RunFolder.make(target)
    let time = time.map(fit.templates.timeAxis.share) ?? 0.7
    var files: [String] = []
    for figure in Figure.allCases where fit.has(figure) {
      let drawing = try fit.draw(figure, pair: chosen, time: time)
      let name = "\(target)/\(figure.rawValue)"
      try AtomicFile.write(drawing.svg, to: "\(name).svg")
      try AtomicFile.write(PNG.encode(drawing.picture(scale: scale)), to: "\(name).png")
      files += ["\(name).svg", "\(name).png"]
      if !json { try Console.result("\(name).svg and .png") }
    }
    if json { try Console.result(["files": .array(files.map { .string($0) })]) }
  }
}

/// `--pair a,b`: two templates, counted from 1.
enum PairOption {
  /// The two, counted from 0.
  static func parse(_ text: String, templates count: Int) throws(UsageError) -> (Int, Int) {
    let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    guard numbers.count == 2, let first = numbers[0], let second = numbers[1],
      (1...count).contains(first), (1...count).contains(second)
    else {
      throw .wrongValue(
        text, place: "--pair", expected: "two numbers of templates from 1 to \(count), such as 1,2")
    }
    return (first - 1, second - 1)
  }
}
