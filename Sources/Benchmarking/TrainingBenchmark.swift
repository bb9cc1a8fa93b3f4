import FileFormats
import Foundation
import Tensors
import Training

/// Times training steps, alone or beside peers that make the same steps.
///
/// Before timing, every side makes ``agreedSteps`` steps from the same weights, pictures and noise,
/// and their losses must agree. Each timed step draws its noise, yields its loss and updates all
/// parameters.
package struct TrainingBenchmark {
  package static let agreedSteps = 5

  /// Names of rows, and what they train.
  package enum Model: String, CaseIterable, Sendable {
    case dense = "vae-dense"
    case convolutional = "vae-conv"
    case dcgan = "dcgan-32"
    case tinyPair = "tiny-pair"

    package func rig(on device: Device) -> any TrainingRig {
      switch self {
      case .dense: VAERig(.dense, on: device)
      case .convolutional: VAERig(.convolutional, on: device)
      case .dcgan: DCGANRig(on: device)
      case .tinyPair: TinyPairRig(on: device)
      }
    }
  }

  package var models: [Model]
  package var rounds = 7
  /// Of a turn.
  package var seconds = 0.5
  package var peers: [PythonPeer] = []

  package init(models: [Model]) { self.models = models }

  /// Alone, on any device.
  ///
  /// - Parameters:
  ///   - device: Where.
  ///   - load: Says whether others keep the machine busy; nil not to ask.
  ///   - receive: Gets each row when it is there.
  /// - Throws: ``BenchmarkError/void(share:)`` or a `DeviceError`.
  package func run(
    on device: Device, load: MachineLoad?, _ receive: (BenchmarkEvent) -> Void
  ) throws {
    for model in models {
      // Threads are the CPU's.
      let threads = device == .cpu ? Device.defaultThreads : nil
      receive(try load.quietly { try measure(model, on: device, threads: threads) })
    }
  }

  /// Beside the peers, on as many cores as each number of threads.
  ///
  /// - Parameters:
  ///   - threads: Numbers of threads.
  ///   - load: Says whether others keep the machine busy; nil not to ask.
  ///   - receive: Gets each row when it is there.
  /// - Throws: ``BenchmarkError``, a `DeviceError`, or what peers throw. What was received before
  ///   ``BenchmarkError/void(share:)`` is void, too.
  package func run(
    threads: [Int], load: MachineLoad?, _ receive: (BenchmarkEvent) -> Void
  ) throws {
    for count in threads {
      let cores = try CoreBinding.cores(for: count)
      CoreBinding.bind(to: cores)
      for peer in peers { try peer.use(cores: cores) }
      let device = try Device.cpu(threads: count)
      for model in models {
        receive(try load.quietly { try measure(model, on: device, threads: count) })
      }
    }
  }

  private func measure(
    _ model: Model, on device: Device, threads: Int?
  ) throws -> BenchmarkEvent {
    let rig = model.rig(on: device)
    let recipe = try rig.recipe(steps: Self.agreedSteps)
    let losses = try (0..<Self.agreedSteps).map { _ in Float(try rig.step()) }
    let ours = Contender(peer: "atelier", variant: "recorded", results: [losses]) { seconds in
      try timeTurn(seconds) { try rig.step() }
    }
    let theirs = try peers.flatMap { try $0.prepare(model.rawValue, recipe: recipe) }
    defer { for peer in peers { try? peer.release() } }
    do {
      let race = try Race([ours] + theirs, rounds: rounds, seconds: seconds, threads: threads ?? 1)
      return .timed(Figures(model.rawValue, shape: rig.shape, threads: threads, race))
    } catch let error as BenchmarkError {
      guard case .disagreement = error else { throw error }
      return .refused(Refusal(name: model.rawValue, threads: threads, reason: "\(error)"))
    }
  }
}
