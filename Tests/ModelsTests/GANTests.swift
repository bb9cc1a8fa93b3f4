import Foundation
import Layers
import Tensors
import Testing

@testable import Models

@Suite("GANs")
struct GANTests {
  private static func tiny(_ preset: GANConfiguration.Preset) -> GANConfiguration {
    var configuration = GANConfiguration(
      height: 6, width: 9, channels: 2, classNames: ["a", "b", "c", "d"], preset: preset)
    (configuration.filters, configuration.depth, configuration.latentSize) = (2, 2, 3)
    configuration.hidden = [5, 4]
    return configuration
  }

  private let training = ForwardMode.training(
    seed: 0, step: 1, examples: Tensor([0, 1, 2] as [Int32], shape: [3]))

  private func normal(_ shape: [Int], _ seed: UInt64) -> Tensor {
    .normal(shape, key: RandomKey(seed: seed, stream: 77), dtype: .float64)
  }

  @Test(
    "the critic's loss, penalties on its slope included, has the gradient of finite differences",
    arguments: GANConfiguration.Preset.allCases)
  func criticGradient(preset: GANConfiguration.Preset) throws {
    var configuration = Self.tiny(preset)
    // Every penalty with every kind of layer, weighty enough to be seen.
    (configuration.gradientPenalty, configuration.r1) = (3, 2)
    configuration.penaltyEvery = 2
    let gan = GAN(configuration, seed: 4, dtype: .float64)
    // Weights of .02 leave slopes near 0, where the penalty's root bends too sharply.
    for parameter in gan.critic.parameters.trainable
    where configuration.architecture == .convolutional {
      parameter.assign(parameter.value.detached().scaled(by: parameter.shape.count > 1 ? 20 : 1))
    }
    let (real, made) = (normal([3, 6, 9, 2], 1), normal([3, 6, 9, 2], 2))
    let between = Tensor.uniform(
      [3, 1, 1, 1], key: RandomKey(seed: 3, stream: 77), dtype: .float64)
    // Singular vectors that stretch nothing yet would make weights of any size.
    for _ in 0..<20 { _ = gan.verdicts(real.scaled(by: 0.5, plus: 0.5), training) }
    // Evaluation keeps statistics and singular vectors where they are; in training, batches are
    // normalised by themselves, which is checked where nothing else moves.
    let mode = configuration.criticNormalization == .spectral ? ForwardMode.evaluation : training
    let labels = Tensor([2, 0, 3] as [Int32], shape: [3])
    func loss() -> Tensor {
      gan.criticLoss(
        real: real, made: made, labels: labels, between: between, isPenalized: true, mode
      ).loss
    }
    let parameters = gan.critic.parameters.trainable
    let found = gradients(of: loss(), withRespectTo: parameters.map(\.value))
    try expect(found, toBeSlopesOf: loss, by: parameters, samples: 7)
  }

