import Layers
import Testing

@testable import Tensors

/// What the device keeps of weights is never seen in a result.
@Suite("Kept weights")
struct KeptWeightsTests {
  /// A function of some rows or pictures and a weight; the sizes ask for every way of packing.
  struct Operation: CustomTestStringConvertible, Sendable {
    let name: String
    let weight: [Int]
    let input: [Int]
    var precision = Precision.float32
    let apply: @Sendable (_ x: Tensor, _ weight: Tensor) -> Tensor
    var testDescription: String { name }
  }

  static let operations: [Operation] = {
    let plain: [Operation] = [
      Operation(name: "linear", weight: [67, 35], input: [35]) { $0.linear(weight: $1) },
      // Longer than one block of the depth.
      Operation(name: "deep linear", weight: [35, 2309], input: [2309]) { $0.linear(weight: $1) },
      Operation(name: "wide matmul", weight: [40, 1100], input: [40]) { $0.matmul($1) },
      Operation(name: "conv 3x3", weight: [33, 3, 3, 19], input: [9, 8, 19]) {
        $0.conv2d($1, geometry: .init(padding: 1))
      },
      Operation(name: "conv 4x4 by 2", weight: [33, 4, 4, 19], input: [14, 16, 19]) {
        $0.conv2d($1, geometry: .init(stride: 2, padding: 1))
      },
      Operation(name: "transposed 4x4 by 2", weight: [33, 4, 4, 19], input: [7, 8, 33]) {
        $0.convTransposed2d($1, geometry: .init(stride: 2, padding: 1))
      },
      Operation(name: "conv 5x5", weight: [33, 5, 5, 19], input: [9, 8, 19]) { $0.conv2d($1) },
    ]
    return plain
      + plain.map {
        Operation(
          name: $0.name + " in bfloat16", weight: $0.weight, input: $0.input,
          precision: .bfloat16, apply: $0.apply)
      }
  }()

  private func device(_ operation: Operation, threads: Int = 2) throws -> Device {
    Device(
      backend: try CPUBackend(
        instructionSet: .best, threads: threads, precision: operation.precision))
  }

  private func numbers(_ shape: [Int], _ stream: UInt32, on device: Device) -> Tensor {
    Tensor.normal(shape, key: RandomKey(seed: 5, stream: stream), on: device)
  }

  /// The same numbers in a storage of which nothing is kept.
  private func copy(_ weight: Tensor) throws -> Tensor {
    Tensor(try weight.detached().floats(), shape: weight.shape, on: weight.device)
  }

  @Test("calls by kept weights have the bits of others, at any batch", arguments: operations)
  func sameBits(operation: Operation) throws {
    let device = try device(operation)
    let set = ParameterSet(seed: 3, on: device)
    let weight = set.root.parameter("weight", operation.weight, .fanIn(9)).value.detached()
    let copy = try copy(weight)
    for call in 0..<(3 * (KeptWeights.callsBefore + 1)) {
      let x = numbers([[1, 5, 18][call % 3]] + operation.input, UInt32(call), on: device)
      let found = try operation.apply(x, weight).floats()
      #expect(try found == operation.apply(x, copy).floats(), "call \(call)")
    }
  }

  @Test("calls after an update see it, however it was made", arguments: operations)
  func updates(operation: Operation) throws {
    let device = try device(operation)
    let set = ParameterSet(seed: 3, on: device)
    let parameter = set.root.parameter("weight", operation.weight, .fanIn(9))
    let buffer = set.buffer
    let (x, state) = (numbers([2] + operation.input, 1, on: device), buffer.zerosLike())
    let step = numbers(buffer.shape, 2, on: device)
    let sgd = ParameterUpdate.SGD(rate: 0.1, momentum: 0, weightDecay: 0, isNesterov: false)
    let changes: [(String, () -> Void)] = [
      ("assign to the parameter", { parameter.assign(parameter.value.detached() * 2) }),
      ("assign to the buffer", { ParameterUpdate.assign(buffer + step, to: buffer) }),
      (
        "update",
        { ParameterUpdate.apply(sgd, gradients: [step], parameters: buffer, momentum: state) }
      ),
      (
        "replay",
        {
          let recorded = RecordedStep(1, on: device) { _ in
            ParameterUpdate.apply(sgd, gradients: [step], parameters: buffer, momentum: state)
            return []
          }
          warm()
          recorded.replay(2)
        }
      ),
    ]
    func warm() {
      for _ in 0...KeptWeights.callsBefore {
        _ = operation.apply(x, parameter.value.detached())
      }
    }
    for (name, change) in changes {
      warm()
      change()
      let found = try operation.apply(x, parameter.value.detached()).floats()
      #expect(try found == operation.apply(x, copy(parameter.value)).floats(), "\(name)")
    }
  }

  @Test("a recorded step that only reads weights sees every update of them", arguments: operations)
  func recorded(operation: Operation) throws {
    let device = try device(operation)
    let set = ParameterSet(seed: 3, on: device)
    let parameter = set.root.parameter("weight", operation.weight, .fanIn(9))
    let x = numbers([2] + operation.input, 1, on: device)
    let step = RecordedStep(1, on: device) { _ in
      [operation.apply(x, parameter.value.detached())]
    }
    for number in 2...UInt32(3 * (KeptWeights.callsBefore + 1)) {
      if number % 5 == 0 { parameter.assign(parameter.value.detached() * 2) }
      step.replay(number)
      let truth = try operation.apply(x, copy(parameter.value)).floats()
      #expect(try step.results[0].floats() == truth, "step \(number)")
    }
  }

