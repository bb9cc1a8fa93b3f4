import FileFormats
import Foundation
import Tensors
import Testing

@testable import Training

@Suite struct ResumeTests {
  @Test(
    "stopped after any step and resumed, a run ends in the same checkpoint, sheets and numbers",
    arguments: 1...5, [["averageDecay=0.9", "clip=0.5"], ["optimizer=sgd"]])
  func stopping(stop: Int, assignments: [String]) throws {
    try withTemporaryFolder { folder in
      let run = TinyRun(schedule: .cosine, assignments: assignments)
      try run.train(in: "\(folder)/whole")
      let outcome = try run.train(in: "\(folder)/parts", stopAfter: stop)
      #expect(outcome.step == stop && !outcome.isComplete)
      #expect(try run.train(in: "\(folder)/parts", resume: .latest).isComplete)

      let (whole, parts) = (RunFolder(path: "\(folder)/whole"), RunFolder(path: "\(folder)/parts"))
      try expectSameBytes(whole.checkpoint(6), parts.checkpoint(6))
      #expect(try lines(whole) == lines(parts))
      #expect(try tags(whole) == tags(parts))
      // The sheets name their run; the pixels are the same.
      for kind in SheetKind.allCases {
        #expect(try Picture(path: whole.sheet(kind, 6)) == Picture(path: parts.sheet(kind, 6)))
      }
    }
  }

  @Test("a run that fails at any stage of any write loses nothing and ends in the same checkpoint")
  func failingWrites() throws {
    try withTemporaryFolder { folder in
      let run = TinyRun(steps: 3)
      try run.train(in: "\(folder)/whole")
      var failures = 0
      for occurrence in 1... {
        let path = "\(folder)/\(occurrence)"
        let count = Counter()
        do {
          try FaultInjection.$hook.withValue(
            .init { _ in count.next() == occurrence ? ENOSPC : 0 }
          ) {
            _ = try run.train(in: path)
          }
          break
        } catch let error as FileFormatError {
          failures += 1
          #expect(error.kind == .inputOutput && error.systemCode == ENOSPC)
        }
        let run2 = RunFolder(path: path)
        for step in run2.checkpointSteps() { _ = try Checkpoint(path: run2.checkpoint(step)) }
        try run.train(in: path, resume: .latest)
        try expectSameBytes(
          RunFolder(path: "\(folder)/whole").checkpoint(3), run2.checkpoint(3),
          "write \(occurrence)")
      }
      // config.json, checkpoints 2 and 3, two sheets, five stages each.
      #expect(failures == 25)
    }
  }

  @Test("the newest checkpoint that verifies is taken, and the damaged one is told of")
  func damagedNewest() throws {
    try withTemporaryFolder { folder in
      let run = TinyRun()
      let whole = RunFolder(path: "\(folder)/whole")
      try run.train(in: whole.path)
      try run.train(in: "\(folder)/parts", stopAfter: 5)
      let parts = RunFolder(path: "\(folder)/parts")
      var damaged = try bytes(parts.checkpoint(5))
      damaged[damaged.count / 2] ^= 1
      try AtomicFile.write(damaged, to: parts.checkpoint(5))
      var warnings: [String] = []
      var firstStep = 0
      try run.train(in: parts.path, resume: .latest) { event in
        if case .warning(let text) = event { warnings.append(text) }
        if case .started(let step, _) = event { firstStep = step }
      }
      #expect(firstStep == 4)
      #expect(warnings.count == 1 && warnings[0].contains("000005.safetensors: expected checksum"))
      try expectSameBytes(whole.checkpoint(6), parts.checkpoint(6))
      #expect(try lines(whole) == lines(parts))
    }
  }

  @Test("a half-made folder is taken up: empty, with another configuration, with torn statistics")
  func halfMade() throws {
    try withTemporaryFolder { folder in
      let run = TinyRun(steps: 2)
      let whole = RunFolder(path: "\(folder)/whole")
      try run.train(in: whole.path)
      let states: [(String, (RunFolder) throws -> Void)] = [
        ("no folder", { _ in }),
        ("empty", { try RunFolder.make($0.path) }),
        (
          "leftover",
          {
            try RunFolder.make($0.path)
            try AtomicFile.write("{", to: "\($0.path)/.config.json.1-1.partial")
          }
        ),
        (
          "torn",
          {
            try RunFolder.make($0.path)
            try AtomicFile.write("{\"format\":\"atelier-run/1\"}", to: $0.configuration)
            try AtomicFile.write("{\"step\":1,\"loss\":9}\n{\"st", to: $0.statistics)
            try AtomicFile.write([1, 2, 3], to: $0.events)
          }
        ),
      ]
      for (name, prepare) in states {
        let half = RunFolder(path: "\(folder)/\(name)")
        try prepare(half)
        try run.train(in: half.path, resume: .latest)
        try expectSameBytes(whole.checkpoint(2), half.checkpoint(2), name)
        try expectSameBytes(whole.configuration, half.configuration, name)
        #expect(try lines(whole) == lines(half), "\(name)")
      }
    }
  }

