import FileFormats
import Foundation
import Models
import Tensors
import Testing

@testable import Training

@Suite struct CheckpointTests {
  @Test(
    "one, two and three threads give byte-identical checkpoints",
    arguments: [VAEConfiguration.Preset.dense, .convolutional])
  func threads(preset: VAEConfiguration.Preset) throws {
    try withTemporaryFolder { folder in
      for threads in 1...3 {
        try TinyRun(threads: threads, preset: preset).train(in: "\(folder)/\(threads)")
      }
      let paths = (1...3).map { RunFolder(path: "\(folder)/\($0)").checkpoint(6) }
      try expectSameBytes(paths[0], paths[1])
      try expectSameBytes(paths[0], paths[2])
    }
  }

  @Test("a checkpoint says what made it, and neither when, where, nor by how many threads")
  func metadata() throws {
    try withTemporaryFolder { folder in
      try TinyRun().train(in: folder)
      let path = RunFolder(path: folder).checkpoint(6)
      let checkpoint = try Checkpoint(path: path)
      #expect(checkpoint.step == 6 && checkpoint.model["latentSize"] == 2)
      #expect(checkpoint.training["batchSize"] == 4 && checkpoint.training["seed"] == "3")
      #expect(checkpoint.instructionSet == Device.cpu.instructionSetName)
      #expect(checkpoint.metrics.map(\.name) == ["heldOutNegativeELBO"])
      #expect(
        checkpoint.metrics.map(\.protocolString) == ["elbo/v1 split=test samples=1 n=3 seed=0"])
      #expect(
        Set(checkpoint.file.metadata.keys) == [
          "format", "step", "model", "training", "optimizerSteps", "instructionSet", "best",
          "metrics", "crc32",
        ])
      let text = String(decoding: try bytes(path), as: UTF8.self)
      for secret in [folder, "thread", ProcessInfo.processInfo.hostName] {
        #expect(!text.contains(secret), "\(secret)")
      }
    }
  }

  @Test("a checkpoint cut short at any byte of its header, or with a flipped bit, is refused")
  func damage() throws {
    try withTemporaryFolder { folder in
      try TinyRun(steps: 1).train(in: folder)
      let whole = try bytes(RunFolder(path: folder).checkpoint(1))
      let header = 8 + Int(whole[0]) + Int(whole[1]) << 8 + Int(whole[2]) << 16
      let path = "\(folder)/damaged.safetensors"
      for length in Array(stride(from: 0, to: header + 9, by: 7)) + [whole.count - 1] {
        try AtomicFile.write(Array(whole[..<length]), to: path)
        #expect(throws: FileFormatError.self, "cut to \(length)") { try Checkpoint(path: path) }
      }
      for place in stride(from: 8, to: whole.count, by: 97) {
        var flipped = whole
        flipped[place] ^= 0x10
        try AtomicFile.write(flipped, to: path)
        #expect(throws: (any Error).self, "bit flipped in byte \(place)") {
          try Checkpoint(path: path)
        }
      }
    }
  }

  @Test(
    "a checkpoint of another model is refused by its first differing array, and changes nothing")
  func otherModel() throws {
    try withTemporaryFolder { folder in
      try TinyRun(assignments: ["hidden=8"]).train(in: folder)
      let checkpoint = try Checkpoint(path: RunFolder(path: folder).checkpoint(6))
      let run = TinyRun()
      let configuration = try run.configuration(run.data())
      let model = configuration.model.makeModel(seed: 1, optimizer: .init(), on: .cpu)
      let before = try model.parameterChecksum()
      #expect(
        trainingError { try checkpoint.restore(into: model) }
          == .wrongContent(
            checkpoint.path, expected: "array 'encoder.0.weight' of float32 [7, 30]",
            found: "float32 [8, 30]"))
      #expect(try model.parameterChecksum() == before)
    }
  }

  @Test("a safetensors file of other programs is told apart from a checkpoint")
  func foreign() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/foreign.safetensors"
      let array = NumericArray(shape: [1], [Float(1)])
      try AtomicFile.write(Safetensors.encode(["a": array]), to: path)
      #expect(
        trainingError { try Checkpoint(path: path) }
          == .notACheckpoint(path, found: "other metadata"))
      try AtomicFile.write(
        Safetensors.encode(["a": array], metadata: ["format": "pt"]), to: path)
      #expect(
        trainingError { try Checkpoint(path: path) } == .notACheckpoint(path, found: "format 'pt'"))
    }
  }

  @Test(
    "the newest few checkpoints and the best stay",
    arguments: [(0, [1, 2, 3, 4, 5, 6]), (1, [6]), (3, [4, 5, 6])])
  func keeping(keep: Int, expected: [Int]) throws {
    try withTemporaryFolder { folder in
      // Evaluated at the end alone, which is then the best.
      try TinyRun(assignments: ["checkpointEvery=1", "evaluateEvery=0", "keep=\(keep)"]).train(
        in: folder)
      #expect(RunFolder(path: folder).checkpointSteps() == expected)
    }
  }

  @Test("the best checkpoint outlives newer ones")
  func keepingBest() throws {
    try withTemporaryFolder { folder in
      // A rate at which the loss soon rises.
      let run = TinyRun(
        steps: 12, rate: 0.5,
        assignments: ["checkpointEvery=1", "evaluateEvery=1", "keep=1", "optimizer=adam"])
      var values: [(step: Int, value: Double)] = []
      try run.train(in: folder) {
        if case .step(let record) = $0 { values.append((record.step, record.metrics[0].value)) }
      }
      let best = values.min { $0.value < $1.value }!.step
      #expect(best < 12, "the run got better to the end: \(values)")
      #expect(RunFolder(path: folder).checkpointSteps() == [best, 12].sorted())
      #expect(try RunFolder(path: folder).choose(.best).step == best)
    }
  }
}
