import Optimizers
import Tensors

/// Trains models on a device and on the CPU side by side: step by step from the same state, so that
/// a wrong kernel shows, and running free, so that what adds up does.
package struct DeviceAgreement {
  package typealias Model = TrainingBenchmark.Model

  /// Steps of each run, at least 1.
  package var steps = 50
  /// Pictures in a step; nil for the model's own.
  package var batchSize: Int?

  package init(steps: Int = 50, batchSize: Int? = nil) {
    precondition(steps >= 1, "\(steps) steps cannot be compared")
    (self.steps, self.batchSize) = (steps, batchSize)
  }

  /// Trains one model in every way.
  ///
  /// - Parameters:
  ///   - model: What is trained.
  ///   - device: What is compared with the CPU.
  /// - Returns: The worst figures.
  /// - Throws: A `DeviceError` where a device fails.
  package func compare(_ model: Model, on device: Device) throws -> Found {
    var found = Found(model: model, steps: steps)
    try compareFromSameState(on: device, &found)
    try compareRunningFree(on: device, &found)
    if !found.hasSameBits { found.calls = try differingCalls(of: model, on: device) }
    return found
  }

  /// Each step begins from the CPU's state of that moment, each player's gradient from the CPU's
  /// update of the one before it, and the CPU's result carries on.
  private func compareFromSameState(on device: Device, _ found: inout Found) throws {
    let ours = ComparedTraining(of: found.model, on: .cpu, batchSize: batchSize)
    let theirs = ComparedTraining(of: found.model, on: device, batchSize: batchSize, isLed: true)
    found.gradients = ours.names.map { Found.Gradient(name: $0) }
    for _ in 0..<steps {
      try theirs.takeState(of: ours)
      let losses = try ours.rig.step()
      try theirs.takeUpdates(of: ours)
      found.losses = max(found.losses, largestShare(try theirs.rig.step(), of: losses))
      found.weights = max(found.weights, distance(try theirs.weights(), from: try ours.weights()))
      for (place, pair) in zip(try theirs.gradients(), try ours.gradients()).enumerated() {
        let share = distance(pair.0, from: pair.1)
        found.gradients[place].share = max(found.gradients[place].share, share)
      }
    }
  }

  /// From the same initial weights; and on the CPU once more, from weights one unit in the last
  /// place away.
  private func compareRunningFree(on device: Device, _ found: inout Found) throws {
    let trainings = [Device.cpu, device, .cpu].map {
      ComparedTraining(of: found.model, on: $0, batchSize: batchSize)
    }
    try trainings[2].moveWeights()
    let losses = try trainings.map { training in
      try (0..<steps).map { _ in try training.rig.step() }
    }
    found.freeLosses = largestShare(losses[1].flatMap { $0 }, of: losses[0].flatMap { $0 })
    let ours = (
      losses: losses[0].flatMap { $0.map(Float.init) }, weights: try trainings[0].weights()
    )
    let drifts = try [1, 2].map { number in
      Drift(
        losses: distance(losses[number].flatMap { $0.map(Float.init) }, from: ours.losses),
        weights: distance(try trainings[number].weights(), from: ours.weights))
    }
    (found.drift, found.driftOfOneULP) = (drifts[0], drifts[1])
    found.hasSameBits = try losses[0] == losses[1] && trainings[0].state() == trainings[1].state()
  }

  /// Two steps, since the first is recorded and the second replayed.
  private func differingCalls(of model: Model, on device: Device) throws -> [CallDifference] {
    let comparing = try Device.cpu(comparing: device)
    let training = ComparedTraining(of: model, on: comparing, batchSize: batchSize)
    for _ in 0..<min(steps, 2) { try training.rig.step() }
    return comparing.callDifferences
  }
}

/// Largest difference of two lists of losses, each as a share of ours.
func largestShare(_ theirs: [Double], of ours: [Double]) -> Double {
  zip(theirs, ours).reduce(theirs.count == ours.count ? 0 : .infinity) { largest, pair in
    let share = pair.0 == pair.1 ? 0 : abs(pair.0 - pair.1) / abs(pair.1)
    return share.isNaN ? .infinity : max(largest, share)
  }
}

/// Euclidean length of the difference of two vectors as a share of ours; infinite where something is
/// not finite, or where all of ours are 0 and theirs are not.
func distance(_ theirs: [Float], from ours: [Float]) -> Double {
  guard theirs.count == ours.count else { return .infinity }
  var (difference, size) = (0.0, 0.0)
  for (a, b) in zip(theirs, ours) {
    let (a, b) = (Double(a), Double(b))
    difference += (a - b) * (a - b)
    size += b * b
  }
  guard difference.isFinite, size.isFinite else { return .infinity }
  return difference == 0 ? 0 : (difference / size).squareRoot()
}
