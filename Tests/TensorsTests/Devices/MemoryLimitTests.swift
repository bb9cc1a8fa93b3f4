import Locks
import Testing

@testable import Tensors

@Suite("Memory limits") struct MemoryLimitTests {
  private func limit(_ total: Int, group: Int? = nil, _ mebibytes: String? = nil) -> MemoryLimit {
    MemoryLimit(
      total: total, group: group,
      environment: mebibytes.map { ["ATELIER_DEVICE_MEMORY": $0] } ?? [:])
  }

  @Test("90 % of what there is, or of what the control group may have where that is less")
  func shares() {
    #expect(limit(1000).bytes == 900 && limit(1000).origin == .share)
    #expect(limit(1000, group: 500).bytes == 450)
    #expect(limit(1000, group: 500).origin == .controlGroup)
    #expect(limit(1000, group: 1 << 50).origin == .share)
  }

  @Test("ATELIER_DEVICE_MEMORY lowers the limit and never raises it")
  func variable() {
    let whole = limit(8 << 30)
    #expect(limit(8 << 30, "100").bytes == 100 << 20)
    #expect(limit(8 << 30, "100").origin == .environment)
    #expect(limit(8 << 30, group: 1 << 30, "1000").origin == .controlGroup)
    for odd in ["999999999999", "9223372036854775807", "-5", "0", "much", ""] {
      #expect(limit(8 << 30, odd) == whole, "\(odd)")
    }
  }

  @Test("what is planned on a device is what the same work takes there")
  func planned() throws {
    for device in try [Device.cpu(threads: 1)] + TestDevices.openCL.prefix(1).map(Self.anew) {
      let plan = device.planningMemory()
      for device in [device, plan] {
        let x = Tensor.ones([33, 100], on: device).tracked()
        let loss = (x.matmul(Tensor.ones([100, 7], on: device)).squared() + 1).sum()
        let gradient = gradients(of: loss, withRespectTo: [x])[0]
        let step = RecordedStep(1, on: device, inputs: [gradient]) { [$0[0] * 2 + 1] }
        step.replay(2, inputs: [gradient])
        _ = try step.results[0].floats()
      }
      // The sum of 231 needs scratch memory for no second pass.
      #expect(plan.memoryUse.peak == device.memoryUse.peak, "\(device)")
      #expect(plan.largestAllocation == 33 * 100 * 4)
    }
  }

  private static func anew(_ backend: OpenCLBackend) throws -> Device {
    try Device(backend: backend).reopened()
  }
}
