internal import CKernels
import FileFormats
import Foundation
import Tensors

/// The most that the machine does with a number of threads, measured at the start of a run.
///
/// A roof is the best of many short measurements, spread over all the time that measuring takes, so
/// that what disturbs some of them does not lower it.
package struct Roofs: Sendable {
  package let threads: Int
  /// Billions of float32 operations a second by fused multiply-adds in registers alone, per
  /// instruction set, in rising order; an instruction set that the processor lacks is absent.
  package let multiplyAdds: [(instructionSet: InstructionSet, gigaflops: Double)]
  /// The same in bfloat16 by `vdpbf16ps`; nil where the processor lacks it.
  package let bfloat16: Double?
  /// The same in bfloat16 by `tdpbf16ps`, on the tiles of AMX; nil where there are none or none are
  /// wanted.
  package var bfloat16OnTiles: Double?
  /// Plain copies by the bytes that they move, in rising order: the faster of `memcpy` and of stores
  /// that pass the caches by, between blocks of memory that lie as tensors do.
  ///
  /// Nothing that reads as many bytes as it writes, elsewhere, is faster. What updates memory in place
  /// may be, since it has half the addresses: Adam, which reads four streams and writes three of
  /// them.
  package let copies: [Copy]

  package struct Copy: Sendable {
    /// Read and written together.
    package let bytes: Int
    package let milliseconds: Double
    /// By `memcpy`, else by stores that pass the caches by.
    package var isCached = true
    package var gigabytesPerSecond: Double { Double(bytes) / milliseconds * 1e-6 }
  }

  /// Bytes that copies, and rows bound by memory, move.
  package static let sizes = [1 << 20, 16 << 20, 512 << 20]

  private static let passes = 5

  /// Measures on the cores that the process is bound to; some two seconds.
  ///
  /// - Throws: `DeviceError` where so many threads cannot be started.
  package static func measure(threads: Int, sizes: [Int] = sizes) throws(DeviceError) -> Roofs {
    let pool = try RoofPool(threads: threads)
    let blocks = CopyBlocks(byteCount: (sizes.max() ?? 0) / 2)
    let sets: [(InstructionSet, ck_roof)] = [
      (.avx2, CK_ROOF_AVX2_FMA), (.avx512, CK_ROOF_AVX512_FMA),
    ]
    var peaks = [Double?](repeating: nil, count: sets.count)
    var (bfloat16, bfloat16OnTiles): (Double?, Double?)
    var copies = sizes.map { Copy(bytes: $0, milliseconds: .infinity) }
    func raise(_ best: inout Double?, to found: Double?) {
      if let found { best = max(best ?? 0, found) }
    }
    for _ in 0..<passes {
      for (place, set) in sets.enumerated() {
        raise(&peaks[place], to: pool.gigaflops(set.1))
      }
      raise(&bfloat16, to: pool.gigaflops(CK_ROOF_AVX512_BFLOAT16))
      if InstructionSet.best == .amx {
        raise(&bfloat16OnTiles, to: pool.gigaflops(CK_ROOF_AMX_BFLOAT16))
      }
      for place in copies.indices {
        let found = pool.copy(bytes: sizes[place], in: blocks)
        if found.milliseconds < copies[place].milliseconds { copies[place] = found }
      }
    }
    return Roofs(
      threads: threads,
      multiplyAdds: zip(sets, peaks).compactMap { set, peak in
        peak.map { (instructionSet: set.0, gigaflops: $0) }
      },
      bfloat16: bfloat16, bfloat16OnTiles: bfloat16OnTiles, copies: copies)
  }

  /// For float32 by an instruction set, of which AMX has AVX-512's; nil for the reference, whose
  /// operations no single instruction bounds.
  package func gigaflops(_ set: InstructionSet) -> Double? {
    multiplyAdds.first { $0.instructionSet == min(set, .avx512) }?.gigaflops
  }

  /// For products of a precision by the best instruction set; that of float32 where the processor
  /// does not multiply bfloat16, or is not to.
  func gigaflops(_ precision: Precision) -> Double? {
    // Of any width: a burst of other work may have hit the turns of the widest.
    let float32 = multiplyAdds.filter { $0.instructionSet <= .best }.map(\.gigaflops).max()
    switch (precision, InstructionSet.best) {
    case (.bfloat16, .avx512): return bfloat16 ?? float32
    case (.bfloat16, .amx): return bfloat16OnTiles ?? float32
    default: return float32
    }
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
    let halves = [("avx512", bfloat16), ("amx", bfloat16OnTiles)].compactMap { name, peak in
      peak.map { "\(name) \(String(format: "%.0f", $0)) GFLOP/s" }
    }
    return "roofs of \(threads) thread\(threads == 1 ? "" : "s"):"
      + " float32 \(peaks.isEmpty ? "not here" : peaks.joined(separator: ", "));"
      + " bfloat16 \(halves.isEmpty ? "not here" : halves.joined(separator: ", "));"
      + " copies \(moved.joined(separator: ", "))"
  }

  package var json: JSONValue {
    var peaks: [String: JSONValue] = [:]
    for (set, gigaflops) in multiplyAdds { peaks[set.rawValue] = .number(gigaflops) }
    return [
      "threads": .integer(threads),
      "float32Gigaflops": .object(peaks),
      "bfloat16Gigaflops": bfloat16.map { .number($0) } ?? .null,
      "bfloat16GigaflopsOnTiles": bfloat16OnTiles.map { .number($0) } ?? .null,
      "copies": .array(
        copies.map {
          [
            "bytes": .integer($0.bytes), "milliseconds": .number($0.milliseconds),
            "gigabytesPerSecond": .number($0.gigabytesPerSecond),
            "by": $0.isCached ? "memcpy" : "streaming stores",
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
    // The widest vectors there are; tiles leave fewer.
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
    let least = Self.least(seconds: 0.05) {
      ck_roof_run(pool, roof, Int32(chunks), Int64(rounds), &sums)
    }
    return Double(chunks * rounds) * Double(flops) / least * 1e-9
  }

  /// The fastest of copies that move so many bytes, half of them read and half written: either way
  /// of copying, three turns each.
  func copy(bytes: Int, in blocks: borrowing CopyBlocks) -> Roofs.Copy {
    let (source, target) = (blocks.source, blocks.target)
    func least(_ how: ck_roof_copying) -> Double {
      (0..<3).map { _ in timeTurn(0.01) { ck_roof_copy(pool, how, target, source, bytes / 2) } }
        .min()!
    }
    let (cached, streaming) = (least(CK_ROOF_MEMCPY), least(CK_ROOF_STREAMING))
    return Roofs.Copy(
      bytes: bytes, milliseconds: min(cached, streaming), isCached: cached <= streaming)
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

/// What copies read and write, touched once so that all of it is there.
struct CopyBlocks: ~Copyable {
  let source, target: UnsafeMutableRawPointer

  init(byteCount: Int) {
    source = Self.block(byteCount, filledWith: 1)
    target = Self.block(byteCount, filledWith: 0)
  }

  deinit {
    free(source)
    free(target)
  }

  private static func block(_ byteCount: Int, filledWith byte: UInt8) -> UnsafeMutableRawPointer {
    guard let block = hostBlock(byteCount: max(byteCount, 1)) else {
      fatalError("the system has no \(byteCount) bytes for a plain copy")
    }
    block.initializeMemory(as: UInt8.self, repeating: byte, count: byteCount)
    return block
  }
}
