import Foundation
import Layers
import Tensors
import Testing

@testable import Optimizers

/// Updates by the formulas of the papers, in double precision and without any kernel.
private struct PlainRule {
  var parameter: [Double]
  var first: [Double]
  var second: [Double]
  var step = 0

  init(_ parameter: [Double]) {
    self.parameter = parameter
    first = parameter.map { _ in 0 }
    second = first
  }

  mutating func adam(_ g: [Double], rate: Double, decay: Double, decoupled: Bool) {
    step += 1
    let (b1, b2) = (Double(Float(0.9)), Double(Float(0.999)))
    for i in parameter.indices {
      var gradient = g[i]
      if decoupled {
        parameter[i] -= rate * decay * parameter[i]
      } else {
        gradient += decay * parameter[i]
      }
      first[i] = b1 * first[i] + (1 - b1) * gradient
      second[i] = b2 * second[i] + (1 - b2) * gradient * gradient
      let m = first[i] / (1 - pow(b1, Double(step)))
      let v = second[i] / (1 - pow(b2, Double(step)))
      parameter[i] -= rate * m / (v.squareRoot() + Double(Float(1e-8)))
    }
  }

  mutating func sgd(_ g: [Double], rate: Double, momentum: Double, decay: Double, nesterov: Bool) {
    for i in parameter.indices {
      let gradient = g[i] + decay * parameter[i]
      first[i] = momentum * first[i] + gradient
      parameter[i] -= rate * (nesterov ? gradient + momentum * first[i] : first[i])
    }
  }
}

@Suite("Optimisers")
struct OptimizerTests {
  private let start: [Double] = [0.5, -1.25, 2, 0.001, -3]

  private func gradient(_ step: Int) -> [Double] {
    (0..<5).map { Double(Float(sin(Double(step * 5 + $0)) * 2)) }
  }

  private func set() -> (ParameterSet, Parameter) {
    let set = ParameterSet(seed: 1, dtype: .float64)
    let parameter = set.root.parameter("p", [5], .zeros)
    parameter.assign(Tensor(start, shape: [5]))
    return (set, parameter)
  }

  @Test("Adam and AdamW follow their papers", arguments: [false, true])
  func adam(decoupled: Bool) throws {
    let (set, parameter) = set()
    var configuration = Adam.Configuration()
    configuration.weightDecay = 0.125
    configuration.isDecoupled = decoupled
    let optimizer = Adam(set, configuration, averageDecay: 0.5)
    var rule = PlainRule(start)
    var average = start
    for step in 0..<6 {
      optimizer.step([Tensor(gradient(step), shape: [5])], rate: 0.0625)
      rule.adam(gradient(step), rate: 0.0625, decay: 0.125, decoupled: decoupled)
      average = zip(average, rule.parameter).map { 0.5 * $0 + 0.5 * $1 }
    }
    // Corrections are float32 scalars: 1 − β₂ᵗ is known to 2⁻²⁴ of itself.
    for (found, expected) in zip(try parameter.value.doubles(), rule.parameter) {
      #expect(abs(found - expected) < 1e-6)
    }
    for (found, expected) in zip(try optimizer.average!.buffer.doubles(), average) {
      #expect(abs(found - expected) < 1e-6)
    }
    #expect(optimizer.stepCount == 6)
  }

  @Test(
    "SGD with momentum and Nesterov's variant follow PyTorch's formula", arguments: [false, true])
  func sgd(nesterov: Bool) throws {
    let (set, parameter) = set()
    var configuration = SGD.Configuration()
    (configuration.momentum, configuration.weightDecay) = (0.75, 0.125)
    configuration.isNesterov = nesterov
    let optimizer = SGD(set, configuration)
    var rule = PlainRule(start)
    for step in 0..<6 {
      optimizer.step([Tensor(gradient(step), shape: [5])], rate: 0.0625)
      rule.sgd(gradient(step), rate: 0.0625, momentum: 0.75, decay: 0.125, nesterov: nesterov)
    }
    for (found, expected) in zip(try parameter.value.doubles(), rule.parameter) {
      #expect(abs(found - expected) < 1e-12)
    }
  }

  @Test("Clipping scales all gradients together and leaves small ones alone")
  func clipping() throws {
    func moved(by gradients: [[Double]], limit: Float?) throws -> [Double] {
      let set = ParameterSet(seed: 1, dtype: .float64)
      _ = set.root.parameter("a", [2], .zeros)
      _ = set.root.parameter("b", [1], .zeros)
      var plain = SGD.Configuration()
      plain.momentum = 0
      SGD(set, plain).step(
        gradients.map { Tensor($0, shape: [$0.count]) }, rate: 1, maximumNorm: limit)
      return try set.buffer.doubles()
    }
    let gradients: [[Double]] = [[3, 0], [4]]  // norm 5
    #expect(try moved(by: gradients, limit: 6) == [-3, 0, -4])
    #expect(try moved(by: gradients, limit: nil) == [-3, 0, -4])
    for (found, expected) in zip(try moved(by: gradients, limit: 2.5), [-1.5, 0, -2]) {
      #expect(abs(found - expected) < 1e-5)
    }
  }

