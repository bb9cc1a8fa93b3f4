import ArgumentParser
import FileFormats
import Foundation
import RelationalContext
import Tensors
import Training

struct GRCFitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fit",
    abstract: "Learn from your shapes what they share and what tells them apart.",
    discussion: """
      First a network learns each template, so that rows can be drawn from anywhere
      on it; then a relational network learns to find where a row lies (time,
      morphology and the context that emerges), and a generative one to make the row
      of that.

      Ctrl-C saves and leaves with status 130; the same command with --resume goes
      on, bit for bit.

      Keys of --set:
      \(Setting.table(FitSettings.all))

      Examples:
        atelier grc fit
        atelier grc fit petals:7:3 --out runs/three-petals
        atelier grc fit rose.glb lily.glb --out runs/between
        atelier grc fit patients.csv --map severity,day --group diagnosis
        atelier grc fit --epochs 20000 --out runs/try
        atelier grc fit --epochs 40000 --out runs/try --resume
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
      "cpu, gpu, opencl:N or auto; networks as small as these are fastest on the CPU.",
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
    if resume, templates.templates == ["latest"] {
      throw UsageError.wrongValue(
        "latest", place: "--resume",
        expected: "no value: it goes on from the newest checkpoint of the run's folder")
    }
    Interruption.watch()
    let set = try templates.open()
    var settings = FitSettings(rowSize: set.rowSize, templates: set.templates.count)
    settings.configuration.epochs = epochs
    settings.configuration.seed = seed
    try settings.apply(self.set)
    let device = try Device.select(self.device).device
    let run = try begin(set, settings, device)
    let count = set.templates.count
    Console.note(
      "\(run.folder.path): \(count) template\(count == 1 ? "" : "s") of \(set.name), \(device)")
    let outcome = try fit(run)
    guard outcome.isComplete else {
      Console.note("saved \(outcome.checkpoint); the same command with --resume goes on")
      throw Interrupted()
    }
    try report(run.folder, outcome)
  }

  private func begin(
    _ set: TemplateSet, _ settings: FitSettings, _ device: Device
  ) throws -> FitRun {
    do {
      return try FitRun(
        set, settings.configuration, settings.model, in: out, isResumed: resume, device: device)
    } catch TrainingError.folderNotEmpty(let path) {
      throw UsageError.wrongValue(
        path, place: "--out",
        expected: "a new or empty folder, found files in it; go on with a fit by --resume")
    }
  }

  private func fit(_ run: FitRun) throws -> FitOutcome {
    let display = FitDisplay()
    defer { display.close() }
    do {
      return try run.fit(
        tell: { event in
          Interruption.noteStep()
          display.receive(event)
        }, shouldStop: { Interruption.isRequested })
    } catch TrainingError.diverged(let epoch, let what, let lastGood) {
      throw FitDivergence(epoch: epoch, what: what, lastGood: lastGood)
    }
  }

  private func report(_ folder: RunFolder, _ outcome: FitOutcome) throws {
    let fit = try FittedContext(folder)
    let measures = try FitMeasures(fit)
    if !json { return try report(folder, outcome, fit, measures) }
    let losses = outcome.losses!
    try Console.result([
      "run": .string(folder.path), "epochs": .integer(outcome.epoch),
      "seconds": .number(outcome.seconds), "epochSeconds": .number(outcome.epochSeconds),
      "lossG": .number(losses.generative), "lossR": .number(losses.relational),
      "roundTripRMS": .number(measures.roundTripRMS), "unit": .string(measures.unit.rawValue),
      "templateErrors": .array(measures.templateErrors.map { .number(Double($0)) }),
      "templateAttempts": .array(measures.templateAttempts.map { .integer($0) }),
      "checkpoint": .string(outcome.checkpoint),
    ])
  }

  private func report(
    _ folder: RunFolder, _ outcome: FitOutcome, _ fit: FittedContext, _ measures: FitMeasures
  ) throws {
    let worst = Double(measures.templateErrors.max()!)
    let bound = fit.templateBound
    let wanted =
      worst <= Double(bound)
      ? "" : "; \(bound) was wanted, try another --seed or more --set templateSteps"
    try Console.result("template models   within \(number(worst)) of the templates\(wanted)")
    try Console.result(
      "round trip        \(number(measures.roundTripRMS)) off (RMS"
        + (measures.unit == .own ? "" : ", \(measures.unit.rawValue)")
        + "), found in the context and made again")
    try Console.result(
      outcome.epochsMade == 0
        ? "done              all \(outcome.epoch) epochs were made before"
        : "done              \(outcome.epoch) epochs"
          + " in \(String(format: "%.1f", outcome.seconds)) s")
    let page = "\(URL(filePath: folder.path).lastPathComponent).html"
    try Console.result(
      "look at it        atelier grc "
        + (fit.hasPage
          ? "explore \(quoted(folder.path)) --html \(quoted(page))"
          : "figures \(quoted(folder.path))"))
  }

  /// A path as a shell reads it.
  private func quoted(_ path: String) -> String {
    let isPlain = path.allSatisfy { $0.isLetter || $0.isNumber || "/._-+".contains($0) }
    return isPlain ? path : "'\(path.replacing("'", with: "'\\''"))'"
  }

  private func number(_ value: Double) -> String { String(format: "%.2g", value) }
}

/// A fit whose numbers grew without bounds.
struct FitDivergence: Error, CustomStringConvertible {
  let epoch: Int
  let what: String
  let lastGood: String?

  var description: String {
    let safe = lastGood.map { "the last good checkpoint is \($0)" } ?? "there is no checkpoint yet"
    return "epoch \(epoch): \(what); \(safe); try a lower --set relationalRate, generativeRate"
      + " or templateRate"
  }
}
