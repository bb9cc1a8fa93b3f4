import FileFormats
import Foundation
import Optimizers
import Tensors
import Training

/// Times training steps, alone or beside peers that make the same steps.
///
/// Before timing, every side makes ``agreedSteps`` steps from the same weights, pictures and noise,
/// and their losses and all that they changed must agree. Each timed step draws its noise, yields its loss and updates all
/// parameters.
package struct TrainingBenchmark {
  package static let agreedSteps = 5

  /// Names of rows, and what they train.
  package enum Model: String, CaseIterable, Sendable {
    case dense = "vae-dense"
    case convolutional = "vae-conv"
    case dcgan = "dcgan-32"
    case tinyPair = "tiny-pair"

    /// Ready for its first step.
    ///
    /// - Parameters:
    ///   - device: Where.
    ///   - batchSize: Pictures in a step; nil for the model's own. Tiny pairs have their own alone.
    ///   - wrap: Makes of each optimiser the one that steps are made with; called in the order in
    ///     which a step uses them.
    /// - Returns: The model with its pictures.
    package func rig(
      on device: Device, batchSize: Int? = nil,
      wrappingOptimizers wrap: (any Optimizer) -> any Optimizer = { $0 }
    ) -> any TrainingRig {
      switch self {
      case .dense:
        VAERig(
          .dense, on: device, batchSize: batchSize ?? VAERig.batchSize, wrappingOptimizer: wrap)
      case .convolutional:
        VAERig(
          .convolutional, on: device, batchSize: batchSize ?? VAERig.batchSize,
          wrappingOptimizer: wrap)
      case .dcgan:
        DCGANRig(
          on: device, batchSize: batchSize ?? DCGANRig.batchSize, wrappingOptimizers: wrap)
      case .tinyPair: TinyPairRig(on: device, wrappingOptimizers: wrap)
      }
    }
  }

  /// A model, trained with products of a precision.
  package struct Row: Sendable {
    package let model: Model
    package let precision: Precision

    package init(_ model: Model, _ precision: Precision = .float32) {
      (self.model, self.precision) = (model, precision)
    }

    package var name: String {
      precision == .float32 ? model.rawValue : "\(model.rawValue)-\(precision.rawValue)"
    }

    /// Every model in float32, and those of products large enough to matter in bfloat16.
    package static let all = inPrecisions([.float32, .bfloat16])

    /// The same of OpenCL devices, which may multiply in any precision.
    package static let ofOpenCL = inPrecisions(Precision.allCases)

    private static func inPrecisions(_ precisions: [Precision]) -> [Row] {
      precisions.flatMap { precision in
        Model.allCases.filter { precision == .float32 || $0 != .tinyPair }
          .map { Row($0, precision) }
      }
    }
  }

  package var rows: [Row]
  package var rounds = 7
  /// Of a turn.
  package var seconds = 0.5
  package var peers: [any TrainingPeer] = []
  /// Whether each row also tells where the time of a turn went, which is taken after the others.
  package var profiles = false
  /// Sizes of copies measured as roofs.
  package var copySizes = Roofs.sizes
  /// Whether the process is bound to as many cores as it has threads; tests share theirs.
  package var bindsCores = true
  /// Whether nobody wants the rest; asked before every turn.
  package var isCancelled: () -> Bool = { false }

  package init(rows: [Row]) { self.rows = rows }

  /// On any device, beside peers that train there or, being the processor, elsewhere.
  ///
  /// - Parameters:
  ///   - device: Where; rows of a precision that it does not have are left out.
  ///   - load: Says whether others keep the machine busy; nil not to ask.
  ///   - receive: Gets each row when it is there.
  /// - Throws: ``BenchmarkError``, a `DeviceError`, or what peers throw.
  package func run(
    on device: Device, load: MachineLoad?, _ receive: (BenchmarkEvent) -> Void
  ) throws {
    for row in rows where device.multiplies(in: row.precision) {
      // Threads are the CPU's.
      let threads = device.isCPU ? Device.defaultThreads : nil
      receive(try measure(row, on: device, threads: threads, load))
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
      if bindsCores { CoreBinding.bind(to: cores) }
      for peer in peers { try peer.use(cores: cores) }
      let device = try Device.cpu(threads: count)
      let roofs = try load.quietly { _ in
        try Roofs.measure(threads: count, sizes: copySizes)
      }
      receive(.roofs(roofs[0]))
      for row in rows {
        receive(try measure(row, on: device, threads: count, load))
      }
    }
  }

  private func measure(
    _ row: Row, on device: Device, threads: Int?, _ load: MachineLoad?
  ) throws -> BenchmarkEvent {
    if isCancelled() { throw BenchmarkError.interrupted }
    let device = try device.multiplying(in: row.precision)
    let rig = row.model.rig(on: device)
    let recipe = try rig.recipe(steps: Self.agreedSteps)
    let initial = try rig.weights()
    let losses = try (0..<Self.agreedSteps).map { _ in
      Float(try rig.step().reduce(0, +))
    }
    let ours = Contender(
      peer: "atelier", variant: "recorded", results: [losses], weights: try rig.weights()
    ) { seconds in try timeTurn(seconds) { try rig.step() } }
    let theirs = try peers.flatMap { try $0.prepare(row, recipe: recipe) }
    defer { for peer in peers { try? peer.release() } }
    do {
      let contenders = [ours] + theirs
      try Agreement.check(contenders, tolerance: Agreement.tolerance(row.precision))
      try TrainingAgreement.check(
        contenders, from: initial, tolerance: TrainingAgreement.tolerance(row.precision))
      let race = try Race(
        contenders, rounds: rounds, seconds: seconds,
        threads: device.isProcessor ? threads ?? Device.defaultThreads : 1, load: load,
        isCancelled: isCancelled)
      var figures = Figures(row.name, shape: rig.shape, threads: threads, race)
      figures.precision = row.precision
      if profiles {
        figures.profile = try device.profiled { try timeTurn(seconds) { try rig.step() } }.1
      }
      return .timed(figures)
    } catch let error as BenchmarkError {
      switch error {
      case .disagreement, .otherTraining:
        return .refused(Refusal(name: row.name, threads: threads, reason: "\(error)"))
      default: throw error
      }
    }
  }
}
