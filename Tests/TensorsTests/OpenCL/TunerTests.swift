import Foundation
import Testing

@testable import Tensors

/// The search, with candidates that a closure makes up.
@Suite("Tuner") struct TunerTests {
  private let device = OpenCLInventory.take(FakeDevices.library).devices[0]
  private let item = ProductCase.gemm(transposeA: false, transposeB: false, m: 512, n: 512, k: 512)

  /// Answers from a closure; a clock of its own counts the candidates.
  private struct Runner: TrialRunner {
    var seconds = 0.0
    var asked: [TrialRequest] = []
    let answer: (TrialRequest) -> TrialOutcome

    mutating func run(_ request: TrialRequest, isCancelled: () -> Bool) -> TrialOutcome? {
      if isCancelled() { return nil }
      asked.append(request)
      return answer(request)
    }
  }

  private func tuner(_ tuning: ProductTuning? = nil) -> ProductTuner {
    ProductTuner(tuning ?? ProductTuning(.init(device)), [item], on: device)
  }

  private var heuristic: ProductTile { ProductPlan.usual(item.problem, on: device).tile }

  /// Larger tiles are faster, the heuristic's takes 1 ms.
  private func time(_ tile: ProductTile) -> Double {
    tile == heuristic ? 1 : 64 / Double(tile.m * tile.n).squareRoot()
  }

  private func outcome(_ tile: ProductTile) -> TrialOutcome {
    TrialOutcome(milliseconds: time(tile), heuristicMilliseconds: 1)
  }

  @Test("the fastest candidate that is right is chosen, and none that failed, however fast")
  func choice() throws {
    // What is largest gives wrong numbers, and is fast.
    let isWrong = { (tile: ProductTile) in tile.m * tile.n >= 128 * 128 && tile != heuristic }
    var runner = Runner { request in
      isWrong(request.tile)
        ? TrialOutcome(failure: "it gave 3 at 0, where 2 is right")
        : outcome(request.tile)
    }
    var tuner = tuner()
    var saved = 0
    let end = try tuner.run(
      budget: 1, runner: &runner, save: { _ in saved += 1 }, receive: { _ in },
      isCancelled: { false }, now: { 0 })
    let entry = try #require(tuner.tuning.sorted.first)
    #expect(end == .complete && saved == entry.tried)
    let right = Set(runner.asked.map(\.tile)).subtracting([heuristic]).filter { !isWrong($0) }
    let fastest = try #require(right.map(time).min())
    #expect(entry.milliseconds == fastest && entry.tile.map(time) == fastest)
    #expect(runner.asked.first?.tile == heuristic)
    #expect(runner.asked.contains { $0.isFinal && $0.tile == entry.tile })
    #expect(!entry.failures.isEmpty && entry.failures.allSatisfy { isWrong($0.tile) })
  }

  @Test("a candidate that is right alone and wrong on an odd case is not chosen")
  func wrongAtTheEnd() throws {
    var runner = Runner {
      $0.isFinal ? TrialOutcome(failure: "it gave 3 at 0, where 2 is right") : outcome($0.tile)
    }
    var tuner = tuner()
    _ = try tuner.run(
      budget: 1, runner: &runner, save: { _ in }, receive: { _ in }, isCancelled: { false },
      now: { 0 })
    let entry = try #require(tuner.tuning.sorted.first)
    #expect(entry.tile == nil && entry.milliseconds == entry.heuristicMilliseconds)
    #expect(!entry.failures.isEmpty)
  }

  @Test("stopped after any candidate, the search goes on to the same end")
  func resuming() throws {
    func run(upTo most: Int, from tuning: ProductTuning) throws -> ProductTuning {
      var (count, saved) = (0, tuning)
      var runner = Runner { outcome($0.tile) }
      var tuner = tuner(tuning)
      _ = try tuner.run(
        budget: 1, runner: &runner,
        save: {
          saved = try ProductTuning(decoding: Array($0.encoded.utf8))
          count += 1
        },
        receive: { _ in }, isCancelled: { count >= most }, now: { 0 })
      return saved
    }
    let whole = try run(upTo: .max, from: tuner().tuning)
    for step in [1, 5, 9] {
      var parts = tuner().tuning
      for _ in 0..<40 { parts = try run(upTo: step, from: parts) }
      #expect(parts.encoded == whole.encoded, "\(step) candidates at a time")
    }
  }

