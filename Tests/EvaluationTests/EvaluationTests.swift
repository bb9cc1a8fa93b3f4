import Datasets
import FileFormats
import Models
import Testing

@testable import Evaluation
@testable import Training

@Suite("An evaluation")
struct EvaluationTests {
  private static let shapes = Shapes(
    count: 300, shape: PictureShape(height: 14, width: 14, channels: 1), seed: 1)

  private func trained(in folder: String) throws -> RunFolder {
    let data = TrainingData(Self.shapes, batchSize: 16, seed: 0)
    let run = try TrainingRun(
      RunConfiguration(
        dataSource: "shapes", dataIdentity: data.identity,
        model: .vae(
          VAEConfiguration(height: 14, width: 14, channels: 1, latentSize: 3, hidden: [8])),
        batchSize: 16, steps: 3), data: data, in: "\(folder)/run", resume: nil, device: .cpu)
    _ = try run.train(on: .cpu)
    return run.folder
  }

  private func measured(
    in folder: String, _ options: EvaluationOptions, cache: String? = nil
  ) throws -> [Measurement] {
    let judges = try Judge.builtIn()
    let real = try judges.map { try RealPictures(Self.shapes, $0, cache: cache) }
    let evaluation = try Evaluation(judges, beside: real, options)
    let model = try TrainedModel(trained(in: folder), .latest, on: .cpu)
    let made = try MadePictures(model, judges, options, device: "cpu")
    let floor = try evaluation.ofRealPictures()
    return try evaluation.measure(made.made, real: floor) + made.ofModel
  }