  /// Compares gradients with finite differences of `value`, in some of the numbers of each parameter.
  private func expect(
    _ found: [Tensor], toBeSlopesOf value: () throws -> Tensor, by parameters: [Parameter],
    samples: Int
  ) throws {
    for (parameter, gradient) in zip(parameters, found) {
      let (values, slopes) = (try parameter.value.detached().doubles(), try gradient.doubles())
      for index in stride(from: 0, to: values.count, by: max(values.count / samples, 1)) {
        let sides = try [1e-6, -1e-6].map { step in
          var moved = values
          moved[index] += step
          parameter.assign(Tensor(moved, shape: parameter.shape))
          return try value().scalar()
        }
        parameter.assign(Tensor(values, shape: parameter.shape))
        let difference = (sides[0] - sides[1]) / 2e-6
        #expect(
          abs(difference - slopes[index]) < 1e-5 * max(1, abs(difference)),
          "\(parameter.name)[\(index)]: \(slopes[index]), by differences \(difference)")
      }
    }
  }

  @Test("penalties are those of a slope that is known: of a critic that is linear")
  func knownSlope() throws {
    // One convolution of 4×4 pictures to one place, no normalisation, and slopes that do not change
    // where no value is negative: a leaky ReLU at positive numbers.
    var configuration = GANConfiguration(height: 4, width: 4, channels: 1, preset: .r1)
    (configuration.filters, configuration.depth) = (1, 2)
    (configuration.gradientPenalty, configuration.r1) = (10, 4)
    let gan = GAN(configuration, seed: 1, dtype: .float64)
    for parameter in gan.critic.parameters.trainable {
      let count = parameter.shape.reduce(1, *)
      parameter.assign(
        Tensor((0..<count).map { 0.05 + 0.01 * Double($0 % 7) }, shape: parameter.shape))
    }
    let (a, b) = (
      Tensor.uniform([3, 4, 4, 1], key: RandomKey(seed: 1, stream: 77), dtype: .float64),
      Tensor.uniform([3, 4, 4, 1], key: RandomKey(seed: 2, stream: 77), dtype: .float64)
    )
    // The slope by differences, pixel by pixel, of the verdict itself: exact on a linear function.
    func verdict(_ pixels: [Double]) throws -> Double {
      let picture = Tensor(pixels.map { $0 / 2 + 0.5 }, shape: [1, 4, 4, 1])
      return try gan.verdicts(picture).doubles()[0]
    }
    let pixels = Array(try a.doubles()[..<16])
    let slope = try pixels.indices.map { index in
      var moved = pixels
      moved[index] += 0.25
      return try (verdict(moved) - verdict(pixels)) / 0.25
    }
    let square = slope.reduce(0) { $0 + $1 * $1 }
    let between = Tensor.uniform(
      [3, 1, 1, 1], key: RandomKey(seed: 3, stream: 77), dtype: .float64)
    let found = try gan.criticLoss(
      real: a, made: b, between: between, isPenalized: true, training
    ).penalty.scalar()
    // The preset's penalties come in every fourth step, four times as heavy.
    let expected = 4 * (4 / 2 * square + 10 * pow(square.squareRoot() - 1, 2))
    #expect(abs(found - expected) < 1e-6 * expected, "\(found) and \(expected)")
    let without = gan.criticLoss(
      real: a, made: b, between: between, isPenalized: false, training)
    #expect(try without.penalty.scalar() == 0)
  }

  @Test("losses are those of their papers at verdicts worked out by hand")
  func losses() throws {
    let (real, made) = (
      Tensor([2, -1] as [Double], shape: [2, 1]), Tensor([0.5, -3] as [Double], shape: [2, 1])
    )
    func softplus(_ x: Double) -> Double { log(1 + exp(x)) }
    let expected: [AdversarialLoss: (critic: Double, generator: Double)] = [
      .nonsaturating: (
        (softplus(-2) + softplus(1) + softplus(0.5) + softplus(-3)) / 2,
        (softplus(-0.5) + softplus(3)) / 2
      ),
      .leastSquares: ((1 + 4 + 0.25 + 9) / 4, (0.25 + 16) / 4),
      .hinge: ((0 + 2 + 1.5 + 0) / 2, 1.25),
      .wasserstein: (-1.25 - 0.5, 1.25),
    ]
    for loss in AdversarialLoss.allCases {
      let (critic, generator) = expected[loss]!
      #expect(abs(try loss.critic(real: real, made: made).scalar() - critic) < 1e-12, "\(loss)")
      #expect(abs(try loss.generator(made: made).scalar() - generator) < 1e-12, "\(loss)")
    }
  }

  @Test(
    "pictures of any size come out in it, within 0…1, and one is decided by its latent alone",
    arguments: [[2, 2, 1], [7, 5, 3], [28, 28, 1], [33, 20, 4], [64, 48, 3]])
  func shapes(shape: [Int]) throws {
    for preset in GANConfiguration.Preset.allCases { try checkShapes(shape, preset) }
  }

  private func checkShapes(_ shape: [Int], _ preset: GANConfiguration.Preset) throws {
    var configuration = GANConfiguration(
      height: shape[0], width: shape[1], channels: shape[2], classNames: ["a", "b"],
      preset: preset)
    (configuration.filters, configuration.hidden) = (2, [3])
    #expect(configuration.problem == nil)
    #expect(configuration.pathLengthWeight.isFinite && configuration.pathLengthWeight >= 0)
    let gan = GAN(configuration, seed: 1)
    let latents = gan.latents(
      seeds: [3, 8], key: RandomKey(seed: 0, stream: RandomStream.sampling))
    let pictures = gan.pictures(latents)
    #expect(pictures.shape == [2] + shape)
    let values = try pictures.floats()
    #expect(values.allSatisfy { (0...1).contains($0) })
    let alone = try gan.pictures(latents.sliced(1..<2)).floats()
    for (a, b) in zip(alone, values[(values.count / 2)...]) { #expect(abs(a - b) < 1e-6) }
    #expect(gan.verdicts(pictures).shape == [2, 1])
    let arrays = configuration.arrayShapes
    #expect(arrays.critic.map(\.shape) == gan.critic.parameters.all.map(\.shape))
    #expect(arrays.generator.map(\.name) == gan.generator.parameters.all.map(\.name))
  }

  @Test(
    "the penalty on path lengths is what finite differences of the pictures say, and so is its gradient"
  )
  func pathLength() throws {
    var configuration = Self.tiny(.style)
    (configuration.pathLengthEvery, configuration.pathLength) = (2, 50)
    let gan = GAN(configuration, seed: 3, dtype: .float64)
    let parameters = gan.generator.parameters
    // Noise that counts.
    for parameter in parameters.trainable where parameter.name.hasSuffix("strength") {
      parameter.assign(Tensor(filling: parameter.shape, with: 0.3, dtype: .float64, on: .cpu))
    }
    let (latents, direction) = (normal([2, 3], 5), normal([2, 6, 9, 2], 6))
    let mean = parameters.statistics.first { $0.name == "meanPathLength" }!
    func penalty() throws -> Tensor {
      mean.assign(Tensor([0.5], shape: [1]))
      let (pictures, styles) = gan.made(latents, .evaluation)
      return gan.pathLengthPenalty(pictures, styles, along: direction)
    }
    // Its value, by differences of the pictures.
    let styles = gan.made(latents, .evaluation).styles.detached()
    let start = try styles.doubles()
    func along(_ values: [Double]) throws -> [Double] {
      let pictures = gan.generator.pictures(of: Tensor(values, shape: [2, 3]), .evaluation)
      return try (pictures.detached() * direction).sum(axes: [1, 2, 3]).doubles()
    }
    let lengths = try (0..<2).map { row in
      let slopes = try (0..<3).map { column in
        let sides = try [1e-5, -1e-5].map { step in
          var moved = start
          moved[row * 3 + column] += step
          return try along(moved)[row]
        }
        return (sides[0] - sides[1]) / 2e-5
      }
      return slopes.reduce(0) { $0 + $1 * $1 }.squareRoot()
    }
    let moved = 0.5 + 0.01 * ((lengths[0] + lengths[1]) / 2 - 0.5)
    let squares = lengths.map { ($0 - moved) * ($0 - moved) }
    let side = 54.0.squareRoot()
    let expected = 50 * 2 * log(2) / (54 * (log(side) - log(2))) * (squares[0] + squares[1]) / 2
    #expect(abs(try penalty().scalar() - expected) < 1e-6 * expected)
    #expect(abs(try mean.value.doubles()[0] - moved) < 1e-6 * moved)

    // The gradient of the lengths, which is one of second order, by differences of themselves.
    func sum() -> Tensor {
      let (pictures, styles) = gan.made(latents, .evaluation)
      return GAN.pathLengths(pictures, styles, along: direction).squared().sum()
    }
    let found = gradients(of: sum(), withRespectTo: parameters.trainable.map(\.value))
    try expect(found, toBeSlopesOf: sum, by: parameters.trainable, samples: 3)
  }

  @Test("losses of ambiguity are least where no class is likelier than another")
  func styleAmbiguity() throws {
    let logits = Tensor([1, -2, 0.5, 0, 0, 0] as [Double], shape: [2, 3])
    let labels = Tensor([2, 1] as [Int32], shape: [2])
    func softplus(_ x: Double) -> Double { log(1 + exp(x)) }
    let sum = log(exp(1) + exp(-2) + exp(0.5))
    let uniform = StyleAmbiguity.uniform
    #expect(
      abs(try uniform.critic(logits, labels: labels).scalar() - (sum - 0.5 + log(3)) / 2) < 1e-6)
    #expect(
      abs(try uniform.generator(logits).scalar() - (sum + 0.5 / 3 + log(3)) / 2) < 1e-6)
    let all = softplus(1) + softplus(-2) + softplus(0.5)
    let sigmoid = StyleAmbiguity.sigmoid
    #expect(
      abs(
        try sigmoid.critic(logits, labels: labels).scalar() - (all - 0.5 + 3 * softplus(0)) / 2)
        < 1e-6)
    // Least at a sigmoid of 1/3 each, which is a logit of −log 2.
    #expect(
      abs(try sigmoid.generator(logits).scalar() - (all + 0.5 / 3 + 3 * softplus(0)) / 2) < 1e-6)
    // A picture of no known class says nothing.
    let unknown = Tensor([2, -1] as [Int32], shape: [2])
    #expect(abs(try uniform.critic(logits, labels: unknown).scalar() - (sum - 0.5) / 2) < 1e-6)
    #expect(abs(try sigmoid.critic(logits, labels: unknown).scalar() - (all - 0.5) / 2) < 1e-6)
    for (loss, least) in [(uniform, 0.0), (sigmoid, -log(2))] {
      func at(_ first: Double) throws -> Double {
        try loss.generator(Tensor([first, least, least], shape: [1, 3])).scalar()
      }
      #expect(try at(least) < at(least + 0.1) && at(least) < at(least - 0.1))
    }
  }

  @Test("what makes no networks is told before any is made")
  func problems() {
    func problem(_ change: (inout GANConfiguration) -> Void) -> String? {
      var configuration = GANConfiguration(height: 32, width: 16, channels: 3)
      change(&configuration)
      return configuration.problem
    }
    #expect(problem { _ in } == nil)
    #expect(problem { $0.depth = 5 }!.contains("at least 32 pixels"))
    #expect(problem { $0.depth = 0 }!.contains("depth 0"))
    #expect(problem { $0.filters = 5000 }!.contains("filters 5000"))
    #expect(problem { $0.latentSize = .max }!.contains("latentSize"))
    #expect(problem { $0.r1 = -1 }!.contains("r1"))
    #expect(problem { $0.gradientPenalty = .nan }!.contains("gradientPenalty"))
    #expect(problem { $0.criticRate = 0 }!.contains("criticRate"))
    #expect(problem { $0.height = 1 }!.contains("height 1"))
    #expect(problem { $0.pathLength = 1 }!.contains("without styles"))
    #expect(problem { ($0.criticSteps, $0.penaltyEvery) = (1024, 1024) } == nil)
    #expect(
      problem {
        ($0.architecture, $0.pathLength) = (.style, 1)
        ($0.criticSteps, $0.penaltyEvery, $0.pathLengthEvery) = (1024, 1024, 2)
      }!
      .contains("2^20"))
    #expect(problem { ($0.architecture, $0.latentSize) = (.style, 65536) }!.contains("2^31"))
    #expect(problem { $0.isConditional = true }!.contains("0 classes"))
    #expect(
      problem {
        ($0.height, $0.width, $0.depth) = (4096, 4096, 1); $0.latentSize = 65536
      }!
      .contains("2^31"))
  }

  @Test(
    "a critic's augmentation of strength 0 changes nothing, of strength .8 most pictures, each by itself, and gradients through it are those of finite differences"
  )
  func augmentation() throws {
    func gan(_ strength: Float) -> GAN {
      var configuration = GANConfiguration(height: 7, width: 9, channels: 3)
      (configuration.filters, configuration.depth) = (1, 1)
      (configuration.augmentation, configuration.augmentationTarget) = (strength, 0.6)
      return GAN(configuration, seed: 0, dtype: .float64)
    }
    let pictures = normal([16, 7, 9, 3], 5)
    let examples = Tensor((0..<16).map { Int32($0) }, shape: [16])
    let key = RandomKey(seed: 3, stream: 77, step: 1)
    let same = try gan(0).augmented(pictures, key, examples: examples).doubles()
    for (a, b) in zip(same, try pictures.doubles()) { #expect(abs(a - b) < 1e-14 * (1 + abs(b))) }

    let strong = gan(0.8)
    let whole = strong.augmented(pictures, key, examples: examples)
    let (before, after) = (try pictures.doubles(), try whole.doubles())
    let size = 7 * 9 * 3
    let changed = (0..<16).filter { picture in
      (picture * size..<(picture + 1) * size).contains { abs(before[$0] - after[$0]) > 1e-9 }
    }
    // All eight changes are missed by .2⁸ of pictures.
    #expect(changed.count >= 15)
    let last = strong.augmented(
      pictures.sliced(9..<12), key, examples: examples.sliced(9..<12))
    #expect(try last.doubles() == Array(after[9 * size..<12 * size]), "whatever batch it is in")

    let few = normal([4, 7, 9, 3], 6)
    let numbers = examples.sliced(0..<4)
    let weights = normal([4, 7, 9, 3], 7)
    func sum(_ x: Tensor) -> Tensor {
      (strong.augmented(x, key, examples: numbers) * weights).sum()
    }
    let tracked = few.tracked()
    let slopes = try gradients(of: sum(tracked), withRespectTo: [tracked])[0].doubles()
    let values = try few.doubles()
    for index in stride(from: 0, to: values.count, by: 37) {
      let sides = try [1e-6, -1e-6].map { step in
        var moved = values
        moved[index] += step
        return try sum(Tensor(moved, shape: [4, 7, 9, 3])).scalar()
      }
      #expect(abs((sides[0] - sides[1]) / 2e-6 - slopes[index]) < 1e-6)
    }
  }

  @Test(
    "the strength rises where verdicts on real pictures are surer than the target, falls where not, and stays in 0…0.8"
  )
  func adaptation() throws {
    func strength(from first: Float, _ verdicts: [Float], times: Int, loss: AdversarialLoss)
      throws -> Float
    {
      var configuration = GANConfiguration(height: 8, width: 8, channels: 1)
      (configuration.filters, configuration.loss) = (1, loss)
      (configuration.augmentation, configuration.augmentationTarget) = (first, 0.6)
      let gan = GAN(configuration, seed: 0)
      for _ in 0..<times {
        gan.adaptAugmentation(to: Tensor(verdicts, shape: [verdicts.count, 1]))
      }
      return try gan.augmentationStrength!.floats()[0]
    }
    // 100 thousand pictures take it from end to end: four verdicts are a step of 4e-5.
    let sure: [Float] = [1, 2, 3, 4]
    #expect(
      abs(try strength(from: 0.25, sure, times: 10, loss: .nonsaturating) - 0.2504) < 1e-6)
    let unsure: [Float] = [1, 2, -3, -4]
    #expect(
      abs(try strength(from: 0.25, unsure, times: 10, loss: .nonsaturating) - 0.2496) < 1e-6)
    // Of squares the middle between real and made is .5: none of these is taken for real.
    #expect(
      try strength(from: 0.25, [0.1, 0.2, 0.3, 0.4], times: 1, loss: .leastSquares) < 0.25)
    #expect(try strength(from: 0, unsure, times: 3, loss: .hinge) == 0)
    #expect(try strength(from: 0.79999, sure, times: 3, loss: .hinge) == 0.8)
  }
}

extension ParameterSet {
  fileprivate var all: [Parameter] { trainable + statistics }
}
