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
    _ preset: ClassifierConfiguration.Preset, steps: Int, in path: String,
    resume: ResumePoint? = nil, stopAfter: Int? = nil
  ) throws -> (folder: RunFolder, outcome: TrainingOutcome) {
    let data = TrainingData(Self.pictures, batchSize: 32, seed: 0)
    let configuration = RunConfiguration(
      dataSource: "shapes", dataIdentity: data.identity,
      model: .classifier(
        ClassifierConfiguration(
          height: 16, width: 16, channels: 1, classes: data.classNames.count, preset: preset,
          filters: [8, 16, 16])),
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
      let whole = try run(.convolutional, steps: 6, in: "\(folder)/whole").folder
      _ = try run(.convolutional, steps: 6, in: "\(folder)/parts", stopAfter: 3)
      let parts = try run(.convolutional, steps: 6, in: "\(folder)/parts", resume: .latest)
      #expect(parts.outcome.isComplete)
      try expectSameBytes(whole.checkpoint(6), parts.folder.checkpoint(6))
    }
  }
}
