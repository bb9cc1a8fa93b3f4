import FileFormats
import Foundation
import Models
import Tensors
import Testing
import Training

@testable import RelationalContext

/// A folder that is gone when `body` returns.
func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appending(path: "grc-\(UUID())").path
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  return try body(folder)
}

/// A fit that takes some tens of milliseconds: the loop is the whole one's, only shorter.
struct TinyFit {
  var templates = TemplateSet.petals
  var seed: UInt64 = 1
  var epochs = 3000
  var templateSteps = 12_000
  var templateAttempts = 2
  /// No attempt is ever within 0, so that all are made.
  var templateBound: Float = 0
  var change: @Sendable (inout FitSettings) -> Void = { _ in }

  /// What people get who change no setting, of any templates.
  static func whole(_ templates: TemplateSet, seed: UInt64) -> TinyFit {
    let standard = FitConfiguration()
    return TinyFit(
      templates: templates, seed: seed, epochs: standard.epochs,
      templateSteps: standard.templateSteps, templateAttempts: standard.templateAttempts,
      templateBound: standard.templateBound)
  }

  var settings: FitSettings {
    var settings = FitSettings(rowSize: templates.rowSize, templates: templates.templates.count)
    settings.configuration.seed = seed
    settings.configuration.epochs = epochs
    settings.configuration.templateSteps = templateSteps
    settings.configuration.templateAttempts = templateAttempts
    settings.configuration.templateBound = templateBound
    change(&settings)
    return settings
  }

  /// Fits in a folder; `stopAfter` asks to stop at that look of this call, from 1.
  @discardableResult
  func fit(
    in path: String, isResumed: Bool = false, stopAfter: Int? = nil, device: Device = .cpu,
    tell: (FitEvent) throws -> Void = { _ in }
  ) throws -> FitOutcome {
    let settings = settings
    let run = try FitRun(
      templates, settings.configuration, settings.model, in: path, isResumed: isResumed,
      device: device)
    var looks = 0
    return try run.fit(tell: tell) {
      looks += 1
      return looks == stopAfter
    }
  }

  func saved() throws -> SavedFit {
    try withTemporaryFolder { path in
      let outcome = try fit(in: path)
      // What is open stays readable when its folder is gone.
      return SavedFit(
        outcome: outcome, bytes: try bytes(outcome.checkpoint),
        checkpoint: try FitCheckpoint(path: outcome.checkpoint))
    }
  }

  func fitted() throws -> FittedContext { try FittedContext(saved().checkpoint) }
}

/// A fit that has ended, and the bytes of its checkpoint.
struct SavedFit: Sendable {
  let outcome: FitOutcome
  let bytes: [UInt8]
  let checkpoint: FitCheckpoint
}

/// Fits that several tests look at, each made once.
enum SharedFits {
  /// `atelier grc fit --seed 1`: petals, 100,000 epochs.
  static let petals = Result { try TinyFit.whole(.petals, seed: 1).saved() }
  /// Three templates, two numbers of context.
  static let three = Result {
    try TinyFit.whole(.petals(seed: 3, count: 3), seed: 1).saved()
  }
  /// A short fit, for what does not depend on how good it is.
  static let short = Result { try TinyFit().saved() }
  static let shortThree = Result {
    try TinyFit(templates: .petals(seed: 3, count: 3)).saved()
  }

  static func open(_ fit: Result<SavedFit, any Error>) throws -> FittedContext {
    try FittedContext(fit.get().checkpoint)
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

func expectSameBytes(
  _ first: [UInt8], _ second: [UInt8], _ comment: String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let difference = zip(first, second).enumerated().first { $0.element.0 != $0.element.1 }?.offset
  #expect(
    first == second,
    "\(comment): \(first.count) and \(second.count) bytes, first differing at \(difference ?? -1)",
    sourceLocation: sourceLocation)
}

/// Equal within a tolerance; says where they are not.
func expectClose(
  _ found: [Float], _ expected: [Float], _ tolerance: Float, _ comment: String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(found.count == expected.count, "\(comment)", sourceLocation: sourceLocation)
  let wrong = zip(found, expected).enumerated().first { !(abs($1.0 - $1.1) <= tolerance) }
  #expect(
    wrong == nil,
    "\(comment): first at \(wrong?.offset ?? -1): \(wrong?.element.0 ?? 0), not \(wrong?.element.1 ?? 0)",
    sourceLocation: sourceLocation)
}

/// The sentence of the error that `body` must throw, which must be of the given type.
func sentence<Failure: Error, Result>(
  of type: Failure.Type, sourceLocation: SourceLocation = #_sourceLocation,
  _ body: () throws -> Result
) -> String {
  do {
    _ = try body()
    Issue.record("no error", sourceLocation: sourceLocation)
  } catch let error as Failure {
    return "\(error)"
  } catch {
    Issue.record("another error: \(error)", sourceLocation: sourceLocation)
  }
  return ""
}
