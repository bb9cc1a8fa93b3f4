import Foundation

/// Searches the fastest tiles of a device's products, within a budget of time.
///
/// Products take their shares of what is left, those with the most work first, and each one enough
/// for several candidates, so that a small budget makes some of them fast in place of none. A tile is chosen when
/// it is right on the product and on an odd one of its kind, and 3 % faster than the heuristic's in
/// turns with it; a search that stopped goes on with the next number.
package struct ProductTuner {
  /// How far it is.
  package struct Progress: Sendable {
    /// The product, such as `gemm nt 128x512x1024`, and its place among them.
    package let product: String
    package let place, products: Int
    /// The candidate of that product.
    package let candidate, candidates: Int
    /// How many times as fast as the heuristic's tile the best one is.
    package let gain: Double
    /// Until the budget is used up.
    package let secondsLeft: Double
    /// Why the candidate was thrown out, and which it was.
    package let failure: String?
    /// Why the product is not measured in this run; its candidates are left for another.
    package let reasonNotMeasured: String?
  }

  /// Why it ended.
  package enum End: Sendable {
    /// Every candidate of every product that could be measured was tried.
    case complete
    case budget, cancelled
  }

  package private(set) var tuning: ProductTuning
  /// Products that the last run left alone since the heuristic's own tile failed there, and why.
  package private(set) var notMeasured: [(product: String, reason: String)] = []
  /// Candidates that the last run found to be right, and timed.
  package private(set) var timed = 0
  private let device: OpenCLDevice
  private let cases: [ProductCase]

  /// A tile must be faster by this to be chosen: less may be noise.
  private static let leastGain = 1.03
  /// Seconds for a product, in which several candidates are compiled and tried.
  private static let leastShare = 20.0

  /// - Parameters:
  ///   - tuning: What to go on from.
  ///   - cases: Of which each bucket's largest is tuned.
  ///   - device: Where.
  init(_ tuning: ProductTuning, _ cases: [ProductCase], on device: OpenCLDevice) {
    (self.tuning, self.device) = (tuning, device)
    var works: [ProductBucket: (work: Double, largest: ProductCase)] = [:]
    for item in cases {
      let units = ProductPlan.usual(item.problem, on: device).tile.units
      let bucket = ProductBucket(item.problem, units)
      let other = works[bucket]
      let largest = other.map { $0.largest.work >= item.work ? $0.largest : item } ?? item
      works[bucket] = (item.work + (other?.work ?? 0), largest)
    }
    self.cases = works.sorted {
      ($1.value.work, $0.key) < ($0.value.work, $1.key)
    }.map(\.value.largest)
  }

  /// Buckets to be tuned.
  package var products: Int { cases.count }

  /// Tries candidates until the budget is used up or nothing is left to try.
  ///
  /// - Parameters:
  ///   - budget: In seconds.
  ///   - worker: What tries them.
  ///   - save: Is given the tuning after every candidate.
  ///   - receive: Is told of every candidate.
  ///   - isCancelled: Asked often; a candidate under way is then given up.
  /// - Returns: Why it ended.
  /// - Throws: What `save` throws.
  package mutating func run(
    budget: Double, on worker: inout WorkerProcess, save: (ProductTuning) throws -> Void,
    receive: (Progress) -> Void, isCancelled: () -> Bool
  ) throws -> End {
    let start = ContinuousClock.now
    return try run(
      budget: budget, runner: &worker, save: save, receive: receive, isCancelled: isCancelled,
      now: { (ContinuousClock.now - start) / .seconds(1) })
  }

  /// The same by any runner; `now` tells seconds on a clock that does not go back.
  mutating func run(
    budget: Double, runner: inout some TrialRunner, save: (ProductTuning) throws -> Void,
    receive: (Progress) -> Void, isCancelled: () -> Bool, now: () -> Double
  ) throws -> End {
    let end = now() + budget
    (notMeasured, timed) = ([], 0)
    var left: Set<Int> = []
    while true {
      let open = cases.indices.filter { !left.contains($0) && !search(of: cases[$0]).isDone }
      if open.isEmpty { return .complete }
      for (done, place) in open.enumerated() {
        let share = now() + max(Self.leastShare, (end - now()) / Double(open.count - done))
        var isOpen = true
        while isOpen {
          func isOver() -> Bool { isCancelled() || now() >= end }
          var one = search(of: cases[place])
          // A candidate that is being tried when time is up is tried again in the next run.
          guard !isOver(), let step = one.step(&runner, isOver) else {
            return isCancelled() ? .cancelled : .budget
          }
          if let reason = step.reasonNotMeasured {
            notMeasured.append((one.entry.bucket.description, reason))
            left.insert(place)
          } else {
            timed += step.isTimed ? 1 : 0
            tuning.set(one.entry)
            try save(tuning)
          }
          receive(
            Progress(
              product: one.entry.bucket.description, place: place + 1, products: cases.count,
              candidate: min(one.entry.tried, one.tiles.count), candidates: one.tiles.count,
              gain: one.entry.gain, secondsLeft: max(0, end - now()), failure: step.failure,
              reasonNotMeasured: step.reasonNotMeasured))
          isOpen = step.reasonNotMeasured == nil && !one.isDone && now() < share
        }
      }
    }
  }

  private func search(of item: ProductCase) -> Search {
    let usual = ProductPlan.usual(item.problem, on: device).tile
    let bucket = ProductBucket(item.problem, usual.units)
    let entry =
      tuning.entries[bucket]
      ?? .init(bucket: bucket, tile: nil, milliseconds: 0, heuristicMilliseconds: 0, tried: 0)
    return Search(
      item: item, tiles: TileSearch(item.problem, heuristic: usual, on: device), entry: entry)
  }

  /// Of one product.
  private struct Search {
    let item: ProductCase
    let tiles: TileSearch
    var entry: ProductTuning.Entry

    var isDone: Bool { entry.tried >= tiles.count }

    /// What came of a candidate.
    struct Step {
      var isTimed = false
      /// Why it was thrown out.
      var failure: String?
      /// Why nothing can be said of it; the entry is as it was.
      var reasonNotMeasured: String?
    }

    /// Tries the next candidate; nil where it was cancelled.
    mutating func step(_ runner: inout some TrialRunner, _ isCancelled: () -> Bool) -> Step? {
      let failed = Set(entry.failures.map(\.tile))
      let next = tiles.candidate(entry.tried, best: entry.tile, avoiding: failed)
      guard let tile = next else {
        entry.tried += 1
        return Step()
      }
      guard var outcome = trial(tile, &runner, isFinal: false, isCancelled) else { return nil }
      if tile != tiles.heuristic, outcome.gain > max(ProductTuner.leastGain, entry.gain) {
        guard let final = trial(tile, &runner, isFinal: true, isCancelled) else { return nil }
        outcome = final
      }
      return note(outcome, of: tile)
    }

    private func trial(
      _ tile: ProductTile, _ runner: inout some TrialRunner, isFinal: Bool,
      _ isCancelled: () -> Bool
    ) -> TrialOutcome? {
      runner.run(
        TrialRequest(item: item, tile: tile, isFinal: isFinal), isCancelled: isCancelled)
    }

    private mutating func note(_ outcome: TrialOutcome, of tile: ProductTile) -> Step {
      if let reason = outcome.failure {
        // Without the heuristic's tile there is nothing to compare with. It may work the next time: a
        // device was lost, or the machine too busy for the limit.
        if outcome.isOfHeuristic || tile == tiles.heuristic {
          return Step(reasonNotMeasured: reason)
        }
        entry.tried += 1
        entry.failures.append(.init(tile: tile, reason: reason))
        return Step(failure: "\(tile.text): \(reason)")
      }
      guard let time = outcome.milliseconds, let usual = outcome.heuristicMilliseconds else {
        return Step(reasonNotMeasured: "the process that tried it told no time")
      }
      entry.tried += 1
      if entry.heuristicMilliseconds == 0 {
        (entry.milliseconds, entry.heuristicMilliseconds) = (usual, usual)
      }
      if tile != tiles.heuristic, outcome.gain > max(ProductTuner.leastGain, entry.gain) {
        (entry.tile, entry.milliseconds, entry.heuristicMilliseconds) = (tile, time, usual)
      }
      return Step(isTimed: true)
    }
  }
}

extension TrialOutcome {
  /// How many times as fast as the heuristic's tile; 0 for what failed.
  var gain: Double {
    guard let milliseconds, let heuristicMilliseconds, milliseconds > 0 else { return 0 }
    return heuristicMilliseconds / milliseconds
  }
}
