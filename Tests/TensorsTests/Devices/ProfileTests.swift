import Testing

@testable import Tensors

@Suite(.serialized) struct ProfileTests {
  /// Of their own, since other tests' calls would be counted, too.
  static let devices: [any Backend] =
    [try? CPUBackend(threads: 2)].compactMap(\.self)
    + TestDevices.openCL.prefix(1).compactMap {
      try? OpenCLBackend($0.device, library: $0.library)
    }

  /// A step that draws, multiplies, normalises rows and sums, three times, once of them recorded.
  private func work(on device: Device) throws -> [[UInt32]] {
    let x = Tensor.uniform([40, 30], key: RandomKey(seed: 1, stream: 2), on: device)
    func step(_ x: Tensor) -> Tensor {
      let y = x.matmul(x, transposingOther: true).softmax()
      return (y + y).sum(axes: [1])
    }
    let eager = step(x)
    let recorded = RecordedStep(1, on: device, inputs: [x]) { [step($0[0])] }
    let first = try recorded.results[0].floats()
    recorded.replay(2, inputs: [x + x])
    return try [eager.floats(), first, recorded.results[0].floats()].map { $0.map(\.bitPattern) }
  }

  @Test("profiled results have the same bits, and the table adds up", arguments: devices.indices)
  func adds(index: Int) throws {
    let device = Device(backend: Self.devices[index])
    let plain = try work(on: device)
    let (profiled, profile) = try device.profiled { try work(on: device) }
    #expect(profiled == plain)
    #expect(try work(on: device) == plain, "and afterwards")

    let rows = profile.rows
    #expect(rows.map(\.seconds) == rows.map(\.seconds).sorted(by: >))
    #expect(rows.allSatisfy { $0.calls > 0 && $0.launches >= $0.calls && $0.seconds >= 0 })
    let seconds: Double = rows.reduce(0) { $0 + $1.seconds }
    #expect(profile.seconds == seconds)
    #expect(profile.seconds > 0)
    #expect(Set(rows.map { "\($0.kind) \($0.program)" }).count == rows.count)
    func calls(_ kind: String) -> Int {
      rows.filter { $0.kind == kind }.reduce(0) { $0 + $1.calls }
    }
    // Three steps; x + x beside them; a copy to the inputs of the recording and of the replay.
    for kind in ["gemm", "softmax", "reduce"] { #expect(calls(kind) == 3, "\(kind)") }
    #expect(calls("binary") == 4 && calls("random") == 1 && calls("copy") == 2)
    let products = rows.filter { $0.kind == "gemm" }
    let (flops, bytes) = products.reduce((0, 0)) { ($0.0 + $1.flops, $0.1 + $1.bytes) }
    #expect(flops == 3 * 2 * 40 * 40 * 30)
    #expect(bytes == 3 * 4 * (2 * 1200 + 1600))
  }

  @Test("more calls than times are kept at once are all in the table", arguments: devices.indices)
  func many(index: Int) throws {
    let device = Device(backend: Self.devices[index])
    let ones = Tensor(filling: [64], with: 1, on: device)
    let (sum, profile) = try device.profiled {
      var sum = ones
      for _ in 0..<2000 { sum = sum + ones }
      return try sum.floats()
    }
    #expect(sum == [Float](repeating: 2001, count: 64))
    #expect(profile.rows.map(\.kind) == ["binary"])
    #expect(profile.rows[0].calls == 2000 && profile.rows[0].flops == 2000 * 64)
  }

  @Test("what the work throws is thrown, and the device goes on without a profile")
  func thrown() throws {
    struct Stop: Error {}
    for backend in Self.devices {
      let device = Device(backend: backend)
      #expect(throws: Stop.self) { try device.profiled { throw Stop() } }
      let (_, profile) = try device.profiled {}
      #expect(profile.rows.isEmpty && profile.seconds == 0)
    }
  }
}
