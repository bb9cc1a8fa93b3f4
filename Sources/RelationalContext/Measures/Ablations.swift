import Models
import Optimizers
import Tensors

/// What the context is good for: the same templates, fitted without it.
public struct Ablations: Sendable {
  /// RMS over the rows in which templates differ, of a generative network that is fed the exact map
  /// and no context: it can only average.
  public var exactMap: Double
  /// The same of the article's loop without a context, which smuggles the template through the map.
  public var noContext: Double
  /// The context's range of a fit whose context is not masked: whose share is 1.
  public var unmaskedRange: Double

  /// Fits three times for as many epochs as the fit had.
  ///
  /// - Parameters:
  ///   - fit: To be compared with.
  ///   - tell: Told now and then how many epochs were made, of how many.
  ///   - shouldStop: Asked now and then; true gives nil.
  /// - Throws: The device's failure.
  public init?(
    _ fit: FittedContext, tell: (_ made: Int, _ total: Int) -> Void = { _, _ in },
    shouldStop: () -> Bool = { false }
  ) throws(DeviceError) {
    var made = 0
    func isStopped(after count: Int) -> Bool {
      made += count
      tell(made, 3 * fit.epoch)
      return shouldStop()
    }
    let differing = DifferingRows(fit.templates)
    let plain = ExactMapFitting(fit)
    guard try advance(fit.epoch, isStopped, { n throws(DeviceError) in try plain.advance(n) })
    else { return nil }
    exactMap = try differing.distance { _, _ throws(DeviceError) in
      fit.templates.scale.restored(try plain.rows(at: differing.places))
    }
    var changed = fit.model
    changed.contextSize = 0
    guard let without = try Self.refitted(fit, changed, isStopped) else { return nil }
    noContext = try differing.distance { _, rows throws(DeviceError) in
      try without.generate(without.relate(rows))
    }
    changed = fit.model
    changed.contextShare = 1
    guard let unmasked = try Self.refitted(fit, changed, isStopped) else { return nil }
    unmaskedRange = try FitMeasures(unmasked).contextRange
  }

  private static func refitted(
    _ fit: FittedContext, _ model: RelationalContextConfiguration, _ isStopped: (Int) -> Bool
  ) throws(DeviceError) -> FittedContext? {
    let loop = RelationalFitting(
      fit.templates, templateModels: fit.templateModels, fit.configuration, model, on: .cpu)
    let isDone = try advance(fit.epoch, isStopped) { n throws(DeviceError) in
      _ = try loop.advance(n)
    }
    return isDone ? FittedContext(fit, model, loop.model) : nil
  }
}

/// Advances by strides, and asks after each; false where it was stopped.
private func advance(
  _ total: Int, _ isStopped: (_ count: Int) -> Bool, _ body: (Int) throws(DeviceError) -> Void
) throws(DeviceError) -> Bool {
  var left = total
  while left > 0 {
    let count = min(left, 1000)
    try body(count)
    left -= count
    if isStopped(count) { return false }
  }
  return true
}

/// A generative network that is fed the exact map, on the mixes and at the rate of the loop's.
private final class ExactMapFitting {
  private let network: Perceptron
  private let optimizer: Adam
  private let mixer: TemplateMixer
  private let rate: Float
  private var recorded: RecordedStep?
  private var epoch = 0

  init(_ fit: FittedContext) {
    let sizes =
      [RelationalContextConfiguration.mapSize] + fit.model.generativeHidden + [fit.model.rowSize]
    network = Perceptron(sizes, seed: FitSeeds.generative(fit.configuration.seed))
    optimizer = Adam(network.parameters)
    mixer = TemplateMixer(
      fit.templates, templateModels: fit.templateModels, fit.configuration, on: .cpu)
    rate = fit.configuration.generativeRate
  }

  func advance(_ count: Int) throws(DeviceError) {
    for _ in 0..<count {
      epoch += 1
      if let recorded {
        recorded.replay(UInt32(epoch), rates: [rate])
      } else {
        recorded = RecordedStep(UInt32(epoch), on: .cpu) { _ in
          let (rows, map) = mixer.draw(epoch: epoch)
          let loss = network(map).squaredError(rows).sum()
          let parameters = network.parameters.trainable.map(\.value)
          optimizer.step(gradients(of: loss, withRespectTo: parameters), rate: rate)
          return []
        }
      }
    }
  }

  func rows(at places: [MapPlace]) throws(DeviceError) -> [Float] {
    try network.parameters.frozen { network(Tensor(places, on: .cpu)) }.floats()
  }
}
