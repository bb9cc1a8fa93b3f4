import Foundation
import Testing

@testable import Tensors

/// Gradients where a factor of the rule is infinite or not a number, and rules in float64 to its
/// own precision.
@Suite("Limits of gradients")
struct LimitTests {
  /// The result's gradients at `point` and, of each of them, the gradients again.
  private func derivatives(
    _ point: [[Double]], _ dtype: DType, recorded: Bool = true,
    of function: ([Tensor]) -> Tensor
  ) throws -> (first: [[Double]], second: [[Double]]) {
    let inputs = point.map { Tensor($0, shape: [$0.count]).cast(to: dtype).tracked() }
    let first = gradients(of: function(inputs), withRespectTo: inputs, recorded: recorded)
    let second = recorded ? first.flatMap { gradients(of: $0, withRespectTo: inputs) } : []
    func values(_ tensors: [Tensor]) throws -> [[Double]] {
      try tensors.map { try $0.cast(to: .float64).doubles() }
    }
    return (try values(first), try values(second))
  }

  /// Where two lists first differ by more than a bound; NaN wants NaN.
  private func departure(
    _ found: [Double], _ expected: [Double], within bound: Double = 0
  ) -> String? {
    for (index, (found, expected)) in zip(found, expected).enumerated() {
      let isNear =
        found == expected || (found.isNaN && expected.isNaN) || abs(found - expected) <= bound
      if !isNear { return "element \(index): \(found), expected \(expected)" }
    }
    return found.count == expected.count ? nil : "\(found.count) values"
  }

  @Test(
    "pow's gradients are PyTorch's at 0, at negative numbers, at infinity and for the exponent 0",
    arguments: [DType.float32, .float64], [false, true])
  func power(_ dtype: DType, recorded: Bool) throws {
    let (infinity, nan, ln2) = (Double.infinity, Double.nan, log(2.0))
    // x, p, ∂xᵖ/∂x, ∂xᵖ/∂p.
    let rows: [[Double]] = [
      [0, 0, 0, 0], [-0.0, 0, 0, 0], [0, -0.0, 0, 0], [0, 1, 1, 0], [0, 2, 0, 0], [-0.0, 2, 0, 0],
      [0, 0.5, infinity, 0], [0, -1, -infinity, -infinity],
      [2, 0, 0, ln2], [1, 0, 0, 0], [0x1p-140, 0, 0, -140 * ln2],
      [-2, 0, 0, nan], [-2, 0.5, nan, nan], [infinity, 0, 0, infinity], [nan, 0, 0, nan],
      [2, 3, 12, 8 * ln2],
    ]
    func column(_ index: Int) -> [Double] { rows.map { $0[index] } }
    let found = try derivatives([column(0), column(1)], dtype, recorded: recorded) {
      $0[0].pow($0[1])
    }
    let bound = dtype == .float64 ? 1e-13 : 1e-5
    for input in 0..<2 {
      let departure = departure(found.first[input], column(2 + input), within: bound)
      #expect(departure == nil, "gradient of input \(input)")
    }
  }

  @Test("pow's second derivatives are numbers at 0 and right for the exponent 0")
  func powerTwice() throws {
    // x, p, ∂²/∂x², ∂²/∂x∂p, ∂²/∂p²; at (0, 0) none exists, and 0 stands for them.
    let (ln2, ln4) = (log(2.0), log(4.0))
    let rows: [[Double]] = [
      [0, 0, 0, 0, 0], [0, 2, 2, 0, 0], [0, 3, 0, 0, 0],
      [2, 0, 0, 0.5, ln2 * ln2], [4, 1, 0, 1 + ln4, 4 * ln4 * ln4],
    ]
    func column(_ index: Int) -> [Double] { rows.map { $0[index] } }
    let found = try derivatives([column(0), column(1)], .float64) { $0[0].pow($0[1]) }.second
    for (index, expected) in [2, 3, 3, 4].enumerated() {
      let departure = departure(found[index], column(expected), within: 1e-14)
      #expect(departure == nil, "second derivative \(index)")
    }
  }

