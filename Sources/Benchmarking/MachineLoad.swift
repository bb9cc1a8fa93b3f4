import Foundation

/// What other processes use of the machine while something is timed.
///
/// Figures taken beside other work are void: two programs that share the cores with a third do not
/// lose alike, so even their ratio is wrong.
package final class MachineLoad {
  /// Of one core.
  package static let allowed = 0.05
  /// How often something is timed before the machine counts as busy.
  package static let attempts = 4

  /// Seconds of processor time since some beginning.
  package struct Reading: Sendable {
    /// Time of day, or any clock that goes on.
    package var clock: Double
    /// Of all cores, by anyone.
    package var busy: Double
    /// Of this process and those it started.
    package var own: Double

    package init(clock: Double, busy: Double, own: Double) {
      (self.clock, self.busy, self.own) = (clock, busy, own)
    }
  }

  private let read: () -> Reading
  private let beginning: Reading
  /// The most that others used of a core in anything that was kept.
  package private(set) var keptShare = 0.0

  package init(reading: @escaping () -> Reading = Reading.ofSystem) {
    read = reading
    beginning = reading()
  }

  /// Share of a core used by others since the beginning.
  package var share: Double { Self.share(from: beginning, to: read()) }

  /// Does `body`, again where others used more than ``allowed`` meanwhile.
  ///
  /// - Throws: ``BenchmarkError/void(share:)`` where they did in all of ``attempts``; what `body`
  ///   throws.
  package func quietly<Result>(_ body: () throws -> Result) throws -> Result {
    var found = 0.0
    for _ in 0..<Self.attempts {
      let before = read()
      let result = try body()
      found = Self.share(from: before, to: read())
      if found <= Self.allowed {
        keptShare = max(keptShare, found)
        return result
      }
    }
    throw BenchmarkError.void(share: found)
  }

  /// Looks at the next seconds, in which this process does nothing: before a run begins.
  ///
  /// - Throws: ``BenchmarkError/void(share:)``.
  package func waitAndCheck(seconds: Double = 2) throws(BenchmarkError) {
    let before = read()
    Thread.sleep(forTimeInterval: seconds)
    let share = Self.share(from: before, to: read())
    if share > Self.allowed { throw .void(share: share) }
  }

  private static func share(from a: Reading, to b: Reading) -> Double {
    guard b.clock > a.clock else { return 0 }
    return max(0, (b.busy - a.busy) - (b.own - a.own)) / (b.clock - a.clock)
  }
}

extension MachineLoad? {
  /// As ``MachineLoad/quietly(_:)``; once where nobody asks what others do.
  package func quietly<Result>(_ body: () throws -> Result) throws -> Result {
    guard let self else { return try body() }
    return try self.quietly(body)
  }
}

extension MachineLoad.Reading {
  /// From `/proc`; time that the machine's host took away counts as used by others.
  package static func ofSystem() -> Self {
    let tick = Double(sysconf(Int32(_SC_CLK_TCK)))
    let total = text("/proc/stat").prefix { $0 != "\n" }.split(separator: " ").compactMap {
      Double($0)
    }
    // user nice system idle iowait irq softirq steal
    let busy = [0, 1, 2, 5, 6, 7].reduce(0.0) { $0 + ($1 < total.count ? total[$1] : 0) }
    return Self(
      clock: ProcessInfo.processInfo.systemUptime, busy: busy / tick, own: ownTicks() / tick)
  }

  /// Of this process and all that descend from it, those that have ended among them.
  private static func ownTicks() -> Double {
    struct Process {
      var id, parent: Int
      var ticks: Double
    }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    let processes = names.compactMap { name -> Process? in
      guard let id = Int(name) else { return nil }
      // The program's name stands in brackets and may hold anything; numbers follow.
      let line = text("/proc/\(name)/stat")
      guard let end = line.lastIndex(of: ")") else { return nil }
      let fields = line[line.index(after: end)...].split(separator: " ")
      guard fields.count > 14, let parent = Int(fields[1]) else { return nil }
      // utime stime, and those of children waited for
      return Process(
        id: id, parent: parent, ticks: fields[11...14].reduce(0) { $0 + (Double($1) ?? 0) })
    }
    var family: Set<Int> = [Int(getpid())]
    while true {
      let grown = family.union(processes.filter { family.contains($0.parent) }.map(\.id))
      if grown.count == family.count { break }
      family = grown
    }
    return processes.reduce(0) { $0 + (family.contains($1.id) ? $1.ticks : 0) }
  }

  private static func text(_ path: String) -> String {
    FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }
}
