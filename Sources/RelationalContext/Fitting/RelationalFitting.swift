import Models
import Optimizers
import Tensors

/// The article's loop: every epoch a fresh mix of the template models, found on the map by the
/// relational network and made again by the generative one.
///
/// An epoch is recorded once and replayed, so nothing is worked out again but numbers.
final class RelationalFitting {
  let model: RelationalContext
  let relationalOptimizer, generativeOptimizer: Adam
  private let configuration: FitConfiguration
  private let mixer: TemplateMixer
  /// Where the rows should lie, where that is the same in all epochs.
  private let maskedTarget: Tensor?
  private let device: Device
  private var recorded: RecordedStep?
  /// Epochs that were made.
  private(set) var epoch = 0

  /// A fit from the start; `templateModels` were fitted to the templates of `set`, in order.
  init(
    _ set: TemplateSet, templateModels: [Perceptron], _ configuration: FitConfiguration,
    _ context: RelationalContextConfiguration, on device: Device
  ) {
    (self.configuration, self.device) = (configuration, device)
    mixer = TemplateMixer(set, templateModels: templateModels, configuration, on: device)
    model = RelationalContext(
      context,
      seeds: (FitSeeds.relational(configuration.seed), FitSeeds.generative(configuration.seed)),
      on: device)
    maskedTarget = mixer.fixedPlaces.map(model.maskedTarget)
    relationalOptimizer = Adam(model.relational.parameters)
    generativeOptimizer = Adam(model.generative.parameters)
  }

  /// Makes this many epochs, adding their losses up.
  ///
  /// - Returns: The sums over the epochs of the generative and of the relational loss.
  func advance(_ count: Int) throws(DeviceError) -> (generative: Double, relational: Double) {
    let rates = [configuration.relationalRate, configuration.generativeRate]
    var sums = (generative: 0.0, relational: 0.0)
    for _ in 0..<count {
      epoch += 1
      if let recorded {
        recorded.replay(UInt32(epoch), rates: rates)
      } else {
        recorded = RecordedStep(UInt32(epoch), on: device) { _ in [update()] }
      }
      let losses = try recorded!.results[0].floats()
      sums.generative += Double(losses[0])
      sums.relational += Double(losses[1])
    }
    return sums
  }

  /// Makes an update of both networks; their losses before it, `[2]`.
  private func update() -> Tensor {
    let (rows, map) = mixer.draw(epoch: epoch)
    let losses = model.losses(
      rows: rows, maskedTarget: maskedTarget ?? model.maskedTarget(map: map))
    let (relational, generative) = (model.relational.parameters, model.generative.parameters)
    // The relational loss does not depend on the generative network: one pass gives each network
    // what is its own.
    let all = gradients(
      of: losses.generative + losses.relational,
      withRespectTo: (relational.trainable + generative.trainable).map(\.value))
    let count = relational.trainable.count
    relationalOptimizer.step(Array(all[..<count]), rate: configuration.relationalRate)
    generativeOptimizer.step(Array(all[count...]), rate: configuration.generativeRate)
    return Tensor.concatenated(
      [losses.generative, losses.relational].map { $0.detached().reshaped([1]) })
  }

  /// Takes up the state after an epoch, whose arrays the caller then fills.
  func resume(at epoch: Int) {
    self.epoch = epoch
    relationalOptimizer.resume(at: epoch)
    generativeOptimizer.resume(at: epoch)
  }
}
