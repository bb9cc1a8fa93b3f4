import Testing

@testable import Benchmarking

@Suite struct MachineLoadTests {
  /// A machine on which time passes as rounds say.
  private final class Machine {
    private(set) var now: MachineLoad.Reading? = .init(clock: 100, busy: 50, own: 20)
    func pass(_ seconds: Double, others: Double = 0) {
      now!.clock += seconds
      now!.busy += seconds + others
      now!.own += seconds
    }
    func hide() { now = nil }
  }

  private let machine = Machine()
  private var load: MachineLoad { MachineLoad(reading: { machine.now }) }

  @Test(
    "rounds are kept when others used at most 5 % of a core meanwhile",
    arguments: [(0.49, 0.049), (0.5, 0.05), (-1.0, 0)])
  func quiet(others: Double, share: Double) throws {
    let load = load
    let kept = try load.quietly { round in
      machine.pass(10, others: others)
      return round
    }
    #expect(kept == [0])
    #expect(abs(load.keptShare - share) < 1e-9)
  }

  @Test("a disturbed round is done again, however long and quiet all the others are")
  func again() throws {
    let load = load
    var calls = 0
    let kept = try load.quietly(atLeast: 3) { _ in
      calls += 1
      machine.pass(calls == 1 ? 1000 : 2, others: calls == 2 ? 1 : 0.01 * Double(calls))
      return calls
    }
    #expect(kept == [1, 3, 4] && abs(load.keptShare - 0.02) < 1e-9)
  }

  @Test("short rounds are watched, kept and thrown away together, a second of them at a time")
  func stretches() throws {
    let load = load
    var calls = 0
    let kept = try load.quietly(atLeast: 5) { round in
      calls += 1
      machine.pass(0.25, others: calls == 6 ? 0.06 : 0)
      return [round, calls]
    }
    // Calls 5...8 are one stretch, and 9...12 the same again.
    #expect(kept.map { $0[0] } == Array(0..<8))
    #expect(kept.map { $0[1] } == [1, 2, 3, 4, 9, 10, 11, 12])
    #expect(load.keptShare == 0)
  }

  @Test("others that never rest make a run void, after four attempts at one stretch")
  func void() throws {
    var calls = 0
    #expect {
      try load.quietly(atLeast: 7) { _ in
        calls += 1
        machine.pass(10, others: calls > 2 ? 2 : 0)
      }
    } throws: { error in
      guard case BenchmarkError.void(let share) = error else { return false }
      return abs(share - 0.2) < 1e-9
    }
    #expect(calls == 2 + MachineLoad.attempts)
  }

  @Test("a race has its turns watched, and nothing else")
  func race() throws {
    let load = load
    machine.pass(3600)
    let contender = Contender(peer: "atelier", variant: "", results: []) { _ in
      machine.pass(1, others: 0.04)
      return 1
    }
    machine.pass(100, others: 100)
    let race = try Race([contender], rounds: 2, seconds: 0, threads: 1, load: load)
    #expect(race.ours.milliseconds.count == 2)
    #expect(abs(load.keptShare - 0.04) < 1e-9)
  }

  @Test("a machine that does not tell what others use is never called quiet")
  func unwatched() {
    machine.hide()
    let load = load
    #expect(load.share == nil)
    #expect(throws: BenchmarkError.unwatched) { try load.quietly { $0 } }
    #expect(throws: BenchmarkError.unwatched) { try load.waitAndCheck(seconds: 0) }
    #expect(
      "\(BenchmarkError.unwatched)"
        == "void: /proc/stat does not tell what other processes use of this machine;"
        + " --provisional measures all the same")
  }

  @Test(
    "busy ticks are all but those of idling and waiting; a file without them tells nothing",
    arguments: [
      ("cpu  1 20 300 4000 50000 6 70 800 9 9\ncpu0 7 7 7 7", 1 + 20 + 300 + 6 + 70 + 800),
      ("cpu  5 0 0 9\n", 5), ("", nil), ("cpu  0 0 0 0 0 0 0 0 0 0\ncpu0 0 0 0 0\n", nil),
      ("cpu  0 0 0 77 5\n", nil), ("intr 5 5 5\n", nil), ("cpu", nil),
    ] as [(String, Double?)])
  func stat(text: String, ticks: Double?) {
    #expect(MachineLoad.Reading.busyTicks(ofStat: text) == ticks)
  }

  @Test("this process's own work, and its children's, is not another's")
  func ownWork() throws {
    let before = try #require(MachineLoad.Reading.ofSystem())
    var sum = 0.0
    while try #require(MachineLoad.Reading.ofSystem()).own - before.own < 0.1 {
      for i in 0..<1_000_000 { sum += Double(i).squareRoot() }
    }
    let after = try #require(MachineLoad.Reading.ofSystem())
    #expect(sum > 0 && after.clock > before.clock)
    #expect(after.busy - before.busy > 0.05, "the whole machine's time has this process's in it")
  }

  @Test("the sentence of a void run says how busy the machine was and what to do")
  func sentence() {
    #expect(
      "\(BenchmarkError.void(share: 0.123))"
        == "void: other processes used 12.3 % of a core, more than 5.0 %; run again on a quiet"
        + " machine")
  }
}
