import FileFormats
import Models
import Tensors

/// Times of full training steps of a VAE preset on one batch of 128 pictures of 28×28×1.
///
/// A step is what a ``Trainer`` makes: noise, forward, backward, Adam over all parameters, and the
/// losses read on the host. Loading, files and metrics are left out.
public struct StepTiming: Sendable {
  /// In milliseconds, one a step.
  public let times: [Double]
  /// Of the batch.
  public let shape: String

  /// - Parameters:
  ///   - preset: With its own sizes and Adam at 1.5e-3.
  ///   - steps: Timed; a tenth as many before them (at least 3) are not.
  ///   - device: Where.
  /// - Throws: The device's failure.
  public init(_ preset: VAEConfiguration.Preset, steps: Int, on device: Device) throws {
    let pictureShape = [28, 28, 1]
    let batchSize = 128
    let model = ModelConfiguration.vae(
      VAEConfiguration(height: 28, width: 28, channels: 1, preset: preset)
    ).makeModel(seed: 0, optimizer: .init(), on: device)
    let examples = Tensor((0..<Int32(batchSize)).map { $0 }, shape: [batchSize], on: device)
    let batch = TrainingBatch(
      pictures: Tensor.uniform(
        [batchSize] + pictureShape, key: RandomKey(seed: 0, stream: RandomStream.data),
        examples: examples, on: device), examples: examples)
    let clock = ContinuousClock()
    let warmUp = max(3, steps / 10)
    var times: [Double] = []
    for step in 1...(warmUp + steps) {
      let context = StepContext(step: step, seed: 0, rate: 1.5e-3, clip: nil)
      let time = try clock.measure { _ = try model.step(batch, context) }
      if step > warmUp { times.append(time / .milliseconds(1)) }
    }
    self.times = times
    shape = ([batchSize] + pictureShape).map(String.init).joined(separator: "x")
  }

  public var median: Double { quantile(0.5) }
  /// Width of the range that the middle half lies in.
  public var spread: Double { quantile(0.75) - quantile(0.25) }

  private func quantile(_ share: Double) -> Double {
    let sorted = times.sorted()
    let place = share * Double(sorted.count - 1)
    let (low, high) = (sorted[Int(place)], sorted[min(Int(place) + 1, sorted.count - 1)])
    return low + (high - low) * (place - place.rounded(.down))
  }
}
