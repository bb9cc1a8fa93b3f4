import Datasets
import FileFormats
import Foundation
import Models
import Optimizers
import Tensors
import Testing

@testable import Training

/// A folder that is gone when `body` returns.
func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appending(path: "training-\(UUID())").path
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  return try body(folder)
}

/// A run that takes a few milliseconds: 10 pictures of 6×5, 3 held out.
struct TinyRun {
  var steps = 6
  var seed: UInt64 = 3
  var rate = 1e-2
  var schedule = LearningRateSchedule.Shape.constant
  var assignments: [String] = []
  var threads = 1
  var preset = VAEConfiguration.Preset.dense
  var device: Device?
  var precision = Precision.float32

  static let base = [
    "latentSize=2", "hidden=7", "filters=3", "checkpointEvery=2", "evaluateEvery=3", "keep=0",
  ]

  func data(batch: Int = 4) -> TrainingData {
    let shape = PictureShape(height: 6, width: 5, channels: 1)
    let pixels = (0..<13 * shape.count).map { UInt8(truncatingIfNeeded: $0 &* $0 &* 37 &+ $0 / 11) }
    let pictures = PictureArray(
      name: "tiny", shape: shape, pixels: pixels, testRange: 10..<13)
    return TrainingData(pictures, batchSize: batch, seed: seed)
  }

  func configuration(_ data: TrainingData) throws -> RunConfiguration {
    let settings = try Settings(
      model: .vae(VAEConfiguration(height: 6, width: 5, channels: 1, preset: preset))
    ).applying(Self.base + assignments)
    return RunConfiguration(
      dataSource: "tiny", dataIdentity: data.identity, model: settings.model,
      optimizer: settings.optimizer, schedule: .init(schedule, peak: rate, warmUpSteps: 2),
      batchSize: 4, steps: steps, seed: seed, precision: precision, cadence: settings.cadence)
  }

  /// Trains in `path`; `stopAfter` asks to stop after that many steps of this call.
  @discardableResult
  func train(
    in path: String, resume: ResumePoint? = nil, stopAfter: Int? = nil,
    monitor: @escaping TrainingMonitor = { _ in }
  ) throws -> TrainingOutcome {
    let data = data()
    let device = try self.device ?? .cpu(threads: threads, precision: precision)
    let run = try TrainingRun(
      try configuration(data), data: data, in: path, resume: resume, device: device)
    var made = 0
    return try run.train(on: device, monitors: [monitor]) {
      made += 1
      return made == stopAfter
    }
  }
}

/// A GAN that trains in milliseconds, on pictures of 12×9.
struct TinyGAN {
  var preset = GANConfiguration.Preset.dcgan
  var steps = 7
  var assignments: [String] = []
  var threads = 1
  var rate = 2e-3
  var start: StartingPoint?
  var pictures = Shapes(
    count: 40, shape: PictureShape(height: 12, width: 9, channels: 1), seed: 1)

  func configuration(_ data: TrainingData) throws -> RunConfiguration {
    let model = ModelConfiguration.gan(
      GANConfiguration(
        height: 12, width: 9, channels: 1, classNames: data.classNames, preset: preset))
    let base = ["latentSize=3", "filters=2", "depth=2", "checkpointEvery=2", "keep=0"]
    let settings = try Settings(model: model).applying(base + assignments)
    return RunConfiguration(
      dataSource: "shapes", dataIdentity: data.identity, model: settings.model,
      optimizer: settings.optimizer, schedule: .init(peak: rate), batchSize: 4, steps: steps,
      cadence: settings.cadence, start: start)
  }

  @discardableResult
  func train(
    in path: String, resume: ResumePoint? = nil, stopAfter: Int? = nil,
    monitor: @escaping TrainingMonitor = { _ in }
  ) throws -> RunFolder {
    let data = TrainingData(pictures, batchSize: 4, seed: 0)
    let device = try Device.cpu(threads: threads)
    let run = try TrainingRun(
      try configuration(data), data: data, in: path, resume: resume, device: device)
    var made = 0
    _ = try run.train(on: device, monitors: [monitor]) {
      made += 1
      return made == stopAfter
    }
    return run.folder
  }
}

func bytes(_ path: String) throws -> [UInt8] {
  try ByteSource(path: path).readAll(limit: 1 << 28)
}

/// Every file below a folder with its bytes.
func snapshot(_ folder: String) throws -> [String: [UInt8]] {
  var files: [String: [UInt8]] = [:]
  for case let name as String in FileManager.default.enumerator(atPath: folder)! {
    var isFolder: ObjCBool = false
    let path = "\(folder)/\(name)"
    if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue {
      files[name] = try bytes(path)
    }
  }
  return files
}

/// Both files are the same; says where they first differ.
func expectSameBytes(
  _ a: String, _ b: String, _ comment: String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let (first, second) = (try bytes(a), try bytes(b))
  let difference = zip(first, second).enumerated().first { $0.element.0 != $0.element.1 }?.offset
  #expect(
    first == second,
    "\(comment): \(a) and \(b) have \(first.count) and \(second.count) bytes, first differing at \(difference ?? -1)",
    sourceLocation: sourceLocation)
}

/// Runs `body`, which must throw a ``TrainingError``, and returns it.
func trainingError<Result>(
  sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Result
) -> TrainingError? {
  do {
    _ = try body()
    Issue.record("no error", sourceLocation: sourceLocation)
  } catch let error as TrainingError {
    return error
  } catch {
    Issue.record("another error: \(error)", sourceLocation: sourceLocation)
  }
  return nil
}
