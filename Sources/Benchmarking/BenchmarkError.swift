import Foundation

/// Why there are no figures.
///
/// All sentences of the benchmarks are made here.
package enum BenchmarkError: Error, Equatable {
  /// Other processes used that share of a core: figures would be of their work as much as of ours.
  case void(share: Double)
  /// The machine does not tell what other processes use.
  case unwatched
  /// More threads than the process may use cores.
  case tooFewCores(threads: Int, cores: Int)
  /// A peer that was asked for is not here.
  case missing(peer: String, reason: String)
  /// A peer that was here gave up.
  case failed(peer: String, reason: String)
  /// A peer that computes something else.
  case disagreement(peer: String, Difference)
  /// A peer that trains something else: what training changes moved differently.
  case otherTraining(peer: String, Deviation)
  /// A device that does not train as the CPU does: what is out of bounds, each with its model.
  case otherDevice(String, [DeviceAgreement.Check])
  /// Somebody wants to wait no longer; what was received before holds.
  case interrupted
}

/// Where two computations of one thing part.
package struct Difference: Equatable, Sendable {
  /// Which of the results, from 0, and the first element in it that differs too much.
  package let result, index: Int
  package let ours, theirs: Float
  /// Largest difference as a share of the root mean square of the peer's result, and the most that
  /// is allowed.
  package let share, allowed: Double
}

/// How far apart two trainings moved one tensor.
package struct Deviation: Equatable, Sendable {
  /// Of the tensor, such as `encoder.0.weight`.
  package let name: String
  /// Of the larger movement, and the most that is allowed.
  package let share, allowed: Double
}

extension BenchmarkError: CustomStringConvertible, LocalizedError {
  package var description: String {
    switch self {
    case .void(let share):
      return "void: other processes used \(percent(share)) of a core, more than"
        + " \(percent(MachineLoad.allowed)); run again on a quiet machine"
    case .unwatched:
      return "void: /proc/stat does not tell what other processes use of this machine;"
        + " --provisional measures all the same"
    case .tooFewCores(let threads, let cores):
      return "--threads \(threads): this process may use \(cores) core\(cores == 1 ? "" : "s") only"
    case .missing(let peer, let reason):
      return "\(peer) is not here: \(reason)"
    case .failed(let peer, let reason):
      return "\(peer) gave up: \(reason)"
    case .disagreement(let peer, let found):
      return "\(peer) computes something else: element \(found.index) of result \(found.result) is"
        + " \(found.theirs) there and \(found.ours) here;"
        + String(format: " the largest difference is %.2g", found.share)
        + " of the root mean square,"
        + String(format: " %.2g is allowed; not timed", found.allowed)
    case .otherTraining(let peer, let found):
      return "\(peer) trains something else: after \(TrainingBenchmark.agreedSteps) steps"
        + " \(found.name) has moved otherwise than here;"
        + String(format: " the difference is %.2g of the movement,", found.share)
        + String(format: " %.2g is allowed; not timed", found.allowed)
    case .otherDevice(let device, let broken):
      let list = broken.map { check in
        String(format: "%.2g of %.2g allowed in ", check.found, check.allowed)
          + "\(check.what) of \(check.model)"
      }
      return "\(device) does not train as the CPU does: \(list.joined(separator: "; "));"
        + " train with --device cpu"
    case .interrupted: return "interrupted"
    }
  }

  package var errorDescription: String? { description }

  private func percent(_ share: Double) -> String { String(format: "%.1f %%", 100 * share) }
}