  @Test("what was used twice between changes is kept from the first call after one, else not")
  func reuse() throws {
    let operation = Self.operations[3]
    let device = try device(operation)
    let x = numbers([2] + operation.input, 1, on: device)
    let set = ParameterSet(seed: 3, on: device)
    let parameter = set.root.parameter("weight", operation.weight, .fanIn(9))
    func use(_ calls: Int) throws -> Int {
      parameter.assign(parameter.value.detached() * 2)
      for _ in 0..<calls { _ = try operation.apply(x, parameter.value.detached()).floats() }
      return device.backend.memoryUse.current
    }
    let least = try use(1)
    #expect(try use(1) == least && use(2) == least, "used once before")
    let most = try use(1)
    if InstructionSet.best != .reference { #expect(most > least, "used twice before") }
    #expect(try use(2) == most && use(2) == most)
    let found = try operation.apply(x, parameter.value.detached()).floats()
    #expect(try found == operation.apply(x, copy(parameter.value)).floats())
  }

  @Test("what is kept takes memory once, and gives it back with the weights")
  func memory() throws {
    let operation = Self.operations[3]
    let device = try device(operation)
    let x = numbers([2] + operation.input, 1, on: device)
    let before = device.backend.memoryUse.current
    try autoreleased {
      let set = ParameterSet(seed: 3, on: device)
      let weight = set.root.parameter("weight", operation.weight, .fanIn(9)).value.detached()
      var uses: [Int] = []
      for _ in 0..<(KeptWeights.callsBefore + 3) {
        _ = try operation.apply(x, weight).floats()
        uses.append(device.backend.memoryUse.current)
      }
      let least = uses[0]
      #expect(uses.prefix(KeptWeights.callsBefore).allSatisfy { $0 == least }, "\(uses)")
      // 36 points for 9 taps.
      if InstructionSet.best != .reference { #expect(uses.last! - least >= 4 * weight.count * 4) }
      #expect(uses.suffix(3).allSatisfy { $0 == uses.last }, "\(uses)")
    }
    #expect(device.backend.memoryUse.current == before)
  }

  @Test("a filter is kept once for pictures of all sizes, with the bits of others")
  func sizes() throws {
    let device = try device(Self.operations[3])
    let set = ParameterSet(seed: 3, on: device)
    for (kernel, stride) in [(3, 1), (4, 2), (6, 2)] {
      let filter = [24, kernel, kernel, 16]
      let weight = set.root.parameter("\(kernel)", filter, .fanIn(9)).value.detached()
      let copy = Tensor(try weight.floats(), shape: weight.shape, on: device)
      let geometry = Convolution2DGeometry(stride: stride, padding: kernel / 2)
      var uses: [Int] = []
      for call in 0..<18 {
        let size = [[13, 16], [16, 12], [24, 32]][call % 3]
        let x = numbers([2] + size + [16], UInt32(call), on: device)
        let back = x.conv2d(copy, geometry: geometry)
        let found = [
          x.conv2d(weight, geometry: geometry),
          back.convTransposed2d(weight, geometry: geometry, outputSize: size),
        ]
        let expected = [back, back.convTransposed2d(copy, geometry: geometry, outputSize: size)]
        let same = try zip(found, expected).allSatisfy { try $0.floats() == $1.floats() }
        #expect(same, "kernel \(kernel), call \(call)")
        if call % 3 == 0 { uses.append(device.backend.memoryUse.current) }
      }
      let (first, second) = (uses[1], uses.last!)
      #expect(first == second, "kernel \(kernel): \(uses)")
    }
  }

  @Test("tensors come before what is kept of weights")
  func pressure() throws {
    let limit = 3 << 20
    let device = Device(
      backend: try CPUBackend(instructionSet: .best, threads: 1, memoryLimit: limit))
    let set = ParameterSet(seed: 3, on: device)
    let filters = (0..<3).map {
      set.root.parameter("filter \($0)", [64, 3, 3, 64], .fanIn(9)).value.detached()
    }
    let x = numbers([1, 8, 8, 64], 1, on: device)
    func outputs() throws -> [[Float]] {
      try filters.map { try x.conv2d($0, geometry: .init(padding: 1)).floats() }
    }
    let before = try outputs()
    for _ in 0...KeptWeights.callsBefore { _ = try outputs() }
    let used = device.backend.memoryUse.current
    // Fits beside the filters, but not beside what is kept of them too.
    let large = Tensor.zeros([400_000], on: device)
    #expect(try large.floats().allSatisfy { $0 == 0 })
    #expect(InstructionSet.best == .reference || used + 1_600_000 > limit, "\(used)")
    for _ in 0...KeptWeights.callsBefore { #expect(try outputs() == before) }
  }

  private func autoreleased(_ body: () throws -> Void) rethrows { try body() }
}
