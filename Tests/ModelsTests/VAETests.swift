import Foundation
import Layers
import Tensors
import Testing

@testable import Models

@Suite("VAE")
struct VAETests {
  private func pictures(_ shape: [Int], dtype: DType = .float32) -> Tensor {
    Tensor.uniform(shape, key: RandomKey(seed: 77), dtype: dtype)
  }

  private static let configurations: [VAEConfiguration] = [
    VAEConfiguration(height: 5, width: 3, channels: 1, latentSize: 2, hidden: [7]),
    VAEConfiguration(
      height: 4, width: 6, channels: 3, latentSize: 2, hidden: [5, 4],
      likelihood: .gaussian(deviation: 0.5), beta: 2),
    VAEConfiguration(
      height: 9, width: 7, channels: 2, preset: .convolutional, latentSize: 3, filters: [3, 4]),
    VAEConfiguration(
      height: 8, width: 4, channels: 3, preset: .convolutional, latentSize: 2, filters: [2],
      likelihood: .gaussian(deviation: 0.3)),
  ]

  @Test("Any height, width and channels go through and come back", arguments: configurations)
  func shapes(_ configuration: VAEConfiguration) throws {
    let vae = VAE(configuration, seed: 1)
    let x = pictures([3] + configuration.pictureShape)
    let restored = vae.reconstruct(x)
    #expect(restored.shape == x.shape)
    #expect(try restored.floats().allSatisfy { $0 >= 0 && $0 <= 1 })
    let sheet = vae.sample(seeds: [4, 9], key: RandomKey(seed: 1, stream: RandomStream.sampling))
    #expect(sheet.shape == [2] + configuration.pictureShape)
  }

  @Test("The loss's gradient is its slope, in double precision", arguments: configurations)
  func gradient(_ configuration: VAEConfiguration) throws {
    let vae = VAE(configuration, seed: 3, dtype: .float64)
    let x = pictures([2] + configuration.pictureShape, dtype: .float64)
    let examples = Tensor([0, 1] as [Int32], shape: [2])
    let noise = vae.noise(for: examples, key: RandomKey(seed: 5, stream: RandomStream.noise))
    func loss() -> Tensor { vae.bound(x, noise: noise, .evaluation).loss }
    let buffer = vae.parameters.buffer
    let found = gradients(of: loss(), withRespectTo: vae.parameters.trainable.map(\.value))
    let flat = try found.flatMap { try $0.doubles() }
    let start = try buffer.doubles()
    // Along a few directions: central differences with step h err by h²·f''' ≈ 1e-10 and rounding/h
    // ≈ 1e-9.
    for direction in 0..<4 {
      let along = try Tensor.normal(
        [start.count], key: RandomKey(seed: UInt64(direction)), dtype: .float64
      ).doubles()
      func value(_ step: Double) throws -> Double {
        let moved = zip(start, along).map { $0 + step * $1 }
        ParameterUpdate.assign(Tensor(moved, shape: [moved.count]), to: buffer)
        defer { ParameterUpdate.assign(Tensor(start, shape: [start.count]), to: buffer) }
        return try loss().scalar()
      }
      let slope = (try value(1e-6) - value(-1e-6)) / 2e-6
      let expected = zip(flat, along).reduce(0) { $0 + $1.0 * $1.1 }
      #expect(abs(slope - expected) < 1e-5 * max(1, abs(expected)), "direction \(direction)")
    }
  }

  @Test("The bound is cross-entropy plus the divergence of two normals, by their formulas")
  func formulas() throws {
    let configuration = VAEConfiguration(
      height: 2, width: 3, channels: 1, latentSize: 2, hidden: [4])
    let vae = VAE(configuration, seed: 3, dtype: .float64)
    let x = pictures([1, 2, 3, 1], dtype: .float64)
    let (mean, logVariance) = vae.encode(x)
    let (m, v) = (try mean.doubles(), try logVariance.doubles().map { exp($0) })
    let divergence = zip(m, v).reduce(0) { $0 + ($1.1 + $1.0 * $1.0 - 1 - log($1.1)) / 2 }
    let bound = vae.bound(x, noise: Tensor.zeros([1, 2], dtype: .float64), .evaluation)
    #expect(abs(try bound.divergence.doubles()[0] - divergence) < 1e-12)
    let p = try vae.decode(mean).doubles()
    let entropy = zip(try x.doubles(), p).reduce(0) {
      $0 - $1.0 * log($1.1) - (1 - $1.0) * log(1 - $1.1)
    }
    #expect(abs(try bound.reconstruction.doubles()[0] - entropy) < 1e-10)
  }

