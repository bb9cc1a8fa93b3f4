import CKernels
import COpenCLKernels
import Foundation
import Locks
import Testing

@testable import Tensors

/// The driver half of the OpenCL backend, on the first usable device.
@Suite("OpenCL driver", .enabled(if: !TestDevices.openCL.isEmpty, TestDevices.skipped))
struct OpenCLDriverTests {
  let library: OpenCLLibrary
  let device: OpenCLDevice
  let folder = TemporaryFolder()

  init() throws {
    library = try OpenCLLibrary.system.get()
    device = try #require(
      OpenCLDevice.all(of: library).first { $0.description.reasonForSkipping == nil })
  }

  var cache: ProgramCache { ProgramCache(folder: folder.url, capacity: 64 << 20) }

  @Test("devices are numbered in order and say what they are")
  func devices() {
    let devices = OpenCLBackend.devices()
    #expect(devices.map(\.index) == Array(devices.indices))
    for device in devices {
      #expect(!device.name.isEmpty && !device.platform.isEmpty && !device.driver.isEmpty)
      #expect(device.memoryBytes > 0)
    }
    #expect(devices == OpenCLBackend.devices())
  }

  @Test("an index beyond the last device is refused with the list of those there are")
  func unknownIndex() {
    #expect {
      try OpenCLBackend.open(index: 99)
    } throws: { error in
      guard case DeviceError.unknownDevice("opencl:99", let found)? = error as? DeviceError
      else { return false }
      return found.first == "cpu" && found.count > 1
    }
  }

  @Test("a device is opened once and shared")
  func shared() throws {
    let index = device.description.index
    #expect(try OpenCLBackend.open(index: index) === OpenCLBackend.open(index: index))
  }

  // MARK: Programs

  @Test("a program that does not compile brings the compiler's whole output")
  func buildLog() throws {
    let builder = try builder(nil)
    let source =
      "__kernel void broken(__global float *y) { y[0] = first_mistake + second_mistake; }\n"
    #expect {
      try builder.build(name: "broken", source: source, macros: "")
    } throws: { error in
      guard case DeviceError.buildFailed(let name, "broken", let log)? = error as? DeviceError
      else { return false }
      return name == device.name && log.contains("first_mistake") && log.contains("second_mistake")
    }
  }

  @Test("a second build takes the binary from the cache")
  func cacheHit() throws {
    let builder = try builder(folder)
    _ = try builder.build(name: "one", source: Self.source(kernel: "one"), macros: "")
    let key = builder.key(source: Self.source(kernel: "one"), macros: "")
    let binary = try #require(cache.binary(for: key))
    // Another program's key now leads to this binary, so its kernel shows where a program came
    // from.
    let other = Self.source(kernel: "two")
    cache.store(binary, for: builder.key(source: other, macros: ""))
    let program = try builder.build(name: "two", source: other, macros: "")
    #expect(hasKernel("one", program))
    #expect(!hasKernel("two", program))
  }

  @Test("a damaged entry, or one that the driver refuses, is built anew and replaced")
  func cacheDamage() throws {
    let builder = try builder(folder)
    let source = Self.source(kernel: "one")
    let key = builder.key(source: source, macros: "")
    cache.store(Array("no binary of any driver".utf8), for: key)
    #expect(hasKernel("one", try builder.build(name: "one", source: source, macros: "")))
    let binary = try #require(cache.binary(for: key))
    #expect(binary != Array("no binary of any driver".utf8))

    let file = try #require(
      FileManager.default.contentsOfDirectory(at: folder.url, includingPropertiesForKeys: nil)
        .first)
    try Data([1, 2, 3]).write(to: file)
    #expect(hasKernel("one", try builder.build(name: "one", source: source, macros: "")))
    #expect(cache.binary(for: key) != nil)
  }

  @Test("macros and source are part of the key")
  func keys() throws {
    let builder = try builder(folder)
    let keys = [("a", ""), ("a", "-DX"), ("b", "")].map { builder.key(source: $0, macros: $1) }
    #expect(Set(keys).count == 3)
  }

  // MARK: Memory

  @Test("memory beyond the limit is refused, and the failure is kept")
  func memoryLimit() throws {
    let backend = try OpenCLBackend(device, library: library, memoryLimit: 1 << 20)
    let fits = Storage(byteCount: 512 << 10, on: backend)
    try backend.synchronize()
    let tooMuch = Storage(byteCount: 600 << 10, on: backend)
    let expected = DeviceError.outOfMemory(
      device: device.name, requested: 600 << 10, inUse: 512 << 10, limit: 1 << 20)
    #expect(throws: expected) { try backend.synchronize() }
    // Later work does nothing, on what was allocated before too, and the first failure stays.
    backend.execute(fill(fits, count: 10, value: 1))
    let later = Storage(byteCount: 16, on: backend)
    #expect(throws: expected) { try floats(fits.memory, count: 1, on: backend) }
    _ = (tooMuch, later)
  }

  @Test("one tensor beyond the device's largest buffer is refused with both sizes")
  func largestBuffer() throws {
    let backend = try OpenCLBackend(device, library: library, memoryLimit: .max)
    _ = Storage(byteCount: device.largestBuffer + 1, on: backend)
    let expected = DeviceError.bufferTooLarge(
      device: device.name, requested: device.largestBuffer + 1, largest: device.largestBuffer)
    #expect(throws: expected) { try backend.synchronize() }
  }

  // MARK: Order and faults

  @Test("work from several threads on one device stays apart")
  func threads() async throws {
    let backend = try OpenCLBackend.open(index: device.description.index)
    try await withThrowingTaskGroup(of: [Float].self) { group in
      for task in 0..<8 {
        group.addTask {
          let storage = Storage(byteCount: 4000, on: backend)
          for round in 0...50 {
            backend.execute(fill(storage, count: 1000, value: Float(task * 1000 + round)))
          }
          return try floats(storage.memory, count: 1000, on: backend)
        }
      }
      for try await values in group {
        #expect(Set(values).count == 1)
        #expect(Int(values[0]) % 1000 == 50)
      }
    }
  }

  @Test("PoCL's backends take turns with one another, other platforms' with nobody")
  func turns() {
    func turn(_ platform: String) -> QueueTurn {
      let said = device.description
      var other = device
      other.description = OpenCLDeviceDescription(
        index: 0, name: said.name, vendor: said.vendor, platform: platform, driver: said.driver,
        kind: .gpu, memoryBytes: said.memoryBytes, largestBuffer: said.largestBuffer)
      return QueueTurn.forBackend(of: other)
    }
    #expect(turn("Portable Computing Language") === turn("Portable Computing Language"))
    #expect(turn("another") !== turn("another"))
  }

  @Test(
    "two backends of one device are right while both run the same kernel, on grids of any width")
  func twoBackends() async throws {
    // No other test compiles for groups of this size, so that the grids grow from the narrowest here.
    var device = device
    device.groupSize = 16
    let (narrow, wide) = (
      try OpenCLBackend(device, library: library, cache: cache),
      try OpenCLBackend(device, library: library, cache: cache)
    )
    let wideIsDone = Locked(false)
    try await withThrowingTaskGroup { group in
      group.addTask {
        let ones = operand(4 << 14, of: 1, on: narrow)
        let y = operand(16, of: 0, on: narrow)
        while !wideIsDone.withLock({ $0 }) {
          for _ in 0..<8 { narrow.execute(product(ones, ones, rows: 4, inner: 1 << 14, into: y)) }
          let values = try floats(y.memory, count: 16, on: narrow)
          #expect(values == [Float](repeating: 16384, count: 16))
        }
      }
      group.addTask {
        defer { wideIsDone.withLock { $0 = true } }
        let ones = operand(4 << 14, of: 1, on: wide)
        let y = operand(4 << 14, of: 0, on: wide)
        for bits in 0...12 {
          for _ in 0..<4 { wide.execute(product(ones, ones, rows: 4 << bits, inner: 4, into: y)) }
          let values = try floats(y.memory, count: 16 << bits, on: wide)
          #expect(Set(values) == [4])
        }
      }
      try await group.waitForAll()
    }
  }

  @Test("error codes are told by name")
  func errorNames() {
    #expect(OpenCLFailure.name(CL_INVALID_KERNEL_ARGS) == "INVALID_KERNEL_ARGS")
    #expect(OpenCLFailure.name(-4242) == "error -4242")
  }

  // MARK: Helpers

  private func builder(_ folder: TemporaryFolder?) throws -> ProgramBuilder {
    let context = try library.create("clCreateContext") { cl, code in
      var id: cl_device_id? = device.id
      return cl.clCreateContext(nil, 1, &id, nil, nil, &code)
    }
    return ProgramBuilder(
      library: library, context: context, device: device,
      cache: ProgramCache(folder: folder?.url, capacity: 64 << 20))
  }

  private static func source(kernel: String) -> String {
    "__kernel void \(kernel)(__global float *y) { y[get_global_id(0)] = 1.0f; }\n"
  }

  private func hasKernel(_ name: String, _ program: cl_program) -> Bool {
    (try? library.create("clCreateKernel") { cl, code in
      cl.clCreateKernel(program, name, &code)
    }) != nil
  }
}