  @Test("has every metric, with an interval round it, what real pictures get, and its conditions")
  func whole() throws {
    try withFolder { folder in
      var options = EvaluationOptions()
      options.samples = 100
      let found = try measured(in: folder, options)
      #expect(
        found.map(\.name) == [
          "fd-f", "fd-f2", "kd", "precision", "recall", "density", "coverage", "classifierScore",
          "classEntropy", "vendi", "pairwise", "memorisation", "novelty", "straightness",
          "largestStep",
          "picturesPerSecond",
        ])
      for measurement in found {
        let estimate = measurement.estimate
        #expect(estimate.low <= estimate.high && estimate.value.isFinite, "\(measurement.name)")
        let ofModel = [
          "memorisation", "novelty", "straightness", "largestStep", "picturesPerSecond",
        ]
        #expect((measurement.real == nil) == ofModel.contains(measurement.name))
      }
      let smooth = found.filter { ["straightness", "largestStep"].contains($0.name) }
      #expect((0...1).contains(smooth[0].estimate.value) && smooth[1].estimate.value >= 1)
      let distance = found[0]
      #expect(distance.estimate.value > 3 * distance.real!, "an untrained model is far from real")
      #expect(distance.protocolString.hasPrefix("fd-f/v1 judge=a2a6a21f ref=train:"))
      #expect(distance.protocolString.hasSuffix("data=shapes@14x14x1 n=100 seed=0"))
    }
  }

  @Test("goes straight from one seed's picture to another's")
  func interpolation() throws {
    try withFolder { folder in
      let model = try TrainedModel(trained(in: folder), .latest, on: .cpu)
      let way = try model.interpolation(from: 4, to: 9, steps: 6)
      let ends = try model.pictures(seeds: [4, 9])
      #expect(way.count == 7 && [way[0], way[6]] == ends)
      #expect(Set(way).count == 7)
    }
  }

  @Test("is the same again, from the cache too, and another for another seed")
  func repeated() throws {
    try withFolder { folder in
      var options = EvaluationOptions()
      (options.samples, options.metrics) = (60, [.frechet, .manifolds])
      let first = try withFolder { try measured(in: $0, options, cache: "\(folder)/cache") }
      let again = try withFolder { try measured(in: $0, options, cache: "\(folder)/cache") }
      let fresh = try withFolder { try measured(in: $0, options) }
      #expect(first == again && first == fresh)
      options.seed = 1
      let other = try withFolder { try measured(in: $0, options, cache: "\(folder)/cache") }
      #expect(other[0].estimate.value != first[0].estimate.value)
    }
  }

  @Test("of data that is too small, or of too few pictures, says so")
  func tooFew() throws {
    let judges = [try Judge.builtIn()[0]]
    let tiny = Shapes(count: 12, shape: Self.shapes.shape, seed: 1)
    let real = [try RealPictures(tiny, judges[0], cache: nil)]
    #expect(throws: EvaluationError.self) {
      try Evaluation(judges, beside: real, EvaluationOptions())
    }
    let enough = [try RealPictures(Self.shapes, judges[0], cache: nil)]
    let evaluation = try Evaluation(judges, beside: enough, EvaluationOptions())
    #expect(throws: EvaluationError.self) {
      try evaluation.measure([enough[0].training.rows([0, 1])], real: [:])
    }
  }

  @Test("of blurred and noisy pictures is told of pictures that are so")
  func controls() throws {
    let judges = [try Judge.builtIn()[0]]
    let real = [try RealPictures(Self.shapes, judges[0], cache: nil)]
    var options = EvaluationOptions()
    options.samples = 40
    for control in ControlPictures.allCases {
      let (made, shown) = try control.looks(judges, real, options)
      #expect(made[0].count == min(40, real[0].heldOut.count))
      let original = Self.shapes.picture(at: real[0].split.heldOut[0])
      if made[0].count == real[0].heldOut.count { #expect(shown[0] != original) }
      #expect(made[0] != real[0].heldOut)
    }
    // Noise has the deviation that it is said to have, and no mean.
    let side = 100
    let grey = PictureArray(
      name: "grey", shape: PictureShape(height: side, width: side, channels: 1),
      pixels: [UInt8](repeating: 128, count: 2 * side * side), testRange: 1..<2)
    let noisy = try ControlPictures.noisy.looks(
      judges, [RealPictures(grey, judges[0], cache: nil)], options
    ).shown[0]
    let (values, n) = (noisy.pixels.map(Double.init), Double(side * side))
    let mean = values.reduce(0, +) / n
    let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / n).squareRoot()
    #expect(abs(mean - 128) < 1 && abs(deviation - 25.5) < 0.8, "\(mean), \(deviation)")
    // A single white point, blurred, is a ninth of it in nine places.
    var pixels = [UInt8](repeating: 0, count: 25)
    pixels[12] = 255
    let dot = PictureArray(
      name: "dot", shape: PictureShape(height: 5, width: 5, channels: 1),
      pixels: pixels + pixels, testRange: 1..<2)
    let seen = [try RealPictures(dot, judges[0], cache: nil)]
    let blurred = try ControlPictures.blurred.looks(judges, seen, options).shown[0]
    #expect(blurred.pixels.count { $0 == 28 } == 9 && blurred.pixels.count { $0 == 0 } == 16)
  }

  @Test("of padded pictures judges the middle, and of many no more than are asked for")
  func middle() throws {
    let judges = [try Judge.builtIn()[0]]
    let padded = PaddedDataset(Self.shapes, height: 20, width: 24, background: .white)
    var options = EvaluationOptions()
    (options.samples, options.crop) = (30, (14, 14))
    let made = try MadePictures(from: padded, judges, options)
    let plain = try judges[0].look(at: 30) { $0.map { Self.shapes.picture(at: $0) } }
    #expect(made.made == [plain])
    options.crop = nil
    #expect(try MadePictures(from: padded, judges, options).made != [plain])
  }

  @Test("shows a copy beside the training picture that it is of, before pictures that are new")
  func likest() throws {
    let judges = [try Judge.builtIn()[0]]
    let real = [try RealPictures(Self.shapes, judges[0], cache: nil)]
    var options = EvaluationOptions()
    options.metrics = [.memorisation]
    let evaluation = try Evaluation(judges, beside: real, options)
    let split = real[0].split
    let indices = [split.heldOut[0], split.heldOut[3], split.training[17], split.heldOut[4]]
    let shown = indices.map { Self.shapes.picture(at: $0) }
    let made = try judges[0].look(at: shown.count) { Array(shown[$0]) }
    let found = try evaluation.likest(shown, made, count: 3)
    #expect(found.map(\.made).first == shown[2] && found.map(\.training).first == shown[2])
    #expect(found[0].distance < 0.01 && found[1].distance > 0.05 && found.count == 3)
    // The nearest by distances of the features themselves.
    for pair in found.dropFirst() {
      let own = made.rows([shown.firstIndex(of: pair.made)!]).features
      let distances = (0..<real[0].training.count).map { row in
        zip(own, real[0].training.rows([row]).features).map { ($0 - $1) * ($0 - $1) }.reduce(0, +)
      }
      let nearest = distances.indices.min { distances[$0] < distances[$1] }!
      #expect(pair.training == Self.shapes.picture(at: split.training[nearest]))
    }
    options.metrics = [.frechet]
    let another = try Evaluation(judges, beside: real, options)
    #expect(try another.likest(shown, made).isEmpty)
  }

  @Test("is one table for people, one object for programs and one page")
  func reports() throws {
    let measurement = Measurement(
      name: "recall", estimate: Estimate(value: 0.5, low: 0.4, high: 0.6), real: 0.9,
      lessIsBetter: false, protocolString: "recall/v1 n=10")
    let picture = Picture(height: 4, width: 4, channels: 1, filledWith: .white)
    let results = ["a<b", "second"].map {
      EvaluationResult(name: $0, step: 7, measurements: [measurement], shown: [picture])
    }
    let table = EvaluationResult.table(results)
    #expect(
      table[1].split(separator: " ").first == "recall"
        && table[1].contains("0.5000 [0.4000, 0.6000]"))
    #expect(table.last == "recall: recall/v1 n=10")
    let json = EvaluationResult.json([results[0]])
    #expect(json["metrics"]?["recall"]?["real"]?.number == 0.9)
    #expect(EvaluationResult.json(results)["runs"]?.array?.count == 2)
    let page = EvaluationPage(results).html
    #expect(page.contains("a&lt;b, step 7") && page.contains("data:image/png;base64,"))
    #expect(!page.contains("http"), "it needs no network")
    #expect(!page.contains("Likest training pictures"))
    let pair = LikestPicture(made: picture, training: picture, distance: 0.25)
    let copying = EvaluationResult(
      name: "a<b", step: 7, measurements: [], shown: [picture], likest: [pair])
    #expect(EvaluationPage([copying]).html.contains("a&lt;b, step 7: distances 0.2500 to 0.2500"))
  }
}
