internal import CKernels
import FileFormats
import Foundation
import Tensors

/// The most that the machine does with a number of threads, measured at the start of a run.
package struct Roofs: Sendable {
  package let threads: Int
  /// Billions of float32 operations a second by fused multiply-adds in registers alone, per
  /// instruction set, in rising order; an instruction set that the processor lacks is absent.
  package let multiplyAdds: [(instructionSet: InstructionSet, gigaflops: Double)]
  /// The same in bfloat16 by `vdpbf16ps`; nil where the processor lacks it.
  package let bfloat16: Double?
  /// Plain copies by `memcpy`, by the bytes that they move, in rising order.
  package let copies: [Copy]

  package struct Copy: Sendable {
    /// Read and written together.
    package let bytes: Int
    package let milliseconds: Double
    package var gigabytesPerSecond: Double { Double(bytes) / milliseconds * 1e-6 }
  }

  /// Bytes that copies, and rows bound by memory, move.
  package static let sizes = [1 << 20, 16 << 20, 512 << 20]

  /// Measures on the cores that the process is bound to; a few seconds.
  ///
  /// - Throws: `DeviceError` where so many threads cannot be started.
  package static func measure(threads: Int, sizes: [Int] = sizes) throws(DeviceError) -> Roofs {
    let pool = try RoofPool(threads: threads)
    let sets: [(InstructionSet, ck_roof)] = [
      (.avx2, CK_ROOF_AVX2_FMA), (.avx512, CK_ROOF_AVX512_FMA),
    ]
    return Roofs(
      threads: threads,
      multiplyAdds: sets.compactMap { set, roof in
        pool.gigaflops(roof).map { (instructionSet: set, gigaflops: $0) }
      },
      bfloat16: pool.gigaflops(CK_ROOF_AVX512_BFLOAT16),
      copies: sizes.map { Copy(bytes: $0, milliseconds: pool.copyTime(bytes: $0)) })
  }

  /// For an instruction set; nil for the reference, whose operations no single instruction bounds.
  package func gigaflops(_ set: InstructionSet) -> Double? {
    multiplyAdds.first { $0.instructionSet == set }?.gigaflops
  }

  /// For products of a precision by the best instruction set; that of float32 where the processor
  /// does not multiply bfloat16, or is not to.
  func gigaflops(_ precision: Precision) -> Double? {
    let float32 = gigaflops(InstructionSet.best)
    return precision == .bfloat16 && InstructionSet.best == .avx512 ? bfloat16 ?? float32 : float32
  }

  /// Milliseconds of a plain copy that moves so many bytes, by the rate of the measured copy that is
  /// nearest in size; nil where none was measured.
  package func copyTime(bytes: Int) -> Double? {
    copies.min { abs($0.bytes - bytes) < abs($1.bytes - bytes) }
      .map { $0.milliseconds * Double(bytes) / Double($0.bytes) }
  }

  /// For people.
  package var line: String {
    let peaks = multiplyAdds.map {
      "\($0.instructionSet.rawValue) \(String(format: "%.0f", $0.gigaflops)) GFLOP/s"
    }
    let moved = copies.map {
      "\($0.bytes >> 20) MiB \(String(format: "%.1f", $0.gigabytesPerSecond)) GB/s"
    }
    let half = bfloat16.map { String(format: "%.0f GFLOP/s", $0) } ?? "not here"
    return "roofs of \(threads) thread\(threads == 1 ? "" : "s"):"
      + " float32 \(peaks.isEmpty ? "not here" : peaks.joined(separator: ", "));"
      + " bfloat16 \(half); copies \(moved.joined(separator: ", "))"
  }

  package var json: JSONValue {
    var peaks: [String: JSONValue] = [:]
    for (set, gigaflops) in multiplyAdds { peaks[set.rawValue] = .number(gigaflops) }
    return [
      "threads": .integer(threads),
      "float32Gigaflops": .object(peaks),
      "bfloat16Gigaflops": bfloat16.map { .number($0) } ?? .null,
      "copies": .array(
        copies.map {
          [
            "bytes": .integer($0.bytes), "milliseconds": .number($0.milliseconds),
            "gigabytesPerSecond": .number($0.gigabytesPerSecond),
          ]
        }),
    ]
  }
}

/// Threads of its own for the loops of `ck_roofs.h`.
struct RoofPool: ~Copyable {
  private let pool: OpaquePointer

  init(threads: Int) throws(DeviceError) {
    guard let pool = ck_pool_create(Int32(threads)) else {
      throw .unavailable(
        device: "cpu", reason: "\(threads) threads could not be started", found: [])
    }
    self.pool = pool
  }

  deinit { ck_pool_destroy(pool) }

  /// What the chains of one chunk come to after `rounds` rounds; empty where the processor lacks the
  /// instruction.
  func sums(_ roof: ck_roof, rounds: Int) -> [Float] {
    guard ck_roof_flops_per_round(roof) > 0 else { return [] }
    // The widest vectors there are.
    var sums = [Float](repeating: .nan, count: Int(CK_ROOF_CHAINS) * 16)
    ck_roof_run(pool, roof, 1, Int64(rounds), &sums)
    return sums
  }

  /// The highest rate of many short runs, so that what disturbs some of them does not count.
  func gigaflops(_ roof: ck_roof) -> Double? {
    let flops = ck_roof_flops_per_round(roof)
    guard flops > 0 else { return nil }
    let (chunks, rounds) = (2 * Int(ck_pool_threads(pool)), 20_000)
    var sums = [Float](repeating: 0, count: Int(CK_ROOF_CHAINS) * 16)
    let least = Self.least(seconds: 0.3) {
      ck_roof_run(pool, roof, Int32(chunks), Int64(rounds), &sums)
    }
    return Double(chunks * rounds) * Double(flops) / least * 1e-9
  }

  /// Milliseconds of a copy that moves so many bytes, half of them read and half written; the median
  /// of turns, as rows are timed.
  func copyTime(bytes: Int) -> Double {
    let half = bytes / 2
    let source = UnsafeMutableRawPointer.allocate(byteCount: half, alignment: 64)
    let target = UnsafeMutableRawPointer.allocate(byteCount: half, alignment: 64)
    defer {
      source.deallocate()
      target.deallocate()
    }
    source.initializeMemory(as: UInt8.self, repeating: 1, count: half)
    target.initializeMemory(as: UInt8.self, repeating: 0, count: half)
    let turns = (0..<9).map { _ in timeTurn(0.03) { ck_roof_copy(pool, target, source, half) } }
    return Times(turns).median
  }

  private static func least(seconds: Double, _ work: () -> Void) -> Double {
    let clock = ContinuousClock()
    var (least, total) = (Double.infinity, 0.0)
    while total < seconds {
      let elapsed = clock.measure(work) / .seconds(1)
      (least, total) = (min(least, elapsed), total + elapsed)
    }
    return least
  }
}