  @Test("no candidate is begun when the budget is used up or somebody stops it")
  func budget() throws {
    var seconds = 0.0
    var runner = Runner { request in
      seconds += 1
      return outcome(request.tile)
    }
    var tuner = tuner()
    let end = try tuner.run(
      budget: 4.5, runner: &runner, save: { _ in },
      receive: { #expect($0.secondsLeft == max(0, 4.5 - seconds)) }, isCancelled: { false },
      now: { seconds })
    #expect(end == .budget && runner.asked.count == 5)
    let cancelled = try tuner.run(
      budget: 10, runner: &runner, save: { _ in }, receive: { _ in }, isCancelled: { true },
      now: { seconds })
    #expect(cancelled == .cancelled && runner.asked.count == 5)
  }

  @Test("where the heuristic's own tile fails, nothing is noted, and the next run measures")
  func failingHeuristic() throws {
    var isLost = true
    var runner = Runner { request in
      isLost && request.item.problem.m == 512
        ? TrialOutcome(failure: "the device is lost", isOfHeuristic: true)
        : outcome(request.tile)
    }
    let other = ProductCase.gemm(transposeA: false, transposeB: false, m: 64, n: 64, k: 64)
    var tuner = ProductTuner(ProductTuning(.init(device)), [item, other], on: device)
    var told: [String] = []
    func run() throws -> ProductTuner.End {
      try tuner.run(
        budget: 1, runner: &runner, save: { _ in },
        receive: { if let reason = $0.reasonNotMeasured { told.append(reason) } },
        isCancelled: { false }, now: { 0 })
    }
    #expect(try run() == .complete)
    #expect(runner.asked.filter { $0.item.problem.m == 512 }.count == 1)
    #expect(told == ["the device is lost"])
    #expect(tuner.notMeasured.map(\.product) == ["gemm nn 512x512x512"] && tuner.timed > 0)
    #expect(tuner.tuning.sorted.map(\.bucket.description) == ["gemm nn 64x64x64"])

    isLost = false
    #expect(try run() == .complete)
    #expect(tuner.notMeasured.isEmpty && tuner.tuning.buckets == 2)
    #expect(tuner.tuning.sorted.allSatisfy { $0.milliseconds > 0 && $0.failures.isEmpty })
  }

  @Test("all candidates fit the device, and are the same in every search")
  func candidates() {
    let search = TileSearch(item.problem, heuristic: heuristic, on: device)
    let tiles = (0..<search.count).map { search.candidate($0, best: nil, avoiding: []) }
    #expect(tiles[0] == heuristic && Set(tiles).count > 16)
    #expect(tiles.allSatisfy { $0?.fits(device) ?? true })
    #expect(tiles == (0..<search.count).map { search.candidate($0, best: nil, avoiding: []) })
    let known = Set(tiles.compactMap { $0 })
    for number in 0..<search.count {
      let other = search.candidate(number, best: nil, avoiding: known)
      #expect(other.map { !known.contains($0) } ?? true, "candidate \(number)")
    }
  }

  // MARK: Processes

  private var request: TrialRequest { TrialRequest(item: item, tile: heuristic, isFinal: false) }

  @Test(
    "a worker that crashes, leaves, hangs or talks nonsense is told of, and the next one answers",
    arguments: [
      ("kill -SEGV $$", "signal 11"), ("exit 3", "status 3"),
      ("exec sleep 60", "took more than 0.4 s"),
      ("echo nonsense; exec sleep 60", "no outcome"),
    ])
  func survival(deed: String, words: String) throws {
    let mark = FileManager.default.temporaryDirectory.appendingPathComponent("w-\(UUID())").path
    defer { try? FileManager.default.removeItem(atPath: mark) }
    let answer = #"{"milliseconds":1,"heuristicMilliseconds":2,"isOfHeuristic":false}"#
    let script = """
      while read line; do
        if [ ! -e "$0" ]; then : > "$0"; \(deed); fi
        echo '\(answer)'
      done
      """
    var worker = WorkerProcess(command: ["/bin/sh", "-c", script, mark], limit: 0.4)
    let first = try #require(worker.run(request) { false })
    #expect(first.failure?.contains(words) == true, "\(first)")
    for _ in 0..<2 {
      let next = worker.run(request) { false }
      #expect(next == TrialOutcome(milliseconds: 1, heuristicMilliseconds: 2), "\(deed)")
    }
    #expect(worker.run(request) { true } == nil)
  }

  @Test("a worker that cannot be started says nothing of the tile")
  func noWorker() throws {
    var worker = WorkerProcess(command: ["/nowhere/atelier"], limit: 1)
    let outcome = try #require(worker.run(request) { false })
    #expect(outcome.isOfHeuristic && outcome.failure?.contains("cannot be started") == true)
  }
}