  @Test(
    "resuming under an option that changes bits is refused, naming it",
    arguments: [
      ("--set latentSize", TinyRun(assignments: ["latentSize=3"])),
      ("--set hidden", TinyRun(assignments: ["hidden=8"])),
      ("--set beta", TinyRun(assignments: ["beta=2"])),
      ("--preset", TinyRun(preset: .convolutional)), ("--rate", TinyRun(rate: 2e-2)),
      ("--schedule", TinyRun(schedule: .linear)), ("--seed", TinyRun(seed: 4)),
      ("--precision", TinyRun(precision: .bfloat16)),
      ("--set clip", TinyRun(assignments: ["clip=1"])),
      ("--set optimizer", TinyRun(assignments: ["optimizer=sgd"])),
      ("--set weightDecay", TinyRun(assignments: ["weightDecay=0.1"])),
    ])
  func changedOption(option: String, changed: TinyRun) throws {
    try withTemporaryFolder { folder in
      try TinyRun().train(in: folder, stopAfter: 2)
      let before = try snapshot(folder)
      guard
        case .changedOptions(let options, _) = trainingError({
          try changed.train(in: folder, resume: .latest)
        })
      else {
        Issue.record("not refused as a changed option")
        return
      }
      #expect(options.contains { $0.option == option }, "\(options)")
      #expect(try snapshot(folder) == before)
    }
  }

