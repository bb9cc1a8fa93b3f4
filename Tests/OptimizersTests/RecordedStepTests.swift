import Layers
import Tensors
import Testing

@testable import Optimizers

/// A network with everything that changes from step to step: dropout, running statistics, Adam.
private final class Probe {
  let parameters: ParameterSet
  let adam: any Optimizer
  let device: Device
  private let layers: Sequential

  init(on device: Device, sgd: Bool = false) {
    self.device = device
    parameters = ParameterSet(seed: 7, on: device)
    let root = parameters.root
    layers = Sequential([
      Dense(6, 9, in: root.scope("0")), Normalization(.batch, channels: 9, in: root.scope("1")),
      Activate(.elu(alpha: 1)), Dropout(rate: 0.25, in: root), Dense(9, 4, in: root.scope("2")),
    ])
    adam =
      sgd
      ? SGD(parameters, averageDecay: 0.9) : Adam(parameters, averageDecay: 0.9)
  }

  func step(_ number: UInt32, _ x: Tensor, _ y: Tensor, clip: Float?) -> Tensor {
    let mode = ForwardMode.training(
      seed: 3, step: number, examples: Tensor([5, 6, 7, 8, 9] as [Int32], shape: [5], on: device))
    let noise = Tensor.normal([5, 6], key: RandomKey(seed: 1, stream: 4, step: number), on: device)
    let fixed = Tensor.uniform([5, 6], key: RandomKey(seed: 1, stream: 4), on: device)
    let loss = layers(x + noise * fixed, mode).squaredError(y).mean()
    let gradients = gradients(of: loss, withRespectTo: parameters.trainable.map(\.value))
    adam.step(gradients, rate: rate(number), maximumNorm: clip)
    return loss
  }

  func rate(_ number: UInt32) -> Float { 0.01 / Float(number) }

  /// Everything that a step changes.
  var bits: [[UInt32]] {
    get throws {
      let values =
        (parameters.trainable + parameters.statistics).map(\.value) + adam.state.map(\.buffer)
      return try values.map { try $0.detached().floats().map(\.bitPattern) }
    }
  }
}

private func batch(_ number: UInt64, on device: Device) -> [Tensor] {
  [6, 4].map { .uniform([5, $0], key: RandomKey(seed: number, stream: 9), on: device) }
}

@Suite struct RecordedStepTests {
  @Test(
    "replays have the bits of eager steps: inputs, noise, dropout, statistics, rates, averages",
    arguments: [(false, nil), (false, 0.5), (true, nil)] as [(Bool, Float?)])
  func exact(sgd: Bool, clip: Float?) throws {
    let (eager, replayed) = (Probe(on: .cpu, sgd: sgd), Probe(on: .cpu, sgd: sgd))
    var step: RecordedStep?
    for number in UInt32(1)...6 {
      let (xy, other) = (batch(UInt64(number), on: .cpu), batch(UInt64(number), on: .cpu))
      let loss = eager.step(number, xy[0], xy[1], clip: clip)
      if let step {
        replayed.adam.advance(rate: replayed.rate(number))
        step.replay(number, inputs: other)
      } else {
        step = RecordedStep(number, on: .cpu, inputs: other) {
          [replayed.step(number, $0[0], $0[1], clip: clip)]
        }
      }
      #expect(try step!.results[0].scalar() == loss.scalar(), "step \(number)")
      #expect(replayed.adam.stepCount == Int(number))
      #expect(try replayed.bits == eager.bits, "step \(number)")
    }
  }

  @Test("replays allocate nothing, and take no memory that tensors beside them are given")
  func memory() throws {
    let device = try Device.cpu(threads: 1)
    let probe = Probe(on: device)
    let first = batch(1, on: device)
    let step = RecordedStep(1, on: device, inputs: first) {
      [probe.step(1, $0[0], $0[1], clip: nil)]
    }
    let before = device.memoryUse
    var beside: [(tensor: Tensor, value: Float)] = []
    for number in UInt32(2)...20 {
      probe.adam.advance(rate: 0.01)
      step.replay(number, inputs: first)
      if number == 10 { #expect(device.memoryUse == before) }
      if number >= 10 {
        beside.append((Tensor(filling: [40], with: Float(number), on: device), Float(number)))
      }
    }
    for (tensor, value) in beside { #expect(try tensor.floats().allSatisfy { $0 == value }) }
  }

  @Test("memory that goes with the recording serves others")
  func returned() throws {
    let device = try Device.cpu(threads: 1)
    let probe = Probe(on: device)
    let xy = batch(1, on: device)
    _ = try probe.bits
    let before = device.memoryUse.current
    do {
      let step = RecordedStep(1, on: device, inputs: xy) {
        [probe.step(1, $0[0], $0[1], clip: nil)]
      }
      #expect(device.memoryUse.current > before)
      _ = try step.results[0].scalar()
    }
    #expect(device.memoryUse.current == before)
    withExtendedLifetime((probe, xy)) {}
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

  @Test("programming errors stop with a sentence")
  func mistakes() async {
    await #expect(processExitsWith: .failure) {
      _ = try RecordedStep(1, on: .cpu) { _ in
        _ = try Tensor(1 as Float).scalar()
        return []
      }
    }
    await #expect(processExitsWith: .failure) {
      _ = RecordedStep(5, on: .cpu) { _ in
        [Tensor.normal([2], key: RandomKey(seed: 0, stream: 0, step: 4))]
      }
    }
    await #expect(processExitsWith: .failure) {
      let step = RecordedStep(1, on: .cpu, inputs: [Tensor(1 as Float)]) { $0 }
      step.replay(2, inputs: [Tensor([1, 2] as [Float], shape: [2])])
    }
  }
}