  @Test("A picture belongs to its seed, whatever it is sampled with")
  func seeds() throws {
    let vae = VAE(Self.configurations[0], seed: 1)
    let key = RandomKey(seed: 2, stream: RandomStream.sampling)
    let all = try vae.sample(seeds: [0, 1, 2, 85], key: key).floats()
    let size = all.count / 4
    #expect(try vae.sample(seeds: [85], key: key).floats() == Array(all[(3 * size)...]))
    #expect(
      try vae.sample(seeds: [2, 0], key: key).floats()
        == Array(all[(2 * size)..<(3 * size)]) + Array(all[..<size]))
  }

  @Test("Parameters have the names and shapes that were told beforehand", arguments: configurations)
  func plannedParameters(_ configuration: VAEConfiguration) {
    let made = VAE(configuration, seed: 1).parameters
    let planned = configuration.parameterShapes
    #expect(planned.map(\.name) == made.trainable.map(\.name))
    #expect(planned.map(\.shape) == made.trainable.map(\.shape))
    #expect(configuration.parameterCount == made.count)
  }

  @Test(
    "The largest batch is the last whose widest tensor has fewer than 2^31 numbers",
    arguments: [
      // The widest: pictures, hidden units, mean with log-variance, filters (exactly 2^24).
      (VAEConfiguration(height: 40, width: 30, channels: 3), 3600),
      (VAEConfiguration(height: 4, width: 4, channels: 1, hidden: [900, 70]), 900),
      (VAEConfiguration(height: 4, width: 4, channels: 1, latentSize: 500_000), 1_000_000),
      (
        VAEConfiguration(
          height: 32, width: 32, channels: 1, preset: .convolutional, filters: [65536]),
        16 * 16 * 65536
      ),
    ])
  func largestBatch(_ configuration: VAEConfiguration, widest: Int) {
    #expect(configuration.problem == nil)
    let batch = configuration.largestBatch
    #expect(batch * widest < 1 << 31 && (batch + 1) * widest >= 1 << 31, "\(batch)")
  }

  @Test(
    "Sizes that fit no tensor are a problem, whatever the numbers",
    arguments: [
      (1 << 30, [400], [8], "2147483648×400 weights"), (Int.max, [400], [8], "latentSize 9223"),
      (20, [65536, 65536], [8], "65536×65536 weights"),
      (2_000_000, [400], [8], " parameters, expected fewer than 2^31"),
      (20, [40_000, 40_000, 40_000], [8], " parameters, expected fewer than 2^31"),
      (20, [Int.max, Int.max], [8], "hidden 9223372036854775807"),
      (20, [400], [Int.max], "filters 9223372036854775807"),
      (20, [400], [Int](repeating: 1, count: 80), "80 convolutions"),
      (20, [400], [1 << 30], "1073741824×4×4×1 weights"),
    ])
  func tooLarge(latentSize: Int, hidden: [Int], filters: [Int], words: String) {
    let problems = VAEConfiguration.Preset.allCases.compactMap {
      VAEConfiguration(
        height: 32, width: 32, channels: 1, preset: $0, latentSize: latentSize, hidden: hidden,
        filters: filters
      ).problem
    }
    #expect(problems.contains { $0.contains(words) }, "\(problems)")
    let picture = VAEConfiguration(height: Int.max, width: Int.max, channels: 3)
    #expect(picture.problem?.contains("expected fewer than 2^31 numbers each") == true)
  }

  @Test("Impossible configurations are named, not built")
  func problems() {
    var configuration = VAEConfiguration(height: 3, width: 28, channels: 1, preset: .convolutional)
    #expect(
      configuration.problem
        == "2 convolutions of a 3×28 picture, each halves it: expected at least 4 pixels a side")
    configuration = VAEConfiguration(height: 3, width: 3, channels: 1, latentSize: 0)
    #expect(configuration.problem == "latentSize 0, expected at least 1")
    configuration = VAEConfiguration(height: 3, width: 3, channels: 1, beta: -.infinity)
    #expect(configuration.problem != nil)
    #expect(VAEConfiguration(height: 28, width: 28, channels: 1).problem == nil)
  }
}
