import Testing

@testable import Tensors

/// Losses that differentiate a gradient, as adversarial training does, through convolution,
/// normalisation, activation and dense layers.
@Suite("Gradient penalties")
struct PenaltyTests {
  /// Picture, filter, scale, shift, weight, bias.
  static func network(on device: Device, dtype: DType) -> [Tensor] {
    [[2, 6, 6, 2], [4, 3, 3, 2], [4], [4], [3, 36], [3]].enumerated().map { index, shape in
      Tensor.normal(
        shape, key: RandomKey(seed: 77, stream: UInt32(index)), on: device, dtype: dtype
      ).scaled(by: 0.5)
    }
  }

  static func score(_ p: [Tensor]) -> Tensor {
    let hidden = p[0].conv2d(p[1], geometry: .init(stride: 2, padding: 1))
    let normal = hidden.normalized(.group(count: 2), scale: p[2], shift: p[3]).result
    return normal.silu().flattened().linear(
      weight: p[4], bias: p[5], activation: .leakyReLU(slope: 0.2)
    )
    .sum(axes: [1])
  }

  /// R1, arXiv:1801.04406: score plus ½·‖∂score/∂x‖².
  static func loss(_ p: [Tensor]) -> Tensor {
    let score = score(p)
    let slope = gradients(of: score.sum(), withRespectTo: [p[0]], recorded: true)[0]
    return score.softplus().mean() + slope.squared().sum() * 0.5
  }

  /// WGAN-GP, arXiv:1704.00028: (‖∂score/∂x‖ − 1)² per example.
  static func penalty(_ p: [Tensor]) -> Tensor {
    let slope = gradients(of: score(p).sum(), withRespectTo: [p[0]], recorded: true)[0]
    let norm = (slope.squared().sum(axes: [1, 2, 3]) + 1e-12).sqrt()
    return (norm - 1).squared().mean()
  }

  @Test("R1's gradient agrees with finite differences in every parameter")
  func r1() throws { try check(PenaltyTests.loss) }

  @Test("WGAN-GP's gradient agrees with finite differences in every parameter")
  func wgan() throws { try check(PenaltyTests.penalty) }

  private func check(_ loss: ([Tensor]) -> Tensor) throws {
    let device = Device(backend: try TestBackends.cpu(.best, threads: 2))
    let point = PenaltyTests.network(on: device, dtype: .float64)
    let (_, found) = valueAndGradient(at: point, of: loss)
    let expected = try centralDifferences(at: point) { loss($0.map { $0.tracked() }) }
    let departure = try firstDeparture(found, expected)
    #expect(departure == nil)
  }
}
