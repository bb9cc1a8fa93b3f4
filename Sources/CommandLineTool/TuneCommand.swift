import ArgumentParser
import Benchmarking
import FileFormats
import Foundation
import Tensors

struct TuneCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tune",
    abstract: "Measure which tiles of products are fastest on an OpenCL device.",
    discussion: """
      Nothing needs it: untuned products take tiles that a model of the device chooses. Tuned ones \
      give the same numbers to the bit, perhaps sooner. Every candidate is compared with the CPU \
      before it counts, in a process of its own with a limit of time; one that is wrong, hangs or \
      ends the process is noted and never chosen.

      The file is written after every candidate, together with what other runs have written \
      there meanwhile. A second run goes on where the first stopped, by Ctrl-C or --budget, and \
      measures products whose heuristic tile failed in the first. Where that failed with all of \
      them, the exit status is 69. What is there by default is taken by every command from then on, as long \
      as device, driver and program stay the same ('atelier devices' tells).

      Tuned are the products of the benchmarks' models, or those named: gemm:nt:128x400x784 is m x \
      n x k with the right factor transposed, gemm:nn:64x64x64:16 as many side by side; \
      conv:64,16,16,64,128,4,2,1 is batch, height, width, channels in and out, filter, stride and \
      padding, in three passes.

      Examples:
        atelier tune --device opencl:0 --budget 5m
        atelier tune --shape gemm:nt:256x1024x1024 --shape conv:16,32,32,64,64,3,1,1
        atelier tune --merge mine.json theirs.json --out both.json
      """)

  @OptionGroup var device: DeviceOption

  @Option(
    help: ArgumentHelp("How long: 90s, 5m or 1h.", valueName: "time"),
    transform: { try seconds($0, "--budget") })
  var budget: Double = 300

  @Option(
    help: ArgumentHelp(
      "What a candidate may take, its compilation included.", valueName: "time"),
    transform: { try seconds($0, "--limit") })
  var limit: Double = 30

  @Option(
    help: ArgumentHelp(
      "Write there and go on from there; by default where every command looks.", valueName: "file"))
  var out: String?

  @Option(
    help: ArgumentHelp(
      "What products are multiplied in: float32, or bfloat16 and tf32 on NVIDIA's matrix units; one"
        + " file holds the tiles of all. (default: float32)",
      valueName: "type"),
    transform: { try choice($0, "--precision") })
  var precision = Precision.float32

  @Option(help: ArgumentHelp("A product to tune for; can be repeated.", valueName: "shape"))
  var shape: [String] = []

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Join tunings of one device: of each product the tile that gains more. Needs --out.",
      valueName: "files"))
  var merge: [String] = []

  @Flag(help: "Print one JSON object.")
  var json = false

  @Option(help: .private)
  var worker: Int?

  func run() throws {
    if let worker { return serve(worker) }
    if !merge.isEmpty { return try join() }
    Interruption.watch()
    let device = try device.select(precision)
    guard let path = try out ?? device.standardTuningFile else {
      throw UsageError.wrongValue(
        "", place: "--out", expected: "a file, since no folder for caches is known")
    }
    let file = TuningFile(path: path, isStandard: out == nil)
    let started = try file.tuning(of: device.tuningOrigin)
    var tuner = try device.productTuner(
      from: started, for: { if shape.isEmpty { try TunedWork.models(on: $0) } },
      shapes: shape.isEmpty ? TunedWork.shapes : shape)
    try file.makeFolder()
    // What there is to save is in the file after every candidate.
    Interruption.noteStep()
    let display = TuningDisplay()
    var process = WorkerProcess(
      command: [
        "/proc/self/exe", "tune", "--worker", "\(try device.openCLIndex)", "--precision",
        precision.rawValue,
      ], limit: limit)
    var saved = started
    let end = try tuner.run(
      budget: budget, on: &process, save: { saved = try file.save($0) }, receive: display.show,
      isCancelled: { Interruption.isRequested })
    display.close()
    if end == .budget { Console.note("the budget is used up; another run goes on from here") }
    let isVain = tuner.timed == 0 && !tuner.notMeasured.isEmpty
    if json || !isVain { try report(saved, path, isComplete: end == .complete, tuner.notMeasured) }
    if end == .cancelled { throw Interrupted() }
    if isVain { throw TuningError.nothingMeasured(tuner.notMeasured[0].reason) }
  }

  /// Ends with its input; Ctrl-C, should someone send it to both, is the parent's.
  private func serve(_ index: Int) {
    signal(SIGINT, SIG_IGN)
    signal(SIGHUP, SIG_IGN)
    TuningWorker.serve(device: index, precision: precision)
  }

  private func join() throws {
    guard let out else {
      throw UsageError.wrongValue("", place: "--out", expected: "a file for the tunings to join")
    }
    var joined = try TuningFile.open(merge[0])
    for path in merge.dropFirst() {
      let other = try TuningFile.open(path)
      do { try joined.merge(other) } catch { throw TuningFileError(path: path, error: error) }
    }
    if FileManager.default.fileExists(atPath: out) { _ = try TuningFile.open(out) }
    try AtomicFile.write(joined.encoded, to: out)
    try report(joined, out, isComplete: true, [])
  }

  private func report(
    _ tuning: ProductTuning, _ path: String, isComplete: Bool,
    _ notMeasured: [(product: String, reason: String)]
  ) throws {
    let results = tuning.results
    if json {
      return try Console.result([
        "file": .string(path), "isComplete": .bool(isComplete && notMeasured.isEmpty),
        "device": .string(tuning.origin.device), "driver": .string(tuning.origin.driver),
        "meanGain": .number(tuning.meanGain),
        "products": .array(
          results.map {
            [
              "product": .string($0.product), "tile": $0.tile.map { .string($0) } ?? .null,
              "milliseconds": .number($0.milliseconds),
              "heuristicMilliseconds": .number($0.heuristicMilliseconds),
              "tried": .integer($0.tried), "failed": .integer($0.failed),
            ]
          }),
        "notMeasured": .array(
          notMeasured.map { ["product": .string($0.product), "reason": .string($0.reason)] }),
      ])
    }
    for result in results {
      let time = String(
        format: "%.3f ms, %.2fx", result.milliseconds,
        result.heuristicMilliseconds / result.milliseconds)
      try Console.result(
        "\(result.product): \(time) of the heuristic's speed, \(result.tried) tried,"
          + " \(result.failed) thrown out")
    }
    for (product, reason) in notMeasured {
      try Console.result("\(product): not measured: \(reason)")
    }
    try Console.result(
      String(
        format: "%@: %d of %d with a tile of their own, mean %.2fx", path, tuning.tiles,
        tuning.buckets, tuning.meanGain))
  }
}

