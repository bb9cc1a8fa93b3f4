import CKernels
import Testing

@testable import Tensors

/// What only other devices do, on one that poses as such: a GPU's widths, tiles and parts of sums,
/// and little room for Winograd's algorithm.
@Suite(
  "Devices that pose as others", .enabled(if: !TestDevices.openCL.isEmpty, TestDevices.skipped),
  .disabled(if: TestDevices.areInterpreted, "too slow"))
struct PosingDeviceTests {
  private static let graphics: OpenCLBackend? = {
    var device = TestDevices.openCL[0].device
    device.pretendToBeGPU(computeUnits: 132)
    return try? OpenCLBackend(device, library: OpenCLLibrary.system.get())
  }()

  /// Every second row at odd offsets, the others where every load is aligned that can be.
  private static let rows = Array(
    (KernelTable.cases + KernelTable.integers).filter(\.isForDevices).enumerated())

  @Test("the kernels of a GPU give the reference's bits, or its sums in other parts")
  func kernels() throws {
    let device = try #require(Self.graphics)
    let reference = try TestBackends.reference()
    for (place, row) in Self.rows {
      let prepared = PreparedCase(row, isGuarded: place % 2 == 0)
      for failure in try prepared.failures(on: device, prepared.run(on: reference)) {
        Issue.record("\(row.testDescription), seed \(row.seed): \(failure)")
      }
    }
  }

  @Test("Winograd's algorithm gives the same bits run by run of its tiles")
  func littleRoom() throws {
    var device = TestDevices.openCL[0].device
    device.winogradLimit = 1
    let backend = try OpenCLBackend(device, library: OpenCLLibrary.system.get())
    let reference = try TestBackends.reference()
    var inRuns: Set<KernelName> = []
    for row in KernelTable.winograd where row.isForDevices {
      let prepared = PreparedCase(row)
      let call = prepared.call(on: backend)
      if try launches(of: call, on: backend) > launches(of: call, on: TestDevices.openCL[0]) {
        inRuns.insert(KernelName(call))
      }
      for failure in try prepared.failures(on: backend, prepared.run(on: reference)) {
        Issue.record("\(row.testDescription), seed \(row.seed): \(failure)")
      }
    }
    #expect(inRuns == [.conv2d, .conv2dInputGradient, .conv2dFilterGradient])
  }

  private func launches(of call: KernelCall, on backend: OpenCLBackend) throws -> Int {
    var count = 0
    backend.attempt { () throws(DeviceError) in
      let memory = StepMemory(on: PlanningBackend(for: backend))
      count = try backend.launches(of: call, scratchIn: memory).count
    }
    return count
  }

  @Test("the largest tensors have as many work-groups as they need")
  func largest() throws {
    let device = try #require(Self.graphics)
    #expect(device.rows(1 << 27) == 1 << 25 && device.rows(.max) == 1 << 29)
    #expect(device.runs(.max) == 1 << 23 && device.items(Int32.max) == 1 << 25)
    #expect(device.strips(.max) == .max)
  }
}

extension OpenCLDevice {
  mutating func pretendToBeGPU(computeUnits: Int) {
    let said = description
    description = OpenCLDeviceDescription(
      index: said.index, name: said.name, vendor: said.vendor, platform: said.platform,
      driver: said.driver, kind: .gpu, memoryBytes: said.memoryBytes,
      largestBuffer: said.largestBuffer)
    self.computeUnits = computeUnits
    (localBytes, largestGroup) = (48 << 10, 1024)
  }
}
