import Tensors

/// The products that a device is tuned for unless others are named.
package enum TunedWork {
  /// A step of every model of the benchmarks of training, on a device that computes nothing.
  package static func models(on device: Device) throws {
    for model in TrainingBenchmark.Model.allCases { try model.rig(on: device).step() }
  }

  /// The square products of the benchmarks of kernels.
  package static let shapes = [512, 1024, 2048].map { "gemm:nn:\($0)x\($0)x\($0)" }
}
