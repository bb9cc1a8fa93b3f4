import Testing

@testable import Benchmarking

@Suite struct MachineLoadTests {
  /// Readings in order, the last one for ever.
  private func load(_ readings: [MachineLoad.Reading]) -> MachineLoad {
    var left = readings
    return MachineLoad(reading: { left.count > 1 ? left.removeFirst() : left[0] })
  }

  @Test(
    "a span is void when others used more than 5 % of a core in it",
    arguments: [(0.49, nil), (0.51, 0.051), (5.0, 0.5), (-1.0, nil)])
  func span(others: Double, share: Double?) {
    var load = load([
      .init(clock: 100, busy: 50, own: 20), .init(clock: 110, busy: 65 + others, own: 35),
    ])
    do {
      try load.check()
      #expect(share == nil)
    } catch BenchmarkError.void(let found) {
      #expect(abs(found - (share ?? .nan)) < 1e-9)
    } catch {
      Issue.record("\(error)")
    }
  }

  @Test("a short span waits for more, and a burst is not diluted by the quiet before it")
  func bursts() throws {
    var load = load([
      .init(clock: 0, busy: 0, own: 0), .init(clock: 1000, busy: 900, own: 900),
      .init(clock: 1001, busy: 902, own: 901), .init(clock: 1010, busy: 912, own: 910),
    ])
    try load.check()
    try load.check()  // 1 s, others used 1 s: too short to tell
    #expect(throws: BenchmarkError.void(share: 0.2)) { try load.check() }
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
