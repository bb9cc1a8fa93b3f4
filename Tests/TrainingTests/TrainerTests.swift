import Datasets
import FileFormats
import Foundation
import Layers
import Locks
import Models
import Testing

@testable import Tensors
@testable import Training

@Suite struct TrainerTests {
  @Test("a loss that is no number stops the run with the step and the last good checkpoint")
  func divergence() throws {
    try withTemporaryFolder { folder in
      let run = TinyRun(steps: 50, rate: 1e30, assignments: ["checkpointEvery=1"])
      guard
        case .diverged(let step, let what, let lastGood) = trainingError({
          try run.train(in: folder)
        })
      else {
        Issue.record("did not diverge")
        return
      }
      let checkpoints = RunFolder(path: folder)
      #expect(step > 1 && step < 50, "\(what)")
      #expect(lastGood == checkpoints.checkpointSteps().last.map { checkpoints.checkpoint($0) })
      #expect((checkpoints.checkpointSteps().last ?? 0) < step)
      for good in checkpoints.checkpointSteps() {
        let file = try Checkpoint(path: checkpoints.checkpoint(good)).file
        for entry in file.entries {
          #expect(try file.array(entry).floats.allSatisfy(\.isFinite), "\(good) \(entry.name)")
        }
      }
    }
  }

