import Tensors

/// Whether two programs train alike: losses say nothing of the last update, and little of a tensor that
/// hardly matters to them, so all that training changes is compared too.
///
/// Tensor by tensor it is the movement from the initial weights that is compared, since of the weights
/// themselves a step may be a ten-thousandth. The measure is a sum of magnitudes, and its bound wide,
/// because Adam's first steps move each element by about the rate, in the direction of its gradient's
/// sign: where a gradient is all rounding error, its sign is, too, and so are single elements.
package enum TrainingAgreement {
  /// Largest difference of two movements, as a share of the larger; a program that leaves out one of
  /// ``TrainingBenchmark/agreedSteps`` updates is at about 0.2.
  ///
  /// Between PyTorch's own float32 and float64, DCGAN's first layer, whose results batch normalisation
  /// follows, is at 0.02 and the VAEs at 0.001; between its autocast to bfloat16, whose gradients are
  /// rounded to 8 bits, and float64 they are at 0.14 and 0.08.
  package static func tolerance(_ precision: Precision) -> Double {
    precision == .float32 ? 0.05 : 0.2
  }

  /// - Parameters:
  ///   - contenders: Ours, then the peers'.
  ///   - initial: What all of them began with, by name.
  ///   - tolerance: Of each tensor's movement.
  /// - Throws: ``BenchmarkError/otherTraining(peer:_:)`` for the first peer that moved a tensor
  ///   otherwise, or does not have it, with the tensor that is farthest off.
  package static func check(
    _ contenders: [Contender], from initial: [String: [Float]], tolerance: Double
  ) throws(BenchmarkError) {
    for other in contenders.dropFirst() {
      var worst: Deviation?
      for name in initial.keys.sorted() {
        let share = deviation(
          contenders[0].weights[name] ?? [], other.weights[name] ?? [], from: initial[name]!)
        guard !(share <= max(tolerance, worst?.share ?? 0)) else { continue }
        worst = Deviation(name: name, share: share, allowed: tolerance)
      }
      if let worst { throw .otherTraining(peer: "\(other.peer) (\(other.variant))", worst) }
    }
  }

  /// Sum of the differences of two movements, without their signs, as a share of the larger
  /// movement's sum; infinite where something is missing or not finite.
  static func deviation(_ ours: [Float], _ theirs: [Float], from initial: [Float]) -> Double {
    guard ours.count == initial.count, theirs.count == initial.count else { return .infinity }
    var (difference, ourMovement, theirMovement) = (0.0, 0.0, 0.0)
    for ((a, b), start) in zip(zip(ours, theirs), initial) {
      let (a, b) = (Double(a) - Double(start), Double(b) - Double(start))
      difference += abs(a - b)
      ourMovement += abs(a)
      theirMovement += abs(b)
    }
    guard difference.isFinite else { return .infinity }
    return difference == 0 ? 0 : difference / max(ourMovement, theirMovement)
  }
}
