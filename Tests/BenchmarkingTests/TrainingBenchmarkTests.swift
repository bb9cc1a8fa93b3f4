import FileFormats
import Tensors
import Testing
import Training

@testable import Benchmarking

@Suite struct TrainingBenchmarkTests {
  @Test("a row has the batch's shape and a positive time, on any device")
  func row() throws {
    var benchmark = TrainingBenchmark(rows: [.init(.dense), .init(.dense, .bfloat16)])
    (benchmark.rounds, benchmark.seconds) = (2, 1e-4)
    var rows: [Figures] = []
    try benchmark.run(on: .cpu, load: nil) { if case .timed(let row) = $0 { rows.append(row) } }
    #expect(rows.map(\.name) == ["vae-dense", "vae-dense-bfloat16"])
    #expect(rows[0].shape == "128x28x28x1" && rows[0].milliseconds > 0 && rows[0].ratio == nil)
  }

  @Test("a row tells where a turn's time went only where that is asked for")
  func profile() throws {
    var benchmark = TrainingBenchmark(rows: [.init(.tinyPair)])
    (benchmark.rounds, benchmark.seconds) = (2, 1e-4)
    for asked in [false, true] {
      benchmark.profiles = asked
      try benchmark.run(on: .cpu(threads: 1), load: nil) { event in
        guard case .timed(let row) = event else { return }
        #expect((row.profile != nil) == asked && (row.json["profile"] != nil) == asked)
        guard let profile = row.profile else { return }
        // Two optimisers a step.
        let steps = profile.rows.first { $0.kind == "random" }?.calls ?? 0
        #expect(steps > 0 && profile.rows.first { $0.kind == "adam" }?.calls == 2 * steps)
      }
    }
  }

  /// Another program that trains just as we do, and then says something else.
  private final class FakePeer: TrainingPeer {
    let description = "for tests"
    var spoil: (inout [String: [Float]], _ initial: [String: [Float]]) -> Void = { _, _ in }
    private(set) var turns = 0

    func use(cores: [Int]) {}
    func release() {}

    func prepare(
      _ row: TrainingBenchmark.Row, recipe: [String: NumericArray]
    ) throws -> [Contender] {
      let rig = row.model.rig(on: .cpu)
      let initial = try rig.weights()
      let losses = try (0..<TrainingBenchmark.agreedSteps).map { _ in
        Float(try rig.step().reduce(0, +))
      }
      var weights = try rig.weights()
      spoil(&weights, initial)
      return [
        Contender(peer: "fake", variant: "v", results: [losses], weights: weights) { _ in
          self.turns += 1
          return 1
        }
      ]
    }
  }

  private func run(_ model: TrainingBenchmark.Model, beside peer: FakePeer) throws
    -> BenchmarkReport
  {
    var benchmark = TrainingBenchmark(rows: [.init(model)])
    (benchmark.rounds, benchmark.seconds, benchmark.copySizes) = (2, 1e-5, [4096])
    (benchmark.peers, benchmark.bindsCores) = ([peer], false)
    var report = BenchmarkReport(
      kind: "training", device: "d", command: "c", date: "2026-11-22", rounds: 2)
    try benchmark.run(threads: [1], load: nil) { report.receive($0) }
    return report
  }

  @Test("a twin that trains alike is timed, and the machine's roofs are told with it")
  func timedBesidePeer() throws {
    let peer = FakePeer()
    let report = try run(.tinyPair, beside: peer)
    #expect(report.rows.map(\.name) == ["tiny-pair"] && peer.turns == 2)
    #expect(report.rows[0].peers.map(\.milliseconds) == [1])
    #expect(report.roofs.map(\.threads) == [1])
  }

