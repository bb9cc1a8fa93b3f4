import Testing

@testable import Tensors

@Suite("CPU device")
struct CPUDeviceTests {
  @Test("live tensors are counted, and memory is used again")
  func memoryUse() throws {
    let device = try Device.cpu(threads: 1)
    #expect(device.memoryUse == MemoryUse())
    var x: Tensor? = Tensor.zeros([1024], on: device)
    #expect(device.memoryUse.current == 4096)
    x = nil
    #expect(device.memoryUse == MemoryUse(current: 0, peak: 4096, cached: 4096))
    x = .ones([1000], on: device)
    #expect(device.memoryUse == MemoryUse(current: 4096, peak: 4096, cached: 0))
    #expect(try x!.floats() == [Float](repeating: 1, count: 1000))
  }

  @Test("slices of the first axis and reshapes share memory; other slices do not")
  func views() throws {
    let device = try Device.cpu(threads: 1)
    let x = Tensor((0..<600).map(Float.init), shape: [6, 100], on: device)
    let use = device.memoryUse.current
    let rows = x.sliced(2..<4)
    let picture = rows.reshaped([2, 10, 10])
    #expect(device.memoryUse.current == use)
    #expect(try picture.floats() == (200..<400).map(Float.init))
    let columns = x.sliced(98..<100, axis: 1)
    #expect(device.memoryUse.current > use)
    #expect(try columns.sliced(5..<6).floats() == [598, 599])
  }

  @Test("the name says instruction set and threads")
  func name() throws {
    #expect(
      try Device.cpu(instructionSet: .reference, threads: 1).description
        == "cpu (reference, 1 thread)")
    #expect(
      try Device.cpu(instructionSet: .reference, threads: 3).description
        == "cpu (reference, 3 threads)")
  }

  @Test("several threads may use one device at once")
  func concurrentUse() async throws {
    let device = try Device.cpu(threads: 3)
    let results = await withTaskGroup(of: Double?.self) { group in
      for task in 0..<8 {
        group.addTask {
          var x = Tensor(filling: [257, 129], with: Float(task), on: device)
          for _ in 0..<20 { x = x + 1 }
          return try? x.sum().scalar()
        }
      }
      return await group.reduce(into: []) { $0.append($1 ?? .nan) }
    }
    let expected = (0..<8).map { task in Double((task + 20) * 257 * 129) }
    #expect(results.sorted() == expected)
  }

  @Test("two devices with their own threads run side by side")
  func sideBySide() throws {
    let devices = try (1...3).map { try Device.cpu(threads: $0) }
    let sums = try devices.map { try Tensor.ones([1000, 1000], on: $0).sum().scalar() }
    #expect(sums == [1e6, 1e6, 1e6])
  }
}
