import Datasets
import FileFormats
import Foundation
import Training

/// Made pictures, as judges see them, and what is measured of the model that made them.
public struct MadePictures {
  /// What each judge saw.
  public let made: [Impressions]
  /// The first pictures, for a sheet.
  public let shown: [Picture]
  /// Metrics that need the model and not its pictures alone; none of pictures from elsewhere.
  public let ofModel: [Measurement]

  /// Makes the pictures of `options` and shows them to every judge; `progress` is told of each, and
  /// `device` is named beside the speed.
  ///
  /// - Throws: The device's failure, or what `progress` throws.
  public init(
    _ model: TrainedModel, _ judges: [Judge], _ options: EvaluationOptions, device: String,
    progress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
  ) throws {
    let clock = ContinuousClock()
    let count = options.samples
    let first = Int(options.seed % UInt64(1 << 16)) * count % (1 << 30)
    var (pictures, rates): ([Picture], [Double]) = ([], [])
    pictures.reserveCapacity(count)
    for start in stride(from: 0, to: count, by: Self.batchSize) {
      let seeds = Array(first + start..<first + min(start + Self.batchSize, count))
      let begin = clock.now
      let batch = try model.pictures(seeds: seeds, temperature: options.temperature)
      rates.append(Double(seeds.count) / max((clock.now - begin) / .seconds(1), 1e-9))
      pictures += batch.map { Self.middle($0, options) }
      try progress(pictures.count, count)
    }
    shown = Array(pictures.prefix(64))
    made = try judges.map { judge in try judge.look(at: count) { Array(pictures[$0]) } }
    var found: [Measurement] = []
    if options.metrics.contains(.smoothness) {
      let smooth = try Smoothness(
        model, judges[0], seed: options.seed, temperature: options.temperature)
      let conditions =
        "judge=\(judges[0].checksum) ways=\(Smoothness.ways) steps=\(Smoothness.steps) seed=\(options.seed)"
      found.append(
        Measurement(
          name: "straightness", estimate: smooth.straightness, real: nil, lessIsBetter: false,
          protocolString: "straightness/v1 \(conditions)"))
      found.append(
        Measurement(
          name: "largestStep", estimate: smooth.largestStep, real: nil, lessIsBetter: true,
          protocolString: "largest-step/v1 \(conditions)"))
    }
    if options.metrics.contains(.speed) {
      // The first batch prepares what later ones use.
      let sorted = (rates.count > 1 ? Array(rates.dropFirst()) : rates).sorted()
      func share(_ share: Double) -> Double { sorted[Int(share * Double(sorted.count - 1))] }
      found.append(
        Measurement(
          name: "picturesPerSecond",
          estimate: Estimate(value: share(0.5), low: share(0.05), high: share(0.95)), real: nil,
          lessIsBetter: false,
          protocolString:
            "speed/v1 device=\(device) batch=\(Self.batchSize) batches=\(sorted.count)"))
    }
    ofModel = found
  }

  /// Pictures that were made elsewhere: the first `options` ask for, or all where there are fewer.
  ///
  /// - Throws: A `FileFormatError` of the pictures, the device's failure.
  public init(
    from dataset: any Dataset, _ judges: [Judge], _ options: EvaluationOptions
  ) throws {
    let pictures = try (0..<min(options.samples, dataset.count)).map {
      Self.middle(try dataset.picture(at: $0), options)
    }
    shown = Array(pictures.prefix(64))
    made = try judges.map { judge in
      try judge.look(at: pictures.count) { Array(pictures[$0]) }
    }
    ofModel = []
  }

  private static func middle(_ picture: Picture, _ options: EvaluationOptions) -> Picture {
    options.crop.map { picture.centerCropped(height: $0.height, width: $0.width) } ?? picture
  }

  /// Pictures that are made together.
  static let batchSize = 64
}
