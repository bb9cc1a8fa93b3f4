import FileFormats
import Foundation
import Tensors

/// All that a run of ``KernelBenchmark`` or ``TrainingBenchmark`` found, as it is kept.
package struct BenchmarkReport {
  /// `kernels` or `training`.
  package var kind: String
  /// Processor and instruction set, or an OpenCL device by index and name.
  package var device: String
  /// Platform and driver of an OpenCL device.
  package var driver: String?
  /// That made it.
  package var command: String
  /// As `2026-11-22`.
  package var date: String
  /// Versions of the peers that took part, by name.
  package var peers: [(name: String, description: String)] = []
  /// Why peers that were asked for did not.
  package var missing: [(name: String, reason: String)] = []
  package var roofs: [Roofs] = []
  package var rows: [Figures] = []
  package var refused: [Refusal] = []
  /// Turns that each side was to have in each row.
  package var rounds: Int
  /// What `ATELIER_MAX_ISA` allowed; nil where it said nothing.
  package var cap: InstructionSet?
  /// The largest share of a core that others used in any stretch of turns that was kept.
  ///
  /// Of a provisional run, their share of all of it. Nil where nobody knows.
  package var othersShareOfCore: Double?
  /// Taken although others kept the machine busy: for orientation alone.
  package var isProvisional = false
  /// Whether it has all rows that were asked for; not where somebody interrupted it.
  package var isComplete = true

  package init(
    kind: String, device: String, command: String, date: String, rounds: Int,
    cap: InstructionSet? = nil
  ) {
    (self.kind, self.device, self.command, self.date) = (kind, device, command, date)
    (self.rounds, self.cap) = (rounds, cap)
  }

  package mutating func receive(_ event: BenchmarkEvent) {
    switch event {
    case .roofs(let found): roofs.append(found)
    case .timed(let figures): rows.append(figures)
    case .refused(let refusal): refused.append(refusal)
    }
  }

  package var json: JSONValue {
    func members(_ pairs: [(String, String)]) -> JSONValue {
      .object(Dictionary(pairs.map { ($0, .string($1)) }, uniquingKeysWith: { $1 }))
    }
    return [
      "device": .string(device), "driver": driver.map { .string($0) } ?? .null,
      "command": .string(command), "date": .string(date),
      "peers": members(peers), "missing": members(missing),
      "roofs": .array(roofs.map(\.json)), "rows": .array(rows.map(\.json)),
      "refused": .array(
        refused.map {
          [
            "name": .string($0.name), "threads": $0.threads.map { .integer($0) } ?? .null,
            "reason": .string($0.reason),
          ]
        }),
      "rounds": .integer(rounds), "cap": cap.map { .string($0.rawValue) } ?? .null,
      "othersShareOfCore": othersShareOfCore.map { .number(($0 * 1e4).rounded() / 1e4) } ?? .null,
      "isProvisional": .bool(isProvisional), "isComplete": .bool(isComplete),
    ]
  }

  /// Such as `2026-11-22-amd-epyc-avx512-kernels.json`, with `-2`, `-3` and so on where that is taken,
  /// so that no run takes another's place.
  package func fileName(isTaken: (_ name: String) -> Bool) -> String {
    let words = device.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
    let name = "\(date)-\(words.joined(separator: "-"))-\(kind)"
    var (file, number) = ("\(name).json", 1)
    while isTaken(file) {
      number += 1
      file = "\(name)-\(number).json"
    }
    return file
  }

  /// This machine's processor and the instruction set in use, such as `AMD EPYC, avx512`, or
  /// `AMD EPYC, avx2` under a cap.
  package static var thisDevice: String {
    let lines = FileManager.default.contents(atPath: "/proc/cpuinfo").map {
      String(decoding: $0, as: UTF8.self).split(separator: "\n")
    }
    let name = lines?.first { $0.hasPrefix("model name") }?.split(separator: ":").last
    return (name?.trimmingCharacters(in: .whitespaces) ?? "unnamed processor")
      + ", \(InstructionSet.best.rawValue)"
  }
}
