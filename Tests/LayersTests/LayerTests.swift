import Tensors
import Testing

@testable import Layers

@Suite("Layers")
struct LayerTests {
  @Test(
    "A transposed convolution restores the size that its convolution shrank",
    arguments: [
      [7, 5], [8, 8], [9, 4], [28, 28],
    ])
  func sizes(_ size: [Int]) throws {
    let set = ParameterSet(seed: 2)
    let geometry = Convolution2DGeometry(stride: 2, padding: 1)
    let down = Conv2D(3, 4, kernel: [4, 4], geometry: geometry, in: set.root.scope("down"))
    let up = ConvTransposed2D(
      4, 3, kernel: [4, 4], geometry: geometry, outputSize: size, in: set.root.scope("up"))
    let x = Tensor.ones([2] + size + [3])
    let small = down(x, .evaluation)
    #expect(small.shape == [2, size[0] / 2, size[1] / 2, 4])
    #expect(up(small, .evaluation).shape == x.shape)
  }

  @Test("A dense layer is x · weightᵀ + bias under its activation")
  func dense() throws {
    let set = ParameterSet(seed: 5, dtype: .float64)
    let layer = Dense(3, 2, activation: .tanh, in: set.root)
    let x = Tensor([0.5, -1, 2, 1, 0, -3] as [Double], shape: [2, 3])
    let (w, b) = (try layer.weight.value.doubles(), try layer.bias!.value.doubles())
    let input = try x.doubles()
    let result = try layer(x, .evaluation).doubles()
    for (row, column) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
      var sum = b[column]
      for k in 0..<3 { sum += input[row * 3 + k] * w[column * 3 + k] }
      #expect(abs(result[row * 2 + column] - hyperbolicTangent(sum)) < 1e-14)
    }
  }

  private func hyperbolicTangent(_ x: Double) -> Double {
    var (term, sinh, cosh) = (1.0, 0.0, 0.0)
    for n in 0..<60 {
      if n > 0 { term *= x / Double(n) }
      if n % 2 == 0 { cosh += term } else { sinh += term }
    }
    return sinh / cosh
  }

  @Test("Batch normalisation learns running statistics as PyTorch does and uses them in evaluation")
  func runningStatistics() throws {
    let set = ParameterSet(seed: 1, dtype: .float64)
    let layer = Normalization(.batch, channels: 1, momentum: 0.5, epsilon: 0, in: set.root)
    let mode = ForwardMode.training(
      seed: 0, step: 0, examples: Tensor([0, 1, 2, 3] as [Int32], shape: [4]))
    let x = Tensor([1, 2, 3, 6] as [Double], shape: [4, 1])  // mean 3, unbiased variance 14/3
    _ = layer(x, mode)
    #expect(abs(try layer.runningMean!.value.doubles()[0] - 1.5) < 1e-12)
    #expect(abs(try layer.runningVariance!.value.doubles()[0] - (0.5 + 7.0 / 3)) < 1e-7)
    let y = try layer(Tensor([1.5] as [Double], shape: [1, 1]), .evaluation).doubles()
    #expect(abs(y[0]) < 1e-12)
  }

  @Test("A dropout mask belongs to the example, not to its place in the batch")
  func dropout() throws {
    let set = ParameterSet(seed: 1)
    let layer = Dropout(rate: 0.25, in: set.root)
    let other = Dropout(rate: 0.25, in: set.root)
    func masks(_ layer: Dropout, _ examples: [Int32], step: UInt32 = 3) throws -> [[Float]] {
      let mode = ForwardMode.training(
        seed: 8, step: step, examples: Tensor(examples, shape: [examples.count]))
      let y = try layer(Tensor.ones([examples.count, 1000]), mode).floats()
      return examples.indices.map { Array(y[($0 * 1000)..<($0 * 1000 + 1000)]) }
    }
    let whole = try masks(layer, [4, 5, 6])
    #expect(try masks(layer, [6])[0] == whole[2])
    #expect(try masks(layer, [5, 4]) == [whole[1], whole[0]])
    #expect(try masks(other, [4])[0] != whole[0])
    #expect(try masks(layer, [4], step: 4)[0] != whole[0])
    // 1000 draws with p = 0.75: four standard deviations are 55.
    let kept = whole[0].filter { $0 > 0 }
    #expect(abs(kept.count - 750) < 55)
    #expect(kept.allSatisfy { $0 == Float(1) / 0.75 })
    let x = Tensor.ones([2, 3])
    #expect(try layer(x, .evaluation).floats() == x.floats())
  }

  @Test(
    "calibration gathers the mean of the batches' statistics, whatever was there before, and uses each batch's own"
  )
  func calibration() throws {
    let set = ParameterSet(seed: 0)
    let layer = Normalization(.batch, channels: 1, in: set.root)
    layer.runningMean!.assign(Tensor([50] as [Float], shape: [1]))
    for (pass, values) in ([[0, 2], [4, 8]] as [[Float]]).enumerated() {
      let result = layer(Tensor(values, shape: [2, 1]), .calibration(pass: pass + 1))
      #expect(try result.floats().map { $0.rounded() } == [-1, 1])
    }
    // Means 1 and 6; unbiased variances 2 and 8.
    #expect(try layer.runningMean!.value.floats() == [3.5])
    #expect(try layer.runningVariance!.value.floats() == [5])
  }
}
