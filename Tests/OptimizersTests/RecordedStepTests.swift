import Layers
import Tensors
import Testing

@testable import Optimizers

/// A way to train, eagerly and by replays.
struct StepSetting: Sendable, CustomTestStringConvertible {
  var device = "cpu"
  var precision = Precision.float32
  var isConvolutional = false
  var usesSGD = false
  var clip: Float?
  /// Updates a step, each at a rate of its own.
  var updates = 1

  var testDescription: String {
    let network = isConvolutional ? "convolutional" : "dense"
    let limit = clip.map { ", clipped at \($0)" } ?? ""
    return
      "\(network) on \(device) in \(precision), \(usesSGD ? "SGD" : "Adam") \(updates)×\(limit)"
  }

  static let all: [StepSetting] =
    [
      StepSetting(), StepSetting(clip: 0.5), StepSetting(usesSGD: true),
      StepSetting(clip: 0.5, updates: 3), StepSetting(usesSGD: true, updates: 2),
      StepSetting(isConvolutional: true),
      StepSetting(precision: .bfloat16, isConvolutional: true, updates: 2),
    ]
    + Device.listings().filter { $0.name != "cpu" && $0.reasonForSkipping == nil }.flatMap {
      [
        StepSetting(device: $0.name, updates: 2),
        StepSetting(device: $0.name, isConvolutional: true, usesSGD: true, clip: 0.5),
      ]
    }
}

/// A network with everything that changes from step to step: dropout, running statistics, an
/// optimiser.
private final class Probe {
  let parameters: ParameterSet
  let optimizer: any Optimizer
  private let setting: StepSetting
  private let device: Device
  private let layers: Sequential

  init(_ setting: StepSetting = StepSetting(), on device: Device) {
    (self.setting, self.device) = (setting, device)
    parameters = ParameterSet(seed: 7, on: device)
    let root = parameters.root
    layers =
      setting.isConvolutional
      ? Sequential([
        Reshape([6, 6, 2]),
        Conv2D(2, 16, kernel: [3, 3], geometry: .init(padding: 1), in: root.scope("0")),
        Normalization(.batch, channels: 16, in: root.scope("1")), Activate(.elu(alpha: 1)),
        Conv2D(16, 8, kernel: [4, 4], geometry: .init(stride: 2, padding: 1), in: root.scope("2")),
        Dropout(rate: 0.25, in: root), Flatten(), Dense(72, 4, in: root.scope("3")),
      ])
      : Sequential([
        Dense(72, 9, in: root.scope("0")), Normalization(.batch, channels: 9, in: root.scope("1")),
        Activate(.elu(alpha: 1)), Dropout(rate: 0.25, in: root), Dense(9, 4, in: root.scope("2")),
      ])
    optimizer =
      setting.usesSGD
      ? SGD(parameters, averageDecay: 0.9) : Adam(parameters, averageDecay: 0.9)
  }

  /// The loss before the last update.
  func step(_ number: UInt32, _ xy: [Tensor]) -> Tensor {
    let mode = ForwardMode.training(
      seed: 3, step: number, examples: Tensor([5, 6, 7, 8, 9] as [Int32], shape: [5], on: device))
    let noise = Tensor.normal(
      [5, 72], key: RandomKey(seed: 1, stream: 4, step: number), on: device)
    let fixed = Tensor.uniform([5, 72], key: RandomKey(seed: 1, stream: 4), on: device)
    var loss = Tensor(0, on: device)
    for rate in rates(number) {
      loss = layers(xy[0] + noise * fixed, mode).squaredError(xy[1]).mean()
      let gradients = gradients(of: loss, withRespectTo: parameters.trainable.map(\.value))
      optimizer.step(gradients, rate: rate, maximumNorm: setting.clip)
    }
    return loss
  }

  func rates(_ number: UInt32) -> [Float] {
    (1...setting.updates).map { 0.01 / Float(number) / Float($0) }
  }

  /// Everything that a step changes.
  var bits: [[UInt32]] {
    get throws {
      let values =
        (parameters.trainable + parameters.statistics).map(\.value)
        + optimizer.state.map(\.buffer)
      return try values.map { try $0.detached().floats().map(\.bitPattern) }
    }
  }
}

private func batch(_ number: UInt64, on device: Device) -> [Tensor] {
  [72, 4].map { .uniform([5, $0], key: RandomKey(seed: number, stream: 9), on: device) }
}

