import Testing

@testable import Tensors

/// The CPU, but for products whose last term is left out.
private final class ForgetfulBackend: Backend {
  private let cpu: CPUBackend
  init() throws { cpu = try CPUBackend(threads: 1) }

  func submit(_ call: KernelCall) {
    guard case .gemm(var scalars, let a, let b, let bias, let c) = call else {
      return cpu.submit(call)
    }
    scalars.k -= 1
    cpu.submit(.gemm(scalars, a: a, b: b, bias: bias, c: c))
  }

  var name: String { "forgetful" }
  var precision: Precision { cpu.precision }
  func supports(_ dtype: DType) -> Bool { true }
  func allocate(byteCount: Int) -> Memory { cpu.allocate(byteCount: byteCount) }
  func release(_ memory: Memory, byteCount: Int) { cpu.release(memory, byteCount: byteCount) }
  func blockSize(for byteCount: Int) -> Int { cpu.blockSize(for: byteCount) }
  func prepare(_ calls: [KernelCall]) -> any PreparedCalls { cpu.prepare(calls) }
  func upload(_ source: UnsafeRawBufferPointer, to memory: Memory, byteOffset: Int) {
    cpu.upload(source, to: memory, byteOffset: byteOffset)
  }
  func download(
    from memory: Memory, byteOffset: Int, to target: UnsafeMutableRawBufferPointer
  ) throws(DeviceError) {
    try cpu.download(from: memory, byteOffset: byteOffset, to: target)
  }
  func synchronize() throws(DeviceError) { try cpu.synchronize() }
  func beginProfile() { cpu.beginProfile() }
  func endProfile() throws(DeviceError) -> Profile { try cpu.endProfile() }
  var memoryUse: MemoryUse { cpu.memoryUse }
  var memoryLimit: MemoryLimit { cpu.memoryLimit }
  var largestBlock: Int { cpu.largestBlock }
  func trim() { cpu.trim() }
}

@Suite struct ComparingBackendTests {
  /// Two products of one size and one of another between calls that are right.
  private func compute(on device: Device) throws -> [Float] {
    func tensor(_ shape: [Int], _ seed: UInt64) -> Tensor {
      Tensor.normal(shape, key: RandomKey(seed: seed, stream: RandomStream.data), on: device)
    }
    let (a, b) = (tensor([5, 7], 1), tensor([7, 6], 2))
    let first = a.matmul(b).tanh()
    let second = (a + 1).matmul(b)
    let sum = (first * second).transposed().matmul(first)
    return try sum.softmax().floats()
  }

  @Test("the kernels that differ are named with their sizes, and nothing that comes after them")
  func named() throws {
    let device = try Device.cpu(comparing: Device(backend: ForgetfulBackend()))
    #expect(try compute(on: device) == compute(on: .cpu))
    let found = device.callDifferences
    #expect(found.map(\.kind) == ["gemm", "gemm"])
    #expect(found.map(\.sizes) == ["5x6x7", "6x6x5"] && found.map(\.calls) == [2, 1])
    #expect(found.allSatisfy { $0.share > 0.01 && $0.share < 2 }, "\(found)")
  }

  @Test("replays are compared, too")
  func replays() throws {
    let device = try Device.cpu(comparing: Device(backend: ForgetfulBackend()))
    let x = Tensor([1, 2, 3, 4] as [Float], shape: [2, 2], on: device)
    let step = RecordedStep(1, on: device, inputs: [x]) { [$0[0].matmul($0[0])] }
    step.replay(2, inputs: [x + 1])
    #expect(try step.results[0].floats() == [16, 21, 28, 37])
    #expect(device.callDifferences.map(\.calls) == [2])
  }

  @Test("a device that does the same is not blamed")
  func same() throws {
    let device = try Device.cpu(comparing: .cpu(instructionSet: .reference, threads: 1))
    #expect(try compute(on: device) == compute(on: .cpu))
    #expect(device.callDifferences.isEmpty && Device.cpu.callDifferences.isEmpty)
  }

  @Test("the other device's failure is thrown where a value is read")
  func failure() throws {
    let small = Device(backend: try CPUBackend(threads: 1, memoryLimit: 4096))
    let device = try Device.cpu(comparing: small)
    let x = Tensor.ones([10_000], on: device)
    #expect(throws: DeviceError.self) { try (x + x).floats() }
  }
}
