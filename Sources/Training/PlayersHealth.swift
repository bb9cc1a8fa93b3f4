import FileFormats
import Foundation
import Models
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
    let made = model.samples(seeds: Array(0..<count))
    let (ours, theirs) = (try Self.spread(made), try Self.spread(real.pictures))
    metrics.append(
      Metric(
        name: "diversity", value: theirs > 0 ? ours / theirs : 1,
        protocolString: "diversity/v2 pixels n=\(count) seeds=0-\(count - 1)"))
    let asked = min(Self.verdicts, data.trainingCount, data.heldOutCount)
    // With fewer the mean of verdicts is noise.
    guard asked >= 16 else { return }
    let critic = CriticQuestions(model, data, count: asked)
    let conditions = "heldOut=\(data.heldOutName) n=\(asked)"
    metrics.append(
      Metric(
        name: "overfitting", value: try critic.overfitting(),
        protocolString: "overfitting/v2 \(conditions)"))
    for (name, value) in try critic.ambiguity() {
      metrics.append(Metric(name: name, value: value, protocolString: "\(name)/v2 \(conditions)"))
    }
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
}

/// What a critic says of training pictures, held-out ones and made ones, as many of each.
private struct CriticQuestions {
  private let model: TrainableGAN
  private let data: TrainingData
  private let count: Int

  init(_ model: TrainableGAN, _ data: TrainingData, count: Int) {
    (self.model, self.data, self.count) = (model, data, count)
  }

  private enum Kind { case training, heldOut, made }

  private func batch(_ kind: Kind, _ range: Range<Int>) throws -> TrainingBatch {
    switch kind {
    case .training: return try data.plain(range, on: model.device)!
    case .heldOut: return try data.heldOut(range, on: model.device)
    case .made:
      let classes = max(model.gan.configuration.classNames.count, 1)
      let labels = range.map { Int32($0 % classes) }
      return TrainingBatch(
        pictures: model.samples(seeds: Array(range)),
        examples: Tensor(range.map { Int32($0) }, shape: [range.count], on: model.device),
        labels: Tensor(labels, shape: [range.count], on: model.device))
    }
  }

  /// The mean over pictures of one kind of a number for each, `[N]`.
  private func mean(_ kind: Kind, _ number: (TrainingBatch) throws -> Tensor) throws -> Double {
    let size = min(64, model.largestBatch)
    let sums = try stride(from: 0, to: count, by: size).map { first in
      try number(batch(kind, first..<min(first + size, count))).sum().scalar()
    }
    return sums.reduce(0, +) / Double(count)
  }

  /// How far verdicts on held-out pictures lie from those on training pictures towards those on made
  /// ones: about 0 of a critic that knows kinds of pictures, 1 of one that knows the training pictures
  /// by heart.
  ///
  /// Source: Karras and others 2020, arXiv:2006.06676, equation 1.
  func overfitting() throws -> Double {
    func verdicts(_ batch: TrainingBatch) -> Tensor {
      model.gan.verdicts(batch.pictures, labels: batch.labels)
    }
    let training = try mean(.training, verdicts)
    let heldOut = try mean(.heldOut, verdicts)
    let made = try mean(.made, verdicts)
    return training > made ? (training - heldOut) / (training - made) : 0
  }

  /// Of a creative adversarial network: the sigmoid of verdicts on held-out and made pictures (how
  /// probable it is held that they are real, where the loss is cross-entropy), the entropy of the
  /// critic's opinion what class a made picture is of, over that of none at all (log K), and the share
  /// of held-out pictures with a class whose class it tells; nothing of others.
  func ambiguity() throws -> [(name: String, value: Double)] {
    let configuration = model.gan.configuration
    guard configuration.ambiguity > 0 else { return [] }
    func probability(_ batch: TrainingBatch) -> Tensor {
      model.gan.verdicts(batch.pictures, labels: batch.labels).sigmoid()
    }
    func entropy(_ batch: TrainingBatch) -> Tensor {
      let logits = model.gan.classes(batch.pictures)!
      let shares: Tensor
      switch configuration.ambiguityLoss {
      case .uniform: shares = logits.softmax()
      case .sigmoid:
        let yes = logits.sigmoid()
        shares = yes / yes.sum(axes: [1], keepingDimensions: true)
      }
      return -(shares * (shares + 1e-20).log()).sum(axes: [1])
    }
    func isRight(_ batch: TrainingBatch) throws -> Tensor {
      let found = model.gan.classes(batch.pictures)!.argmax()
      return (found.cast(to: .float32) .== batch.labels.cast(to: .float32)).cast(to: .float32)
    }
    func hasClass(_ batch: TrainingBatch) -> Tensor {
      (batch.labels.cast(to: .float32) .>= Tensor(0, on: model.device)).cast(to: .float32)
    }
    let most = Double(configuration.classNames.count)
    let labelled = max(try mean(.heldOut, hasClass), 1e-9)
    return [
      ("realVerdict", try mean(.heldOut, probability)),
      ("madeVerdict", try mean(.made, probability)),
      ("styleEntropy", try mean(.made, entropy) / log(most)),
      ("styleAccuracy", try mean(.heldOut, isRight) / labelled),
    ]
  }
}
