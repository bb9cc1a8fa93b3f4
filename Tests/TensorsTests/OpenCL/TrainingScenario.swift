import Foundation

@testable import Tensors

/// From nothing to two steps of training on a device and back, by way of everything that a backend
/// does: listing, opening, building programs, transfers, products, convolutions, reductions, an
/// optimiser, and the replay of a recorded step.
struct TrainingScenario {
  /// The device's place in the list.
  let index: Int
  let cache: ProgramCache

  /// What the steps leave: the loss of the second, then the weights.
  ///
  /// - Throws: `DeviceError`.
  func run(_ library: OpenCLLibrary) throws -> [Float] {
    let device = Device(backend: try open(library))
    let filter = Parameter(values(4 * 3 * 3 * 2, 0.11), [4, 3, 3, 2], on: device)
    let weight = Parameter(values(64, 0.07), [64, 1], on: device)
    let inputs = (0..<2).map { step in
      Tensor(values(2 * 6 * 6 * 2, 0.3 + 0.1 * Float(step)), shape: [2, 6, 6, 2], on: device)
    }
    let step = RecordedStep(1, on: device, inputs: [inputs[0]]) { pictures in
      let features = pictures[0].conv2d(filter.tracked).reshaped([2, 64])
      let loss = features.matmul(weight.tracked).squared().mean()
      let gradients = gradients(of: loss, withRespectTo: [filter.tracked, weight.tracked])
      for (parameter, gradient) in zip([filter, weight], gradients) { parameter.update(gradient) }
      return [loss]
    }
    step.replay(2, inputs: [inputs[1]])
    let loss = try step.results[0].floats()
    return try loss + filter.value.floats() + weight.value.floats()
  }

  private func open(_ library: OpenCLLibrary) throws(DeviceError) -> OpenCLBackend {
    let inventory = OpenCLInventory.take(library)
    guard let device = inventory.devices.first(where: { $0.description.index == index }) else {
      throw .unavailable(
        device: "opencl:\(index)", reason: inventory.failures.map(\.reason).joined(), found: [])
    }
    if let reason = device.description.reasonForSkipping {
      throw .unavailable(device: device.name, reason: reason, found: [])
    }
    return try OpenCLBackend(device, library: library, cache: cache)
  }

  private func values(_ count: Int, _ scale: Float) -> [Float] {
    (0..<count).map { scale * Float($0 * 37 % 101 - 50) / 50 }
  }

  /// Weights, and what Adam keeps beside them.
  private struct Parameter {
    let value, tracked, firstMoment, secondMoment: Tensor

    init(_ values: [Float], _ shape: [Int], on device: Device) {
      value = Tensor(values, shape: shape, on: device)
      tracked = value.tracked()
      (firstMoment, secondMoment) = (value.zerosLike(), value.zerosLike())
    }

    func update(_ gradient: Tensor) {
      ParameterUpdate.apply(
        ParameterUpdate.Adam(
          rate: 0.01, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0, isDecoupled: false,
          correction1: 0.1, correction2: 0.01),
        gradients: [gradient], parameters: value, firstMoment: firstMoment,
        secondMoment: secondMoment)
    }
  }
}
