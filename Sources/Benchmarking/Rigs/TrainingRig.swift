import FileFormats
import Models
import Tensors
import Training

/// A model that is stepped by hand: what benchmarks time, and compare with other programs.
///
/// A step draws its noise, updates all parameters and has its losses read on the host. Loading,
/// files and metrics are left out.
package protocol TrainingRig: AnyObject {
  /// Of what a step is given, such as `128x28x28x1`.
  var shape: String { get }

  /// Makes the next step.
  ///
  /// - Returns: The sum of its losses.
  @discardableResult
  func step() throws(DeviceError) -> Double

  /// All that another program needs to make the same first steps, by names in a safetensors file:
  /// the parameters as they are now (names with points), the `noise` of those steps, and what else
  /// the model is given.
  ///
  /// - Precondition: no step has been made.
  func recipe(steps: Int) throws -> [String: NumericArray]
}

extension VAERig: TrainingRig {
  package var shape: String {
    ([Self.batchSize] + Self.pictureShape).map(String.init).joined(separator: "x")
  }
}