  @Test(
    "slopes of activations reach their limits, and stay there",
    arguments: ActivationRow.allAndFalling, [DType.float32, .float64])
  func activations(_ row: ActivationRow, _ dtype: DType) throws {
    let point: [Double] = [-.infinity, -1e30, -2000, 2000, 1e30, .infinity]
    let limits = point.map { row.slope($0, Double(row.activation.slope)) }
    for recorded in [false, true] {
      let found = try derivatives([point], dtype, recorded: recorded) {
        $0[0].activated(row.activation)
      }
      #expect(departure(found.first[0], limits) == nil, "recorded \(recorded)")
      if recorded {
        let second = departure(found.second[0], point.map { _ in 0 })
        #expect(second == nil, "second derivative")
      }
    }
  }

  @Test(
    "slopes that a dense layer reads off its output are those of differences, at kinks and far out",
    arguments: ActivationRow.all.filter { $0.activation.backwardByOutput != nil })
  func slopesByOutput(_ row: ActivationRow) throws {
    let point: [Double] = [-700, -300, -40, -17, -2, -1e-3, 0, 1e-3, 2, 17, 40, 300]
    let alpha = Double(row.activation.slope)
    // From below, as the kernels take a kink at 0.
    let differences = point.map {
      let step = Swift.max(1, abs($0)) * 0x1p-24
      return (row.function($0, alpha) - row.function($0 - step, alpha)) / step
    }
    let one = Tensor([1] as [Double], shape: [1, 1])
    for dtype in [DType.float32, .float64] {
      for recorded in [false, true] {
        let found = try derivatives([point], dtype, recorded: recorded) {
          $0[0].reshaped([-1, 1]).linear(weight: one.cast(to: dtype), activation: row.activation)
        }
        let bound = dtype == .float64 ? 1e-7 : 3e-7
        #expect(departure(found.first[0], differences, within: bound) == nil, "\(dtype)")
      }
    }
  }

  @Test("an activation is one call with its dense layer where its output tells its slope")
  func fusedCalls() {
    func calls(_ activation: Activation) -> Int {
      let x = Tensor.normal([5, 4], key: RandomKey(seed: 1), on: .cpu)
      let weight = Tensor.normal([3, 4], key: RandomKey(seed: 2), on: .cpu).tracked()
      return RecordedStep(1, on: .cpu) { _ in
        [x.linear(weight: weight, activation: activation)]
      }.callCount
    }
    for activation in [Activation.relu, .elu(alpha: 1), .elu(alpha: 0), .sigmoid, .tanh] {
      #expect(calls(activation) == 1, "\(activation)")
    }
    for activation in [Activation.elu(alpha: -1), .leakyReLU(slope: -0.5), .gelu, .silu] {
      #expect(calls(activation) == 2, "\(activation)")
    }
  }

  @Test("derivatives of erf and GELU are as precise as float64")
  func precision() throws {
    let point = (-20...20).map { Double($0) * 0.29 }
    let erfSlope = point.map { 2 / Double.pi.squareRoot() * exp(-$0 * $0) }
    let density = point.map { exp(-$0 * $0 / 2) / (2 * Double.pi).squareRoot() }
    let geluSlope = point.indices.map {
      erfc(-point[$0] * 0.5.squareRoot()) / 2 + point[$0] * density[$0]
    }
    let rows: [(String, (Tensor) -> Tensor, [Double], [Double])] = [
      ("erf", { $0.erf() }, erfSlope, zip(point, erfSlope).map { -2 * $0 * $1 }),
      ("gelu", { $0.gelu() }, geluSlope, zip(point, density).map { (2 - $0 * $0) * $1 }),
    ]
    for (name, function, slope, curvature) in rows {
      let found = try derivatives([point], .float64) { function($0[0]) }
      let first = departure(found.first[0], slope, within: 1e-15)
      let second = departure(found.second[0], curvature, within: 2e-15)
      #expect(first == nil && second == nil, "\(name)")
    }
  }
}
