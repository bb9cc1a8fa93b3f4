import ArgumentParser
import FileFormats
import Foundation
import RelationalContext
import Tensors
import Training

struct GRCFitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fit",
    abstract: "Fit template models, then the relational and the generative network.",
    discussion: """
      Keys of --set:
      \(keys)

      Ctrl-C saves and leaves with status 130; --resume goes on, bit for bit.

      Examples:
        atelier grc fit
        atelier grc fit petals:7:3 --out runs/three-petals
        atelier grc fit rose.glb lily.glb --out runs/between
        atelier grc fit patients.csv --map severity,day --group diagnosis
        atelier grc fit --epochs 20000 --set sampling=continuous --out runs/try
        atelier grc fit --out runs/try --epochs 20000 --set sampling=continuous --resume
      """)

  @OptionGroup var templates: TemplateOptions

  @Option(help: ArgumentHelp("Epochs of both networks.", valueName: "n"))
  var epochs = FitConfiguration().epochs

  @Option(help: ArgumentHelp("Decides first parameters and mixes.", valueName: "n"))
  var seed: UInt64 = 0

  @Option(
    help: ArgumentHelp(
      "A decision about networks, losses or the loop; may be repeated.", valueName: "key=value"))
  var set: [String] = []

  @Option(
    help: ArgumentHelp(
      "Folder of the run. Default: the next runs/00000-TEMPLATES-grc.", valueName: "folder"))
  var out: String?

  @Flag(help: "Go on from the newest checkpoint of the run's folder.")
  var resume = false

  @Option(
    help: ArgumentHelp(
      "cpu, gpu or opencl:N; networks as small as these are fastest on the CPU.",
      valueName: "device"))
  var device = "cpu"

  @Flag(help: "Print one JSON object at the end; people's text goes to stderr.")
  var json = false

  func run() throws {
    if let out, out.isEmpty {
      throw UsageError.wrongValue(out, place: "--out", expected: "a folder, such as runs/petals")
    }
    if !(1...Int(Int32.max)).contains(epochs) {
      throw UsageError.wrongValue(
        "\(epochs)", place: "--epochs", expected: "a whole number from 1 on")
    }
    let set = try templates.open()
    var settings = FitSettings(rowSize: set.rowSize, templates: set.templates.count)
    settings.configuration.epochs = epochs
    settings.configuration.seed = seed
    try settings.apply(self.set)
    Interruption.watch()
    let device = try Device.select(self.device).device
    let run = try FitRun(
      set, settings.configuration, settings.model, in: out, isResumed: resume, device: device)
    Console.note(
      "\(run.folder.path): \(set.templates.count) templates of \(set.name), \(device)")
    let display = FitDisplay()
    defer { display.closeLine() }
    let outcome = try run.fit(
      tell: { event in
        Interruption.noteStep()
        display.receive(event)
      }, shouldStop: { Interruption.isRequested })
    display.closeLine()
    guard outcome.isComplete else {
      Console.note("saved \(outcome.checkpoint); the same command with --resume goes on")
      throw Interrupted()
    }
    try report(run.folder, outcome)
  }

  private func report(_ folder: RunFolder, _ outcome: FitOutcome) throws {
    let measures = try FitMeasures(FittedContext(folder))
    let losses = outcome.losses!
    if !json {
      try Console.result(
        "template models   within \(number(Double(measures.templateErrors.max()!)))")
      try Console.result("round trip        \(number(measures.roundTripRMS)) RMS")
      try Console.result(
        "\(outcome.epoch) epochs in \(String(format: "%.1f", outcome.seconds)) s; look at it:"
          + " atelier grc explore \(folder.path) --html grc.html")
      return
    }
    try Console.result([
      "run": .string(folder.path), "epochs": .integer(outcome.epoch),
      "seconds": .number(outcome.seconds), "epochSeconds": .number(outcome.epochSeconds),
      "lossG": .number(losses.generative), "lossR": .number(losses.relational),
      "roundTripRMS": .number(measures.roundTripRMS),
      "templateErrors": .array(measures.templateErrors.map { .number(Double($0)) }),
      "checkpoint": .string(outcome.checkpoint),
    ])
  }

  private func number(_ value: Double) -> String { String(format: "%.2g", value) }

  private static var keys: String {
    let width = FitSettings.all.map(\.key.count).max()! + 2
    return FitSettings.all.map { setting in
      "  \(setting.key)\(String(repeating: " ", count: width - setting.key.count))\(setting.help)"
    }.joined(separator: "\n")
  }
}
