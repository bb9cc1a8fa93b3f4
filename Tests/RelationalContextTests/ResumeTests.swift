import FileFormats
import Foundation
import Tensors
import Testing
import Training

@testable import RelationalContext

@Suite("A fit that goes on")
struct ResumeTests {
  /// 5 looks while template models are fitted (24,000 updates in strides of 5000), 3 in the epochs.
  static let fit = TinyFit()
  static let whole = SharedFits.short

  @Test("ends with the bytes of one that never stopped, wherever it did", arguments: 1...8)
  func exact(look: Int) throws {
    try withTemporaryFolder { path in
      let first = try Self.fit.fit(in: path, stopAfter: look)
      #expect(first.isComplete == (look == 8) && first.epoch == max(0, look - 5) * 1000)
      let second = try Self.fit.fit(in: path, isResumed: true)
      #expect(second.isComplete && second.epochsMade == 3000 - first.epoch)
      expectSameBytes(try bytes(second.checkpoint), try Self.whole.get().bytes, "look \(look)")
      #expect(RunFolder(path: path).checkpointSteps() == [3000])
    }
  }

  @Test("does so when it stops at every look")
  func everyLook() throws {
    try withTemporaryFolder { path in
      var outcome = try Self.fit.fit(in: path, stopAfter: 1)
      var looks = 1
      while !outcome.isComplete {
        outcome = try Self.fit.fit(in: path, isResumed: true, stopAfter: 1)
        looks += 1
      }
      #expect(looks == 8)
      expectSameBytes(try bytes(outcome.checkpoint), try Self.whole.get().bytes)
    }
  }

  @Test("does so with every way of mixing, of three templates, and anywhere on the map")
  func mixings() throws {
    let changes: [(TemplateSet, @Sendable (inout FitSettings) -> Void)] = [
      (.petals(seed: 3, count: 3), { $0.configuration.mixingPower = 1 }),
      (.petals, { $0.configuration.sampling = .continuous }),
      (.petals, { $0.configuration.mixing = .epoch }),
      (.petals, { $0.model.isLastLinear = false }),
      (.petals, { $0.model.contextSize = 0 }),
    ]
    for (index, (templates, change)) in changes.enumerated() {
      let fit = TinyFit(
        templates: templates, epochs: 2500, templateSteps: 5000, templateAttempts: 1,
        change: change)
      let whole = try fit.saved().bytes
      try withTemporaryFolder { path in
        try fit.fit(in: path, stopAfter: 1)
        try fit.fit(in: path, isResumed: true, stopAfter: 1)
        let outcome = try fit.fit(in: path, isResumed: true)
        expectSameBytes(try bytes(outcome.checkpoint), whole, "change \(index)")
      }
    }
  }

  @Test("keeps the statistics of one that never stopped")
  func statistics() throws {
    try withTemporaryFolder { path in
      try Self.fit.fit(in: "\(path)/whole")
      try Self.fit.fit(in: "\(path)/parts", stopAfter: 6)
      try Self.fit.fit(in: "\(path)/parts", isResumed: true)
      expectSameBytes(
        try bytes("\(path)/parts/stats.jsonl"), try bytes("\(path)/whole/stats.jsonl"))
      let lines = try String(contentsOfFile: "\(path)/parts/stats.jsonl", encoding: .utf8)
        .split(separator: "\n")
      let steps = try lines.map {
        try JSONValue(parsing: Array($0.utf8), file: "")["step"]?.integer
      }
      #expect(steps == [1000, 2000, 3000])
    }
  }

