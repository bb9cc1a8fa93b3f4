import FileFormats
import Foundation
import Tensors

/// A profile as people and programs read it.
extension Profile {
  /// A line a kernel, under headings and over their sum.
  package var lines: [String] {
    var lines = [
      Self.columns("kernel", "program", "calls", "launches", "ms", "share", "GFLOP/s", "GB/s")
    ]
    for row in rows {
      lines.append(
        Self.columns(
          row.kind, row.program, "\(row.calls)", "\(row.launches)", Self.milliseconds(row.seconds),
          String(format: "%.1f %%", 100 * share(row)), String(format: "%.1f", row.gigaflops),
          String(format: "%.1f", row.gigabytesPerSecond)))
    }
    let (calls, launches) = (
      rows.reduce(0) { $0 + $1.calls }, rows.reduce(0) { $0 + $1.launches }
    )
    lines.append(
      Self.columns("all", "", "\(calls)", "\(launches)", Self.milliseconds(seconds), "", "", ""))
    return lines
  }

  package var json: JSONValue {
    [
      "milliseconds": .number(1e3 * seconds),
      "rows": .array(
        rows.map {
          [
            "kernel": .string($0.kind), "program": .string($0.program),
            "calls": .integer($0.calls), "launches": .integer($0.launches),
            "milliseconds": .number(1e3 * $0.seconds), "share": .number(share($0)),
            "gigaflops": .number($0.gigaflops),
            "gigabytesPerSecond": .number($0.gigabytesPerSecond),
          ]
        }),
    ]
  }

  private func share(_ row: Row) -> Double { seconds > 0 ? row.seconds / seconds : 0 }

  private static func milliseconds(_ seconds: Double) -> String {
    String(format: "%.3f", 1e3 * seconds)
  }

  /// Names to the left, numbers to the right.
  private static func columns(_ cells: String...) -> String {
    let widths = [23, 24, 9, 10, 12, 9, 10, 9]
    let padded = zip(cells, widths).enumerated().map { index, cell in
      let blanks = String(repeating: " ", count: max(1, cell.1 - cell.0.count))
      return index < 2 ? cell.0 + blanks : blanks + cell.0
    }
    return padded.joined()
  }
}
