import FileFormats
import Tensors

extension RunConfiguration {
  /// The most bytes of tensors that training with this takes at once on the device; `Int.max` where
  /// one tensor alone is larger than the device allows.
  ///
  /// - Throws: An error of the data.
  public func plannedMemory(_ data: TrainingData, on device: Device) throws -> Int {
    try MemoryNeed(self, data, device).bytes(batchSize)
  }

  /// Floating-point operations of a step of each kind that training makes, together.
  public func plannedFlops(_ data: TrainingData, on device: Device) throws -> Int {
    let planning = device.planningMemory()
    try MemoryNeed(self, data, device).rehearseSteps(batchSize, on: planning)
    return planning.plannedFlops
  }

  /// Bytes of a checkpoint, but for the little text in it.
  public var checkpointBytes: Int {
    model.arrays(optimizer).reduce(0) { $0 + 4 * $1.shape.reduce(1, *) }
  }
}

/// What a training takes of a device's memory, worked out before it begins.
///
/// A step of each kind, a held-out batch and both sheets are made on a device that computes nothing and
/// counts: what live tensors take depends on shapes alone. What kernel calls take inside for
/// themselves is not in it, so a batch size that is recommended is tried for real first.
struct MemoryNeed {
  let configuration: RunConfiguration
  let heldOutCount: Int
  let device: Device

  init(_ configuration: RunConfiguration, _ data: TrainingData, _ device: Device) {
    self.configuration = configuration
    heldOutCount = data.heldOutCount
    self.device = device
  }

  /// Refuses a training that cannot fit, before anything is made for it.
  ///
  /// - Throws: `DeviceError.doesNotFit` with the largest batch size that does.
  func check() throws {
    let needed = try bytes(configuration.batchSize)
    if needed <= device.memoryLimit.bytes { return }
    throw try refusal(needed)
  }

  /// What to tell of a training that ran out of memory on the device all the same.
  ///
  /// - Throws: Where that cannot be found out.
  func refusal(_ needed: Int? = nil) throws -> DeviceError {
    let planned = try bytes(configuration.batchSize)
    return .doesNotFit(
      device: device.description, batch: configuration.batchSize,
      needed: max(needed ?? planned, device.memoryLimit.bytes + 1), limit: device.memoryLimit,
      largestBatch: try largestBatch())
  }

  /// The most bytes of tensors at once with this batch size; `Int.max` where one tensor alone is
  /// larger than the device allows.
  func bytes(_ batchSize: Int) throws -> Int {
    let planning = device.planningMemory()
    try rehearse(batchSize, on: planning)
    return planning.largestAllocation > device.largestTensor ? .max : planning.memoryUse.peak
  }

  /// The largest batch size below the configuration's with which steps were made on the device,
  /// opened anew; 0 for none.
  ///
  /// What the device takes beyond the plan is unknown until tried: each failure plans for a tenth
  /// less.
  private func largestBatch() throws -> Int {
    device.releaseCachedMemory()
    var limit = device.memoryLimit.bytes
    var last = configuration.batchSize
    while true {
      let batch = try largestPlanned(below: last, within: limit)
      if try batch == 0 || runs(batch) { return batch }
      limit = limit / 10 * 9
      last = batch
    }
  }

  private func largestPlanned(below end: Int, within limit: Int) throws -> Int {
    var (fits, doesNot) = (0, end)
    while doesNot - fits > 1 {
      let middle = (fits + doesNot) / 2
      if try bytes(middle) <= limit { fits = middle } else { doesNot = middle }
    }
    return fits
  }

  private func runs(_ batchSize: Int) throws -> Bool {
    do {
      let device = try device.reopened()
      try rehearse(batchSize, on: device)
      try device.synchronize()
      return true
    } catch let error as DeviceError {
      switch error {
      case .outOfMemory, .bufferTooLarge: return false
      default: throw error
      }
    }
  }

  /// All that a training holds at once, on pictures that are black.
  private func rehearse(_ batchSize: Int, on device: Device) throws {
    let model = try rehearseSteps(batchSize, on: device)
    let data = blackPictures(batchSize)
    // Whoever looks in the middle of training has the next batch beside it.
    func look(isEarly: Bool, _ body: () throws -> Void) throws {
      let next = try isEarly ? data.training(1, on: device) : nil
      try model.presenting(body)
      withExtendedLifetime(next) {}
    }
    try look(isEarly: configuration.isEvaluatedEarly) {
      _ = try model.evaluate(data, batchSize: batchSize)
    }
    guard let model = model as? any GenerativeModel else { return }
    try look(isEarly: configuration.isShownEarly) {
      let count = Sheet.count(of: configuration.model.pictureShape)
      _ = model.samples(seeds: Array(0..<min(count, 64, model.largestBatch)))
      _ = try model.renderReconstructions(data, count: count / 2)
    }
  }

  /// A step of each kind.
  @discardableResult
  fileprivate func rehearseSteps(
    _ batchSize: Int, on device: Device
  ) throws -> any TrainableModel {
    let model = configuration.model.makeModel(
      seed: configuration.seed, optimizer: configuration.optimizer, on: device)
    let data = blackPictures(batchSize)
    // The next batch is on the device while a step computes.
    let batches = try (1...2).map { try data.training($0, on: device) }
    for (index, step) in model.rehearsal.enumerated() {
      let batch = batches[index % 2]
      let context = StepContext(
        step: step, seed: configuration.seed, rate: 0, clip: configuration.optimizer.clip)
      _ = try model.step(batch, context).read()
    }
    withExtendedLifetime(batches) {}
    return model
  }

  private func blackPictures(_ batchSize: Int) -> TrainingData {
    let shape = configuration.model.pictureShape
    func batch(_ count: Int, _ device: Device) -> TrainingBatch {
      TrainingBatch(
        pictures: Tensor.zeros([count] + shape, on: device),
        examples: Tensor([Int32](repeating: 0, count: count), shape: [count], on: device))
    }
    return TrainingData(
      name: "", pictureShape: shape, trainingCount: batchSize,
      heldOutCount: min(heldOutCount, max(batchSize, 64)), heldOutName: "", identity: .null,
      trainingBatch: { batch(batchSize, $1) }, heldOutBatch: { batch($0.count, $1) })
  }
}