  @Test("makes epochs again that were made after the last checkpoint")
  func killed() throws {
    struct Killed: Error {}
    try withTemporaryFolder { path in
      try Self.fit.fit(in: path, stopAfter: 6)
      #expect(throws: Killed.self) {
        try Self.fit.fit(in: path, isResumed: true) {
          if case .epochs(3000, _, _) = $0 { throw Killed() }
        }
      }
      #expect(RunFolder(path: path).checkpointSteps() == [1000])
      let outcome = try Self.fit.fit(in: path, isResumed: true)
      #expect(outcome.epochsMade == 2000)
      expectSameBytes(try bytes(outcome.checkpoint), try Self.whole.get().bytes)
    }
  }

  @Test("gives the same bytes twice, on one thread as on three, and others of another seed")
  func seeds() throws {
    let whole = try Self.whole.get().bytes
    for threads in [1, 3] {
      try withTemporaryFolder { path in
        let outcome = try Self.fit.fit(in: path, device: try .cpu(threads: threads))
        expectSameBytes(try bytes(outcome.checkpoint), whole, "\(threads) threads")
      }
    }
    for seed in [0, 2, 1 << 32, 1 << 53 + 1, 1 << 63 - 1, 1 << 63, .max] as [UInt64] {
      let fit = TinyFit(seed: seed, epochs: 1000, templateSteps: 1000, templateAttempts: 1)
      let other = try TinyFit(seed: 1, epochs: 1000, templateSteps: 1000, templateAttempts: 1)
        .saved()
      let saved = try fit.saved()
      for name in ["relational.0.weight", "generative.2.bias", "templateModel.1.1.weight"] {
        let arrays = try [saved, other].map {
          try Safetensors(ByteSource($0.bytes, name: "fit")).array(named: name)
        }
        #expect(arrays[0] != arrays[1], "seed \(seed): \(name)")
      }
      #expect(saved.checkpoint.configuration.seed == seed)
    }
  }

  @Test("may be longer than it was to be, and is then as one that was so from the start")
  func longer() throws {
    try withTemporaryFolder { path in
      var fit = TinyFit(epochs: 2000)
      try fit.fit(in: path)
      fit.epochs = 3000
      let outcome = try fit.fit(in: path, isResumed: true)
      #expect(outcome.epochsMade == 1000)
      expectSameBytes(try bytes(outcome.checkpoint), try Self.whole.get().bytes)
    }
  }

  @Test("has nothing to do where all epochs are there, and refuses fewer than there are")
  func shorter() throws {
    try withTemporaryFolder { path in
      var fit = TinyFit(epochs: 2000, templateSteps: 1000)
      try fit.fit(in: path)
      let before = try bytes("\(path)/checkpoints/002000.safetensors")
      let again = try fit.fit(in: path, isResumed: true)
      #expect(again.isComplete && again.epochsMade == 0)
      expectSameBytes(try bytes(again.checkpoint), before)
      fit.epochs = 1000
      #expect(
        throws: TrainingError.alreadyFurther(
          checkpoint: "\(path)/checkpoints/002000.safetensors", step: 2000, asked: 1000)
      ) { try fit.fit(in: path, isResumed: true) }
      expectSameBytes(try bytes(again.checkpoint), before)
    }
  }

  @Test("names every option that is not the one it began with, and leaves the folder as it is")
  func changedOptions() throws {
    try withTemporaryFolder { path in
      let fit = TinyFit(epochs: 1000, templateSteps: 1000, templateAttempts: 1)
      try fit.fit(in: path)
      let before = try snapshot(path)
      let file = "\(path)/checkpoints/001000.safetensors"
      func expect(
        _ fit: TinyFit, _ options: [TrainingError.ChangedOption],
        sourceLocation: SourceLocation = #_sourceLocation
      ) {
        #expect(
          throws: TrainingError.changedOptions(options, checkpoint: file),
          sourceLocation: sourceLocation
        ) { try fit.fit(in: path, isResumed: true) }
      }
      var other = fit
      other.seed = 2
      expect(other, [.init(option: "--seed", before: "1", now: "2")])
      other = fit
      other.change = {
        $0.configuration.generativeRate = 0.001
        $0.model.contextTarget = 2
        $0.model.relationalHidden = [15, 11]
      }
      expect(
        other,
        [
          .init(option: "--set generativeRate", before: "0.0002", now: "0.001"),
          .init(option: "--set contextTarget", before: "0", now: "2"),
          .init(option: "--set relationalHidden", before: "[15,10]", now: "[15,11]"),
        ])
      other = fit
      other.change = { $0.configuration.mixingPower = 3 }
      expect(other, [.init(option: "--set mixingPower", before: nil, now: "3")])
      other = fit
      other.templates = .petals(seed: 9)
      expect(other, [.init(option: "the templates", before: "petals", now: "petals-9")])
      other = fit
      other.templates.templates[1].values[500] += 0.001
      expect(other, [.init(option: "the templates", before: "petals", now: "petals")])
      #expect(try snapshot(path) == before)
    }
  }

  @Test("passes over a damaged newest checkpoint with a warning, and goes on from the one before")
  func damaged() throws {
    try withTemporaryFolder { path in
      let folder = RunFolder(path: path)
      try Self.fit.fit(in: path, stopAfter: 6)
      let good = try bytes(folder.checkpoint(1000))
      for count in [0, 7, 100, good.count / 2, good.count - 1] {
        try AtomicFile.write(Array(good[..<count]), to: folder.checkpoint(2000))
        var warnings: [String] = []
        let outcome = try Self.fit.fit(in: path, isResumed: true, stopAfter: 1) {
          if case .warning(let text) = $0 { warnings.append(text) }
        }
        #expect(warnings.count == 1 && warnings[0].contains("002000.safetensors"), "\(warnings)")
        #expect(outcome.epoch == 2000)
        // As before, for the next length.
        unlink(folder.checkpoint(2000))
        try AtomicFile.write(good, to: folder.checkpoint(1000))
      }
      let outcome = try Self.fit.fit(in: path, isResumed: true)
      expectSameBytes(try bytes(outcome.checkpoint), try Self.whole.get().bytes)
    }
  }

  @Test("begins anew, with a warning, where no checkpoint is left")
  func anew() throws {
    try withTemporaryFolder { path in
      try Self.fit.fit(in: path, stopAfter: 6)
      unlink(RunFolder(path: path).checkpoint(1000))
      var warnings: [String] = []
      let outcome = try Self.fit.fit(in: path, isResumed: true) {
        if case .warning(let text) = $0 { warnings.append(text) }
      }
      #expect(warnings == ["\(path) has no checkpoint to go on from: the fit begins anew"])
      expectSameBytes(try bytes(outcome.checkpoint), try Self.whole.get().bytes)
    }
  }

  @Test("keeps a second fit out of its folder while it lasts, and only so long")
  func lock() throws {
    try withTemporaryFolder { path in
      let fit = TinyFit(epochs: 1000, templateSteps: 1000, templateAttempts: 1)
      var refused = 0
      try fit.fit(in: path) { _ in
        #expect(throws: TrainingError.folderInUse(path)) { try fit.fit(in: path, isResumed: true) }
        refused += 1
      }
      #expect(refused > 0)
      try fit.fit(in: path, isResumed: true)
      #expect(throws: TrainingError.folderNotEmpty(path)) { try fit.fit(in: path) }
    }
  }

  @Test(
    "leaves a run of another kind as it is",
    arguments: [
      ["config.json"], ["config.json", "checkpoints/000500.safetensors"],
      ["checkpoints/000500.safetensors"],
    ])
  func anotherKind(files: [String]) throws {
    try withTemporaryFolder { path in
      try RunFolder.make("\(path)/checkpoints")
      // As a training of another model leaves them.
      let contents = [
        "config.json": Array(#"{"format": "atelier-run/1", "model": {"kind": "vae"}}"#.utf8),
        "checkpoints/000500.safetensors": Safetensors.encode(
          ["encoder.0.weight": NumericArray(shape: [1], [1 as Float])],
          metadata: ["format": "atelier-checkpoint/1", "step": "500"]),
      ]
      for file in files { try AtomicFile.write(contents[file]!, to: "\(path)/\(file)") }
      let before = try snapshot(path)
      let fit = TinyFit(epochs: 1000, templateSteps: 1000, templateAttempts: 1)
      let found = sentence(of: TrainingError.self) { try fit.fit(in: path, isResumed: true) }
      let words =
        files.last == "config.json"
        ? "expected a run of 'atelier grc fit', found one of the model 'vae'"
        : "expected a checkpoint of 'atelier grc fit' (atelier-grc/1), found format"
          + " 'atelier-checkpoint/1'"
      #expect(
        found == "\(path)/\(files.last!): \(words); the file belongs to another model or version")
      #expect(throws: TrainingError.folderNotEmpty(path)) { try fit.fit(in: path) }
      #expect(throws: TrainingError.self) { try FittedContext(RunFolder(path: path)) }
      #expect(try snapshot(path) == before)
    }
  }

  @Test("that comes to numbers that are none ends, and the last good checkpoint stays")
  func diverged() throws {
    try withTemporaryFolder { path in
      let fit = TinyFit(templateSteps: 5000, templateAttempts: 1) {
        $0.configuration.relationalRate = 1e6
        $0.configuration.generativeRate = 1e6
      }
      // Stops where all template models are there.
      let first = try fit.fit(in: path, stopAfter: 1)
      let good = try bytes(first.checkpoint)
      do {
        try fit.fit(in: path, isResumed: true)
        Issue.record("no error")
      } catch TrainingError.diverged(let step, _, let lastGood) {
        #expect(step == 1000 && lastGood == first.checkpoint)
      }
      expectSameBytes(try bytes(first.checkpoint), good)
      #expect(RunFolder(path: path).checkpointSteps() == [0])
    }
  }

  @Test("ends, too, where a template model comes to nothing")
  func divergedTemplate() throws {
    try withTemporaryFolder { path in
      let fit = TinyFit(templateSteps: 5000) { $0.configuration.templateRate = 1e30 }
      #expect {
        try fit.fit(in: path)
      } throws: {
        if case TrainingError.diverged = $0 { true } else { false }
      }
      #expect(RunFolder(path: path).checkpointSteps().isEmpty)
    }
  }

  @Test("of a checkpoint that has just begun cannot be explored yet, and the sentence says so")
  func justBegun() throws {
    try withTemporaryFolder { path in
      let outcome = try Self.fit.fit(in: path, stopAfter: 1)
      let text = sentence(of: TrainingError.self) { try FittedContext(RunFolder(path: path)) }
      #expect(
        text
          == "\(outcome.checkpoint): expected a fit of at least one epoch, found one that has just"
          + " begun; go on with 'atelier grc fit --resume'; the file belongs to another model or"
          + " version")
    }
  }
}
