import FileFormats
import Testing

@testable import Tensors
@testable import Training

/// Training beside a limit of the device's memory.
@Suite struct MemoryTests {
  private static func cpu(_ limit: Int) throws -> Device {
    Device(backend: try CPUBackend(threads: 1, memoryLimit: limit))
  }

  private struct Setting {
    let configuration: RunConfiguration
    let data: TrainingData

    init(batch: Int, _ assignments: [String] = []) throws {
      var run = TinyRun()
      run.assignments = ["hidden=50", "latentSize=4"] + assignments
      let data = run.data(batch: batch)
      var configuration = try run.configuration(data)
      configuration.batchSize = batch
      (self.configuration, self.data) = (configuration, data)
    }

    func train(
      in folder: String, on device: Device, monitor: @escaping TrainingMonitor = { _ in }
    ) throws -> TrainingOutcome {
      try TrainingRun(configuration, data: data, in: folder, resume: nil, device: device)
        .train(on: device, monitors: [monitor])
    }
  }

  @Test("what is planned is what training takes, to the byte, whatever the batch")
  func planned() throws {
    for (batch, assignments) in [
      (1, []), (4, []), (7, []), (64, []), (64, ["sampleEvery=2"]),
    ] {
      let setting = try Setting(batch: batch, assignments)
      let device = try Self.cpu(.max)
      let planned = try setting.configuration.plannedMemory(setting.data, on: device)
      try withTemporaryFolder { folder in
        _ = try setting.train(in: folder, on: device)
        // What is kept of weights takes the place of nothing else.
        #expect(device.memoryUse.peak >= planned, "batch \(batch)")
        _ = try setting.train(in: folder + "/again", on: try Self.cpu(planned))
      }
    }
  }

  @Test(
    "a training that does not fit is refused before a folder is made, and the batch that is named fits"
  )
  func refused() throws {
    let limit = try Setting(batch: 40).configuration.plannedMemory(
      Setting(batch: 40).data, on: Self.cpu(.max))
    try withTemporaryFolder { folder in
      let path = folder + "/run"
      let device = try Self.cpu(limit)
      let error = #expect(throws: DeviceError.self) {
        _ = try Setting(batch: 200).train(in: path, on: device)
      }
      guard case .doesNotFit(_, 200, let needed, MemoryLimit(bytes: limit), let fits)? = error
      else {
        Issue.record("another error: \(String(describing: error))")
        return
      }
      #expect(needed > limit && (40..<60).contains(fits))
      #expect(!RunFolder.isFolder(path))
      _ = try Setting(batch: fits).train(in: path, on: Self.cpu(limit))
      #expect(throws: DeviceError.self) {
        _ = try Setting(batch: fits + 1).train(in: folder + "/more", on: Self.cpu(limit))
      }
    }
  }

  @Test("where no batch fits, that is what is said")
  func nothingFits() throws {
    let error = #expect(throws: DeviceError.self) {
      try withTemporaryFolder { _ = try Setting(batch: 2).train(in: $0, on: Self.cpu(20_000)) }
    }
    guard case .doesNotFit(_, 2, _, _, largestBatch: 0)? = error else {
      Issue.record("another error: \(String(describing: error))")
      return
    }
  }

  @Test("memory that runs out in the middle keeps the last checkpoint, and names a batch that fits")
  func inTheMiddle() throws {
    try withTemporaryFolder { folder in
      // The most that is in use up to step 4; the sheets of step 6 take more.
      let setting = try Setting(batch: 40)
      let whole = try Self.cpu(.max)
      var limit = 0
      _ = try setting.train(in: folder + "/whole", on: whole) {
        if case .checkpoint(4, _) = $0 { limit = whole.memoryUse.peak }
      }
      try #require(whole.memoryUse.peak > limit && limit > 0)
      let path = folder + "/run"
      let device = try Self.cpu(limit)
      let training = try TrainingRun(
        setting.configuration, data: setting.data, in: path, resume: nil, device: whole)
      let error = try #require(
        #expect(throws: DeviceError.self) { _ = try training.train(on: device) })
      guard case .outOfMemory(_, _, _, limit) = error else {
        Issue.record("another error: \(error)")
        return
      }
      let run = RunFolder(path: path)
      #expect(run.checkpointSteps().last == 4)
      try expectSameBytes(run.checkpoint(4), RunFolder(path: folder + "/whole").checkpoint(4))

      let explained = training.explained(error, on: device)
      guard case DeviceError.doesNotFit(_, 40, _, _, let fits) = explained else {
        Issue.record("not explained: \(explained)")
        return
      }
      #expect((1..<40).contains(fits))
      _ = try Setting(batch: fits).train(in: folder + "/fits", on: Self.cpu(limit))
    }
  }
}
