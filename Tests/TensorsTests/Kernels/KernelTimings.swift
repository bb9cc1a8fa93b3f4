import Foundation
import Testing

@testable import Tensors

/// Rows whose name contains it are timed; all that are worth it when empty.
private let timedRows = ProcessInfo.processInfo.environment["ATELIER_TIME_KERNELS"]

/// The table of checks as a table of speeds, by `scripts/time-kernels [part of a name]`.
///
/// It prints and asserts nothing; other programs must be quiet.
@Suite("Kernel timings", .enabled(if: timedRows != nil), .serialized)
struct KernelTimings {
  @Test("microseconds of each row on each instruction set, one thread, beside the reference")
  func table() throws {
    let filter = timedRows ?? ""
    // Rows of a few elements time the call, not the kernel: they count only when asked for by name.
    let rows = KernelTable.cases.filter {
      filter.isEmpty ? $0.byteCount > 100_000 || $0.flops > 1e6 : $0.name.contains(filter)
    }
    let sets = TestBackends.instructionSets
    let width = rows.map(\.name.count).max() ?? 0
    print(
      "row".padded(width), sets.map { "\($0.rawValue) µs".padded(14) }.joined(),
      "ratio GFLOP/s GB/s")
    for row in rows {
      let prepared = PreparedCase(row)
      let seconds = try sets.map { try time(prepared, on: TestBackends.cpu($0, threads: 1)) }
      let (reference, best) = (seconds[0], seconds[seconds.count - 1])
      print(
        row.name.padded(width),
        seconds.map { String(format: "%-14.2f", $0 * 1e6) }.joined(),
        String(
          format: "%5.1f %7.1f %5.1f", reference / best, row.flops / best / 1e9,
          Double(row.byteCount) / best / 1e9))
    }
  }

  /// Least of repeated runs: a fifth of a second of them, three at least.
  private func time(_ prepared: PreparedCase, on backend: any Backend) throws -> Double {
    let call = prepared.call(on: backend)
    backend.execute(call)
    try backend.synchronize()
    var (least, total, runs) = (Double.infinity, 0.0, 0)
    while total < 0.2 || runs < 3 {
      let start = DispatchTime.now().uptimeNanoseconds
      backend.execute(call)
      try backend.synchronize()
      let seconds = Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-9
      (least, total, runs) = (min(least, seconds), total + seconds, runs + 1)
    }
    return least
  }
}

extension String {
  fileprivate func padded(_ width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
}
