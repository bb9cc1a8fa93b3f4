import FileFormats
import Foundation
import Tensors

/// Where a training goes on.
public enum ResumePoint: Sendable, Equatable {
  /// After the newest checkpoint of the run that verifies; from the start where there is none yet.
  case latest
  /// After this checkpoint, or after the newest one of this run's folder.
  case path(String)
}

/// Trains a model in a folder of its own: makes or takes up the folder, checks that a resume is
/// exact, and trains.
public struct TrainingRun {
  public let folder: RunFolder
  /// What is known after the run was taken up and before a step is made.
  public let warnings: [String]

  private let configuration: RunConfiguration
  private let data: TrainingData
  private let checkpoint: Checkpoint?
  private let lock: RunLock

  /// Makes the folder, or takes up the one to be resumed; writes `config.json`.
  ///
  /// A run that goes on in another folder takes its checkpoint along, the best one where that is
  /// another, and the statistics and events up to there, so that the new folder stands on its own.
  /// It gets its `config.json` after all of these: a folder that was not filled is no run. The
  /// folder is locked before anything in it is looked at: no other process can add to it between.
  ///
  /// - Parameters:
  ///   - configuration: What to train, and how.
  ///   - data: What to train on.
  ///   - path: The folder; nil for a new one in `runs`, or on resume for the newest there of the
  ///     same data and model.
  ///   - resume: Where to go on; nil for a new run.
  ///   - device: Where it will train.
  /// - Precondition: the device has the configuration's precision.
  /// - Throws: `DeviceError.doesNotFit` where the device has not enough memory, a ``TrainingError``
  ///   where something would be lost or a resume would not be exact, a `FileFormatError` where files
  ///   cannot be made. The folder's files are then as they were.
  public init(
    _ configuration: RunConfiguration, data: TrainingData, in path: String?, resume: ResumePoint?,
    device: Device
  ) throws {
    precondition(
      configuration.precision == device.precision,
      "a run in \(configuration.precision) on \(device), which multiplies in \(device.precision)")
    try configuration.start?.check(configuration.model, configuration.optimizer)
    try Self.checkMemory(configuration, data, on: device)
    let name = "\(data.name)-\(configuration.model.kind)"
    let place = try Place(path, name: name, resume: resume)
    let folder = place.folder
    lock = place.lock
    var warnings = data.warnings + place.warnings

    var configuration = configuration
    if let checkpoint = place.checkpoint {
      configuration.startIdentity = configuration.startIdentity ?? checkpoint.training["init"]
      try checkpoint.checkMatches(configuration)
      if checkpoint.instructionSet != device.instructionSetName {
        warnings.append(
          "\(checkpoint.path) was made by \(checkpoint.instructionSet) and goes on by"
            + " \(device.instructionSetName): the last bits will differ from an uninterrupted run's"
        )
      }
    }
    try folder.removeLeftovers()
    if let origin = place.checkpoint, !RunFolder(ofCheckpoint: origin.path).isSame(as: folder.path)
    {
      let (own, loss) = try folder.takeIn(origin, for: configuration)
      checkpoint = own
      if let loss { warnings.append(loss) }
    } else {
      try folder.prepare(configuration, origin: folder.origin)
      checkpoint = place.checkpoint
    }
    self.folder = folder
    self.warnings = warnings
    self.configuration = configuration
    self.data = data
  }

  /// Refuses a training that takes more memory than the device has, before anything is made for it.
  ///
  /// - Throws: `DeviceError.doesNotFit` with the largest batch size with which steps were made there.
  public static func checkMemory(
    _ configuration: RunConfiguration, _ data: TrainingData, on device: Device
  ) throws {
    try MemoryNeed(configuration, data, device).check()
  }