  @Test(
    "more steps are allowed where the rate does not depend on them, and give a longer run's bits")
  func extending() throws {
    try withTemporaryFolder { folder in
      try TinyRun(steps: 4).train(in: "\(folder)/a")
      try TinyRun(steps: 8).train(in: "\(folder)/a", resume: .latest)
      try TinyRun(steps: 8).train(in: "\(folder)/b")
      let (a, b) = (RunFolder(path: "\(folder)/a"), RunFolder(path: "\(folder)/b"))
      for name in ["encoder.0.weight", "decoder.1.bias", "optimizer.secondMoment"] {
        let arrays = try [a, b].map { try Safetensors(path: $0.checkpoint(8)).array(named: name) }
        #expect(arrays[0] == arrays[1], "\(name)")
      }
      #expect(
        trainingError { try TinyRun(steps: 2).train(in: a.path, resume: .latest) }
          == .alreadyFurther(checkpoint: a.checkpoint(8), step: 8, asked: 2))

      try TinyRun(steps: 4, schedule: .linear).train(in: "\(folder)/c")
      let error = trainingError {
        try TinyRun(steps: 8, schedule: .linear).train(in: "\(folder)/c", resume: .latest)
      }
      #expect(
        error
          == .changedOptions(
            [.init(option: "--steps", before: "4", now: "8")],
            checkpoint: RunFolder(path: "\(folder)/c").checkpoint(4)))
    }
  }

  @Test("an older checkpoint starts another folder, and never overwrites its own run")
  func olderCheckpoint() throws {
    try withTemporaryFolder { folder in
      let run = TinyRun()
      let a = RunFolder(path: "\(folder)/a")
      try run.train(in: a.path)
      let before = try snapshot(a.path)
      let older = ResumePoint.path(a.checkpoint(2))
      #expect(
        trainingError { try run.train(in: a.path, resume: older) }
          == .notTheNewest(checkpoint: a.checkpoint(2), newest: a.checkpoint(6)))
      try run.train(in: "\(folder)/b", resume: older)
      try expectSameBytes(a.checkpoint(6), RunFolder(path: "\(folder)/b").checkpoint(6))
      #expect(try snapshot(a.path) == before)
    }
  }

  @Test("a run that goes on in another folder takes its checkpoint and the best one along")
  func takingBestAlong() throws {
    try withTemporaryFolder { folder in
      // A rate at which the loss soon rises.
      let run = TinyRun(
        steps: 12, rate: 0.5, assignments: ["checkpointEvery=1", "evaluateEvery=1", "keep=1"])
      let a = RunFolder(path: "\(folder)/a")
      try run.train(in: a.path)
      let best = try a.choose(.best).step
      try #require(best < 12)

      for (name, source) in [("b", a.path), ("c", a.checkpoint(12))] {
        let b = RunFolder(path: "\(folder)/\(name)")
        let outcome = try run.train(in: b.path, resume: .path(source))
        #expect(outcome.isComplete && outcome.checkpoint == b.checkpoint(12))
        #expect(b.checkpointSteps() == [best, 12])
        for step in [best, 12] { try expectSameBytes(a.checkpoint(step), b.checkpoint(step)) }
        #expect(try TrainedModel(b, .latest, on: .cpu).run == name)
        #expect(try TrainedModel(b, .best, on: .cpu).checkpoint.step == best)
      }
      // Gone on with there, it keeps what a run in one piece keeps.
      var longer = run
      longer.steps = 14
      let (d, whole) = (RunFolder(path: "\(folder)/d"), RunFolder(path: "\(folder)/whole"))
      try longer.train(in: d.path, resume: .path(a.path))
      try longer.train(in: whole.path)
      #expect(d.checkpointSteps() == whole.checkpointSteps())
      #expect(try d.choose(.best).step == whole.choose(.best).step)
    }
  }

  @Test("a run that goes on in another folder has the statistics and events of all its steps")
  func takingStatisticsAlong() throws {
    try withTemporaryFolder { folder in
      let run = TinyRun(assignments: ["sampleEvery=2", "eventEvery=1"])
      let (a, b) = (RunFolder(path: "\(folder)/a"), RunFolder(path: "\(folder)/b"))
      try run.train(in: a.path)
      // From the middle: what a recorded after that is not b's.
      try run.train(in: b.path, resume: .path(a.checkpoint(2)))
      #expect(try lines(b) == lines(a))
      #expect(try lines(b).map { $0["step"]?.integer } == [1, 2, 3, 4, 5, 6])
      let events = try [a, b].map { try EventFile.read(path: $0.events).map(\.step) }
      #expect(events[0] == events[1] && Set(events[1]) == [0, 1, 2, 3, 4, 5, 6])

      // A checkpoint that lies in no run has none, and what lies round it is not taken for them.
      try RunFolder.make("\(folder)/c")
      try FileManager.default.copyItem(
        atPath: a.checkpoint(2), toPath: "\(folder)/c/loose.safetensors")
      try AtomicFile.write("theirs", to: "\(folder)/stats.jsonl")
      let d = RunFolder(path: "\(folder)/d")
      try run.train(in: d.path, resume: .path("\(folder)/c/loose.safetensors"))
      #expect(try lines(d).map { $0["step"]?.integer } == [3, 4, 5, 6])
    }
  }

  @Test(
    "taking a run to a new folder that fails at any write leaves no file, and never a new start")
  func failingMove() throws {
    try withTemporaryFolder { folder in
      let run = TinyRun(
        steps: 12, rate: 0.5, assignments: ["checkpointEvery=1", "evaluateEvery=1", "keep=1"])
      let a = RunFolder(path: "\(folder)/a")
      try run.train(in: a.path)
      try #require(try a.choose(.best).step < 12)
      let data = run.data()
      let configuration = try run.configuration(data)
      var failures = 0
      for occurrence in 1... {
        let b = RunFolder(path: "\(folder)/\(occurrence)")
        let count = Counter()
        func take() throws {
          _ = try TrainingRun(
            configuration, data: data, in: b.path, resume: .path(a.path), device: .cpu)
        }
        do {
          try FaultInjection.$hook.withValue(
            .init { _ in count.next() == occurrence ? ENOSPC : 0 }, operation: take)
          break
        } catch let error as FileFormatError {
          failures += 1
          #expect(error.systemCode == ENOSPC)
        }
        #expect(try snapshot(b.path).isEmpty, "write \(occurrence)")
        #expect(
          trainingError { try run.train(in: b.path, resume: .latest) } == .notARun(b.path),
          "write \(occurrence)")
        try take()
        try expectSameBytes(a.checkpoint(12), b.checkpoint(12))
      }
      // The best and the newest checkpoint, statistics, events and config.json, five stages each.
      #expect(failures == 25)
    }
  }

  @Test("a run that went on from elsewhere and lost its checkpoints does not begin again")
  func lostOrigin() throws {
    try withTemporaryFolder { folder in
      let run = TinyRun()
      let (a, b) = (RunFolder(path: "\(folder)/a"), RunFolder(path: "\(folder)/b"))
      try run.train(in: a.path, stopAfter: 2)
      try run.train(in: b.path, resume: .path(a.path), stopAfter: 1)
      // Taken up where it lies now, it is still a run that came from elsewhere.
      try run.train(in: b.path, resume: .latest)
      for step in b.checkpointSteps() { unlink(b.checkpoint(step)) }
      let before = try snapshot(b.path)
      for resume in [ResumePoint.latest, .path(b.path)] {
        #expect(
          trainingError { try run.train(in: b.path, resume: resume) }
            == .lostOrigin(run: b.path, step: 2))
      }
      #expect(try snapshot(b.path) == before)
      // One that began here begins again, and says so.
      for step in a.checkpointSteps() { unlink(a.checkpoint(step)) }
      var warnings: [String] = []
      try run.train(in: a.path, resume: .latest) {
        if case .warning(let text) = $0 { warnings.append(text) }
      }
      #expect(
        warnings == ["\(a.path) has no checkpoint to go on from: training begins at step 1"])
    }
  }

  @Test("a best checkpoint that cannot be taken along is told of, and asking for it says which")
  func bestLeftBehind() throws {
    try withTemporaryFolder { folder in
      let run = TinyRun(
        steps: 12, rate: 0.5, assignments: ["checkpointEvery=1", "evaluateEvery=1", "keep=1"])
      let (a, b) = (RunFolder(path: "\(folder)/a"), RunFolder(path: "\(folder)/b"))
      try run.train(in: a.path)
      let best = try a.choose(.best).step
      try FileManager.default.removeItem(atPath: a.checkpoint(best))
      var warnings: [String] = []
      try run.train(in: b.path, resume: .path(a.path)) {
        if case .warning(let text) = $0 { warnings.append(text) }
      }
      #expect(warnings.count == 1 && warnings[0].contains("best checkpoint is left behind"))
      #expect(b.checkpointSteps() == [12])
      #expect(
        trainingError { try b.choose(.best) } == .missingStep(best, run: b.path, found: [12]))
    }
  }

  @Test("the log keeps what a killed process had done, and statistics hold each step once")
  func logIsADiary() throws {
    try withTemporaryFolder { path in
      struct Killed: Error {}
      let run = TinyRun(assignments: ["sampleEvery=5"])
      let folder = RunFolder(path: path)
      #expect(throws: Killed.self) {
        try run.train(in: path) { if case .sheet = $0 { throw Killed() } }
      }
      let before = try bytes(folder.log)
      try run.train(in: path, resume: .latest)
      let after = try bytes(folder.log)
      #expect(after.starts(with: before))
      let lines = String(decoding: after, as: UTF8.self).split(separator: "\n")
      let told = lines.map { $0.drop { $0 != " " }.dropFirst() }.filter {
        $0.hasPrefix("training from") || $0.hasPrefix("step 5: samples")
      }
      let sheet = "step 5: samples \(folder.sheet(.samples, 5))"
      #expect(
        told.map(String.init) == [
          "training from step 0 to 6", sheet, "training from step 4 to 6", sheet,
        ])
      #expect(
        try JSONLinesFile.read(path: folder.statistics).map { $0["step"]?.integer }
          == [1, 2, 3, 4, 5, 6])
    }
  }

  @Test("another instruction set is warned of", .enabled(if: InstructionSet.available.count > 1))
  func otherInstructionSet() throws {
    try withTemporaryFolder { folder in
      try TinyRun(device: .cpu(instructionSet: .reference, threads: 1)).train(
        in: folder, stopAfter: 2)
      var warnings: [String] = []
      try TinyRun(device: .cpu(instructionSet: .avx2, threads: 1)).train(
        in: folder, resume: .latest
      ) {
        if case .warning(let text) = $0 { warnings.append(text) }
      }
      #expect(warnings.count == 1)
      #expect(warnings.first?.contains("was made by reference and goes on by avx2") == true)
    }
  }

  /// Lines of stats.jsonl without what differs between equal runs.
  private func lines(_ folder: RunFolder) throws -> [JSONValue] {
    try JSONLinesFile.read(path: folder.statistics).map { line in
      let volatile = ["peakHostBytes", "peakDeviceBytes", "picturesPerSecond"]
      return .object(line.object!.filter { !volatile.contains($0.key) })
    }
  }

  /// Steps and tags of the events file; two entries a line stay apart.
  private func tags(_ folder: RunFolder) throws -> [String] {
    try EventFile.read(path: folder.events).map { "\($0.step) \($0.values.map(\.tag))" }
      .filter { !$0.hasPrefix("0 ") }
      // A step at which one of the runs stopped has an entry that the other may lack.
      .filter { $0.hasPrefix("6 ") || $0.contains("samples") }
  }
}

/// Counts calls; used on one thread at a time.
private final class Counter: @unchecked Sendable {
  private var count = 0

  func next() -> Int {
    count += 1
    return count
  }
}
