import COpenCLKernels
import Testing

@testable import Tensors

/// 7 in 256 elements of 1024 bytes, by way of the host and of tensors that come and go.
private func sevens(_ ones: Tensor) -> Tensor {
  let threes = Tensor([Float](repeating: 3, count: 256), shape: [256], on: ones.device)
  return (ones + ones) * threes + ones
}

/// Records and replays a step on a device that may fail: its result, read at the end.
private func recordedSevens(on backend: any Backend) throws -> [Float] {
  let ones = Tensor(filling: [256], with: 1, on: Device(backend: backend))
  let step = RecordedStep(1, on: ones.device, inputs: [ones]) { [sevens($0[0])] }
  step.replay(2, inputs: [ones])
  return try step.results[0].floats()
}

private let expected = [Float](repeating: 7, count: 256)

@Suite struct RecordedStepFaultTests {
  @Test(
    "whichever block cannot be had, the failure is told where values are read, and nothing lost")
  func outOfMemory() throws {
    var failures = 0
    for blocks in 0...20 {
      let backend = try CPUBackend(threads: 1, memoryLimit: blocks * 1024)
      do {
        #expect(try recordedSevens(on: backend) == expected)
        break
      } catch DeviceError.outOfMemory(_, let requested, let inUse, let limit) {
        failures += 1
        #expect(requested == 1024 && inUse == limit && limit == blocks * 1024)
      }
      #expect(backend.memoryUse.current == 0)
      #expect(try recordedSevens(on: Device.cpu.backend) == expected)
    }
    #expect((4..<20).contains(failures))
  }

  @Test("a step that throws is over, and its memory given back")
  func thrown() throws {
    struct Stop: Error {}
    let device = try Device.cpu(threads: 1)
    let ones = Tensor(filling: [256], with: 1, on: device)
    let before = device.memoryUse.current
    #expect(throws: Stop.self) {
      _ = try RecordedStep(1, on: device) { _ in
        _ = sevens(ones)
        throw Stop()
      }
    }
    #expect(device.memoryUse.current == before)
    #expect(try sevens(ones).floats() == expected)
  }
}

@Suite(
  "Recorded steps on OpenCL devices",
  .enabled(if: !TestDevices.openCL.isEmpty, TestDevices.skipped))
struct RecordedStepOnOpenCLTests {
  private let library: OpenCLLibrary
  private let device: OpenCLDevice
  private let folder = TemporaryFolder()

  init() throws {
    library = try OpenCLLibrary.system.get()
    device = TestDevices.openCL[0].device
  }

  private func backend(
    of device: OpenCLDevice, _ library: OpenCLLibrary
  ) throws -> OpenCLBackend {
    try OpenCLBackend(
      device, library: library, cache: ProgramCache(folder: folder.url, capacity: 64 << 20))
  }

  @Test("whichever call fails, the outcome is a typed error or the right result")
  func everyCallFails() throws {
    var failures = 0
    for n in 1...1000 {
      let faulty = library.failing(call: n, code: CL_OUT_OF_RESOURCES)
      do {
        #expect(try recordedSevens(on: backend(of: device, faulty)) == expected)
        if faulty.faultIsPending { break }
      } catch is DeviceError { failures += 1 }
    }
    #expect((20..<1000).contains(failures))
  }

  @Test("a tensor just below the largest buffer is recorded, and one beyond it refused, as eagerly")
  func largestBuffer() throws {
    var device = device
    // 262,144 < 1000 · 290 < 300,000 < 320,000 ≤ 327,680: all of one size class.
    device.largestBuffer = 300_000
    let below = try Device(backend: backend(of: device, library))
    let ones = Tensor(filling: [290, 250], with: 1, on: below)
    let step = RecordedStep(1, on: below, inputs: [ones]) { [$0[0] + $0[0] + $0[0]] }
    step.replay(2, inputs: [ones])
    #expect(try step.results[0].floats() == [Float](repeating: 3, count: 72_500))

    // The block that waits is too small, though of the same class.
    _ = RecordedStep(1, on: below) { _ in
      _ = ones + ones
      return [Tensor(filling: [320, 250], with: 1, on: below)]
    }
    let refused = DeviceError.bufferTooLarge(
      device: device.name, requested: 320_000, largest: 300_000)
    #expect(throws: refused) { try below.synchronize() }
  }
}
