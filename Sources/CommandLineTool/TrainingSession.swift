import Benchmarking
import FileFormats
import Foundation
import Tensors
import Training

/// One training from the command line: its display, and what is said at the end.
struct TrainingSession {
  private let configuration: RunConfiguration
  private let data: TrainingData
  private let device: Device
  private let options: TrainingOptions
  private let judge: PictureJudge?

  init(
    _ configuration: RunConfiguration, _ data: TrainingData, _ device: Device,
    _ options: TrainingOptions, judge: PictureJudge?
  ) {
    (self.configuration, self.data) = (configuration, data)
    (self.device, self.options, self.judge) = (device, options, judge)
  }

  /// Says how much memory the training would take.
  ///
  /// - Throws: `DeviceError.doesNotFit` where there is less.
  func checkMemory() throws {
    try TrainingRun.checkMemory(configuration, data, on: device)
    let planned = try configuration.plannedMemory(data, on: device)
    let limit = device.memoryLimit
    Console.note(
      "tensors will take \(planned >> 20) MiB on \(device), of \(limit.bytes >> 20) MiB (\(limit.origin.rawValue))"
    )
  }

  /// - Throws: What training throws, and ``Interrupted`` where it was stopped before its last step.
  func run() throws {
    let run: TrainingRun
    do {
      run = try TrainingRun(
        configuration, data: data, in: options.out, resume: options.resumePoint, device: device)
    } catch let error as DeviceError {
      if options.resumePoint != nil {
        Console.note("a run keeps its batch size: go on by --device cpu, or on a larger device")
      }
      throw error
    }
    Console.note("\(run.folder.path): \(configuration.model.kind) on \(data.name), \(device)")
    let display = ProgressDisplay(
      data, batchSize: configuration.batchSize, countsPictures: configuration.model.kind == "gan")
    let forecast = CostForecast(configuration, data, device, say: display.say)
    defer { display.close() }
    func train() throws -> TrainingOutcome {
      try run.train(
        on: device, monitors: [Self.noteStep, display.receive, forecast.receive],
        shouldStop: { Interruption.isRequested }, judge: judge)
    }
    let (outcome, profile): (TrainingOutcome, Profile?)
    do {
      (outcome, profile) = options.profile ? try device.profiled(train) : (try train(), nil)
    } catch let error as DeviceError {
      display.close()
      sayWhatIsSafe(run.folder)
      throw run.explained(error, on: device)
    }
    display.close()
    if outcome.isAlarmed {
      Console.note(
        "stopped by its alarm after step \(outcome.step), as --set onAlarm=stop asks for")
      return try report(run.folder, outcome, profile)
    }
    guard outcome.isComplete else {
      Console.note(
        "saved \(outcome.checkpoint ?? ""); the same command with --resume latest goes on")
      for line in profile?.lines ?? [] { Console.note(line) }
      throw Interrupted()
    }
    try report(run.folder, outcome, profile)
  }

  /// How to go on after the device failed.
  private func sayWhatIsSafe(_ folder: RunFolder) {
    let safe =
      folder.checkpointSteps().last.map {
        "\(folder.checkpoint($0)) is safe: the same command with --resume latest goes on from it,"
          + " on this device or by --device cpu"
      } ?? "no checkpoint was made yet: --resume latest begins at step 1"
    Console.note(safe)
  }

  private static func noteStep(_ event: TrainingEvent) {
    if case .step = event { Interruption.noteStep() }
  }

  /// Says what was made, all of which is on disk by now.
  private func report(
    _ folder: RunFolder, _ outcome: TrainingOutcome, _ profile: Profile?
  ) throws {
    func say(_ line: String) throws {
      if options.json { Console.note(line) } else { try Console.result(line) }
    }
    for metric in outcome.metrics { try say(ProgressDisplay.describe(metric)) }
    if case .gan = configuration.model {
      try say("measure it by    atelier evaluate \(folder.path)")
    } else if outcome.metrics.isEmpty {
      try say("no held-out pictures, so nothing was measured")
    }
    let sheets = SheetKind.allCases.map { kind -> String? in
      let path = folder.sheet(kind, outcome.step)
      return FileManager.default.fileExists(atPath: path) ? path : nil
    }
    if let path = sheets[0] { try say("new pictures     \(path)") }
    if let path = sheets[1] { try say("reconstructions  \(path)") }
    for line in profile?.lines ?? [] { try say(line) }
    guard options.json else { return }
    let json = json(folder, outcome, sheets)
    try Console.result(profile.map { json.merging(["profile": $0.json]) } ?? json)
  }

  private func json(
    _ folder: RunFolder, _ outcome: TrainingOutcome, _ sheets: [String?]
  ) -> JSONValue {
    func members(_ value: (Metric) -> JSONValue) -> JSONValue {
      .object(
        Dictionary(uniqueKeysWithValues: outcome.metrics.map { ($0.name, value($0)) }))
    }
    return [
      "run": .string(folder.path), "step": .integer(outcome.step),
      "seconds": .number(outcome.seconds), "picturesPerSecond": .number(outcome.picturesPerSecond),
      "metrics": members { .number($0.value) },
      "protocols": members { .string($0.protocolString) },
      "samples": sheets[0].map { .string($0) } ?? .null,
      "reconstructions": sheets[1].map { .string($0) } ?? .null,
      "checkpoint": outcome.checkpoint.map { .string($0) } ?? .null,
      "device": .string("\(device)"),
    ]
  }
}
