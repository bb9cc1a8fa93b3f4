import Testing

@testable import Tensors

/// Where golden vectors are compared, and how nearly.
struct GoldenPlace: Sendable, CustomTestStringConvertible {
  let device: Device
  let dtype: DType

  var testDescription: String { "\(device) \(dtype.rawValue)" }

  /// Float64; every instruction set and OpenCL device in float32.
  static let all: [GoldenPlace] = {
    let cpus = TestBackends.instructionSets.compactMap { try? TestBackends.cpu($0, threads: 2) }
    return [GoldenPlace(device: Device(backend: cpus[0]), dtype: .float64)]
      + (cpus as [any Backend] + TestDevices.openCL).map {
        GoldenPlace(device: Device(backend: $0), dtype: .float32)
      }
  }()

  /// For a result whose largest element is `size`.
  ///
  /// In float64 both sides round at 10⁻¹⁶ and sum at most a few hundred terms in another order:
  /// 10⁻¹². Constants that a rule keeps as float32 (√½, 2/√π) are 6·10⁻⁸ off. In float32, √300·2⁻²⁴
  /// ≈ 10⁻⁶, with a margin of 4.
  func tolerance(_ size: Double, floatConstants: Bool) -> Double {
    dtype == .float32 ? 4e-6 * size : (floatConstants ? 1e-7 : 1e-12) * size
  }
}

@Suite("PyTorch's values")
struct GoldenTests {
  @Test("every operation of the file is checked")
  func complete() {
    let known = Set(GoldenOperations.elementwise.keys).union(GoldenOperations.sums.keys)
      .union(GoldenOperations.elsewhere)
    let inFile = Set(GoldenCase.all.map(\.parameters.op))
    #expect(inFile.subtracting(known).sorted() == [])
    #expect(known.subtracting(inFile).sorted() == [])
  }

  @Test(
    "values and gradients of functions of one number",
    arguments: GoldenCase.all.filter { GoldenOperations.elementwise[$0.parameters.op] != nil },
    GoldenPlace.all)
  func elementwise(_ golden: GoldenCase, place: GoldenPlace) throws {
    // Element by element, since they differ by many powers of ten: 8 ULP of the value, and of dy
    // where the slope passes 0. PyTorch's gelu subtracts from 1, which leaves 10⁻¹⁵ in its tail;
    // erf's rule, and gelu's recorded one, hold a constant in float32.
    let op = golden.parameters.op
    let roundoff = place.dtype == .float32 ? 0x1p-24 : 0x1p-53
    let tail = op == "gelu" ? 1e-15 : 1e-44
    let dy = golden.values("dy")
    for recorded in [false, true] {
      let (y, gradients) = run(
        golden, GoldenOperations.elementwise[op]!, place, recorded: recorded)
      let constants = op == "erf" || (op == "gelu" && recorded) ? 1.2e-7 : 0
      compare(golden, place, "y", try values(y)) { wanted, _ in 16 * roundoff * abs(wanted) + tail }
      compare(golden, place, "dx", try values(gradients["x"]!)) { wanted, index in
        (16 * roundoff + constants) * (abs(wanted) + abs(dy[index]))
      }
    }
  }

  @Test(
    "values and gradients of sums, products, pictures and normalisations",
    arguments: GoldenCase.all.filter { GoldenOperations.sums[$0.parameters.op] != nil },
    GoldenPlace.all)
  func sums(_ golden: GoldenCase, place: GoldenPlace) throws {
    let operation = GoldenOperations.sums[golden.parameters.op]!
    func check(_ what: String, _ tensor: Tensor) throws {
      let size = golden.values(what).reduce(1) { max($0, abs($1)) }
      compare(golden, place, what, try values(tensor)) { _, _ in
        place.tolerance(size, floatConstants: false)
      }
    }
    for recorded in [false, true] {
      let (y, gradients) = run(golden, operation, place, recorded: recorded)
      try check(golden.has("loss") ? "loss" : "y", y)
      for (name, gradient) in gradients.sorted(by: { $0.key < $1.key }) {
        try check("d\(name)", gradient)
      }
    }
  }

  @Test(
    "positions of the largest and smallest",
    arguments: GoldenCase.all.filter { ["argmax", "argmin"].contains($0.parameters.op) },
    GoldenPlace.all)
  func positions(_ golden: GoldenCase, place: GoldenPlace) throws {
    let x = golden.tensor("x", place.dtype, on: place.device)
    let axis = golden.parameters.axes![0]
    let found = golden.parameters.op == "argmax" ? x.argmax(axis: axis) : x.argmin(axis: axis)
    #expect(found.shape == golden.shape("y"))
    #expect(try found.integers().map(Double.init) == golden.values("y"))
  }