  @Test("a held-out metric that is no number stops the run, and the checkpoints before it stay")
  func divergedMetric() throws {
    try withTemporaryFolder { folder in
      let run = TinyRun()
      let good = run.data()
      let data = TrainingData(
        name: good.name, pictureShape: good.pictureShape, trainingCount: good.trainingCount,
        heldOutCount: good.heldOutCount, heldOutName: good.heldOutName, identity: good.identity,
        trainingBatch: { try good.training($0, on: $1) },
        heldOutBatch: { range, device in
          let batch = try good.heldOut(range, on: device)
          let shape = batch.pictures.shape
          let values = [Float](repeating: .nan, count: batch.pictures.count)
          return TrainingBatch(
            pictures: Tensor(values, shape: shape, on: device), examples: batch.examples)
        })
      let training = try TrainingRun(
        try run.configuration(data), data: data, in: folder, resume: nil, device: .cpu)
      let files = RunFolder(path: folder)
      // Evaluated at step 3 first, after the checkpoint of step 2.
      #expect(
        trainingError { try training.train(on: .cpu) }
          == .diverged(
            step: 3, what: "heldOutNegativeELBO became NaN", lastGood: files.checkpoint(2)))
      #expect(files.checkpointSteps() == [2])
      _ = try Checkpoint(path: files.checkpoint(2))
    }
  }

  @Test(
    "the next batch is asked for before a step is told of, and its error is told in its own step")
  func nextBatch() throws {
    struct Spoiled: Error, Equatable {}
    try withTemporaryFolder { folder in
      let run = TinyRun()
      let good = run.data()
      let log = Locked<[String]>([])
      func note(_ line: String) { log.withLock { $0.append(line) } }
      let data = TrainingData(
        name: good.name, pictureShape: good.pictureShape, trainingCount: good.trainingCount,
        heldOutCount: good.heldOutCount, heldOutName: good.heldOutName, identity: good.identity,
        trainingBatch: { step, device in
          note("batch \(step)")
          if step == 4 { throw Spoiled() }
          return try good.training(step, on: device)
        },
        heldOutBatch: { try good.heldOut($0, on: $1) })
      let training = try TrainingRun(
        try run.configuration(data), data: data, in: folder, resume: nil, device: .cpu)
      #expect(throws: Spoiled()) {
        try training.train(
          on: .cpu,
          monitors: [{ if case .step(let record) = $0 { note("step \(record.step)") } }])
      }
      #expect(
        log.withLock { $0 } == [
          "batch 1", "batch 2", "step 1", "batch 3", "step 2", "batch 4", "step 3",
        ])
      #expect(RunFolder(path: folder).checkpointSteps() == [2, 3])
    }
  }

  @Test("no batch is asked for beyond the last step")
  func lastBatch() throws {
    try withTemporaryFolder { folder in
      let run = TinyRun()
      let good = run.data()
      let asked = Locked<[Int]>([])
      let data = TrainingData(
        name: good.name, pictureShape: good.pictureShape, trainingCount: good.trainingCount,
        heldOutCount: good.heldOutCount, heldOutName: good.heldOutName, identity: good.identity,
        trainingBatch: { step, device in
          asked.withLock { $0.append(step) }
          return try good.training(step, on: device)
        },
        heldOutBatch: { try good.heldOut($0, on: $1) })
      _ = try TrainingRun(
        try run.configuration(data), data: data, in: folder, resume: nil, device: .cpu
      ).train(on: .cpu)
      #expect(asked.withLock { $0 } == [1, 2, 3, 4, 5, 6])
    }
  }

  @Test("every step is in stats.jsonl, and the loss is the sum of its parts")
  func statistics() throws {
    try withTemporaryFolder { folder in
      try TinyRun(assignments: ["beta=0.5"]).train(in: folder)
      let lines = try JSONLinesFile.read(path: RunFolder(path: folder).statistics)
      #expect(lines.map { $0["step"]?.integer } == [1, 2, 3, 4, 5, 6])
      // 10 examples in batches of 4: steps 1 to 3 begin in the first epoch.
      #expect(lines.map { $0["epoch"]?.integer } == [1, 1, 1, 2, 2, 3])
      for line in lines {
        let (loss, parts) = (
          line["loss"]!.number!, line["reconstruction"]!.number! + 0.5 * line["divergence"]!.number!
        )
        // Three float32 means of a few dozen nats: 2⁻²⁴ each, with a margin of 4.
        #expect(abs(loss - parts) <= 40 * 0x1p-22, "\(loss) and \(parts)")
      }
      #expect(
        lines.map { $0["heldOutNegativeELBO"] != nil } == [false, false, true, false, false, true])
      #expect(lines[1]["peakHostBytes"]?.integer ?? 0 > 1 << 20)
    }
  }

  @Test("the held-out bound is that of its formula in double precision, whatever the batch")
  func heldOutBound() throws {
    let run = TinyRun()
    let data = run.data()
    let vae = VAE(
      VAEConfiguration(height: 6, width: 5, channels: 1, latentSize: 2, hidden: [7]), seed: 5)
    let values = try [1, 2, 3, 100].map { try heldOutNegativeELBO(vae, data, batchSize: $0).value }
    #expect(Set(values).count == 1, "batches of 1, 2, 3 and 100 give \(values)")

    let batch = try data.heldOut(0..<3, on: .cpu)
    #expect(try Set(batch.examples.integers()) == [10, 11, 12])
    let (mean, logVariance) = vae.encode(batch.pictures)
    let key = RandomKey(seed: 0, stream: RandomStream.evaluation)
    let noise = Tensor.normal([3, 2], key: key, examples: batch.examples)
    let latents = zip(try mean.floats(), zip(try logVariance.floats(), try noise.floats())).map {
      Double($0) + exp(0.5 * Double($1.0)) * Double($1.1)
    }
    let decoded = try vae.decode(Tensor(latents.map { Float($0) }, shape: [3, 2])).floats()
    var sum = 0.0
    for (x, p) in zip(try batch.pictures.floats(), decoded.map(Double.init)) {
      sum -= Double(x) * log(p) + (1 - Double(x)) * log(1 - p)
    }
    for (m, v) in zip(try mean.floats(), try logVariance.floats()) {
      sum += 0.5 * (exp(Double(v)) + Double(m * m) - Double(v) - 1)
    }
    // 90 pixels through float32 layers: a few hundred roundings of 6e-8 in about 21 nats.
    #expect(abs(values[0] - sum / 3) < 1e-4, "\(values[0]) and \(sum / 3)")
  }

  @Test("averaged parameters are shown and measured, and the trained ones come back bit for bit")
  func averages() throws {
    let run = TinyRun(assignments: ["averageDecay=0.5"])
    let configuration = try run.configuration(run.data())
    let model = configuration.model.makeModel(seed: 1, optimizer: configuration.optimizer, on: .cpu)
    let context = StepContext(step: 1, seed: 1, rate: 0.1, clip: nil)
    _ = model.step(try run.data().training(1, on: .cpu), context)
    let player = model.players[0]
    let trained = try player.parameters.buffer.floats()
    let average = try player.optimizer.state.first { $0.name == "average" }!.buffer.floats()
    #expect(trained != average)
    let shown = try model.presenting {
      #expect(!player.parameters.trainable[0].value.isTracked)
      return try player.parameters.buffer.floats()
    }
    #expect(shown == average)
    #expect(try player.parameters.buffer.floats() == trained)
    #expect(player.parameters.trainable[0].value.isTracked)
  }

  @Test("monitors hear of every step in order, and an error of theirs ends the run")
  func monitors() throws {
    try withTemporaryFolder { folder in
      var steps: [Int] = []
      try TinyRun().train(in: "\(folder)/a") {
        if case .step(let record) = $0 { steps.append(record.step) }
      }
      #expect(steps == [1, 2, 3, 4, 5, 6])
      struct Enough: Error {}
      #expect(throws: Enough.self) {
        try TinyRun().train(in: "\(folder)/b") {
          if case .step(let record) = $0, record.step == 3 { throw Enough() }
        }
      }
      #expect(RunFolder(path: "\(folder)/b").checkpointSteps() == [2])
    }
  }
}
