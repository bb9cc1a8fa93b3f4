import Foundation

/// What Linux gives this process's control group, as containers and schedulers set it.
///
/// More threads than its share of processor time would be stopped for a part of every period; more
/// memory than it may have ends the process.
enum ControlGroup {
  /// Processors' worth of time; nil where nothing limits it.
  static let processors = processors(root: "/sys/fs/cgroup", membership: "/proc/self/cgroup")
  /// Bytes of memory; nil where nothing limits it.
  static let memoryBytes = memoryBytes(root: "/sys/fs/cgroup", membership: "/proc/self/cgroup")

  /// The smallest limit of the group and those it lies in.
  ///
  /// - Parameters:
  ///   - root: Where the control groups are mounted.
  ///   - membership: Lines `hierarchy:controllers:path`; version 2 has hierarchy 0 and no
  ///     controllers.
  /// - Returns: Processors, or nil where nothing limits them.
  static func processors(root: String, membership: String) -> Double? {
    limits(root, membership, controller: "cpu", limit(version2:), limit(version1:)).min()
  }

  /// The same of memory, in bytes.
  static func memoryBytes(root: String, membership: String) -> Int? {
    limits(
      root, membership, controller: "memory", { bytes("\($0)/memory.max") },
      { bytes("\($0)/memory.limit_in_bytes") }
    ).min()
  }

  /// The limits of the group and those it lies in, as the files of the version in use say them.
  private static func limits<Limit>(
    _ root: String, _ membership: String, controller: String,
    _ version2: (String) -> Limit?, _ version1: (String) -> Limit?
  ) -> [Limit] {
    let lines = text(membership).split(separator: "\n").map {
      $0.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
    }
    return lines.filter { $0.count == 3 }.flatMap { line -> [Limit] in
      let controllers = line[1].split(separator: ",")
      if line[0] == "0" && controllers.isEmpty {
        return folders(root, line[2]).compactMap(version2)
      }
      guard controllers.contains(Substring(controller)) else { return [] }
      return folders("\(root)/\(controller)", line[2]).compactMap(version1)
    }
  }

  /// A group's folder and those above it, down to the root; what a container cannot see of its path
  /// is skipped.
  private static func folders(_ root: String, _ path: Substring) -> [String] {
    let parts = path.split(separator: "/")
    return (0...parts.count).map {
      ([root] + parts.prefix($0).map(String.init)).joined(separator: "/")
    }
  }

  /// `cpu.max`: quota and period in microseconds, or `max`.
  private static func limit(version2 folder: String) -> Double? {
    let words = text("\(folder)/cpu.max").split(whereSeparator: \.isWhitespace)
    guard words.count == 2 else { return nil }
    return share(words[0], of: words[1])
  }

  /// Two files; a quota of -1 is none.
  private static func limit(version1 folder: String) -> Double? {
    share(text("\(folder)/cpu.cfs_quota_us")[...], of: text("\(folder)/cpu.cfs_period_us")[...])
  }

  private static func share(_ quota: Substring, of period: Substring) -> Double? {
    let numbers = [quota, period].compactMap {
      Double($0.trimmingCharacters(in: .whitespacesAndNewlines))
    }
    guard numbers.count == 2, numbers[0] > 0, numbers[1] > 0 else { return nil }
    return numbers[0] / numbers[1]
  }

  /// A number of bytes; `max`, and what is more than any machine has, are no limit.
  private static func bytes(_ path: String) -> Int? {
    Int(text(path).trimmingCharacters(in: .whitespacesAndNewlines)).flatMap {
      $0 > 0 && $0 < 1 << 56 ? $0 : nil
    }
  }

  private static func text(_ path: String) -> String {
    FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }
}