/// Reads `90s`, `5m`, `1h` or a bare number of seconds.
private func seconds(_ text: String, _ place: String) throws -> Double {
  let units = ["s": 1.0, "m": 60, "h": 3600]
  let unit = text.last.flatMap { units[String($0)] }
  guard let number = Double(unit == nil ? text : String(text.dropLast())), number > 0,
    number * (unit ?? 1) <= 1e7
  else { throw UsageError.wrongValue(text, place: place, expected: "a time such as 90s, 5m or 1h") }
  return number * (unit ?? 1)
}

/// Shows a search on stderr: one rewriting line on a terminal, a line a product elsewhere.
private final class TuningDisplay {
  private let line = ProgressLine()

  func show(_ progress: ProductTuner.Progress) {
    if let failure = progress.failure {
      line.say("\(progress.product): thrown out: \(failure)")
    }
    if let reason = progress.reasonNotMeasured {
      return line.say("\(progress.product): not measured: \(reason)")
    }
    let parts = [
      "product \(progress.place)/\(progress.products): \(progress.product)",
      "candidate \(progress.candidate)/\(progress.candidates)",
      String(format: "best %.2fx", progress.gain),
      "\(ProgressDisplay.time(progress.secondsLeft)) left",
    ]
    line.show(parts.joined(separator: "  "), isDue: true)
  }

  func close() { line.close() }
}
