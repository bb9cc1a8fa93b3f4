import Models
import Tensors
import Training

/// Says of work of more than a minute, after its first steps, what it will take and what a smaller
/// model would.
final class CostForecast {
  private let configuration: RunConfiguration
  private let data: TrainingData
  private let device: Device
  private let say: (String) -> Void
  private let clock = ContinuousClock()
  private var first: (step: Int, ended: ContinuousClock.Instant)?
  private var isSaid = false

  /// Steps that are timed, and seconds after which there were enough of them all the same.
  private static let (timedSteps, patience) = (20, 5.0)
  /// Work of fewer seconds needs no forecast.
  private static let shortest = 60.0

  init(
    _ configuration: RunConfiguration, _ data: TrainingData, _ device: Device,
    say: @escaping (String) -> Void
  ) {
    (self.configuration, self.data, self.device) = (configuration, data, device)
    self.say = say
  }

  func receive(_ event: TrainingEvent) throws {
    guard case .step(let record) = event, !isSaid else { return }
    // The first step prepares what later ones use.
    guard let first else { return first = (record.step, clock.now) }
    let seconds = (clock.now - first.ended) / .seconds(1)
    let steps = record.step - first.step
    guard steps >= Self.timedSteps || seconds >= Self.patience else { return }
    isSaid = true
    let total = seconds / Double(steps) * Double(configuration.steps - record.step)
    guard total > Self.shortest else { return }
    say(
      "about \(ProgressDisplay.time(total)) to go, \(Self.mebibytes(try memory(configuration))) of"
        + " tensors, \(Self.mebibytes(diskBytes)) on disk" + (try smaller(than: total) ?? ""))
  }

  /// What a smaller model would take, where this one has a number for its size.
  private func smaller(than seconds: Double) throws -> String? {
    guard case .gan(var gan) = configuration.model, gan.architecture != .dense, gan.filters > 1
    else { return nil }
    gan.filters /= 2
    var other = configuration
    other.model = .gan(gan)
    let share =
      try Double(other.plannedFlops(data, on: device))
      / Double(configuration.plannedFlops(data, on: device))
    return "; --set filters=\(gan.filters) would take about"
      + " \(ProgressDisplay.time(seconds * share)) and \(Self.mebibytes(try memory(other)))"
  }

  private func memory(_ configuration: RunConfiguration) throws -> Int {
    try configuration.plannedMemory(data, on: device)
  }

  /// Checkpoints that stay, and sheets of 64 pictures.
  private var diskBytes: Int {
    let cadence = configuration.cadence
    let written = cadence.checkpointEvery > 0 ? configuration.steps / cadence.checkpointEvery : 0
    let kept = cadence.keep == 0 ? written + 1 : min(written, cadence.keep) + 1
    let sheets = cadence.sampleEvery > 0 ? configuration.steps / cadence.sampleEvery + 10 : 1
    return kept * configuration.checkpointBytes
      + sheets * 64 * configuration.model.pictureShape.reduce(1, *)
  }

  private static func mebibytes(_ bytes: Int) -> String { "\(max(bytes >> 20, 1)) MiB" }
}
