import FileFormats
import Foundation
import Models
import Tensors
import Training

/// What a fit tells while it goes on.
public enum FitEvent: Sendable {
  /// Something that people should know and that stops nothing.
  case warning(String)
  /// Updates made of the template models, of at most so many; which attempts fewer may do.
  case templates(made: Int, of: Int)
  /// A template model is there: the error of every attempt, of which the least counts, and the one
  /// wanted, both in the templates' unit of distances.
  case template(name: String, errors: [Float], bound: Float)
  /// Epochs made, and the mean losses of the last of them.
  case epochs(made: Int, of: Int, FitLosses)
}

/// What a fit came to.
public struct FitOutcome: Sendable {
  /// Epochs that were made.
  public let epoch: Int
  /// Whether these were all.
  public let isComplete: Bool
  /// Of this process: the whole, and the epochs alone.
  public let seconds, epochSeconds: Double
  /// Epochs made by this process.
  public let epochsMade: Int
  /// Means over the epochs since the last multiple of a thousand before the end, or of a smaller
  /// number for large shapes; since this process began, where it went on from a later epoch than that
  /// because there were to be more.
  public let losses: FitLosses?
  /// The file that holds it.
  public let checkpoint: String
}

/// Fits templates in a folder of its own: `config.json`, `stats.jsonl`, TensorBoard's file,
/// `log.txt` and `checkpoints/`, as every run has them.
///
/// A fit that was killed goes on from its last checkpoint, at most some seconds back, with the bits
/// of one that was not.
public struct FitRun {
  public let folder: RunFolder
  fileprivate let templates: TemplateSet
  fileprivate let configuration: FitConfiguration
  fileprivate let model: RelationalContextConfiguration
  fileprivate let device: Device
  /// What the fit goes on from; nil from the start.
  fileprivate let origin: FitCheckpoint?
  private let warnings: [String]
  private let lock: RunLock

  /// Epochs between looks at the clock and at whoever may want to stop, over which losses are means:
  /// a thousand, fewer of large shapes, so that it is never much more than a second.
  static func stride(rows: Int, parameters: Int) -> Int {
    Int(min(1000, max(1, 1e8 / (Double(rows) * Double(max(parameters, 1))))))
  }
  /// Seconds after which a checkpoint is written.
  fileprivate static let checkpointSeconds = 5.0

  /// Makes the folder, or takes up the one to be resumed; writes `config.json`.
  ///
  /// - Parameters:
  ///   - templates: What to fit to.
  ///   - configuration: How.
  ///   - model: Sizes of the networks and weights of the losses.
  ///   - path: The folder; nil for a new one in `runs`, or on resume for the newest there of these
  ///     templates.
  ///   - isResumed: Whether to go on from the newest checkpoint; from the start where there is none.
  ///   - device: Where to compute.
  /// - Throws: A `TrainingError` where something would be lost or a resume would not be exact, a
  ///   `FileFormatError` where files cannot be made.
  public init(
    _ templates: TemplateSet, _ configuration: FitConfiguration,
    _ model: RelationalContextConfiguration, in path: String?, isResumed: Bool, device: Device
  ) throws {
    precondition(model.rowSize == templates.rowSize, "networks for rows of another size")
    if let problem = configuration.problem ?? model.problem {
      throw TrainingError.impossible(problem)
    }
    try templates.checkNumbers()
    let name = "\(templates.name)-grc"
    (folder, lock) = try Self.place(path, name: name, isResumed: isResumed)
    let (newest, damaged) = isResumed ? try folder.newestFitCheckpoint() : (nil, [])
    if isResumed, newest == nil { try Self.refuseOthers(folder) }
    var warnings = damaged.map { "a checkpoint was passed over: \($0)" }
    if isResumed, newest == nil {
      warnings.append("\(folder.path) has no checkpoint to go on from: the fit begins anew")
    }
    try newest?.checkMatches(templates, configuration, model)
    if let newest, newest.instructionSet != device.instructionSetName {
      warnings.append(
        "\(newest.path) was made by \(newest.instructionSet) and goes on by"
          + " \(device.instructionSetName): the last bits will differ from an uninterrupted fit's")
    }
    (self.templates, self.configuration, self.model) = (templates, configuration, model)
    (self.device, origin, self.warnings) = (device, newest, warnings)
    try folder.removeLeftovers()
    let json = JSONValue.object([
      "format": .string(RunConfiguration.format), "templates": templates.json,
      "model": JSONValue(encoding: model).merging(["kind": "grc"]),
      "fit": JSONValue(encoding: configuration),
    ])
    try AtomicFile.write(json.prettyEncoded, to: folder.configuration)
    try RunFolder.make(folder.checkpoints)
  }

