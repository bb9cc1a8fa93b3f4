import FileFormats
import Tensors

/// Numbers that tell early that a generator and its critic go wrong, which their losses do not.
struct PlayersHealth {
  private(set) var metrics: [Metric] = []

  /// Pictures that are compared: those of a run's sheets.
  private static let pairs = 64
  /// Pictures of each kind that the critic is asked about.
  private static let verdicts = 512

  /// Measures the parameters as they are; without training examples to look at, nothing.
  ///
  /// - Throws: The device's failure, or an error of the data.
  init(_ model: TrainableGAN, _ data: TrainingData) throws {
    let count = min(Self.pairs, data.trainingCount, model.largestBatch)
    guard count > 1, let real = try data.plain(0..<count, on: model.device) else { return }
    let made = model.samples(seeds: Array(0..<count), temperature: 1)
    let (ours, theirs) = (try Self.spread(made), try Self.spread(real.pictures))
    metrics.append(
      Metric(
        name: "diversity", value: theirs > 0 ? ours / theirs : 1,
        protocolString: "diversity/v1 pixels n=\(count) seeds=0-\(count - 1)"))
    let asked = min(Self.verdicts, data.trainingCount, data.heldOutCount)
    // With fewer the mean of verdicts is noise.
    guard asked >= 16 else { return }
    metrics.append(
      Metric(
        name: "overfitting", value: try Self.overfitting(model, data, asked),
        protocolString: "overfitting/v1 heldOut=\(data.heldOutName) n=\(asked)"))
  }

  /// Mean distance between two pictures of a batch.
  private static func spread(_ pictures: Tensor) throws -> Double {
    let rows = pictures.flattened()
    let (count, size) = (rows.shape[0], rows.shape[1])
    let values = try rows.floats()
    var sum = 0.0
    for first in 0..<count {
      for second in 0..<first {
        var squares: Float = 0
        for index in 0..<size {
          let difference = values[first * size + index] - values[second * size + index]
          squares += difference * difference
        }
        sum += Double(squares).squareRoot()
      }
    }
    return sum * 2 / Double(count * (count - 1))
  }

  /// How far verdicts on held-out pictures lie from those on training pictures towards those on made
  /// ones: about 0 of a critic that knows kinds of pictures, 1 of one that knows the training pictures
  /// by heart.
  ///
  /// Source: Karras and others 2020, arXiv:2006.06676, equation 1.
  private static func overfitting(
    _ model: TrainableGAN, _ data: TrainingData, _ count: Int
  ) throws -> Double {
    func mean(_ pictures: (Range<Int>) throws -> Tensor) throws -> Double {
      let size = min(64, model.largestBatch)
      let sums = try stride(from: 0, to: count, by: size).map { first in
        try model.gan.verdicts(pictures(first..<min(first + size, count))).sum().scalar()
      }
      return sums.reduce(0, +) / Double(count)
    }
    let training = try mean { try data.plain($0, on: model.device)!.pictures }
    let heldOut = try mean { try data.heldOut($0, on: model.device).pictures }
    let made = try mean { model.samples(seeds: Array($0), temperature: 1) }
    return training > made ? (training - heldOut) / (training - made) : 0
  }
}
