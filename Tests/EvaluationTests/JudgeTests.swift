import Datasets
import FileFormats
import Foundation
import Models
import Tensors
import Testing

@testable import Evaluation
@testable import Training

@Suite("Judges")
struct JudgeTests {
  @Test("that come with the program are the ones all published numbers are from")
  func pinned() throws {
    let judges = try Judge.builtIn()
    #expect(judges.map(\.description) == ["fd-f a2a6a21f", "fd-f2 82fb92c8"])
    #expect(judges.map(\.featureCount) == [128, 84])
    #expect(judges.allSatisfy { $0.pictureShape == [28, 28, 1] && $0.classCount == 10 })
  }

  @Test("tell at least 89 % of Fashion-MNIST's test pictures right", .enabled(if: hasFashion))
  func accuracy() throws {
    let dataset = try DatasetSource.open("fashion-mnist")
    let indices = Array(dataset.testRange)
    for judge in try Judge.builtIn() {
      let seen = try judge.look(at: indices.count) {
        try $0.map { try dataset.picture(at: indices[$0]) }
      }
      let right = indices.enumerated().count { row, index in
        let own = seen.probabilities[row * 10..<(row + 1) * 10]
        return own.firstIndex(of: own.max()!)! - row * 10 == dataset.label(at: index)
      }
      #expect(right >= 8900, "\(judge): \(right) of \(indices.count)")
    }
  }

  @Test("see what PyTorch makes of the same weights, within 1e-3")
  func twin() throws {
    let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let url = tests.appending(path: "Fixtures/judges.safetensors")
    let file = try Safetensors(path: url.path)
    let pixels = try file.array(named: "pictures").floats
    let pictures = (0..<8).map { index in
      Picture(
        height: 28, width: 28, channels: 1,
        pixels: pixels[index * 784..<(index + 1) * 784].map { UInt8($0) })
    }
    for judge in try Judge.builtIn() {
      let seen = try judge.look(at: 8) { Array(pictures[$0]) }
      for (name, found) in [("features", seen.features), ("probabilities", seen.probabilities)] {
        let expected = try file.array(named: "\(judge.name).\(name)").floats
        #expect(expected.count == found.count && expected.max()! > 0.1)
        for (a, b) in zip(found, expected) { #expect(abs(a - b) < 1e-3, "\(judge.name) \(name)") }
      }
    }
  }

  @Test("see pictures of other sizes and colours as if they had been brought to their own")
  func otherShapes() throws {
    let judge = try Judge.builtIn()[0]
    let shapes = Shapes(
      count: 6, shape: PictureShape(height: 40, width: 56, channels: 3), seed: 1)
    let pictures = (0..<6).map { shapes.picture(at: $0) }
    let brought = pictures.map { $0.grayscale.fitted(height: 28, width: 28) }
    let seen = try judge.look(at: 6) { Array(pictures[$0]) }
    #expect(try seen == judge.look(at: 6) { Array(brought[$0]) })
    // Alone or among others, a picture looks the same.
    #expect(try seen.rows([3]) == judge.look(at: 1) { _ in [pictures[3]] })
  }

  @Test("are frozen from a classifier's run with its very parameters, and nothing else is")
  func frozen() throws {
    try withFolder { folder in
      let data = TrainingData(
        Shapes(count: 60, shape: PictureShape(height: 14, width: 14, channels: 1), seed: 1),
        batchSize: 16, seed: 0)
      let configuration = RunConfiguration(
        dataSource: "shapes", dataIdentity: data.identity,
        model: .classifier(
          ClassifierConfiguration(
            height: 14, width: 14, channels: 1, classes: data.classNames.count, filters: [4, 6])),
        batchSize: 16, steps: 6)
      let run = try TrainingRun(
        configuration, data: data, in: "\(folder)/run", resume: nil, device: .cpu)
      let outcome = try run.train(on: .cpu)
      #expect(outcome.metrics.map(\.name) == ["heldOutError", "heldOutCrossEntropy"])
      let bytes = try Judge.frozen(run.folder, .latest, name: "fd-t")
      let judge = try Judge(Safetensors(ByteSource(bytes, name: "t")))
      let checkpoint = try Checkpoint(path: outcome.checkpoint!)
      for name in checkpoint.configuration.classifierArrays {
        let arrays = try [
          Safetensors(ByteSource(bytes, name: "t")).array(named: name),
          checkpoint.file.array(named: name),
        ]
        #expect(arrays[0] == arrays[1])
      }
      #expect(judge.name == "fd-t" && judge.featureCount == 6)
      // A checkpoint is no judge, though it holds the same arrays.
      #expect(throws: EvaluationError.self) { try Judge(Safetensors(path: outcome.checkpoint!)) }
      // Other bytes are another judge, or none.
      var spoilt = bytes
      spoilt[bytes.count - 1] ^= 1
      #expect(throws: FileFormatError.self) {
        try Judge(Safetensors(ByteSource(spoilt, name: "t")))
      }
    }
  }

  static let hasFashion =
    FileManager.default.fileExists(atPath: DatasetSource.fashionMNISTFolder)
    || ProcessInfo.processInfo.environment["ATELIER_DATA"] != nil
}

extension ModelConfiguration {
  fileprivate var classifierArrays: [String] {
    if case .classifier(let classifier) = self { return classifier.arrayShapes.map(\.name) }
    return []
  }
}

/// A new empty folder, removed afterwards.
func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  let path = NSTemporaryDirectory() + "atelier-evaluation-\(UUID().uuidString)"
  try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: path) }
  return try body(path)
}
