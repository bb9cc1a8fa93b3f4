import Testing

@testable import Benchmarking

@Suite struct MachineLoadTests {
  /// Readings in order, the last one for ever.
  private func load(_ readings: [MachineLoad.Reading]) -> MachineLoad {
    var left = readings
    return MachineLoad(reading: { left.count > 1 ? left.removeFirst() : left[0] })
  }

  @Test(
    "what is timed is kept when others used at most 5 % of a core meanwhile",
    arguments: [(0.49, 0.049), (0.5, 0.05), (-1.0, 0)])
  func quiet(others: Double, share: Double) throws {
    let load = load([
      .init(clock: 0, busy: 0, own: 0), .init(clock: 100, busy: 50, own: 20),
      .init(clock: 110, busy: 65 + others, own: 35),
    ])
    #expect(try load.quietly { 7 } == 7)
    #expect(abs(load.keptShare - share) < 1e-9)
  }

  @Test("what was timed beside others is timed again, and what was kept is what counts")
  func again() throws {
    let load = load([
      .init(clock: 0, busy: 0, own: 0), .init(clock: 100, busy: 0, own: 0),
      .init(clock: 110, busy: 15, own: 10), .init(clock: 200, busy: 100, own: 0),
      .init(clock: 210, busy: 110.2, own: 10),
    ])
    var calls = 0
    let kept = try load.quietly {
      calls += 1
      return calls
    }
    #expect(kept == 2 && abs(load.keptShare - 0.02) < 1e-9)
  }

  @Test("others that never rest make a run void, after four attempts")
  func void() throws {
    var clock = 0.0
    let load = MachineLoad(reading: {
      clock += 10
      return .init(clock: clock, busy: 1.2 * clock, own: clock)
    })
    var calls = 0
    #expect {
      try load.quietly { calls += 1 }
    } throws: { error in
      guard case BenchmarkError.void(let share) = error else { return false }
      return abs(share - 0.2) < 1e-9
    }
    #expect(calls == MachineLoad.attempts)
  }

  @Test("this process's own work, and its children's, is not another's")
  func ownWork() throws {
    let before = MachineLoad.Reading.ofSystem()
    var sum = 0.0
    while MachineLoad.Reading.ofSystem().own - before.own < 0.1 {
      for i in 0..<1_000_000 { sum += Double(i).squareRoot() }
    }
    let after = MachineLoad.Reading.ofSystem()
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
