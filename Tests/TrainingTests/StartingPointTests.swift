import Datasets
import FileFormats
import Foundation
import Models
import Tensors
import Testing

@testable import Training

@Suite("Starting points")
struct StartingPointTests {
  @Test(
    "begins with another run's parameters and averages, goes on from there in the same bytes, and refuses another model's"
  )
  func begins() throws {
    try withTemporaryFolder { folder in
      let first = try TinyGAN(steps: 5).train(in: "\(folder)/first")
      func pictures(_ run: RunFolder) throws -> [Picture] {
        try TrainedModel(run, .latest, on: .cpu).pictures(seeds: [1, 2, 3])
      }
      var next = TinyGAN(steps: 1)
      (next.rate, next.start) = (1e-30, try StartingPoint(path: first.path))
      let still = try next.train(in: "\(folder)/still")
      func arrays(_ file: String, _ name: String) throws -> [Float] {
        try Checkpoint(path: file).file.array(named: name).floats
      }
      // A rate that moves nothing, and an average that goes on towards the parameters.
      for name in ["generator.0.weight", "critic.0.filter"] {
        #expect(try arrays(still.checkpoint(1), name) == arrays(first.checkpoint(5), name))
      }
      let (before, after) = (
        try arrays(first.checkpoint(5), "generator.optimizer.average"),
        try arrays(still.checkpoint(1), "generator.optimizer.average")
      )
      let apart = zip(before, after).map { abs($0 - $1) }.max()!
      #expect(apart > 0 && apart < 1e-4, "a thousandth of the way")
      #expect(try Checkpoint(path: still.checkpoint(1)).optimizerSteps == [1, 1])

      (next.rate, next.steps) = (2e-3, 6)
      let whole = try next.train(in: "\(folder)/whole")
      #expect(try pictures(whole) != pictures(first))
      next.start = try StartingPoint(path: first.checkpoint(5))
      try next.train(in: "\(folder)/parts", stopAfter: 3)
      let parts = try next.train(in: "\(folder)/parts", resume: .latest)
      try expectSameBytes(whole.checkpoint(6), parts.checkpoint(6))

      // Where it began needs no second telling, and must not be told otherwise.
      var without = next
      without.start = nil
      try next.train(in: "\(folder)/told", stopAfter: 2)
      let untold = try without.train(in: "\(folder)/told", resume: .latest)
      try expectSameBytes(whole.checkpoint(6), untold.checkpoint(6))
      var elsewhere = next
      elsewhere.start = try StartingPoint(path: whole.path)
      let moved = #expect(throws: TrainingError.self) {
        try elsewhere.train(in: "\(folder)/parts", resume: .latest)
      }
      #expect("\(try #require(moved))".contains("--init"))
      // What the critic sees is no part of what was learnt.
      var augmented = next
      augmented.assignments = ["augmentation=0.25"]
      let changed = try augmented.train(in: "\(folder)/augmented")
      #expect(try arrays(changed.checkpoint(6), "critic.augmentation.strength") == [0.25])
      augmented.start = try StartingPoint(path: changed.path)
      augmented.assignments = ["augmentation=0.75"]
      let again = try augmented.train(in: "\(folder)/again")
      #expect(try arrays(again.checkpoint(6), "critic.augmentation.strength") == [0.75])
      var other = next
      other.assignments = ["filters=3"]
      let refused = #expect(throws: TrainingError.self) {
        try other.train(in: "\(folder)/other")
      }
      #expect("\(try #require(refused))".contains("--init takes a run of the same model"))
      #expect(!FileManager.default.fileExists(atPath: "\(folder)/other"))
    }
  }
}