@Suite struct RecordedStepTests {
  @Test(
    """
    replays have the bits of eager steps: inputs, noise, dropout, statistics, averages, and any \
    number of updates by one optimiser, each at its rate
    """, arguments: StepSetting.all)
  func exact(setting: StepSetting) throws {
    let device = try Device.select(setting.device, precision: setting.precision).device
    let (eager, replayed) = (Probe(setting, on: device), Probe(setting, on: device))
    var step: RecordedStep?
    for number in UInt32(1)...5 {
      let loss = eager.step(number, batch(UInt64(number), on: device))
      let inputs = batch(UInt64(number), on: device)
      if let step {
        step.replay(number, inputs: inputs, rates: replayed.rates(number))
      } else {
        step = RecordedStep(number, on: device, inputs: inputs) { [replayed.step(number, $0)] }
      }
      #expect(try step!.results[0].scalar() == loss.scalar(), "step \(number)")
      #expect(replayed.optimizer.stepCount == Int(number) * setting.updates)
      #expect(try replayed.bits == eager.bits, "step \(number)")
    }
  }

  @Test("an optimiser's update is one call, however many parameters it has", arguments: [1, 2, 7])
  func calls(count: Int) {
    let set = ParameterSet(seed: 1, on: .cpu)
    let gradients = (0..<count).map { index in
      let name = "\(index)"
      return set.root.parameter(name, [2 * index + 1], .zeros).value.detached().onesLike()
    }
    let (adam, sgd) = (Adam(set, averageDecay: 0.9), SGD(set))
    let step = RecordedStep(1, on: .cpu) { _ in
      adam.step(gradients, rate: 0.1)
      sgd.step(gradients, rate: 0.1)
      return []
    }
    #expect(step.callCount == 2)
  }

  @Test("replays through a frozen network have the bits of eager steps and leave it as it is")
  func frozen() throws {
    func make() -> (ParameterSet, ParameterSet, Adam, step: (UInt32) -> Tensor) {
      let (trained, frozen) = (ParameterSet(seed: 1, on: .cpu), ParameterSet(seed: 2, on: .cpu))
      let first = Dense(5, 7, activation: .elu(alpha: 1), in: trained.root)
      let second = Dense(7, 3, activation: .tanh, in: frozen.root)
      let adam = Adam(trained)
      let x = Tensor.normal([11, 5], key: RandomKey(seed: 3, stream: 1), on: .cpu)
      return (
        trained, frozen, adam,
        { number in
          let hidden = first(x, .evaluation)
          let loss = frozen.frozen { second(hidden, .evaluation).squared().sum() }
          // The frozen network's parameters get zeros, and no history.
          let all = gradients(
            of: loss, withRespectTo: (trained.trainable + frozen.trainable).map(\.value))
          adam.step(Array(all.prefix(2)), rate: 0.1)
          return loss
        }
      )
    }
    let (eager, replayed) = (make(), make())
    let before = try replayed.1.buffer.floats()
    var step: RecordedStep?
    for number in UInt32(1)...4 {
      let loss = eager.step(number)
      if let step {
        step.replay(number, rates: [0.1])
      } else {
        step = RecordedStep(number, on: .cpu) { _ in [replayed.step(number)] }
      }
      #expect(try step!.results[0].scalar() == loss.scalar(), "step \(number)")
      #expect(try replayed.0.buffer.floats() == eager.0.buffer.floats(), "step \(number)")
    }
    #expect(try replayed.1.buffer.floats() == before)
    #expect(try replayed.0.buffer.floats() != ParameterSet(seed: 1, on: .cpu).buffer.floats())
  }

