import FileFormats
import Tensors
import Testing
import Training

@testable import Benchmarking

@Suite struct TrainingBenchmarkTests {
  @Test("a row has the batch's shape and a positive time, on any device")
  func row() throws {
    var benchmark = TrainingBenchmark(models: [.dense])
    (benchmark.rounds, benchmark.seconds) = (2, 1e-4)
    var rows: [Figures] = []
    try benchmark.run(on: .cpu, load: nil) { if case .timed(let row) = $0 { rows.append(row) } }
    #expect(rows.map(\.name) == ["vae-dense"])
    #expect(rows[0].shape == "128x28x28x1" && rows[0].milliseconds > 0 && rows[0].ratio == nil)
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
