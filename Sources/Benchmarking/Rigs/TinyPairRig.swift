import FileFormats
import Layers
import Optimizers
import Tensors

/// Two tiny networks that are trained against each other, as in Generative Relational Context: a
/// relational one 21-15-10-3 and a generative one 3-10-15-21 behind it, 49 rows, ELU.
///
/// A step mixes two templates, each row by a weight of its own; the generative network's loss, the
/// squared error of the mix regenerated, goes back through both; the relational one has another
/// loss of its own result. Each has its Adam. Almost nothing is computed, so a step's time is what
/// a program spends between kernels.
package final class TinyPairRig: TrainingRig {
  private static let rows = 49
  private static let sizes = [21, 15, 10, 3]
  /// Of the relational network's update, then of the generative one's.
  private static let rates: [Float] = [1e-4, 2e-4]

  package let shape = "49x21, 21-15-10-3-10-15-21"
  private let relational, generative: ParameterSet
  private let relationalLayers, generativeLayers: Sequential
  private let relationalAdam, generativeAdam: any Optimizer
  private let templates: [Tensor]
  /// The first template less the second.
  private let difference: Tensor
  private let context, filter, filteredContext: Tensor
  private let device: Device
  package var parameterSets: [ParameterSet] { [relational, generative] }
  private var stepsDone = 0
  private var recorded: RecordedStep?

  /// With seed 0.
  ///
  /// - Parameters:
  ///   - device: Where.
  ///   - wrap: Makes of the relational network's optimiser, then the generative one's, those that
  ///     steps are made with.
  package init(
    on device: Device, wrappingOptimizers wrap: (any Optimizer) -> any Optimizer = { $0 }
  ) {
    self.device = device
    let sizes = Self.sizes
    relational = ParameterSet(seed: 0, on: device)
    generative = ParameterSet(seed: 1, on: device)
    relationalLayers = Self.network(sizes, in: relational.root.scope("relational"))
    generativeLayers = Self.network(sizes.reversed(), in: generative.root.scope("generative"))
    relationalAdam = wrap(Adam(relational))
    generativeAdam = wrap(Adam(generative))
    templates = (0..<2).map {
      Tensor.uniform(
        [Self.rows, sizes[0]], key: RandomKey(seed: $0, stream: RandomStream.data), on: device)
    }
    difference = templates[0] - templates[1]
    context = Tensor.uniform(
      [Self.rows, sizes[3]], key: RandomKey(seed: 2, stream: RandomStream.data), on: device)
    filter = Tensor([1, 1, 0.05] as [Float], shape: [sizes[3]], on: device)
    filteredContext = context * filter
  }

  package func step() throws(DeviceError) -> [Double] {
    stepsDone += 1
    if let recorded {
      recorded.replay(UInt32(stepsDone), rates: Self.rates)
    } else {
      recorded = RecordedStep(UInt32(stepsDone), on: device) { _ in [losses(weights(stepsDone))] }
    }
    return try recorded!.results[0].floats().map(Double.init)
  }

  package func recipe(steps: Int) throws -> [String: NumericArray] {
    precondition(stepsDone == 0, "a recipe after \(stepsDone) steps")
    var arrays = try weightArrays()
    arrays["templates"] = NumericArray(
      shape: [2, Self.rows, Self.sizes[0]], try templates.flatMap { try $0.floats() })
    arrays["context"] = NumericArray(shape: context.shape, try context.floats())
    arrays["noise"] = NumericArray(
      shape: [steps, Self.rows, 1], try (1...steps).flatMap { try weights($0).floats() })
    return arrays
  }

  private static func network(_ sizes: [Int], in scope: ParameterScope) -> Sequential {
    Sequential(
      zip(sizes, sizes.dropFirst()).enumerated().map { index, size in
        Dense(
          size.0, size.1, activation: index < sizes.count - 2 ? .elu(alpha: 1) : nil,
          in: scope.scope("\(index)"))
      })
  }

  /// Of the first template in each row's mix.
  private func weights(_ step: Int) -> Tensor {
    Tensor.uniform(
      [Self.rows, 1], key: RandomKey(seed: 0, stream: RandomStream.noise, step: UInt32(step)),
      on: device)
  }

  /// Makes a step; the losses of both networks, `[2]`.
  private func losses(_ weights: Tensor) -> Tensor {
    let target = templates[1] + weights * difference
    let context = relationalLayers(target, .evaluation)
    let regenerated = generativeLayers(context, .evaluation)
    let generativeLoss = regenerated.squaredError(target).sum()
    let relationalLoss = (context * filter).squaredError(filteredContext).sum()
    // The second loss does not depend on the generative network: one pass gives it the first's.
    let parameters = relational.trainable + generative.trainable
    let all = gradients(
      of: generativeLoss + relationalLoss, withRespectTo: parameters.map(\.value))
    let count = relational.trainable.count
    relationalAdam.step(Array(all[..<count]), rate: Self.rates[0], maximumNorm: nil)
    generativeAdam.step(Array(all[count...]), rate: Self.rates[1], maximumNorm: nil)
    return Tensor.concatenated(
      [generativeLoss, relationalLoss].map { $0.detached().reshaped([1]) })
  }
}
