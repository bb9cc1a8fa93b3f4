/// Why training, or working with a run, cannot go on.
///
/// Damaged files and a refusing operating system are `FileFormatError`s, a failing device is a
/// `DeviceError`; this is the rest. The sentences are made in `TrainingError+Sentences.swift` and
/// nowhere else.
public enum TrainingError: Error, Sendable, Equatable {
  /// `--set` without `=`.
  case notAnAssignment(String)
  /// `--set` with a key that the model does not have.
  case unknownSetting(String, model: String, known: [String])
  /// `--set` with a value that does not fit its key.
  case wrongSetting(String, value: String, expected: String)
  /// `--set` with a key that only other optimisers than the chosen one use.
  case unusedSetting(String, chosen: String, users: [String])
  /// Settings that are fine one by one and make no model or optimiser together.
  case impossible(String)

  /// The run's folder has something in it, and resuming was not asked for.
  case folderNotEmpty(String)
  /// The folder has something in it that is no run of this program.
  case notARun(String)
  /// Another process trains in the folder.
  case folderInUse(String)
  /// Resuming was asked for from a checkpoint that is not the newest of the run to be written.
  case notTheNewest(checkpoint: String, newest: String)
  /// Resuming with options that would change the parameters' bits.
  case changedOptions([ChangedOption], checkpoint: String)
  /// Resuming up to a step that lies behind.
  case alreadyFurther(checkpoint: String, step: Int, asked: Int)

  /// A run that went on from another's checkpoint of that step has no checkpoint any more: from
  /// its own first step it would be another run.
  case lostOrigin(run: String, step: Int)
  /// A run has no checkpoint that could be used.
  case noCheckpoint(run: String, damaged: [String])
  /// A run has no checkpoint of that step.
  case missingStep(Int, run: String, found: [Int])
  /// A safetensors file that this program did not write as a checkpoint.
  case notACheckpoint(String, found: String)
  /// A checkpoint whose bytes verify and which says what no checkpoint of this version can: arrays
  /// that are not those of its model, a model beyond all limits, counts below zero.
  case wrongContent(String, expected: String, found: String)
  /// Pictures are asked for of a model that makes none.
  case makesNoPictures(String, model: String)
  /// Fewer than two sheets of samples, which make no animation.
  case noSheets(run: String)
  /// Classes are to be learnt of data that has none.
  case noClasses(data: String)
  /// A checkpoint that is to be begun with is another model's.
  case cannotBegin(String, expected: String, found: String)
  /// A class that the model does not know; `known` are those that pictures can be asked to be of.
  case unknownClass(String, known: [String])

  /// The loss or a parameter is no longer a finite number.
  case diverged(step: Int, what: String, lastGood: String?)

  /// A picture that holds no recipe of this program.
  case noRecipe(String)
  /// A recipe that this version cannot follow.
  case wrongRecipe(String, expected: String, found: String)
  /// The run that a recipe names is not where it could be looked for.
  case runNotFound(picture: String, run: String)
  /// The parameters are not those that made the picture.
  case otherParameters(picture: String, checkpoint: String, expected: String, found: String)

  /// An option whose value is not the checkpoint's; a value is nil where the option does not apply.
  public struct ChangedOption: Sendable, Equatable {
    /// As on the command line: `--batch`, `--set beta`.
    public let option: String
    public let before, now: String?

    public init(option: String, before: String?, now: String?) {
      (self.option, self.before, self.now) = (option, before, now)
    }
  }
}

extension TrainingError {
  /// Who is to blame, which decides the exit code of the command line.
  public enum Kind: Sendable {
    /// The command (64).
    case usage
    /// What the data made of the training, or a file (65).
    case badData
    /// A folder that cannot be used now, or in which something is missing (74).
    case inputOutput
  }

  public var kind: Kind {
    switch self {
    case .notAnAssignment, .unknownSetting, .wrongSetting, .unusedSetting, .impossible,
      .unknownClass, .folderNotEmpty, .notARun, .notTheNewest, .changedOptions, .alreadyFurther:
      .usage
    case .notACheckpoint, .wrongContent, .makesNoPictures, .noClasses, .cannotBegin, .diverged,
      .noRecipe,
      .wrongRecipe, .otherParameters:
      .badData
    case .noCheckpoint(_, let damaged) where !damaged.isEmpty: .badData
    case .noSheets, .folderInUse, .lostOrigin, .noCheckpoint, .missingStep, .runNotFound:
      .inputOutput
    }
  }
}
