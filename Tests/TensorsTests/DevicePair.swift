import CKernels
import Testing

@testable import Tensors

/// The CPU's reference kernels beside the first usable OpenCL device.
struct DevicePair {
  let reference: CPUBackend
  let device: OpenCLBackend

  init() {
    reference = try! CPUBackend(instructionSet: .reference, threads: 1)
    let usable = OpenCLBackend.devices().first { $0.reasonForSkipping == nil }
    device = try! OpenCLBackend.open(index: usable?.index ?? 0)
  }

  /// Runs one call on both, on random inputs and outputs of the given element counts, and expects the same bits in every buffer,
  /// the 7 canaries before and after each included.
  func expectSame(
    inputs: [Int], outputs: [Int], seed: UInt64 = 1,
    sourceLocation: SourceLocation = #_sourceLocation, _ call: ([Operand]) -> KernelCall
  ) throws {
    var generator = SplitMix64(state: seed)
    let values = (inputs + outputs).map { count in
      (0..<(count + 14)).map { _ in Float.random(in: -2...2, using: &generator) }
    }
    let expected = try run(values, on: reference, call)
    let found = try run(values, on: device, call)
    for (buffer, (e, f)) in zip(expected, found).enumerated() {
      let difference = e.indices.first { e[$0].bitPattern != f[$0].bitPattern && !(e[$0].isNaN && f[$0].isNaN) }
      guard let at = difference else { continue }
      let count = e.indices.filter { e[$0].bitPattern != f[$0].bitPattern }.count
      Issue.record(
        "buffer \(buffer), element \(at - 7) of \(e.count - 14): expected \(e[at]), found \(f[at]); \(count) differ (seed \(seed))",
        sourceLocation: sourceLocation)
      return
    }
  }

  private func run(
    _ values: [[Float]], on backend: any Backend, _ call: ([Operand]) -> KernelCall
  ) throws -> [[Float]] {
    let storages = values.map { values in
      let storage = Storage(byteCount: values.count * 4, on: backend)
      values.withUnsafeBytes { backend.upload($0, to: storage, byteOffset: 0) }
      return storage
    }
    backend.execute(call(storages.map { Operand(storage: $0, offset: 7, dtype: .float32) }))
    return try zip(storages, values).map { storage, values in
      var result = values
      try result.withUnsafeMutableBytes { (bytes) throws in
        try backend.download(from: storage, byteOffset: 0, to: bytes)
      }
      return result
    }
  }
}

/// Steele, Lea and Flood's generator: small, and the same everywhere.
struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
