import ArgumentParser
import Datasets
import Evaluation
import FileFormats
import Foundation
import Tensors
import Training

struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract:
      "Measure how near a model's pictures are to real ones, how many of these it covers, and whether it copies.",
    discussion: """
      Every number has an interval (95 %, by resampling), the same number of real pictures that
      the reference does not hold, and a protocol: only numbers of one protocol compare.

      Metrics: \(MetricKind.allCases.map(\.rawValue).joined(separator: ", ")).

      Examples:
        atelier evaluate runs/first
        atelier evaluate runs/first runs/second --samples 2000 --html both.html
        atelier evaluate runs/first --metrics frechet,manifolds --controls --json
        atelier evaluate others.npz --data fashion-mnist
      """)

  @Argument(
    help: ArgumentHelp(
      "Folders of runs, or pictures that something else made: a folder, a zip, an npz.",
      valueName: "run"))
  var subjects: [String]

  @Option(
    help: ArgumentHelp(
      "The real pictures. Default: what the first run was trained on.", valueName: "source"))
  var data: String?

  @Option(
    help: ArgumentHelp(
      "Where the fonts of glyphs lie, as in the training. (default: the system's fonts)",
      valueName: "folder"))
  var fonts: String?

  @Option(
    help: ArgumentHelp("latest, best, a step, or a file. (default: latest)", valueName: "which"))
  var checkpoint: String?

  @Option(
    help: ArgumentHelp("Which metrics, separated by commas. (default: all)", valueName: "list"))
  var metrics: String?

  @Option(help: ArgumentHelp("Pictures that every model makes.", valueName: "n"))
  var samples = 10_000

  @Option(
    help: ArgumentHelp(
      "Which real pictures distances are from: train or test. (default: train)", valueName: "part"),
    transform: { try choice($0, "--reference") })
  var reference = RealPictures.Part.train

  @Option(help: ArgumentHelp("Decides which pictures are made.", valueName: "n"))
  var seed: UInt64 = 0

  @Option(help: "Scale of the latent vectors, or how far styles lie from their mean.")
  var temperature: Float = 1

  @Option(
    help: ArgumentHelp(
      "Judge only the middle of what is made. Default: without what the first run's --pad added.",
      valueName: "HxW"))
  var crop: String?

  @Option(
    help: ArgumentHelp(
      "A judge's file, of 'atelier judge'. Default: those that come with the program.",
      valueName: "file"))
  var judge: String?

  @Flag(help: "Also measure blurred and noisy real pictures: what these metrics miss.")
  var controls = false

  @Option(
    help: ArgumentHelp("Write a page with the numbers and pictures of all runs.", valueName: "file")
  )
  var html: String?

  @OptionGroup var device: DeviceOption

  @Flag(help: "Print one JSON object.")
  var json = false

  func run() throws {
    var options = try evaluationOptions()
    if let html, try !EvaluationPage.isFree(html) { throw UsageError.wouldOverwrite(html) }
    Interruption.watch()
    let device = try device.select()
    let subjects = try subjects.map { try Subject($0, checkpoint, on: device) }
    let configuration = RunFolder(path: self.subjects[0]).configurationOnDisk
    if crop == nil, data == nil { options.crop = Self.paddedFrom(configuration) }
    try check(subjects.map(\.pictureShape), options.crop)
    let judges =
      try judge.map { [try Judge(Safetensors(path: $0), on: device)] }
      ?? Judge.builtIn(on: device)
    let progress = ProgressLine()
    defer { progress.close() }
    let dataset = try openData(subjects[0].pictureShape, configuration, options)
    let real = try judges.map {
      try RealPictures(
        dataset, $0, cache: CacheFolder.named("impressions")?.path,
        progress: tell("looking at real pictures", by: progress))
    }
    let evaluation = try Evaluation(judges, beside: real, options)
    let floor = try evaluation.ofRealPictures()
    var results = try zip(self.subjects, subjects).map { name, subject in
      let made = try subject.look(
        judges, options, device, tell("\(name): making pictures", by: progress))
      progress.show("\(name): measuring", isDue: true)
      return EvaluationResult(
        name: name, step: subject.step,
        measurements: try evaluation.measure(made.made, real: floor) + made.ofModel,
        shown: made.shown,
        likest: html == nil ? [] : try evaluation.likest(made.shown, made.made[0]))
    }
    if controls {
      progress.show("measuring blurred and noisy pictures", isDue: true)
      results += try ControlPictures.allCases.map { control in
        let (made, shown) = try control.looks(judges, real, options)
        return EvaluationResult(
          name: control.rawValue, step: nil,
          measurements: try evaluation.measure(made, real: floor), shown: shown)
      }
    }
    progress.close()
    try report(results)
  }

  private func tell(_ what: String, by progress: ProgressLine) -> (Int, Int) throws -> Void {
    { done, total in
      if Interruption.isRequested { throw Interrupted() }
      progress.show("\(what)  \(done)/\(total)")
    }
  }

  /// The size that pictures had before a run's `--pad`.
  private static func paddedFrom(_ configuration: JSONValue?) -> (height: Int, width: Int)? {
    let inner = configuration?["data"]?["preparation"]?["paddedFrom"]?.array?.map(\.integer)
    guard let inner, inner.count == 2, let height = inner[0], let width = inner[1] else {
      return nil
    }
    return (height, width)
  }

  private func report(_ results: [EvaluationResult]) throws {
    if let html {
      try AtomicFile.write(EvaluationPage(results).html, to: html)
      Console.note(html)
    }
    if json {
      return try Console.result(EvaluationResult.json(results))
    }
    for line in EvaluationResult.table(results) { try Console.result(line) }
  }

  private func evaluationOptions() throws(UsageError) -> EvaluationOptions {
    var options = EvaluationOptions()
    if let metrics {
      options.metrics = []
      for word in metrics.split(separator: ",", omittingEmptySubsequences: false) {
        options.metrics.append(try choice(String(word), "--metrics"))
      }
    }
    guard (1...1_000_000).contains(samples) else {
      throw .wrongValue("\(samples)", place: "--samples", expected: "a number from 1 to 1000000")
    }
    guard temperature.isFinite, temperature >= 0 else {
      throw .wrongValue("\(temperature)", place: "--temperature", expected: "at least 0")
    }
    if let crop {
      guard let (height, width) = DataOptions.sides(crop), (1...4096).contains(height),
        (1...4096).contains(width)
      else {
        throw .wrongValue(crop, place: "--crop", expected: "pixels such as 28 or 28x28")
      }
      options.crop = (height, width)
    }
    (options.samples, options.reference, options.seed) = (samples, reference, seed)
    options.temperature = temperature
    return options
  }

  private func check(
    _ shapes: [[Int]], _ crop: (height: Int, width: Int)?
  ) throws(UsageError) {
    if let crop, let small = shapes.first(where: { $0[0] < crop.height || $0[1] < crop.width }) {
      throw .wrongValue(
        "\(crop.height)x\(crop.width)", place: "--crop",
        expected: "at most the pictures' own \(small[0])x\(small[1])")
    }
    if crop == nil, let other = shapes.first(where: { $0 != shapes[0] }) {
      throw .wrongValue(
        "\(other)", place: "pictures of the runs",
        expected: "one shape, \(shapes[0]); evaluate them one by one, or give --crop")
    }
  }

  /// The real pictures, in the size and colours of the model's that are judged.
  private func openData(
    _ shape: [Int], _ configuration: JSONValue?, _ options: EvaluationOptions
  ) throws -> any Dataset {
    guard let source = data ?? configuration?["dataSource"]?.string else {
      throw UsageError.wrongValue(
        subjects[0], place: "run", expected: "a run that says what it was trained on; else --data")
    }
    let preparation = configuration?["data"]?["preparation"]
    let size = options.crop ?? (shape[0], shape[1])
    let display = ReadingDisplay()
    defer { display.close() }
    let dataset = try DatasetSource.open(
      source,
      options: DatasetOptions(
        size: (size.height, size.width), channels: shape[2] == 1 ? 1 : 3,
        background: preparation?["background"]?.string == "black" ? .black : .white, fonts: fonts,
        variations: min(max(1, preparation?["variations"]?.integer ?? 1), 1000)),
      progress: display.receive)
    if data == nil, crop == nil, dataset.identity["hash"] != configuration?["data"]?["hash"] {
      Console.note("\(source) is not what \(subjects[0]) was trained on: it has changed since")
    }
    return dataset
  }
}