  @Test(
    "a twin with the same losses that left one tensor, or one step of it, out is refused by name",
    arguments: [
      ("generative.2.bias", 1.0), ("relational.0.weight", 1.0), ("relational.0.weight", 0.2),
    ])
  func skippedUpdate(name: String, part: Float) throws {
    let peer = FakePeer()
    peer.spoil = { weights, initial in
      for i in weights[name]!.indices {
        weights[name]![i] -= part * (weights[name]![i] - initial[name]![i])
      }
    }
    let report = try run(.tinyPair, beside: peer)
    #expect(report.rows.isEmpty && peer.turns == 0)
    #expect(
      report.refused.map(\.reason) == [
        "fake (v) trains something else: after 5 steps \(name) has moved otherwise than here; the"
          + " difference is \(part == 1 ? "1" : "0.2") of the movement, 0.05 is allowed; not timed"
      ])
  }

  @Test("a twin that forgets running statistics, or does not tell of them, is refused")
  func skippedStatistics() throws {
    let rig = DCGANRig(on: .cpu)
    let initial = try rig.weights()
    _ = try rig.step()
    func check(_ spoil: (inout [String: [Float]]) -> Void) throws {
      let weights = try rig.weights()
      var others = weights
      spoil(&others)
      let contenders = [weights, others].map {
        Contender(peer: "p", variant: "v", results: [], weights: $0) { $0 }
      }
      try TrainingAgreement.check(contenders, from: initial, tolerance: 0.05)
    }
    try check { _ in }
    for name in ["critic.2.runningMean", "generator.1.runningVariance"] {
      for (value, share) in [(initial[name], 1), (nil, Double.infinity)] {
        #expect(
          throws: BenchmarkError.otherTraining(
            peer: "p (v)", Deviation(name: name, share: share, allowed: 0.05))
        ) { try check { $0[name] = value } }
      }
    }
  }

  @Test("two movements are as far apart as their difference is long beside the longer of them")
  func deviation() {
    func share(_ a: [Float], _ b: [Float]) -> Double {
      TrainingAgreement.deviation(a, b, from: [1, 1])
    }
    #expect(share([1, 1], [1, 1]) == 0 && share([4, 5], [4, 5]) == 0)
    #expect(share([4, 5], [1, 1]) == 1 && share([1, 1], [4, 5]) == 1)
    #expect(share([4, 5], [4, 4.5]) == 0.5 / 7)
    #expect(share([4, 5], [4, .nan]) == .infinity && share([4], [4, 5]) == .infinity)
  }

  @Test(
    "every rig's losses are finite, move, and are the same again",
    arguments: TrainingBenchmark.Model.allCases)
  func steps(model: TrainingBenchmark.Model) throws {
    let losses = try (0..<2).map { _ in
      let rig = model.rig(on: .cpu)
      return try (0..<3).map { _ in try rig.step() }
    }
    #expect(losses[0].joined().allSatisfy(\.isFinite) && Set(losses[0]).count == 3)
    #expect(losses[0] == losses[1])
  }

  @Test("a recipe has every weight, all batches in 0…1, and normal noise of the first steps")
  func recipe() throws {
    let recipe = try VAERig(.dense, on: .cpu).recipe(steps: 5)
    let weights = recipe.keys.filter { $0.contains(".") }
    #expect(weights.sorted().prefix(2) == ["decoder.0.bias", "decoder.0.weight"])
    #expect(recipe["encoder.0.weight"]?.shape == [400, 784])
    let numbers: Int = weights.map { recipe[$0]?.count ?? 0 }.reduce(0, +)
    // 784-400-(2·20) and 20-400-784, with biases.
    let expected: Int = 785 * 400 + 401 * 40 + 21 * 400 + 401 * 784
    #expect(numbers == expected)
    #expect(recipe["pictures"]?.shape == [8, 128, 28, 28, 1])
    #expect(recipe["noise"]?.shape == [5, 128, 20])
    let noise = try #require(recipe["noise"]).bytes.withUnsafeBytes {
      Array($0.bindMemory(to: Float.self)).map(Double.init)
    }
    let mean = noise.reduce(0, +) / Double(noise.count)
    let square = noise.reduce(0) { $0 + $1 * $1 } / Double(noise.count)
    // Five deviations of the means of 12,800 normal numbers, and of their squares.
    #expect(abs(mean) < 0.045 && abs(square - 1) < 0.063, "\(mean), \(square)")
    #expect(Array(noise[..<2560]) != Array(noise[2560..<5120]), "steps draw noise of their own")
  }
}