  /// A run of another model is not begun anew as a fit.
  private static func refuseOthers(_ folder: RunFolder) throws {
    guard let kind = folder.modelKind, kind != "grc" else { return }
    throw TrainingError.wrongContent(
      folder.configuration, expected: "a run of 'atelier grc fit'",
      found: "one of the model '\(kind)'")
  }

  private static func place(
    _ path: String?, name: String, isResumed: Bool
  ) throws -> (RunFolder, RunLock) {
    guard isResumed else { return try RunFolder.begin(path, name: name) }
    if let path { return try RunFolder.takeUp(path) }
    if let newest = RunFolder.newest(named: name) { return try RunFolder.takeUp(newest.path) }
    return try RunFolder.begin(nil, name: name)
  }

  /// Fits to the end, or until `shouldStop` says so.
  ///
  /// - Throws: `TrainingError.diverged`, `DeviceError`, `FileFormatError`, or an error of `tell`. The
  ///   folder then holds the fit up to its last checkpoint.
  public func fit(
    tell: (FitEvent) throws -> Void = { _ in }, shouldStop: () -> Bool = { false }
  ) throws -> FitOutcome {
    try withExtendedLifetime(lock) {
      for warning in warnings { try tell(.warning(warning)) }
      var session = try FitSession(self)
      return try session.run(tell: tell, shouldStop: shouldStop)
    }
  }
}

/// One process's part of a fit.
private struct FitSession {
  private let work: FitRun
  private let recorder: RunRecorder
  private let clock = ContinuousClock()
  private let begun: ContinuousClock.Instant
  private let stride: Int

  private let fits: [TemplateFitting]
  private var relational: RelationalFitting?
  private var losses: FitLosses?
  private var lastCheckpoint: String?
  private var lastWritten: ContinuousClock.Instant

  private var templates: TemplateSet { work.templates }
  private var configuration: FitConfiguration { work.configuration }

  init(_ work: FitRun) throws {
    self.work = work
    let (templates, configuration) = (work.templates, work.configuration)
    (begun, lastWritten) = (clock.now, clock.now)
    fits = templates.templates.indices.map {
      TemplateFitting(templates, $0, configuration, on: work.device)
    }
    try work.origin?.restore(fits)
    (losses, lastCheckpoint) = (work.origin?.losses, work.origin?.path)
    let rows = configuration.sampling == .grid ? templates.grid.count : configuration.rowsPerEpoch
    stride = FitRun.stride(
      rows: rows, parameters: RelationalContext.parameterCount(work.model))
    recorder = try RunRecorder(
      work.folder, afterStep: work.origin?.epoch ?? 0, eventEvery: stride)
  }

  mutating func run(
    tell: (FitEvent) throws -> Void, shouldStop: () -> Bool
  ) throws -> FitOutcome {
    let first = work.origin?.epoch ?? 0
    try recorder.receive(.started(afterStep: first, of: configuration.epochs))
    var isStopped = try fitTemplates(tell, shouldStop)
    let epochsBegun = clock.now
    if !isStopped {
      let fit = RelationalFitting(
        templates, templateModels: fits.map { $0.best! }, configuration, work.model,
        on: work.device)
      if let origin = work.origin, origin.epoch > 0 { try origin.restore(fit) }
      relational = fit
      while fit.epoch < configuration.epochs, !isStopped {
        try makeEpochs(fit, tell)
        isStopped = shouldStop()
        if isDue { try writeCheckpoint() }
      }
    }
    let epoch = relational?.epoch ?? first
    let isComplete = epoch >= configuration.epochs && relational != nil
    try writeCheckpoint()
    try recorder.receive(.ended(step: epoch, isComplete: isComplete))
    return FitOutcome(
      epoch: epoch, isComplete: isComplete, seconds: (clock.now - begun) / .seconds(1),
      epochSeconds: (clock.now - epochsBegun) / .seconds(1), epochsMade: epoch - first,
      losses: losses, checkpoint: work.folder.checkpoint(epoch))
  }

