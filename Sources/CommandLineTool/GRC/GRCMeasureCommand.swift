import ArgumentParser
import FileFormats
import Foundation
import RelationalContext
import Training

struct GRCMeasureCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "measure",
    abstract: "Say in numbers how well a fit does what it promises.",
    discussion: """
      How well shapes are found in the context and made again, whether contexts part
      as shapes do, what happens between templates and beyond them; with --ablations
      also what becomes of the fit without its context, which takes three more fits.

      Examples:
        atelier grc measure runs/petals
        atelier grc measure runs/petals --ablations --json
      """)

  @Argument(help: ArgumentHelp("Folder of the run.", valueName: "run"))
  var folder: String

  @Flag(help: "Fit without context, and unmasked, for comparison.")
  var ablations = false

  @Flag(help: "Print one JSON object.")
  var json = false

  func run() throws {
    let fit = try FittedContext(RunFolder(path: folder))
    let measures = try FitMeasures(fit)
    var compared: Ablations?
    if ablations {
      Interruption.watch()
      Console.note("fitting three times more: without the context, and without its mask")
      compared = try ablations(of: fit)
    }
    if json { return try Console.result(measures.json.merging(compared?.json ?? [:])) }
    for line in measures.lines + (compared?.lines(beside: measures) ?? []) {
      try Console.result(line)
    }
  }

  private func ablations(of fit: FittedContext) throws -> Ablations {
    let progress = ProgressLine()
    defer { progress.close() }
    let ablations = try Ablations(
      fit,
      tell: { made, total in
        if !json, progress.isTerminal { progress.show("epoch \(made)/\(total)") }
      }, shouldStop: { Interruption.isRequested })
    guard let ablations else { throw Interrupted() }
    return ablations
  }
}
