import FileFormats
import Layers
import Tensors
import Training

/// A model that is stepped by hand: what benchmarks time, and compare with other programs.
///
/// A step draws its noise, updates all parameters and has its losses read on the host. Loading,
/// files and metrics are left out.
package protocol TrainingRig: AnyObject {
  /// Of what a step is given, such as `128x28x28x1`.
  var shape: String { get }

  /// All that a step changes, running statistics among it.
  var parameterSets: [ParameterSet] { get }

  /// Makes the next step.
  ///
  /// - Returns: Its losses, one for each that is minimised.
  @discardableResult
  func step() throws(DeviceError) -> [Double]

  /// All that another program needs to make the same first steps, by names in a safetensors file:
  /// the parameters and running statistics as they are now (names with points), the `noise` of those steps, and what else
  /// the model is given.
  ///
  /// - Precondition: no step has been made.
  func recipe(steps: Int) throws -> [String: NumericArray]
}

extension TrainingRig {
  private var parameters: [Parameter] { parameterSets.flatMap { $0.trainable + $0.statistics } }

  /// Values of all that a step changes, by name.
  func weights() throws -> [String: [Float]] {
    var values: [String: [Float]] = [:]
    for parameter in parameters { values[parameter.name] = try parameter.value.detached().floats() }
    return values
  }

  /// The same with their shapes, as a recipe has them.
  func weightArrays() throws -> [String: NumericArray] {
    var arrays: [String: NumericArray] = [:]
    for parameter in parameters {
      arrays[parameter.name] = NumericArray(
        shape: parameter.shape, try parameter.value.detached().floats())
    }
    return arrays
  }
}

extension VAERig: TrainingRig {
  package var shape: String {
    ([batchSize] + Self.pictureShape).map(String.init).joined(separator: "x")
  }
}
