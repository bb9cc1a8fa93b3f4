import Layers
import Tensors
import Testing

@Suite("Spectral normalisation")
struct SpectralNormalizationTests {
  private let training = ForwardMode.training(
    seed: 0, step: 1, examples: Tensor([0, 1, 2, 3] as [Int32], shape: [4]))

  @Test("brings a weight's largest singular value to 1: 3 of diag(1, 3, 2), found by hand")
  func byHand() throws {
    let set = ParameterSet(seed: 1)
    let layer = Dense(3, 3, hasBias: false, isSpectral: true, in: set.root)
    layer.weight.assign(Tensor([1, 0, 0, 0, -3, 0, 0, 0, 2] as [Float], shape: [3, 3]))
    let x = Tensor([Float](arrayLiteral: 1, 1, 1), shape: [1, 3])
    for _ in 0..<60 { _ = layer(x, training) }
    let found = try layer(x, .evaluation).floats()
    for (value, expected) in zip(found, [1 / 3, -1, 2 / 3] as [Float]) {
      #expect(abs(value - expected) < 1e-5)
    }
    let again = try layer(x, .evaluation).floats()
    #expect(again == found, "evaluation moves nothing")
  }

  @Test("of a convolution counts all numbers of a filter together")
  func convolution() throws {
    let set = ParameterSet(seed: 2)
    let layer = Conv2D(2, 5, kernel: [3, 3], hasBias: false, isSpectral: true, in: set.root)
    let x = Tensor.normal([4, 6, 5, 2], key: RandomKey(seed: 1, stream: 9))
    for _ in 0..<200 { _ = layer(x, training) }
    // The largest eigenvalue of W·Wᵀ by its own long iteration, in double precision.
    let filters = try layer.filter.value.detached().floats().map(Double.init)
    let rows = (0..<5).map { Array(filters[$0 * 18..<($0 + 1) * 18]) }
    let gram = rows.map { a in rows.map { b in zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } } }
    var (vector, value) = ([1.0, 2, 3, 4, 5], 0.0)
    for _ in 0..<2000 {
      let next = gram.map { zip($0, vector).reduce(0) { $0 + $1.0 * $1.1 } }
      value = next.reduce(0) { $0 + $1 * $1 }.squareRoot()
      vector = next.map { $0 / value }
    }
    let plain = x.conv2d(layer.filter.value.detached())
    let expected = try plain.scaled(by: Float(1 / value.squareRoot())).floats()
    for (a, b) in zip(try layer(x, .evaluation).floats(), expected) { #expect(abs(a - b) < 1e-4) }
  }

  @Test("has the gradient of W / (u·W·v) with u and v held, by finite differences")
  func gradient() throws {
    let set = ParameterSet(seed: 3, dtype: .float64)
    let layer = Dense(4, 3, isSpectral: true, in: set.root)
    let x = Tensor.normal([2, 4], key: RandomKey(seed: 1, stream: 9), dtype: .float64)
    for _ in 0..<3 { _ = layer(x, training) }
    func loss() throws -> Double { try layer(x, .evaluation).squared().sum().scalar() }
    let found = try gradients(
      of: layer(x, .evaluation).squared().sum(), withRespectTo: [layer.weight.value])[0].doubles()
    let values = try layer.weight.value.detached().doubles()
    for index in values.indices {
      let sides = try [1e-6, -1e-6].map { step in
        var moved = values
        moved[index] += step
        layer.weight.assign(Tensor(moved, shape: [3, 4]))
        return try loss()
      }
      layer.weight.assign(Tensor(values, shape: [3, 4]))
      #expect(abs((sides[0] - sides[1]) / 2e-6 - found[index]) < 1e-7, "weight \(index)")
    }
  }
}