  /// Trains to the end, or until `shouldStop` says so after a step; `judge` looks at a generator's
  /// pictures whenever metrics are due.
  ///
  /// - Throws: ``TrainingError/diverged(step:what:lastGood:)``, `DeviceError`, `FileFormatError`,
  ///   or an error of a monitor. The folder then holds the run up to its last checkpoint.
  public func train(
    on device: Device, monitors: [TrainingMonitor] = [],
    shouldStop: @escaping () -> Bool = { false }, judge: PictureJudge? = nil
  ) throws -> TrainingOutcome {
    let model = configuration.model.makeModel(
      seed: configuration.seed, optimizer: configuration.optimizer, on: device)
    if let checkpoint {
      try checkpoint.restore(into: model)
    } else {
      try configuration.start?.begin(model)
    }
    let recorder = try RunRecorder(
      folder, afterStep: checkpoint?.step ?? 0, eventEvery: configuration.cadence.eventEvery)
    let monitors = [recorder.receive] + monitors
    for warning in warnings { for monitor in monitors { try monitor(.warning(warning)) } }
    let trainer = Trainer(
      model, data: data, configuration: configuration, folder: folder, judge: judge,
      monitors: monitors, shouldStop: shouldStop)
    return try withExtendedLifetime(lock) { try trainer.run(from: checkpoint) }
  }

  /// What to tell after the device ran out of memory in ``train(on:monitors:shouldStop:)``: the same
  /// with the largest batch size that was found to fit.
  ///
  /// - Returns: Any other error as it is.
  public func explained(_ error: any Error, on device: Device) -> any Error {
    switch error {
    case DeviceError.outOfMemory, DeviceError.bufferTooLarge:
      (try? MemoryNeed(configuration, data, device).refusal()) ?? error
    default: error
    }
  }
}

/// The folder of a run that begins or goes on, locked, and the checkpoint it goes on from.
private struct Place {
  let folder: RunFolder
  let lock: RunLock
  private(set) var checkpoint: Checkpoint?
  private(set) var warnings: [String] = []

  init(_ path: String?, name: String, resume: ResumePoint?) throws {
    switch resume {
    case nil: (folder, lock) = try RunFolder.begin(path, name: name)
    case .latest:
      if let path {
        (folder, lock) = try RunFolder.takeUp(path)
      } else if let newest = RunFolder.newest(named: name) {
        (folder, lock) = try RunFolder.takeUp(newest.path)
      } else {
        (folder, lock) = try RunFolder.begin(nil, name: name)
      }
      (checkpoint, warnings) = try Self.newest(of: folder)
    case .path(let source) where RunFolder.isFolder(source):
      let origin = RunFolder(path: source)
      guard origin.isRun else { throw TrainingError.notARun(source) }
      if let path, !origin.isSame(as: path) {
        // Before a folder is made for nothing.
        (checkpoint, warnings) = try Self.newest(of: origin)
        (folder, lock) = try RunFolder.begin(path, name: name)
      } else {
        (folder, lock) = (origin, try RunLock(origin))
        (checkpoint, warnings) = try Self.newest(of: origin)
      }
    case .path(let source):
      let checkpoint = try Checkpoint(path: source)
      self.checkpoint = checkpoint
      let origin = RunFolder(ofCheckpoint: source)
      if let path, !origin.isSame(as: path) {
        (folder, lock) = try RunFolder.begin(path, name: name)
        return
      }
      // A copy somewhere else: what lies round it is not ours to write to.
      guard origin.isRun, origin.holds(checkpoint: source) else {
        throw TrainingError.notARun(origin.path)
      }
      (folder, lock) = (origin, try RunLock(origin))
      if let newest = try folder.newestCheckpoint().checkpoint, newest.step != checkpoint.step {
        throw TrainingError.notTheNewest(checkpoint: source, newest: newest.path)
      }
    }
  }

  /// The newest checkpoint of a run and what there is to say of it.
  private static func newest(
    of run: RunFolder
  ) throws -> (checkpoint: Checkpoint?, warnings: [String]) {
    let (newest, damaged) = try run.newestCheckpoint()
    let warnings = damaged.map { "a checkpoint was passed over: \($0)" }
    if newest != nil { return (newest, warnings) }
    if let step = run.origin { throw TrainingError.lostOrigin(run: run.path, step: step) }
    let lack = "\(run.path) has no checkpoint to go on from: training begins at step 1"
    return (nil, warnings + [lack])
  }
}