private func fill(_ storage: Storage, count: Int32, value: Float) -> KernelCall {
  .fill(
    ck_fill_shape(count: count, value: value),
    y: Operand(storage: storage, offset: 0, dtype: .float32))
}

private func operand(_ count: Int, of value: Float, on backend: OpenCLBackend) -> Operand {
  let storage = Storage(byteCount: count * 4, on: backend)
  backend.execute(fill(storage, count: Int32(count), value: value))
  return Operand(storage: storage, offset: 0, dtype: .float32)
}

/// [rows, inner] × [inner, 4].
private func product(
  _ a: Operand, _ b: Operand, rows: Int, inner: Int, into c: Operand
) -> KernelCall {
  var shape = ck_gemm_shape()
  (shape.batch, shape.m, shape.n, shape.k) = (1, Int32(rows), 4, Int32(inner))
  (shape.lda, shape.ldb, shape.ldc) = (Int32(inner), 4, 4)
  return .gemm(shape, a: a, b: b, bias: nil, c: c)
}

private func floats(_ memory: Memory, count: Int, on backend: any Backend) throws -> [Float] {
  var values = [Float](repeating: .nan, count: count)
  try values.withUnsafeMutableBytes {
    try backend.download(from: memory, byteOffset: 0, to: $0)
  }
  return values
}
