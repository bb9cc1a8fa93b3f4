import Foundation

/// What other processes use of the machine while something is timed.
///
/// Figures taken beside other work are void: two programs that share the cores with a third do not
/// lose alike, so even their ratio is wrong.
package final class MachineLoad {
  /// Of one core.
  package static let allowed = 0.05
  /// How often a stretch is timed before the machine counts as busy.
  package static let attempts = 4
  /// Seconds that are watched together: the system counts in ticks of 10 ms, and some three of them
  /// are lost to rounding, which must stay below ``allowed``.
  package static let stretch = 1.0

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

  private let read: () -> Reading?
  private let beginning: Reading?
  /// The most that others used of a core in any stretch that was kept.
  package private(set) var keptShare = 0.0

  /// - Parameter reading: The machine's clocks now; nil where it does not tell them.
  package init(reading: @escaping () -> Reading? = Reading.ofSystem) {
    read = reading
    beginning = reading()
  }

  /// Share of a core used by others since the beginning; nil where the machine does not tell.
  package var share: Double? {
    guard let beginning, let now = read() else { return nil }
    return Self.share(from: beginning, to: now)
  }

  /// Does `round` at least `count` times, and watches stretches of rounds that last at least
  /// ``stretch`` seconds: one in which others used more than ``allowed`` is done again.
  ///
  /// Rounds go on until the last stretch is long enough, too, so that short ones may be more than
  /// `count`.
  ///
  /// - Parameters:
  ///   - count: At least 1.
  ///   - round: Gets the number of rounds kept or under way.
  /// - Returns: What the rounds of undisturbed stretches gave, in order.
  /// - Throws: ``BenchmarkError/void(share:)`` where one stretch was disturbed in all of
  ///   ``attempts``, ``BenchmarkError/unwatched`` where the machine does not tell; what `round`
  ///   throws.
  package func quietly<Result>(
    atLeast count: Int = 1, _ round: (Int) throws -> Result
  ) throws -> [Result] {
    var kept: [Result] = []
    var attempt = 1
    while kept.count < count {
      let before = try look()
      var (now, stretch) = (before, [Result]())
      while now.clock - before.clock < Self.stretch {
        stretch.append(try round(kept.count + stretch.count))
        now = try look()
      }
      let found = Self.share(from: before, to: now)
      if found <= Self.allowed {
        keptShare = max(keptShare, found)
        kept += stretch
        attempt = 1
      } else if attempt == Self.attempts {
        throw BenchmarkError.void(share: found)
      } else {
        attempt += 1
      }
    }
    return kept
  }

  /// Looks at the next seconds, in which this process does nothing: before a run begins.
  ///
  /// - Throws: ``BenchmarkError/void(share:)`` or ``BenchmarkError/unwatched``.
  package func waitAndCheck(seconds: Double = 2) throws(BenchmarkError) {
    let before = try look()
    Thread.sleep(forTimeInterval: seconds)
    let share = Self.share(from: before, to: try look())
    if share > Self.allowed { throw .void(share: share) }
  }

  private func look() throws(BenchmarkError) -> Reading {
    guard let reading = read() else { throw .unwatched }
    return reading
  }

  private static func share(from a: Reading, to b: Reading) -> Double {
    guard b.clock > a.clock else { return 0 }
    return max(0, (b.busy - a.busy) - (b.own - a.own)) / (b.clock - a.clock)
  }
}

extension MachineLoad? {
  /// As ``MachineLoad/quietly(atLeast:_:)``; `count` rounds where nobody asks what others do.
  func quietly<Result>(
    atLeast count: Int = 1, _ round: (Int) throws -> Result
  ) throws -> [Result] {
    guard let self else { return try (0..<count).map(round) }
    return try self.quietly(atLeast: count, round)
  }
}

extension MachineLoad.Reading {
  /// From `/proc`, nil where that does not tell what is used.
  package static func ofSystem() -> Self? {
    let tick = Double(sysconf(Int32(_SC_CLK_TCK)))
    guard let busy = busyTicks(ofStat: text("/proc/stat")) else { return nil }
    return Self(
      clock: ProcessInfo.processInfo.systemUptime, busy: busy / tick, own: ownTicks() / tick)
  }

  /// Of all cores, from the text of `/proc/stat`; time that the machine's host took away counts as
  /// used by others.
  ///
  /// - Returns: nil without the line of sums, or where it says that nothing was ever used, as it does
  ///   in some sandboxes.
  static func busyTicks(ofStat text: String) -> Double? {
    let line = text.prefix { $0 != "\n" }.split(separator: " ")
    guard line.first == "cpu" else { return nil }
    // user nice system idle iowait irq softirq steal
    let ticks = line.dropFirst().map { Double($0) ?? 0 }
    let busy = [0, 1, 2, 5, 6, 7].reduce(0.0) { $0 + ($1 < ticks.count ? ticks[$1] : 0) }
    return busy > 0 ? busy : nil
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