  /// Fits the template models, some updates of each in turn.
  ///
  /// Not on threads of their own: two such trainings at once on two cores took longer (0.97 s) than
  /// one after the other (0.83 s), since each is a chain of calls of a microsecond.
  ///
  /// - Returns: Whether someone asked to stop before all were there.
  private mutating func fitTemplates(
    _ tell: (FitEvent) throws -> Void, _ shouldStop: () -> Bool
  ) throws -> Bool {
    let most = fits.count * configuration.templateSteps * configuration.templateAttempts
    var isTold = fits.map(\.isDone)
    while fits.contains(where: { !$0.isDone }) {
      for fit in fits where !fit.isDone { try fit.advance(fit.stride) }
      for (index, fit) in fits.enumerated() where fit.isDone && !isTold[index] {
        isTold[index] = true
        try tell(
          .template(
            name: templates.templates[index].name,
            errors: fit.errors.map { $0 * templates.distanceFactor },
            bound: configuration.templateBound * templates.distanceFactor))
      }
      try tell(.templates(made: fits.reduce(0) { $0 + $1.stepsMade }, of: most))
      if shouldStop() { return true }
      if isDue { try writeCheckpoint() }
    }
    return false
  }

  private mutating func makeEpochs(
    _ fit: RelationalFitting, _ tell: (FitEvent) throws -> Void
  ) throws {
    // To the next multiple, so that an interrupted fit's means are over the same epochs.
    let count = min(
      stride - fit.epoch % stride, configuration.epochs - fit.epoch)
    let sums = try fit.advance(count)
    let mean = FitLosses(
      generative: sums.generative / Double(count), relational: sums.relational / Double(count))
    guard mean.generative.isFinite, mean.relational.isFinite else {
      throw TrainingError.diverged(
        step: fit.epoch, what: "a loss became \(mean.generative + mean.relational)",
        lastGood: lastCheckpoint)
    }
    losses = mean
    try recorder.receive(
      .step(
        StepRecord(
          step: fit.epoch, epoch: fit.epoch, loss: mean.generative + mean.relational,
          parts: [("lossG", mean.generative), ("lossR", mean.relational)],
          rate: Double(configuration.generativeRate),
          precedesCheckpoint: fit.epoch == configuration.epochs)))
    try tell(.epochs(made: fit.epoch, of: configuration.epochs, mean))
  }

  private var isDue: Bool { clock.now - lastWritten >= .seconds(FitRun.checkpointSeconds) }

  /// Writes a checkpoint and removes those before it: the new one has all that they have.
  private mutating func writeCheckpoint() throws {
    let epoch = relational?.epoch ?? 0
    let bytes = try FitCheckpoint.encode(
      templates, configuration, fits, relational, losses: losses, model: work.model,
      lastGood: lastCheckpoint, device: work.device)
    let folder = work.folder
    let path = folder.checkpoint(epoch)
    try AtomicFile.write(bytes, to: path)
    (lastCheckpoint, lastWritten) = (path, clock.now)
    for step in folder.checkpointSteps() where step < epoch { unlink(folder.checkpoint(step)) }
    try recorder.receive(.checkpoint(step: epoch, path: path))
  }
}

extension RunFolder {
  /// The newest checkpoint of a fit that verifies, and the errors of newer ones that do not.
  ///
  /// - Throws: `TrainingError.wrongContent` or `.notACheckpoint` of one that is whole and cannot be
  ///   used: it is another version's, or of another kind of run, and nothing is to be written over.
  func newestFitCheckpoint() throws -> (checkpoint: FitCheckpoint?, damaged: [String]) {
    var damaged: [String] = []
    for step in checkpointSteps().reversed() {
      do { return (try FitCheckpoint(path: checkpoint(step)), damaged) } catch {
        if let error = error as? TrainingError { throw error }
        damaged.append("\(error)")
      }
    }
    return (nil, damaged)
  }
}

extension FitCheckpoint {
  /// Refuses to go on under options that would give other bits than an uninterrupted fit's; the
  /// number of epochs may grow, since no rate depends on it.
  func checkMatches(
    _ templates: TemplateSet, _ configuration: FitConfiguration,
    _ model: RelationalContextConfiguration
  ) throws(TrainingError) {
    var differences =
      JSONDifference.all(
        JSONValue(encoding: self.configuration), JSONValue(encoding: configuration))
      + JSONDifference.all(JSONValue(encoding: self.model), JSONValue(encoding: model))
    differences.removeAll { $0.path == "epochs" }
    var changed = differences.map { difference in
      TrainingError.ChangedOption(
        option: difference.path == "seed" ? "--seed" : "--set \(difference.path)",
        before: difference.first, now: difference.second)
    }
    if self.templates != templates {
      changed.append(
        .init(option: "the templates", before: self.templates.name, now: templates.name))
    }
    guard changed.isEmpty else { throw .changedOptions(changed, checkpoint: path) }
    guard epoch <= configuration.epochs else {
      throw .alreadyFurther(checkpoint: path, step: epoch, asked: configuration.epochs)
    }
  }
}
