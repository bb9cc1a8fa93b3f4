@testable import Tensors

/// A row of the table of gradient checks: a function and the inputs to differentiate it at.
struct GradientCase: Sendable {
  /// Where an input's values lie, so that no difference straddles a kink or leaves the domain.
  enum Domain: Sendable {
    case normal
    /// 0.3 … 2.3.
    case positive
    /// 0.1 … 0.9.
    case unit
    /// Different multiples of 0.13, none nearer than 0.05 to 0: no two equal, none at a kink of 0.
    case distinct
  }
  struct Input: Sendable {
    let shape: [Int]
    let domain: Domain
  }
  let name: String
  let inputs: [Input]
  /// Receives tracked float64 tensors.
  let function: @Sendable ([Tensor]) -> Tensor

  init(
    _ name: String, _ shapes: [Int]..., domain: Domain = .normal,
    function: @escaping @Sendable ([Tensor]) -> Tensor
  ) {
    self.name = name
    inputs = shapes.map { Input(shape: $0, domain: domain) }
    self.function = function
  }

  init(
    _ name: String, _ inputs: [([Int], Domain)], function: @escaping @Sendable ([Tensor]) -> Tensor
  ) {
    self.name = name
    self.inputs = inputs.map { Input(shape: $0.0, domain: $0.1) }
    self.function = function
  }

  var seed: UInt64 { TensorsTests.seed(of: name) }

  /// The inputs' values, and weights for the elements of results (by stream).
  func values(_ shape: [Int], _ domain: Domain, stream: UInt32) -> [Double] {
    let count = shape.reduce(1, *)
    switch domain {
    case .normal: return TestValues.normal.draw(count, seed: seed, stream: stream)
    case .positive:
      return TestValues.unit.draw(count, seed: seed, stream: stream).map { 0.3 + 2 * $0 }
    case .unit:
      return TestValues.unit.draw(count, seed: seed, stream: stream).map { 0.1 + 0.8 * $0 }
    case .distinct:
      let order = TestValues.unit.draw(count, seed: seed, stream: stream)
      let ranks = order.indices.sorted { order[$0] < order[$1] }
      var values = order
      for (rank, index) in ranks.enumerated() {
        values[index] = 0.13 * (Double(rank - count / 2) + 0.5)
      }
      return values
    }
  }

  func point(on device: Device) -> [Tensor] {
    inputs.enumerated().map { index, input in
      Tensor(
        values(input.shape, input.domain, stream: UInt32(index)), shape: input.shape, on: device)
    }
  }

  /// The sum of a result's elements, weighted by fixed random numbers: one number that every
  /// element of the gradient shows in.
  func weighted(_ result: Tensor, stream: UInt32) -> Tensor {
    let weights = values(result.shape, .normal, stream: stream)
    return (result * Tensor(weights, shape: result.shape, on: result.device)).sum()
  }
}

/// The gradient of a number by central differences, (f(x + h) − f(x − h)) / 2h, element by element.
///
/// With h = 10⁻⁴ in float64 the formula's error is h²·f‴/6 ≈ 10⁻⁹·f‴ and rounding's is 10⁻¹⁶·f/h ≈
/// 10⁻¹²·f.
func centralDifferences(
  at point: [Tensor], of function: ([Tensor]) throws -> Tensor
) throws -> [[Double]] {
  let step = 1e-4
  let values = try point.map { try $0.doubles() }
  func value(_ input: Int, _ element: Int, _ change: Double) throws -> Double {
    var moved = values[input]
    moved[element] += change
    var tensors = point
    tensors[input] = Tensor(moved, shape: point[input].shape, on: point[input].device)
    return try function(tensors).scalar()
  }
  return try point.indices.map { input in
    try values[input].indices.map { element in
      let (after, before) = (try value(input, element, step), try value(input, element, -step))
      return (after - before) / (2 * step)
    }
  }
}

/// The first element of a gradient that is not near its finite difference.
///
/// 2·10⁻⁶ of the largest element of that gradient (at least 1): the differences' own error where
/// third derivatives are large. `LimitTests` hold derivatives to the precision of float64.
func firstDeparture(_ gradients: [Tensor], _ expected: [[Double]]) throws -> String? {
  for (input, (gradient, expected)) in zip(gradients, expected).enumerated() {
    let found = try gradient.doubles()
    let size = expected.reduce(1) { Swift.max($0, Swift.abs($1)) }
    for index in expected.indices where !(Swift.abs(found[index] - expected[index]) <= 2e-6 * size)
    {
      return
        "input \(input), element \(index) of \(gradient.shape): \(found[index]) (0x\(String(found[index].bitPattern, radix: 16))), by differences \(expected[index])"
    }
  }
  return nil
}
