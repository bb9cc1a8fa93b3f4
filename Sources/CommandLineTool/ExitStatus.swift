import Benchmarking
import Datasets
import Drawing
import Evaluation
import FileFormats
import Foundation
import LinearAlgebra
import RelationalContext
import Tensors
import Training

/// Every status the program ends with, in one place.
enum ExitStatus: Int32, CaseIterable {
  case done = 0
  case usage = 64
  case badData = 65
  case device = 69
  case inputOutput = 74
  case void = 75
  case interrupted = 130

  /// The status for an error of the rooms; nil for the argument parser's own, which uses the same
  /// numbers.
  init?(_ error: any Error) {
    switch error {
    case let error as FileFormatError: self = error.kind == .badData ? .badData : .inputOutput
    case is DeviceError: self = .device
    case let error as TrainingError:
      switch error.kind {
      case .usage: self = .usage
      case .badData: self = .badData
      case .inputOutput: self = .inputOutput
      }
    case let error as BenchmarkError:
      switch error {
      case .void, .unwatched: self = .void
      case .tooFewCores: self = .usage
      case .missing, .failed, .otherDevice: self = .device
      case .disagreement, .otherTraining: self = .badData
      case .interrupted: self = .interrupted
      }
    case is UsageError: self = .usage
    case PreparationError.nothingLeft, PreparationError.cannotKeep: self = .badData
    case is PreparationError: self = .usage
    case let error as TemplateError: self = error.isUsage ? .usage : .badData
    case EvaluationError.tooFew: self = .usage
    case is EvaluationError: self = .badData
    case is LinearAlgebraError: self = .device
    case is FitDivergence: self = .badData
    case is TuningFileError: self = .badData
    case TuningError.nothingMeasured: self = .device
    case is TuningError: self = .usage
    case is Interrupted: self = .interrupted
    case is DrawingError: self = .inputOutput
    case is CocoaError: self = .inputOutput
    default: return nil
    }
  }

  var meaning: String {
    switch self {
    case .done: "done"
    case .usage: "the command cannot be understood or does not fit what is there"
    case .badData: "a file is damaged or of the wrong kind, or a loss became NaN"
    case .device: "the device cannot be used"
    case .inputOutput: "a file or folder is not there, is in use, or cannot be read or written"
    case .void: "a benchmark is void: other processes kept the machine busy, or cannot be seen"
    case .interrupted: "interrupted, after what was done was saved or printed"
    }
  }

  /// The lines in `--help`.
  static var help: String {
    "Exit status:\n"
      + allCases.map { status in
        let number = "\(status.rawValue)"
        return "  \(number)\(String(repeating: " ", count: 5 - number.count))\(status.meaning)"
      }.joined(separator: "\n")
  }
}

/// Work stopped on request; what was done is saved, or printed.
struct Interrupted: Error {}