extension RunFolder {
  /// Takes in a checkpoint of another folder with the best one beside it and what was recorded up
  /// to it, and then the configuration.
  ///
  /// A kill at any moment leaves what goes on from a checkpoint or is no run. After a failure no
  /// file stays.
  ///
  /// - Returns: The checkpoint where it lies now, and what there is to say where the best one
  ///   cannot be had.
  fileprivate func takeIn(
    _ origin: Checkpoint, for configuration: RunConfiguration
  ) throws -> (Checkpoint, warning: String?) {
    do {
      let warning = try copy(origin)
      try prepare(configuration, origin: origin.step)
      return (try Checkpoint(path: checkpoint(origin.step)), warning)
    } catch {
      let steps = [origin.best?.step, origin.step].compactMap(\.self)
      // The folder `checkpoints` stays, and tells that this was not to be a run from step 1.
      for file in [self.configuration, statistics, events] + steps.map(checkpoint) { unlink(file) }
      throw error
    }
  }

  /// Copies all that is taken in; returns what there is to say of what could not be.
  private func copy(_ origin: Checkpoint) throws -> String? {
    let home = RunFolder(ofCheckpoint: origin.path)
    var warning: String?
    try Self.make(checkpoints)
    if let best = origin.best?.step, best != origin.step {
      let found = Result { try Checkpoint(path: home.checkpoint(best)) }
      switch found {
      case .success(let found): try AtomicFile.write(try found.bytes(), to: checkpoint(best))
      case .failure(let error): warning = "the run's best checkpoint is left behind: \(error)"
      }
    }
    try AtomicFile.write(try origin.bytes(), to: checkpoint(origin.step))
    // Beside a checkpoint that lies in no run there may be anything. What was recorded after the
    // checkpoint is cut off as on every resume.
    guard home.isRun, home.holds(checkpoint: origin.path) else { return warning }
    for (from, to) in [(home.statistics, statistics), (home.events, events)] {
      do throws(FileFormatError) {
        try AtomicFile.write(try ByteSource(path: from).readAll(limit: 1 << 34), to: to)
      } catch {
        if !(error.isMissingFile && error.file == from) { throw error }
      }
    }
    return warning
  }
}

extension RunFolder {
  package static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  fileprivate func isSame(as other: String) -> Bool {
    var (a, b) = (stat(), stat())
    return stat(path, &a) == 0 && stat(other, &b) == 0 && a.st_ino == b.st_ino
      && a.st_dev == b.st_dev
  }
}

extension Checkpoint {
  /// Refuses to go on under options that would give other bits than an uninterrupted run's.
  ///
  /// The number of steps may change where the learning rate of a step does not depend on it.
  func checkMatches(_ configuration: RunConfiguration) throws(TrainingError) {
    let differences =
      JSONDifference.all(self.configuration.json, configuration.model.json, at: "model")
      + JSONDifference.all(training, configuration.training)
    let mayChangeSteps = configuration.schedule.shape == .constant
    let changed = differences.filter { !($0.path == "steps" && mayChangeSteps) }
    guard changed.isEmpty else {
      throw .changedOptions(
        changed.map { .init(option: Self.option($0.path), before: $0.first, now: $0.second) },
        checkpoint: path)
    }
    guard step <= configuration.steps else {
      throw .alreadyFurther(checkpoint: path, step: step, asked: configuration.steps)
    }
  }

  /// The option of the command line that decides this part of the configuration.
  private static func option(_ path: String) -> String {
    let known = [
      "model.kind": "atelier train", "model.preset": "--preset", "model.height": "--size",
      "model.width": "--size", "model.channels": "--data (channels)", "batchSize": "--batch",
      "steps": "--steps", "seed": "--seed", "precision": "--precision", "schedule.peak": "--rate",
      "schedule.shape": "--schedule", "schedule.warmUpSteps": "--warm-up",
      "optimizer.rule": "--set optimizer", "model.isConditional": "--set conditional",
      "init": "--init", "init.run": "--init",
      "init.step": "--init", "init.checksum": "--init",
    ]
    if let option = known[path] { return option }
    let parts = path.split(separator: ".", maxSplits: 1)
    return parts.first == "data" ? "--data (\(parts.last!))" : "--set \(parts.last!)"
  }
}