/// What is measured: a model, or pictures that something else made.
private enum Subject {
  case model(TrainedModel)
  case pictures(any Dataset)

  /// A run's checkpoint, or pictures where the path leads to no run.
  init(_ path: String, _ checkpoint: String?, on device: Device) throws {
    let choice = try CheckpointChoice(argument: checkpoint)
    let folder = RunFolder(path: path)
    if folder.isRun || !FileManager.default.fileExists(atPath: path) {
      self = .model(try TrainedModel(folder, choice, on: device))
    } else {
      self = .pictures(try DatasetSource.open(path))
    }
  }

  var pictureShape: [Int] {
    switch self {
    case .model(let model): model.configuration.pictureShape
    case .pictures(let dataset):
      [dataset.shape.height, dataset.shape.width, dataset.shape.channels]
    }
  }

  var step: Int? {
    if case .model(let model) = self { model.checkpoint.step } else { nil }
  }

  func look(
    _ judges: [Judge], _ options: EvaluationOptions, _ device: Device,
    _ progress: (Int, Int) throws -> Void
  ) throws -> MadePictures {
    switch self {
    case .model(let model):
      try MadePictures(model, judges, options, device: "\(device)", progress: progress)
    case .pictures(let dataset): try MadePictures(from: dataset, judges, options)
    }
  }
}
