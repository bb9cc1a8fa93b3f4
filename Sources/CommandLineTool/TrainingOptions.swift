import ArgumentParser
import Foundation
import Optimizers
import Tensors
import Training

/// The options that every model's training has.
struct TrainingOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Updates in all.", valueName: "n"))
  var steps: Int?

  @Option(
    help: ArgumentHelp(
      "Passes over the training pictures. (default: 10; of gan as many steps as show 300 thousand pictures)",
      valueName: "n"))
  var epochs: Int?

  @Option(
    help: ArgumentHelp(
      "Pictures an update. (default: 128; of gan 64, small-data 32)", valueName: "n"))
  var batch: Int?

  @Option(
    help: ArgumentHelp(
      "Learning rate at its peak. (default: 1.5e-3; of gan 5e-4, style 2e-3)", valueName: "number"))
  var rate: Double?

  @Option(
    help: ArgumentHelp(
      "How the rate goes on after the warm-up: constant, cosine or linear. (default: constant)",
      valueName: "shape"),
    transform: { try choice($0, "--schedule") })
  var schedule = LearningRateSchedule.Shape.constant

  @Option(
    name: .customLong("warm-up"),
    help: ArgumentHelp("Updates over which the rate rises.", valueName: "n"))
  var warmUp = 0

  @Option(help: ArgumentHelp("Decides first parameters, order and noise.", valueName: "n"))
  var seed: UInt64 = 0

  @Option(
    help: ArgumentHelp(
      "Arithmetic of matrix products and convolutions: float32, or bfloat16, which is faster and"
        + " rounds their factors, on the CPU and NVIDIA's matrix units; tf32 on the latter alone."
        + " (default: float32)",
      valueName: "type"),
    transform: { try choice($0, "--precision") })
  var precision = Precision.float32

  @Option(
    help: ArgumentHelp(
      "A decision about model, optimiser or cadence; may be repeated.", valueName: "key=value"))
  var set: [String] = []

  @Option(
    help: ArgumentHelp(
      "Folder of the run. Default: the next runs/00000-DATA-MODEL.", valueName: "folder"))
  var out: String?

  @Option(
    name: .customLong("init"),
    help: ArgumentHelp(
      "Begin with the parameters of this run, or checkpoint, of the same model: to learn other"
        + " pictures from there.", valueName: "run"))
  var start: String?

  @Option(
    help: ArgumentHelp(
      "Go on exactly: 'latest', a run's folder, or a checkpoint.", valueName: "where"))
  var resume: String?

  @Flag(
    help:
      "Print at the end where the time went: milliseconds, GFLOP/s and GB/s of each kernel. The bits stay the same."
  )
  var profile = false

  @Flag(name: .customLong("dry-run"), help: "Print the effective configuration and train nothing.")
  var dryRun = false

  @Flag(help: "Print one JSON object at the end; people's text goes to stderr.")
  var json = false

  /// - Throws: ``UsageError`` naming the first option out of range.
  func check() throws(UsageError) {
    if steps != nil, epochs != nil { throw .conflict("--steps", "--epochs") }
    if let batch, !(1...65536).contains(batch) {
      throw .wrongValue("\(batch)", place: "--batch", expected: "a whole number from 1 to 65536")
    }
    for (place, value) in [("--steps", steps), ("--epochs", epochs)] {
      if let value, !(1...Int(Int32.max)).contains(value) {
        throw .wrongValue("\(value)", place: place, expected: "a whole number from 1 on")
      }
    }
    if !(0...Int(Int32.max)).contains(warmUp) {
      throw .wrongValue("\(warmUp)", place: "--warm-up", expected: "a whole number from 0 on")
    }
    if let rate, !(rate > 0 && rate.isFinite) {
      throw .wrongValue("\(rate)", place: "--rate", expected: "a number above 0, such as 1e-3")
    }
    if let out, out.isEmpty {
      throw .wrongValue(out, place: "--out", expected: "a folder, such as runs/first")
    }
    try checkResume()
  }

  /// A misspelt word looks like a path that is not there.
  private func checkResume() throws(UsageError) {
    guard let resume, resume != "latest" else { return }
    if resume.isEmpty {
      throw .wrongValue(
        resume, place: "--resume", expected: "latest, a run's folder, or a checkpoint")
    }
    if nearMiss(resume, among: ["latest"]) != nil, !FileManager.default.fileExists(atPath: resume) {
      throw .unknownWord(
        resume, place: "--resume", expected: ["latest", "a run's folder", "a checkpoint"])
    }
  }

  /// Updates in all, by `--steps` or `--epochs`, else as usual.
  func total(_ data: TrainingData, _ defaults: TrainingDefaults) throws(UsageError) -> Int {
    if let steps { return steps }
    let passes: Int
    switch (epochs, defaults.extent) {
    case (let epochs?, _), (nil, .epochs(let epochs)): passes = epochs
    case (nil, .pictures(let count)): return (count + defaults.batch - 1) / defaults.batch
    }
    if let total = data.steps(epochs: passes, batchSize: defaults.batch) { return total }
    throw .wrongValue("\(passes)", place: "--epochs", expected: "fewer than 2^31 steps in all")
  }

  func learningRate(default usual: Double) -> LearningRateSchedule {
    LearningRateSchedule(schedule, peak: rate ?? usual, warmUpSteps: warmUp)
  }

  var resumePoint: ResumePoint? {
    resume.map { $0 == "latest" ? .latest : .path($0) }
  }
}
