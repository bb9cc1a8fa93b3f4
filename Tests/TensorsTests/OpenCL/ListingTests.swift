import COpenCLKernels
import Testing

@testable import Tensors

extension OpenCLFaultTests {
  /// What is listed when some of it fails.
  @Suite("Listing of devices")
  struct Listing {
    private static let whole = OpenCLInventory.take(FakeDevices.library)

    @Test("platforms are listed by name, and their devices in the driver's order")
    func order() {
      let devices = Self.whole.devices.map(\.description)
      #expect(devices.map(\.platform) == ["Alpha", "Alpha", "Beta", "Beta", "Gamma", "Gamma"])
      #expect(devices.map(\.name) == [20, 21, 30, 31, 10, 11].map { "GPU \($0)" })
      #expect(devices.map(\.index) == Array(0..<6))
      #expect(devices.allSatisfy { $0.reasonForSkipping == nil && $0.memoryBytes == 8 << 30 })
      #expect(Self.whole.failures.isEmpty)
    }

    @Test(
      "a platform or device whose query fails hides no other: it is told of with the call that failed",
      arguments: ["clGetPlatformInfo", "clGetDeviceIDs", "clGetDeviceInfo"])
    func oneFails(function: String) {
      for occurrence in 1... {
        let faults = OpenCLFaults(
          .init(function: function, occurrence: occurrence, code: CL_OUT_OF_HOST_MEMORY))
        let found = OpenCLInventory.take(FakeDevices.library.with(faults))
        guard faults.happened else {
          #expect(occurrence > 6)
          break
        }
        let sentence = "\(function) failed with OUT_OF_HOST_MEMORY"
        let skipped = found.devices.filter { $0.description.reasonForSkipping != nil }
        #expect(found.devices.map(\.description.index) == Array(0..<found.devices.count))
        if function == "clGetDeviceInfo" {
          // Indices stay, and all but one device is as in the whole list.
          #expect(found.devices.count == 6 && found.failures.isEmpty)
          #expect(skipped.count == 1, "\(function) \(occurrence)")
          #expect(
            skipped.first?.description.reasonForSkipping
              == "it does not say what it can do: \(sentence)")
          let others = zip(found.devices, Self.whole.devices).filter {
            $0.0.description.reasonForSkipping == nil
          }
          #expect(others.allSatisfy { $0.0.description == $0.1.description })
        } else {
          #expect(found.devices.count == 4 && skipped.isEmpty, "\(function) \(occurrence)")
          #expect(found.failures.map(\.reason) == [sentence])
          let silent = Set(Self.whole.devices.map(\.description.platform)).subtracting(
            found.devices.map(\.description.platform))
          let name = found.failures.first?.name
          #expect(silent.count == 1 && (name == nil || silent.contains(name!)))
        }
      }
    }

    @Test(
      "where no platform can be listed, the reason is told; where there is none, nothing failed")
    func noPlatforms() {
      func found(_ code: cl_int) -> OpenCLInventory {
        let plan = OpenCLFaults.Plan(function: "clGetPlatformIDs", occurrence: 1, code: code)
        return OpenCLInventory.take(FakeDevices.library.with(OpenCLFaults(plan)))
      }
      let failed = found(CL_OUT_OF_HOST_MEMORY)
      #expect(failed.devices.isEmpty)
      #expect(
        failed.failures == [
          OpenCLPlatformFailure(
            name: nil, reason: "clGetPlatformIDs failed with OUT_OF_HOST_MEMORY")
        ])
      #expect(found(-1001).devices.isEmpty && found(-1001).failures.isEmpty)
    }
  }
}

/// Devices that were found, without any machine.
@Suite("What auto takes and why") struct AutomaticChoiceTests {
  private func device(
    _ index: Int, _ kind: OpenCLDeviceDescription.Kind, _ reason: String? = nil
  ) -> OpenCLDeviceDescription {
    var device = OpenCLDeviceDescription(
      index: index, name: "device \(index)", vendor: "maker", platform: "platform", driver: "1.0",
      kind: kind, memoryBytes: 10 << 30, largestBuffer: 2 << 30)
    (device.reasonForSkipping, device.selfTest) = (reason, reason == nil ? .passed : .failed)
    return device
  }

  @Test("the first usable GPU is taken, and every other device says why it is not")
  func reasons() {
    let found = [
      device(0, .cpu), device(1, .gpu, "it fails the self-test: fma"), device(2, .gpu),
      device(3, .accelerator), device(4, .gpu),
    ]
    let listings = found.map { Device.listing($0, among: found) }
    #expect(listings.map(\.isChosenByAuto) == [false, false, true, false, false])
    #expect(
      listings.map(\.reasonForChoice) == [
        "an OpenCL device of CPU type is for tests", "it cannot be used",
        "it is the first usable GPU", "it is no GPU", "opencl:2 is the first usable GPU",
      ])
    #expect(listings.map(\.name) == (0..<5).map { "opencl:\($0)" })
    #expect(listings[1].selfTest == .failed && listings[2].selfTest == .passed)
    #expect(listings[2].memory.largestTensor == 2 << 30)
  }
}