  @Test(
    "a gradient's norm, and the gradient clipped by it",
    arguments: GoldenCase.all.filter { $0.parameters.op == "clip-norm" }, GoldenPlace.all)
  func clipping(_ golden: GoldenCase, place: GoldenPlace) throws {
    let parts = ["first", "second"].map { golden.tensor($0, place.dtype, on: place.device) }
    let norm = (parts[0].sumOfSquares() + parts[1].sumOfSquares()).sqrt()
    let factor = (golden.parameters.maximum! / (norm + golden.parameters.epsilon!)).clamped(0, 1)
    for (name, tensor) in [
      ("norm", norm), ("clippedFirst", parts[0] * factor), ("clippedSecond", parts[1] * factor),
    ] {
      let size = golden.values(name).reduce(1) { max($0, abs($1)) }
      // 10⁻⁶ is a float64 number there and a float32 one here: 10⁻¹⁴ of the norm.
      compare(golden, place, name, try values(tensor)) { _, _ in
        place.tolerance(size, floatConstants: false)
      }
    }
  }

  @Test(
    "five steps of every optimiser",
    arguments: GoldenCase.all.filter {
      ["sgd", "sgd-momentum", "sgd-nesterov", "adam", "adam-weight-decay", "adamw"].contains(
        $0.parameters.op)
    }, GoldenPlace.all)
  func optimisers(_ golden: GoldenCase, place: GoldenPlace) throws {
    let p = golden.parameters
    let count = golden.shape("parameter")[0]
    let parameter = Tensor.zeros([count], dtype: place.dtype, on: place.device)
    ParameterUpdate.assign(golden.tensor("parameter", place.dtype, on: place.device), to: parameter)
    let state = (0..<2).map { _ in Tensor.zeros([count], dtype: place.dtype, on: place.device) }
    let gradients = golden.tensor("gradients", place.dtype, on: place.device)
    var found: [Double] = []
    for step in 0..<gradients.shape[0] {
      let gradient = gradients.sliced(step..<(step + 1)).reshaped([count])
      let parts = [gradient.sliced(0..<(count / 3)), gradient.sliced((count / 3)..<count)]
      if p.op.hasPrefix("sgd") {
        ParameterUpdate.apply(
          ParameterUpdate.SGD(
            rate: p.rate!, momentum: p.momentum ?? 0, weightDecay: p.weightDecay ?? 0,
            isNesterov: p.nesterov ?? false),
          gradients: parts, parameters: parameter, momentum: state[0])
      } else {
        let (beta1, beta2) = (p.beta1!, p.beta2!)
        func correction(_ beta: Float) -> Float {
          Float(1 - (0...step).reduce(1) { power, _ in power * Double(beta) })
        }
        ParameterUpdate.apply(
          ParameterUpdate.Adam(
            rate: p.rate!, beta1: beta1, beta2: beta2, epsilon: p.epsilon!,
            weightDecay: p.weightDecay ?? 0, isDecoupled: p.op == "adamw",
            correction1: correction(beta1), correction2: correction(beta2)),
          gradients: parts, parameters: parameter, firstMoment: state[0], secondMoment: state[1])
      }
      found += try values(parameter)
    }
    // Adam's corrections are float32 numbers.
    let size = golden.values("parameters").reduce(1) { max($0, abs($1)) }
    compare(golden, place, "parameters", found) { _, _ in
      place.tolerance(size, floatConstants: p.op.hasPrefix("adam"))
    }
  }

  // MARK: -

  /// The output, and the gradients that the file has, by input.
  private func run(
    _ golden: GoldenCase, _ operation: GoldenOperations.Operation, _ place: GoldenPlace,
    recorded: Bool
  ) -> (y: Tensor, gradients: [String: Tensor]) {
    let targets = golden.names.filter { $0 != "y" && golden.has("d\($0)") }
    var inputs: [String: Tensor] = [:]
    for name in golden.names where !["y", "dy", "loss"].contains(name) {
      let tensor = golden.tensor(name, place.dtype, on: place.device)
      inputs[name] = targets.contains(name) ? tensor.tracked() : tensor
    }
    let y = operation(inputs, golden.parameters)
    let seed =
      golden.has("dy") && golden.has("y") ? golden.tensor("dy", place.dtype, on: place.device) : nil
    let found = gradients(
      of: y, withRespectTo: targets.map { inputs[$0]! }, seed: seed, recorded: recorded)
    return (y, Dictionary(uniqueKeysWithValues: zip(targets, found)))
  }

  private func values(_ tensor: Tensor) throws -> [Double] {
    tensor.dtype == .float64 ? try tensor.doubles() : try tensor.floats().map(Double.init)
  }

  private func compare(
    _ golden: GoldenCase, _ place: GoldenPlace, _ what: String, _ found: [Double],
    within allowed: (_ wanted: Double, _ index: Int) -> Double
  ) {
    let wanted = golden.values(what)
    guard found.count == wanted.count else {
      Issue.record(
        "\(golden.name)/\(what) on \(place): \(found.count) elements, PyTorch \(wanted.count)")
      return
    }
    let index = wanted.indices.first { index in
      let limit = place.dtype == .float32 ? Double(Float(wanted[index])) : wanted[index]
      return found[index] != limit
        && !(abs(found[index] - wanted[index]) <= allowed(wanted[index], index))
    }
    if let index {
      Issue.record(
        "\(golden.name)/\(what) on \(place), element \(index) of \(wanted.count): \(found[index]) (0x\(String(found[index].bitPattern, radix: 16))), PyTorch \(wanted[index]), allowed ±\(allowed(wanted[index], index))"
      )
    }
  }
}
