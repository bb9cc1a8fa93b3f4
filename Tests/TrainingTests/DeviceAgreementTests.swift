import Models
import Tensors
import Testing

@testable import Training

@Suite struct DeviceAgreementTests {
  /// The first OpenCL device that passes its self-test, of any kind; nil leaves the suite out.
  static let openCL = Device.listings().first { $0.name != "cpu" && $0.reasonForSkipping == nil }

  @Test(
    "fifty training steps on the CPU and on OpenCL agree to 1e-3 relative at every step",
    .enabled(if: openCL != nil, "no usable OpenCL device"),
    arguments: [VAEConfiguration.Preset.dense, .convolutional])
  func fiftySteps(preset: VAEConfiguration.Preset) throws {
    let name = try #require(Self.openCL?.name)
    let losses = try [Device.cpu, Device.select(name).device].map { device in
      try withTemporaryFolder { folder in
        var losses: [Double] = []
        try TinyRun(steps: 50, preset: preset, device: device).train(in: folder) {
          if case .step(let record) = $0 { losses.append(record.loss) }
        }
        return losses
      }
    }
    #expect(losses[0].count == 50 && losses[1].count == 50)
    for (step, pair) in zip(losses[0], losses[1]).enumerated() {
      #expect(abs(pair.0 - pair.1) <= 1e-3 * abs(pair.0), "step \(step + 1): \(pair)")
    }
  }
}
