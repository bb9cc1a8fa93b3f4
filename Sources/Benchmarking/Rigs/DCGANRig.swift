import FileFormats
import Layers
import Optimizers
import Tensors

/// DCGAN on 32×32 colour pictures, 64 of them a step (Radford, Metz and Chintala 2016,
/// arXiv:1511.06434): generator 100-256·4²-128·8²-64·16²-3·32², critic 3-64-128-256-1, 4×4 filters,
/// batch normalisation but in the outermost layers.
///
/// A step makes pictures once, updates the critic on real and made ones, then the generator through
/// the updated critic; both losses are binary cross-entropy, both optimisers Adam(2e-5, β₁ 0.5).
/// That rate is a tenth of the paper's: Adam's first updates are little but the gradients' signs, and at 2e-4 the losses of
/// PyTorch's own float32 and float64 are 1.8e-4 apart after three steps.
package final class DCGANRig: TrainingRig {
  package static let batchSize = 64
  private static let latentSize = 100
  /// Taken in turn.
  private static let batchCount = 8
  private static let pictureShape = [32, 32, 3]
  private static let rate: Float = 2e-5

  package var shape: String {
    ([batchSize] + Self.pictureShape).map(String.init).joined(separator: "x")
  }
  private let batchSize: Int
  package var parameterSets: [ParameterSet] { [generatorParameters, criticParameters] }
  private let device: Device
  private let generatorParameters, criticParameters: ParameterSet
  private let generator, critic: Sequential
  private let generatorAdam, criticAdam: any Optimizer
  private let batches: [Tensor]
  private let real, made: Tensor
  private var stepsDone = 0
  private var recorded: RecordedStep?

  /// With seed 0.
  ///
  /// - Parameters:
  ///   - device: Where.
  ///   - batchSize: Pictures in a step.
  ///   - wrap: Makes of the critic's optimiser, then the generator's, those that steps are made with.
  package init(
    on device: Device, batchSize: Int = DCGANRig.batchSize,
    wrappingOptimizers wrap: (any Optimizer) -> any Optimizer = { $0 }
  ) {
    (self.device, self.batchSize) = (device, batchSize)
    generatorParameters = ParameterSet(seed: 0, on: device)
    criticParameters = ParameterSet(seed: 1, on: device)
    generator = Self.generator(in: generatorParameters.root.scope("generator"))
    critic = Self.critic(in: criticParameters.root.scope("critic"))
    var adam = Adam.Configuration()
    adam.beta1 = 0.5
    criticAdam = wrap(Adam(criticParameters, adam))
    generatorAdam = wrap(Adam(generatorParameters, adam))
    batches = (0..<Self.batchCount).map {
      let numbers = Tensor.uniform(
        [batchSize] + Self.pictureShape,
        key: RandomKey(seed: UInt64($0), stream: RandomStream.data), on: device)
      return numbers.scaled(by: 2, plus: -1)
    }
    real = Tensor.ones([batchSize, 1], on: device)
    made = Tensor.zeros([batchSize, 1], on: device)
  }

  package func step() throws(DeviceError) -> [Double] {
    let pictures = batches[stepsDone % batches.count]
    stepsDone += 1
    if let recorded {
      recorded.replay(
        UInt32(stepsDone), inputs: [pictures], rates: [Self.rate, Self.rate])
    } else {
      recorded = RecordedStep(UInt32(stepsDone), on: device, inputs: [pictures]) {
        [losses(of: $0[0], latents(stepsDone))]
      }
    }
    return try recorded!.results[0].floats().map(Double.init)
  }

  package func recipe(steps: Int) throws -> [String: NumericArray] {
    precondition(stepsDone == 0, "a recipe after \(stepsDone) steps")
    var arrays = try weightArrays()
    arrays["pictures"] = NumericArray(
      shape: [Self.batchCount, batchSize] + Self.pictureShape,
      try batches.flatMap { try $0.floats() })
    arrays["noise"] = NumericArray(
      shape: [steps, batchSize, Self.latentSize],
      try (1...steps).flatMap { try latents($0).floats() })
    return arrays
  }

  private static let halving = Convolution2DGeometry(stride: 2, padding: 1)

  private static func generator(in scope: ParameterScope) -> Sequential {
    let channels = [256, 128, 64, 3]
    var layers: [any Layer] = [
      Dense(latentSize, 4 * 4 * channels[0], hasBias: false, in: scope.scope("0")),
      Reshape([4, 4, channels[0]]),
    ]
    for index in 1..<channels.count {
      let inner = channels[index - 1]
      let isLast = index == channels.count - 1
      layers += [
        Normalization(.batch, channels: inner, in: scope.scope("\(2 * index - 1)")),
        Activate(.relu),
        ConvTransposed2D(
          inner, channels[index], kernel: [4, 4], geometry: halving,
          activation: isLast ? .tanh : nil, hasBias: isLast, in: scope.scope("\(2 * index)")),
      ]
    }
    return Sequential(layers)
  }

  private static func critic(in scope: ParameterScope) -> Sequential {
    let channels = [3, 64, 128, 256]
    var layers: [any Layer] = [
      Conv2D(
        3, channels[1], kernel: [4, 4], geometry: halving, activation: .leakyReLU(slope: 0.2),
        in: scope.scope("0"))
    ]
    for index in 2..<channels.count {
      layers += [
        Conv2D(
          channels[index - 1], channels[index], kernel: [4, 4], geometry: halving, hasBias: false,
          in: scope.scope("\(2 * index - 3)")),
        Normalization(.batch, channels: channels[index], in: scope.scope("\(2 * index - 2)")),
        Activate(.leakyReLU(slope: 0.2)),
      ]
    }
    return Sequential(layers + [Flatten(), Dense(4 * 4 * 256, 1, in: scope.scope("5"))])
  }

  private func latents(_ step: Int) -> Tensor {
    Tensor.normal(
      [batchSize, Self.latentSize],
      key: RandomKey(seed: 0, stream: RandomStream.noise, step: UInt32(step)), on: device)
  }

  /// Makes a step; the losses of critic and generator, `[2]`.
  private func losses(of pictures: Tensor, _ latents: Tensor) -> Tensor {
    // Running statistics are moved as in any training; nothing is drawn in layers.
    let mode = ForwardMode.training(
      seed: 0, step: 0, examples: Tensor([Int32](), shape: [0], on: device))
    let fakes = generator(latents, mode)
    let criticLoss =
      critic(pictures, mode).binaryCrossEntropyWithLogits(real).mean()
      + critic(fakes.detached(), mode).binaryCrossEntropyWithLogits(made).mean()
    criticAdam.step(
      gradients(of: criticLoss, withRespectTo: criticParameters.trainable.map(\.value)),
      rate: Self.rate, maximumNorm: nil)
    // The critic's own parameters need no gradient of the generator's loss.
    let generatorLoss = criticParameters.frozen {
      critic(fakes, mode).binaryCrossEntropyWithLogits(real).mean()
    }
    generatorAdam.step(
      gradients(of: generatorLoss, withRespectTo: generatorParameters.trainable.map(\.value)),
      rate: Self.rate, maximumNorm: nil)
    return Tensor.concatenated([criticLoss, generatorLoss].map { $0.detached().reshaped([1]) })
  }
}
