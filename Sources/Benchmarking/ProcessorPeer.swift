internal import CKernels
import FileFormats
import Tensors

/// This library's own steps on the processor, in float32, beside those of an OpenCL device.
package final class ProcessorPeer: TrainingPeer {
  private let device: Device

  /// - Throws: A `DeviceError` where so many threads cannot be started.
  package init(threads: Int = Device.defaultThreads) throws(DeviceError) {
    device = try .cpu(threads: threads)
  }

  package var description: String { "\(device)" }

  package func use(cores: [Int]) {}
  package func release() {}

  /// The rig draws the recipe's numbers again: they do not depend on the device.
  package func prepare(
    _ row: TrainingBenchmark.Row, recipe: [String: NumericArray]
  ) throws -> [Contender] {
    let rig = row.model.rig(on: device)
    let losses = try (0..<TrainingBenchmark.agreedSteps).map { _ in
      Float(try rig.step().reduce(0, +))
    }
    return [
      Contender(
        peer: "cpu", variant: "\(device)", results: [losses], weights: try rig.weights()
      ) { seconds in
        // Its threads sleep between calls while an OpenCL device is open, which would cost it; in its
        // own turn they need not, since that device does nothing then.
        ck_pools_sleep_at_once(false)
        defer { ck_pools_sleep_at_once(true) }
        return try timeTurn(seconds) { try rig.step() }
      }
    ]
  }
}
