import Datasets
import Foundation
import Models
import Tensors
import Testing

@testable import Training

@Suite("Health of GANs")
struct GANHealthTests {
  @Test(
    "tells how alike pictures are and whether the critic knows the training pictures by heart, and warns of both"
  )
  func health() throws {
    // Training pictures are light on the left, made ones grey: what is as dark as those that are held
    // out first looks made to a critic of these.
    func batch(_ count: Int, isLight: Bool) -> TrainingBatch {
      let pixels = (0..<count * 64).map { index -> Float in
        isLight && index % 8 < 4 ? 0.9 : 0.2 + 0.1 * Float(index / 64 % 5)
      }
      return TrainingBatch(
        pictures: Tensor(pixels, shape: [count, 8, 8, 1]),
        examples: Tensor((0..<count).map { Int32($0) }, shape: [count]))
    }
    func data(holdsOutLight: Bool) -> TrainingData {
      TrainingData(
        name: "lights", pictureShape: [8, 8, 1], trainingCount: 100, heldOutCount: 20,
        heldOutName: "others", identity: .null,
        trainingBatch: { _, _ in batch(16, isLight: true) },
        heldOutBatch: { range, _ in batch(range.count, isLight: holdsOutLight) },
        chosenBatch: { range, _, _ in batch(range.count, isLight: true) })
    }
    var configuration = GANConfiguration(height: 8, width: 8, channels: 1, preset: .dense)
    (configuration.hidden, configuration.latentSize) = ([16], 4)
    let gan = TrainableGAN(GAN(configuration, seed: 1), optimizer: OptimizerConfiguration())
    func metrics(holdsOutLight: Bool) throws -> [String: Double] {
      let found = try gan.frozen {
        try gan.evaluate(data(holdsOutLight: holdsOutLight), batchSize: 16)
      }
      return Dictionary(uniqueKeysWithValues: found.map { ($0.name, $0.value) })
    }
    for step in 1...60 {
      _ = try gan.step(
        try data(holdsOutLight: true).training(step, on: .cpu),
        StepContext(step: step, seed: 1, rate: 2e-3, clip: nil)
      ).read()
    }
    #expect(abs(try metrics(holdsOutLight: true)["overfitting"]!) < 0.05)
    let others = try metrics(holdsOutLight: false)
    #expect(others["overfitting"]! > 0.7 && others["diversity"]! > 0.1)
    for parameter in gan.gan.generator.parameters.trainable where parameter.shape.count == 2 {
      parameter.assign(parameter.value.detached().scaled(by: 0.01))
    }
    #expect(
      try metrics(holdsOutLight: true)["diversity"]! < 0.05, "one picture for all latents")

    let raised = TrainingAlarm.raised(by: [
      Metric(name: "diversity", value: 0.05, protocolString: ""),
      Metric(name: "overfitting", value: 0.95, protocolString: ""),
      Metric(name: "novelty", value: 0.9, protocolString: ""),
    ])
    #expect(raised.count == 2 && raised[0].contains("0.05") && raised[1].contains("by heart"))
  }

  @Test(
    "an alarm that is to stop ends the training with a checkpoint after the step that raised it")
  func alarm() throws {
    try withTemporaryFolder { folder in
      let run = TinyGAN(steps: 3000, assignments: ["onAlarm=stop", "evaluateEvery=10"])
      let data = TrainingData(TinyGAN().pictures, batchSize: 4, seed: 0)
      let training = try TrainingRun(
        try run.configuration(data), data: data, in: folder, resume: nil, device: .cpu)
      var (warned, asked) = ([String](), [Int]())
      let outcome = try training.train(
        on: .cpu, monitors: [{ if case .warning(let text) = $0 { warned.append(text) } }],
        judge: { pictures in
          asked.append(try pictures([3, 4]).count)
          return [
            Metric(name: "kd", value: 1 / Double(asked.count), protocolString: "kd/v1"),
            Metric(name: "novelty", value: 0.1, protocolString: "novelty/v1"),
          ]
        })
      // 2,500 steps of 4 pictures are the first 10 thousand.
      #expect(outcome.step == 2500 && outcome.isAlarmed && !outcome.isComplete)
      #expect(warned.contains { $0.contains("step 2500: novelty is 0.1") })
      #expect(asked == Array(repeating: 2, count: 250))
      let checkpoint = try Checkpoint(path: training.folder.checkpoint(2500))
      #expect(checkpoint.best?.step == 2500 && checkpoint.best?.value == 1.0 / 250)
    }
  }

  @Test("tells of a creative adversarial network how sure its critic is of styles and of pictures")
  func ambiguity() throws {
    for loss in ["uniform", "sigmoid"] {
      try withTemporaryFolder { folder in
        var run = TinyGAN(preset: .can, steps: 4)
        run.assignments = ["ambiguityLoss=\(loss)", "evaluateEvery=2"]
        // Of which enough are held out to be asked about.
        run.pictures = Shapes(count: 300, shape: run.pictures.shape, seed: 1)
        var found: [String: Double] = [:]
        try run.train(in: folder) {
          guard case .step(let record) = $0 else { return }
          for metric in record.metrics { found[metric.name] = metric.value }
        }
        for name in ["realVerdict", "madeVerdict", "styleEntropy", "styleAccuracy"] {
          #expect((0...1.0001).contains(try #require(found[name], "\(loss) \(name)")))
        }
      }
    }
  }

  @Test("measures ambiguity as worked out by hand of a critic whose opinion is always the same")
  func knownAmbiguity() throws {
    let pictures = Shapes(count: 300, shape: TinyGAN().pictures.shape, seed: 1)
    let data = TrainingData(pictures, batchSize: 4, seed: 0)
    for loss in StyleAmbiguity.allCases {
      var configuration = GANConfiguration(
        height: 12, width: 9, channels: 1, classNames: data.classNames, preset: .can)
      (configuration.filters, configuration.latentSize) = (2, 3)
      configuration.ambiguityLoss = loss
      let gan = GAN(configuration, seed: 1)
      // Nothing of a picture counts, the biases alone.
      for parameter in gan.critic.parameters.trainable where parameter.shape.count == 2 {
        parameter.assign(Tensor.zeros(parameter.shape))
      }
      func set(_ name: String, _ values: [Float]) throws {
        let parameter = try #require(gan.critic.parameters.trainable.first { $0.name == name })
        parameter.assign(Tensor(values, shape: [values.count]))
      }
      try set("classes.bias", [0, 0, 2, 0, 0])
      try set("\(configuration.depth).bias", [-1])
      let model = TrainableGAN(gan, optimizer: OptimizerConfiguration())
      let found = try model.frozen { try model.evaluate(data, batchSize: 4) }
      func value(_ name: String) throws -> Double {
        try #require(found.first { $0.name == name }).value
      }
      let odds = [1, 1, exp(2.0), 1, 1].map { loss == .uniform ? $0 : $0 / (1 + $0) }
      let shares = odds.map { $0 / odds.reduce(0, +) }
      let entropy = -shares.reduce(0) { $0 + $1 * log($1) } / log(5)
      #expect(abs(try value("styleEntropy") - entropy) < 1e-5)
      #expect(abs(try value("realVerdict") - 1 / (1 + exp(1.0))) < 1e-5)
      #expect(abs(try value("madeVerdict") - 1 / (1 + exp(1.0))) < 1e-5)
      let heldOut = DatasetSplit(pictures).heldOut
      let triangles = heldOut.count { pictures.label(at: $0) == 2 }
      #expect(abs(try value("styleAccuracy") - Double(triangles) / Double(heldOut.count)) < 1e-5)
    }
  }
}
