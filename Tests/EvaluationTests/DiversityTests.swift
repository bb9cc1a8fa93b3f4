import Foundation
import LinearAlgebra
import Testing

@testable import Evaluation

@Suite("Diversity and memorisation")
struct DiversityTests {
  private func rows(_ values: [[Float]], _ probabilities: [[Float]]? = nil) -> Impressions {
    let probabilities = probabilities ?? values.map { _ in [1, 0] }
    return Impressions(
      count: values.count, features: values.flatMap { $0 },
      probabilities: probabilities.flatMap { $0 }, classCount: probabilities[0].count)
  }

  @Test("Vendi's score counts what differs: 1 of copies, n of n unlike, 2 of two kinds")
  func vendi() throws {
    let lapack = try LAPACK()
    func score(_ values: [[Float]]) throws -> Double {
      try Diversity(rows(values), lapack).vendiScore().value
    }
    #expect(abs(try score(Array(repeating: [1, 2, 3], count: 10)) - 1) < 1e-5)
    #expect(abs(try score([[1, 0, 0], [0, 2, 0], [0, 0, 3]]) - 3) < 1e-5)
    #expect(abs(try score([[1, 0, 0], [2, 0, 0], [0, 1, 0], [0, 5, 0]]) - 2) < 1e-5)
  }

  @Test("the classifier's score is 1 where all look alike and the number of classes at best")
  func classifierScore() throws {
    let lapack = try LAPACK()
    func score(_ probabilities: [[Float]]) throws -> Double {
      Diversity(rows(probabilities.map { _ in [1] }, probabilities), lapack).classifierScore().value
    }
    #expect(abs(try score([[1, 0], [1, 0]]) - 1) < 1e-9)
    #expect(abs(try score([[1, 0], [0, 1]]) - 2) < 1e-9)
    #expect(abs(try score([[0.5, 0.5], [0.5, 0.5]]) - 1) < 1e-9)
    // Half sure of two classes: exp of the mean divergence from (½, ½).
    let divergence = 0.75 * log(0.75 / 0.5) + 0.25 * log(0.25 / 0.5)
    #expect(abs(try score([[0.75, 0.25], [0.25, 0.75]]) - exp(divergence)) < 1e-6)
  }

  @Test(
    "the entropy of classes is 0 where every class is sure, 1 where none is, by the entropy between"
  )
  func classEntropy() throws {
    let lapack = try LAPACK()
    func value(_ probabilities: [[Float]]) -> Double {
      Diversity(rows(probabilities.map { _ in [1] }, probabilities), lapack).classEntropy().value
    }
    #expect(value([[1, 0, 0], [0, 0, 1]]) == 0)
    #expect(abs(value([[0.25, 0.25, 0.25, 0.25]]) - 1) < 1e-6)
    let entropies = [-(0.8 * log(0.8) + 0.2 * log(0.2)), -(0.5 * log(0.5) + 0.5 * log(0.5)), 0]
    let expected = entropies.reduce(0, +) / 3 / log(2)
    #expect(abs(value([[0.8, 0.2], [0.5, 0.5], [0, 1]]) - expected) < 1e-6)
  }

  @Test("the distance of pairs is that of all pairs")
  func pairs() throws {
    let set = try impressions(40, seed: 3, shift: 0.5)
    var sum = 0.0
    for (i, a) in set.rows.enumerated() {
      for (j, b) in set.rows.enumerated() where i != j {
        let dot = zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
        let lengths = [a, b].map { $0.reduce(0) { $0 + $1 * $1 }.squareRoot() }
        sum += 1 - dot / (lengths[0] * lengths[1])
      }
    }
    let found = try Diversity(set, LAPACK()).pairwiseDistance()
    #expect(abs(found.value - sum / Double(40 * 39)) < 1e-5)
  }

  @Test("memorisation is about 1 for fresh pictures and about 0 for copies")
  func memorisation() throws {
    let (training, heldOut) = (try impressions(200, seed: 1), try impressions(120, seed: 2))
    let fresh = try Memorisation(
      made: impressions(300, seed: 3), training: training, heldOut: heldOut, seed: 0)
    #expect(fresh.size == 120 && abs(fresh.ratio.value - 1) < 0.15)
    let made = try impressions(300, seed: 3).rows
    func median(_ side: Impressions) -> Double {
      let nearest = made.map { row in side.rows.map { distance(row, $0) }.min()! }.sorted()
      return (nearest[149] + nearest[150]) / 2
    }
    let expected = median(training.subset(120, seed: 0)) / median(heldOut)
    #expect(abs(fresh.ratio.value - expected) < 1e-4, "of as many on both sides")
    let copies = try Memorisation(
      made: training, training: training.subset(120, seed: 0), heldOut: heldOut, seed: 0)
    #expect(copies.ratio.value < 0.05)
    let near = Impressions(
      count: 120, features: heldOut.features.map { $0 + 1e-3 },
      probabilities: heldOut.probabilities,
      classCount: 3)
    let held = try Memorisation(made: near, training: training, heldOut: heldOut, seed: 0)
    #expect(held.ratio.value > 10, "nearer to what it never saw")
  }

  @Test("novelty is about 1 for fresh pictures and 0 for copies of any training picture")
  func novelty() throws {
    let (training, heldOut) = (try impressions(200, seed: 1), try impressions(20, seed: 2))
    let novelty = try Novelty(to: training, beside: heldOut)
    let fresh = try novelty.estimate(of: impressions(300, seed: 3))
    #expect(abs(fresh.value - 1) < 0.2 && fresh.low <= 1.1 && fresh.high >= 0.9)
    #expect(try novelty.value(of: impressions(300, seed: 3)) == fresh.value)
    // Those that a comparison of as many on both sides would leave out.
    let taken = Set(Draws(seed: 0).choose(20, of: 200))
    let others = training.rows((0..<200).filter { !taken.contains($0) })
    #expect(try novelty.value(of: others) < 1e-3)
    let beside = try Memorisation(made: others, training: training, heldOut: heldOut, seed: 0)
    #expect(beside.ratio.value > 0.7)
  }

  @Test("a subset is of different rows, the same for one seed, another for another")
  func subset() throws {
    let set = try impressions(50, seed: 1)
    let chosen = Draws(seed: 3).choose(20, of: 50)
    #expect(Set(chosen).count == 20 && chosen == chosen.sorted())
    #expect(set.subset(20, seed: 3) == set.rows(chosen))
    #expect(set.subset(20, seed: 3) != set.subset(20, seed: 4))
    #expect(set.subset(50, seed: 3) == set)
    // Every row is as likely as any other.
    var counts = [Int](repeating: 0, count: 10)
    for seed in 0..<2000 as Range<UInt64> {
      for row in Draws(seed: seed).choose(3, of: 10) { counts[row] += 1 }
    }
    #expect(counts.allSatisfy { abs($0 - 600) < 100 }, "\(counts)")
  }
}
