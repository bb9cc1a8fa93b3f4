import Optimizers
import Tensors

/// A rig whose state and gradients can be read, and whose state can be put in the place of another's.
final class ComparedTraining {
  let rig: any TrainingRig
  /// Everything that steps change, and their gradients.
  private let players: [GradientKeeper]
  private let device: Device

  /// - Parameters:
  ///   - model: What is trained.
  ///   - device: Where.
  ///   - batchSize: Pictures in a step; nil for the model's own.
  ///   - isLed: Whether updates are replaced by those of another: see ``takeUpdates(of:)``.
  init(
    of model: TrainingBenchmark.Model, on device: Device, batchSize: Int?, isLed: Bool = false
  ) {
    var players: [GradientKeeper] = []
    rig = model.rig(on: device, batchSize: batchSize) { optimizer in
      let player = GradientKeeper(optimizer, isLed: isLed)
      players.append(player)
      return player
    }
    (self.players, self.device) = (players, device)
  }

  /// All that a step reads and changes: parameters, running statistics, optimisers.
  private var buffers: [Tensor] {
    players.flatMap { player in
      [player.parameters.buffer] + player.parameters.statistics.map { $0.value.detached() }
        + player.state.map(\.buffer)
    }
  }

  func state() throws(DeviceError) -> [[Float]] {
    try buffers.map { buffer throws(DeviceError) in try buffer.floats() }
  }

  /// All trainable parameters as the last updates made them.
  func weights() throws(DeviceError) -> [Float] {
    var weights: [Float] = []
    for player in players { weights += try player.updated.floats() }
    return weights
  }

  /// Of each parameter in the last step, before the update.
  func gradients() throws(DeviceError) -> [[Float]] {
    try players.flatMap(\.gradients).map { gradient throws(DeviceError) in
      try gradient.floats()
    }
  }

  /// Names of the parameters, as ``gradients()`` has them.
  var names: [String] { players.flatMap { $0.parameters.trainable.map(\.name) } }

  /// Goes on from another's state, as if it had made the other's steps.
  ///
  /// Random numbers and pictures follow the number of steps made, which must be the same.
  func takeState(of other: ComparedTraining) throws(DeviceError) {
    for (ours, theirs) in zip(buffers, other.buffers) {
      ParameterUpdate.assign(
        Tensor(try theirs.floats(), shape: theirs.shape, on: device), to: ours)
    }
    for (ours, theirs) in zip(players, other.players) { ours.resume(at: theirs.stepCount) }
  }

  /// Has the next step's updates end where another's last ones did, so that a player that is
  /// differentiated through one updated before it is so through the same one.
  func takeUpdates(of other: ComparedTraining) throws(DeviceError) {
    for (ours, theirs) in zip(players, other.players) {
      let buffer = theirs.parameters.buffer
      ours.impose(Tensor(try buffer.floats(), shape: buffer.shape, on: device))
    }
  }

  /// Moves every trainable number by one unit in the last place, up or down by chance: the least
  /// change that there is.
  func moveWeights() throws(DeviceError) {
    for (number, player) in players.enumerated() {
      let buffer = player.parameters.buffer
      let signs = noise(count: buffer.count, seed: UInt32(number + 1))
      let moved = zip(try buffer.floats(), signs).map { $1 < 0 ? $0.nextDown : $0.nextUp }
      ParameterUpdate.assign(Tensor(moved, shape: buffer.shape, on: device), to: buffer)
    }
  }
}
