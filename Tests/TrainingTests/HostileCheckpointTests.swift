import FileFormats
import Models
import Tensors
import Testing

@testable import Training

/// Files whose checksum is right and whose content no training could have written.
@Suite struct HostileCheckpointTests {
  struct Change: CustomTestStringConvertible, Sendable {
    /// A key of the metadata, and members of its value, joined by points.
    let path: String
    let value: JSONValue
    /// Must be in the sentence.
    let words: String
    var testDescription: String { "\(path) \(value.encoded)" }

    init(_ path: String, _ value: JSONValue, _ words: String) {
      (self.path, self.value, self.words) = (path, value, words)
    }
  }

  static let model = "a model that this version can make"
  static let optimizer = "an optimizer that this version can make"
  static let steps = "numbers of updates below 2^31"
  static let best = "null, or a finite value of a step from 1 to 6"

  @Test(
    "a checkpoint with a right checksum and impossible content is one sentence, and is not passed over",
    arguments: [
      Change("model.latentSize", 200_000_000, model),
      Change("model.latentSize", 2_000_000, "array 'encoder.1.weight' of float32 [4000000, 7]"),
      Change("model.latentSize", -1, model),
      Change("model.hidden", [40000, 40000, 40000], model),
      Change("model.hidden", [.integer(Int.max)], model),
      Change("model.height", .integer(Int.max), model),
      Change("model.kind", "gan", model), Change("model.beta", -1, model),
      // 1.8 billion parameters could be made: the arrays tell that they are not there.
      Change("model.hidden", [30000, 30000], "array 'encoder.0.weight' of float32 [30000, 30]"),
      Change("model.latentSize", 3, "array 'encoder.1.weight' of float32 [6, 7]"),
      Change("training.optimizer.averageDecay", 2, optimizer),
      Change("training.optimizer.averageDecay", -1, optimizer),
      Change("training.optimizer.averageDecay", 0.5, "array 'optimizer.average'"),
      Change("training.optimizer.beta1", 1, optimizer),
      Change("training.optimizer.beta2", "much", optimizer),
      Change("training.optimizer.clip", -1, optimizer),
      Change("training.optimizer.epsilon", .number(1e-60), optimizer),
      Change("training.optimizer.rule", "sgd", optimizer),
      Change("training.optimizer", 1, optimizer),
      Change("optimizerSteps", [.integer(Int.max)], steps), Change("optimizerSteps", [-20], steps),
      Change("optimizerSteps", [6, "six"], steps),
      Change("optimizerSteps", [6, 6], "updates of 1 optimiser"),
      Change("step", .integer(Int.max), "a number of steps below 2^31"),
      Change("step", -1, "a number of steps below 2^31"),
      Change("best.step", -5, best), Change("best.step", 7, best),
      Change("best", 3, best),
      Change("metrics", [["name": "a", "value": "b"]], "metrics with finite values"),
      Change("metrics", 1, "metrics with finite values"),
    ])
  func refused(change: Change) throws {
    try withTemporaryFolder { path in
      let folder = RunFolder(path: path)
      try TinyRun().train(in: path)
      try rewrite(folder.checkpoint(6), change)
      let before = try snapshot(path)
      for body in [
        { _ = try TrainedModel(folder, .latest, on: .cpu) },
        { _ = try TrainedModel(folder, .path(folder.checkpoint(6)), on: .cpu) },
        { _ = try TinyRun(steps: 8).train(in: path, resume: .latest) },
        { _ = try TinyRun(steps: 8).train(in: "\(path)/new", resume: .path(path)) },
      ] as [() throws -> Void] {
        let error = trainingError(body)
        guard case .wrongContent(let file, let expected, _) = error else {
          Issue.record("\(error as Any)")
          return
        }
        #expect(file == folder.checkpoint(6) && expected.contains(change.words), "\(error!)")
        #expect(error?.kind == .badData)
      }
      #expect(try snapshot(path) == before)
    }
  }

  @Test("a metric or best value that is infinite is refused", arguments: ["best", "metrics"])
  func infinite(key: String) throws {
    try withTemporaryFolder { path in
      let folder = RunFolder(path: path)
      try TinyRun().train(in: path)
      let file = try Safetensors(path: folder.checkpoint(6))
      let text = try #require(file.metadata[key])
      let number = try #require(text.firstMatch(of: /"value":[0-9.]+/))
      try rewrite(folder.checkpoint(6)) {
        $0[key] = text.replacingCharacters(in: number.range, with: "\"value\":1e999")
      }
      #expect(throws: (any Error).self) { try Checkpoint(path: folder.checkpoint(6)) }
    }
  }

  @Test(
    "what a checkpoint of a model must hold is what one holds",
    arguments: VAEConfiguration.Preset.allCases,
    [[], ["optimizer=sgd"], ["optimizer=adamw", "averageDecay=0.5"]])
  func arrays(preset: VAEConfiguration.Preset, assignments: [String]) throws {
    let run = TinyRun(assignments: assignments, preset: preset)
    let configuration = try run.configuration(run.data())
    let model = configuration.model.makeModel(
      seed: 1, optimizer: configuration.optimizer, on: .cpu)
    let held = model.players.flatMap(\.arrays)
    let planned = configuration.model.arrays(configuration.optimizer)
    #expect(configuration.model.playerCount == model.players.count)
    #expect(planned.map(\.name) == held.map(\.name))
    #expect(planned.map(\.shape) == held.map(\.tensor.shape))
    #expect(
      OptimizerConfiguration(json: configuration.optimizer.json)?.json
        == configuration.optimizer.json)
  }

  private func rewrite(_ path: String, _ change: Change) throws {
    let keys = change.path.split(separator: ".").map(String.init)
    try rewrite(path) { metadata in
      let old = try JSONValue(parsing: Array(metadata[keys[0]]!.utf8), file: path)
      metadata[keys[0]] = replacing(old, keys.dropFirst(), change.value).encoded
    }
  }

  /// Changes metadata and writes the file again, with the checksum that it must have.
  private func rewrite(_ path: String, _ change: (inout [String: String]) throws -> Void) throws {
    let file = try Safetensors(path: path)
    var metadata = file.metadata
    metadata[Safetensors.checksumKey] = nil
    try change(&metadata)
    var arrays: [String: NumericArray] = [:]
    for entry in file.entries { arrays[entry.name] = try file.array(entry) }
    try AtomicFile.write(Safetensors.encode(arrays, metadata: metadata), to: path)
  }

  private func replacing(
    _ json: JSONValue, _ members: ArraySlice<String>, _ value: JSONValue
  ) -> JSONValue {
    guard let first = members.first else { return value }
    return json.merging([first: replacing(json[first] ?? .null, members.dropFirst(), value)])
  }
}
