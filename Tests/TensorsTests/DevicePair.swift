import CKernels
import Testing

@testable import Tensors

/// The CPU's reference kernels beside the first usable OpenCL device, opened for this pair alone so that a failure stays here.
struct DevicePair {
  let reference: CPUBackend
  let device: OpenCLBackend

  init() throws {
    reference = try CPUBackend(instructionSet: .reference, threads: 1)
    let usable = OpenCLBackend.devices().first { $0.reasonForSkipping == nil }
    let library = try OpenCLLibrary.system.get()
    device = try OpenCLBackend(
      OpenCLDevice.all(of: library)[try #require(usable, "no OpenCL device").index],
      library: library)
  }

  /// Runs one call on both, on random operands, and expects the same bits in every one, margins of canaries included; any NaN equals
  /// any other.
  func expectSame(
    _ name: String, seed: UInt64 = 1, _ buffers: [TestBuffer],
    sourceLocation: SourceLocation = #_sourceLocation, _ call: ([Operand]) -> KernelCall
  ) throws {
    let before = buffers.enumerated().map { $1.bits(seed: seed &* 1000 &+ UInt64($0)) }
    let expected = try run(buffers, before, on: reference, call)
    let found = try run(buffers, before, on: device, call)
    for (index, buffer) in buffers.enumerated() {
      let differing = expected[index].indices.filter {
        !buffer.same(expected[index][$0], found[index][$0])
      }
      guard let at = differing.first else { continue }
      Issue.record(
        """
        \(name): operand \(index) differs in \(differing.count) of \(buffer.count) words, first at \
        \(at - TestBuffer.margin): expected \(buffer.text(expected[index][at])), found \
        \(buffer.text(found[index][at])) (seed \(seed))
        """, sourceLocation: sourceLocation)
    }
    #expect(
      expected != before || buffers.contains { $0.count == 0 },
      "\(name): the reference wrote nothing", sourceLocation: sourceLocation)
  }

  private func run(
    _ buffers: [TestBuffer], _ contents: [[UInt32]], on backend: any Backend,
    _ call: ([Operand]) -> KernelCall
  ) throws -> [[UInt32]] {
    let operands = zip(buffers, contents).map { buffer, bits in
      let storage = Storage(byteCount: bits.count * 4, on: backend)
      bits.withUnsafeBytes { backend.upload($0, to: storage, byteOffset: 0) }
      let offset = TestBuffer.margin * 4 / buffer.dtype.byteCount
      return Operand(storage: storage, offset: offset, dtype: buffer.dtype)
    }
    backend.execute(call(operands))
    return try zip(operands, contents).map { operand, bits in
      var result = bits
      try result.withUnsafeMutableBytes {
        try backend.download(from: operand.storage, byteOffset: 0, to: $0)
      }
      return result
    }
  }
}

/// How to fill one operand, in words of 32 bits, with a margin of canaries before and after.
struct TestBuffer {
  static let margin = 7

  let dtype: DType
  let count: Int
  private let word: (inout SplitMix64) -> UInt32

  /// float32, uniform in a range; a tenth of them from `special`.
  static func floats(
    _ count: some BinaryInteger, _ range: ClosedRange<Float> = -2...2, special: [Float] = []
  ) -> TestBuffer {
    TestBuffer(dtype: .float32, count: Int(count)) { generator in
      let value = Float.random(in: range, using: &generator)
      let takesSpecial = Int.random(in: 0..<10, using: &generator) == 0
      let choice = takesSpecial ? special.randomElement(using: &generator) : nil
      return (choice ?? value).bitPattern
    }
  }

  static func integers(_ count: some BinaryInteger, _ range: ClosedRange<Int32>) -> TestBuffer {
    TestBuffer(dtype: .int32, count: Int(count)) {
      UInt32(bitPattern: Int32.random(in: range, using: &$0))
    }
  }

  /// Any bits at all, read as a type of 16 or 32 bits.
  static func anything(_ words: Int, as dtype: DType) -> TestBuffer {
    TestBuffer(dtype: dtype, count: words) { UInt32(truncatingIfNeeded: $0.next()) }
  }

  func bits(seed: UInt64) -> [UInt32] {
    var generator = SplitMix64(state: seed)
    return (0..<(count + 2 * Self.margin)).map { _ in word(&generator) }
  }

  func same(_ a: UInt32, _ b: UInt32) -> Bool {
    switch dtype {
    case .float32:
      a == b || (Float(bitPattern: a).isNaN && Float(bitPattern: b).isNaN)
    case .float16, .bfloat16: sameHalf(a & 0xffff, b & 0xffff) && sameHalf(a >> 16, b >> 16)
    default: a == b
    }
  }

  private func sameHalf(_ a: UInt32, _ b: UInt32) -> Bool {
    let infinity: UInt32 = dtype == .float16 ? 0x7c00 : 0x7f80
    return a == b || (a & 0x7fff > infinity && b & 0x7fff > infinity)
  }

  func text(_ bits: UInt32) -> String {
    let hexadecimal = String(bits, radix: 16)
    return dtype == .float32 ? "\(Float(bitPattern: bits)) (\(hexadecimal))" : hexadecimal
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
