import Datasets
import FileFormats
import Models
import Tensors
import Testing

@testable import Training

@Suite("Training of classifiers")
struct ClassifierTrainingTests {
  private static let pictures = Shapes(
    count: 400, shape: PictureShape(height: 16, width: 16, channels: 1), seed: 1)

  private func run(
    _ preset: ClassifierConfiguration.Preset, steps: Int, in path: String, noise: Float = 0,
    resume: ResumePoint? = nil, stopAfter: Int? = nil
  ) throws -> (folder: RunFolder, outcome: TrainingOutcome) {
    let data = TrainingData(Self.pictures, batchSize: 32, seed: 0)
    var classifier = ClassifierConfiguration(
      height: 16, width: 16, channels: 1, classes: data.classNames.count, preset: preset,
      filters: [8, 16, 16])
    classifier.noise = noise
    let configuration = RunConfiguration(
      dataSource: "shapes", dataIdentity: data.identity, model: .classifier(classifier),
      schedule: .init(peak: 2e-3), batchSize: 32, steps: steps)
    let run = try TrainingRun(configuration, data: data, in: path, resume: resume, device: .cpu)
    var made = 0
    let outcome = try run.train(on: .cpu) {
      made += 1
      return made == stopAfter
    }
    return (run.folder, outcome)
  }

  @Test(
    "learns shapes that it can tell apart, and says on held-out ones how often it errs",
    arguments: ClassifierConfiguration.Preset.allCases)
  func learns(preset: ClassifierConfiguration.Preset) throws {
    try withTemporaryFolder { folder in
      let few = try run(preset, steps: 1, in: "\(folder)/few").outcome.metrics
      let many = try run(preset, steps: 240, in: "\(folder)/many").outcome.metrics
      #expect(many.map(\.name) == ["heldOutError", "heldOutCrossEntropy"])
      #expect(few[0].value > 0.4 && many[0].value < 0.25, "\(few[0].value), \(many[0].value)")
      #expect(many[1].value < few[1].value)
      #expect(many[0].protocolString.hasPrefix("error/v1 split=hash-10% n="))
    }
  }

  @Test("stopped and resumed ends in the same bytes")
  func resume() throws {
    try withTemporaryFolder { folder in
      let whole = try run(.convolutional, steps: 6, in: "\(folder)/whole", noise: 0.2).folder
      _ = try run(.convolutional, steps: 6, in: "\(folder)/parts", noise: 0.2, stopAfter: 3)
      let parts = try run(
        .convolutional, steps: 6, in: "\(folder)/parts", noise: 0.2, resume: .latest)
      #expect(parts.outcome.isComplete)
      try expectSameBytes(whole.checkpoint(6), parts.folder.checkpoint(6))
    }
  }

  @Test("noise has a deviation for each picture, up to the most, whatever batch it is in")
  func noise() throws {
    var configuration = ClassifierConfiguration(height: 24, width: 24, channels: 1, classes: 2)
    configuration.noise = 0.4
    let model = TrainableClassifier(
      Classifier(configuration, seed: 1), optimizer: OptimizerConfiguration())
    func noise(_ examples: [Int32], step: Int) throws -> [[Float]] {
      let (count, pixels) = (examples.count, 24 * 24)
      let batch = TrainingBatch(
        pictures: Tensor(filling: [count, 24, 24, 1], with: 0.5),
        examples: Tensor(examples, shape: [count]))
      let seen = try model.noisy(batch, StepContext(step: step, seed: 3, rate: 0, clip: nil))
        .floats()
      return (0..<count).map { row in seen[row * pixels..<(row + 1) * pixels].map { $0 - 0.5 } }
    }
    let all = try noise(Array(0..<200), step: 1)
    let deviations = all.map { ($0.reduce(0) { $0 + $1 * $1 } / Float($0.count)).squareRoot() }
    // Of 576 numbers the deviation is known to a thirtieth; of 200 uniform ones the mean to .008.
    #expect(deviations.allSatisfy { $0 < 0.4 * 1.15 })
    #expect(deviations.max()! > 0.36 && deviations.min()! < 0.04)
    #expect(abs(deviations.reduce(0, +) / 200 - 0.2) < 0.03)
    for (picture, deviation) in zip(all, deviations) where deviation > 0.01 {
      // Normal numbers: .317 of them lie beyond their deviation.
      let beyond = picture.count { abs($0) > deviation }
      #expect((0.24...0.4).contains(Double(beyond) / 576))
    }
    #expect(try noise([7, 199, 0], step: 1) == [all[7], all[199], all[0]])
    #expect(try noise([7], step: 2)[0] != all[7])
  }
}