  /// Odd counts, among them one that is cut between chunks.
  private static let counts = [315, 15, 1, 7, 20_011, 1025, 3]

  @Test(
    "One update of all parameters has the bits of an update of each",
    arguments: [false, true],
    Device.listings().filter { $0.reasonForSkipping == nil }.map(\.name))
  func together(usesSGD: Bool, device name: String) throws {
    let device = try Device.select(name).device
    func random(_ count: Int, _ stream: UInt32) -> Tensor {
      .normal([count], key: RandomKey(seed: 4, stream: stream), on: device)
    }
    let total = Self.counts.reduce(0, +)
    let start = (0..<4).map { random(total, UInt32($0)).squared() }
    let gradients = Self.counts.enumerated().map { random($1, 10 + UInt32($0)) }
    let scale = Tensor(filling: [1], with: 0.75, on: device)

    /// What the parameters from the one at `first` on become.
    func updated(_ gradients: [Tensor], from first: Int) throws -> [[UInt32]] {
      let count = gradients.reduce(0) { $0 + $1.count }
      let buffers = start.map { values in
        let copy = Tensor.zeros([count], on: device)
        ParameterUpdate.assign(values.sliced(first..<(first + count)), to: copy)
        return copy
      }
      let average = ParameterUpdate.Average(buffer: buffers[3], decay: 0.875)
      if usesSGD {
        ParameterUpdate.apply(
          .init(rate: 0.1, momentum: 0.9, weightDecay: 0.01, isNesterov: true),
          gradients: gradients, gradientScale: scale, parameters: buffers[0], momentum: buffers[1],
          average: average)
      } else {
        ParameterUpdate.apply(
          .init(
            rate: 0.1, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01,
            isDecoupled: false, correction1: 0.5, correction2: 0.25),
          gradients: gradients, gradientScale: scale, parameters: buffers[0],
          firstMoment: buffers[1], secondMoment: buffers[2], average: average)
      }
      return try buffers.map { try $0.floats().map(\.bitPattern) }
    }

    let together = try updated(gradients, from: 0)
    var first = 0
    for (index, gradient) in gradients.enumerated() {
      let alone = try updated([gradient], from: first)
      for (buffer, values) in alone.enumerated() {
        let part = together[buffer][first..<(first + gradient.count)]
        let differing = zip(values, part).enumerated().first { $1.0 != $1.1 }?.offset
        #expect(differing == nil, "parameter \(index), buffer \(buffer)")
      }
      first += gradient.count
    }
  }

  @Test("A resumed optimiser goes on with the same bits")
  func resume() throws {
    func run(stoppingAt stop: Int?) throws -> [Double] {
      let (set, parameter) = set()
      var optimizer = Adam(set)
      for step in 0..<8 {
        if step == stop {
          let saved = try optimizer.state.map { try $0.buffer.doubles() }
          let next = Adam(set)
          for (slot, values) in zip(next.state, saved) {
            ParameterUpdate.assign(Tensor(values, shape: [values.count]), to: slot.buffer)
          }
          next.resume(at: optimizer.stepCount)
          optimizer = next
        }
        optimizer.step([Tensor(gradient(step), shape: [5])], rate: 0.01)
      }
      return try parameter.value.doubles()
    }
    #expect(try run(stoppingAt: 3) == run(stoppingAt: nil))
  }
}

@Suite("Learning-rate schedules")
struct LearningRateScheduleTests {
  @Test("Each shape begins at its peak and ends where it should")
  func shapes() {
    let constant = LearningRateSchedule(peak: 0.5)
    #expect(constant.rate(step: 1, of: 10) == 0.5 && constant.rate(step: 10, of: 10) == 0.5)
    let linear = LearningRateSchedule(.linear, peak: 1, finalShare: 0.25)
    #expect(linear.rate(step: 4, of: 8) == 0.625 && linear.rate(step: 8, of: 8) == 0.25)
    let cosine = LearningRateSchedule(.cosine, peak: 2)
    #expect(abs(cosine.rate(step: 5, of: 10) - 1) < 1e-15)
    #expect(abs(cosine.rate(step: 10, of: 10)) < 1e-15)
  }

  @Test("Warm-up rises on a line and then the shape takes over")
  func warmUp() {
    let schedule = LearningRateSchedule(.linear, peak: 1, warmUpSteps: 4)
    #expect((1...4).map { schedule.rate(step: $0, of: 8) } == [0.25, 0.5, 0.75, 1])
    #expect(schedule.rate(step: 6, of: 8) == 0.5)
  }
}