  @Test("replays allocate nothing, and take no memory that tensors beside them are given")
  func memory() throws {
    let device = try Device.cpu(threads: 1)
    let probe = Probe(on: device)
    let first = batch(1, on: device)
    let step = RecordedStep(1, on: device, inputs: first) { [probe.step(1, $0)] }
    let before = device.memoryUse
    var beside: [(tensor: Tensor, value: Float)] = []
    for number in UInt32(2)...20 {
      step.replay(number, inputs: first, rates: [0.01])
      if number == 10 { #expect(device.memoryUse == before) }
      if number >= 10 {
        beside.append((Tensor(filling: [40], with: Float(number), on: device), Float(number)))
      }
    }
    for (tensor, value) in beside { #expect(try tensor.floats().allSatisfy { $0 == value }) }
  }

  @Test(
    "steps of two kinds that share memory train as eagerly, whichever comes next",
    arguments: StepSetting.all)
  func shared(setting: StepSetting) throws {
    let device = try Device.select(setting.device, precision: setting.precision).device
    let (eager, replayed) = (Probe(setting, on: device), Probe(setting, on: device))
    // The other kind makes the step twice, and so needs other memory, and more of it.
    func body(_ probe: Probe, _ number: UInt32, _ isLarge: Bool) -> ([Tensor]) -> [Tensor] {
      { xy in
        let loss = probe.step(number, xy)
        return isLarge ? [loss, probe.step(number, xy.map { $0 * 2 })] : [loss]
      }
    }
    var steps: [Bool: RecordedStep] = [:]
    for (index, isLarge) in [false, true, true, false, false, true, false].enumerated() {
      let number = UInt32(index + 1)
      let xy = batch(UInt64(number), on: device)
      let expected = body(eager, number, isLarge)(xy)
      if let step = steps[isLarge] {
        let rates = replayed.rates(number)
        step.replay(number, inputs: xy, rates: isLarge ? rates + rates : rates)
      } else {
        steps[isLarge] = RecordedStep(
          number, on: device, inputs: xy, sharingMemoryOf: steps[!isLarge],
          body(replayed, number, isLarge))
      }
      #expect(
        try steps[isLarge]!.results.map { try $0.scalar() } == expected.map { try $0.scalar() })
      #expect(try replayed.bits == eager.bits)
    }
  }

  @Test("memory goes with its last step and serves others; steps that share it take little more")
  func returned() throws {
    let device = try Device.cpu(threads: 1)
    let probe = Probe(on: device)
    let xy = batch(1, on: device)
    _ = try probe.bits
    let before = device.memoryUse.current
    func taken() -> Int { device.memoryUse.current - before }
    var first: RecordedStep? = RecordedStep(1, on: device, inputs: xy) { [probe.step(1, $0)] }
    let one = taken()
    #expect(one > 0)
    first = nil
    #expect(taken() == 0)
    first = RecordedStep(2, on: device, inputs: xy) { [probe.step(2, $0)] }
    var second: RecordedStep? = RecordedStep(
      3, on: device, inputs: xy, sharingMemoryOf: first
    ) { [probe.step(3, $0)] }
    #expect(taken() > one && taken() < one + one / 2, "\(one), \(taken())")
    first = nil
    second?.replay(4, inputs: xy, rates: [0.01])
    #expect(try second?.results[0].scalar().isFinite == true)
    second = nil
    #expect(taken() == 0)
    withExtendedLifetime((probe, xy)) {}
  }

  @Test("a step keeps what another made in the memory that they share, even when that is gone")
  func resultOfSharer() throws {
    func adding(
      to start: Tensor, _ number: Float, sharing other: RecordedStep?
    ) -> RecordedStep {
      RecordedStep(1, on: .cpu, inputs: [Tensor(number)], sharingMemoryOf: other) { inputs in
        var result = inputs[0] + start
        for _ in 0..<4 { result = (result + 1) - 1 }
        return [result]
      }
    }
    var first: RecordedStep? = RecordedStep(1, on: .cpu, inputs: [Tensor(2 as Float)]) {
      [$0[0] * 3]
    }
    let second = adding(to: first!.results[0], 1, sharing: first)
    first = nil
    // Takes what is free of the memory.
    let third = adding(to: Tensor(50 as Float), 7, sharing: second)
    third.replay(2, inputs: [Tensor(8 as Float)])
    second.replay(2, inputs: [Tensor(10 as Float)])
    #expect(try second.results[0].scalar() == 16)
  }

  @Test("a constant from the host is there in every replay")
  func constants() throws {
    let step = RecordedStep(1, on: .cpu, inputs: [Tensor(2 as Float)]) { inputs in
      let constant = Tensor([1, 2, 3] as [Float], shape: [3])
      var result = constant * inputs[0]
      // Takes the constant's memory once it has gone.
      for _ in 0..<4 { result = (result + 1) - 1 }
      return [result]
    }
    for number in UInt32(2)...4 {
      step.replay(number, inputs: [Tensor(Float(number))])
      #expect(try step.results[0].floats() == [1, 2, 3].map { $0 * Float(number) })
    }
  }

  @Test("a task that a step begins is no part of it, whenever it runs")
  func tasks() async throws {
    var task: Task<Tensor, Never>?
    let step = RecordedStep(1, on: .cpu, inputs: [Tensor(2 as Float)]) { inputs in
      task = Task { Tensor(filling: [1], with: 6) + 1 }
      return [inputs[0] + 1]
    }
    let beside = try #require(await task?.value)
    #expect(step.callCount == 1)
    for number in UInt32(2)...4 {
      step.replay(number, inputs: [Tensor(Float(number))])
      #expect(try step.results[0].scalar() == Double(number) + 1)
      #expect(try beside.scalar() == 7)
    }
  }
}
