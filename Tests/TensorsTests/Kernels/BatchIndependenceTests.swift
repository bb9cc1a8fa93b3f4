import Testing

@testable import Tensors

/// A seed's picture has the same bytes alone and on a sheet.
@Suite("Batches")
struct BatchIndependenceTests {
  /// Sizes round those at which convolutions change their algorithm.
  static let sizes: [(side: Int, kernel: Int, stride: Int)] = [
    (4, 3, 1), (8, 3, 1), (13, 3, 1), (8, 4, 2), (14, 4, 2), (7, 5, 1),
  ]

  @Test("a picture's convolution does not depend on the pictures beside it", arguments: sizes)
  func convolutions(side: Int, kernel: Int, stride: Int) throws {
    let geometry = Convolution2DGeometry(stride: stride, padding: 1)
    let filter = Tensor.normal([17, kernel, kernel, 12], key: RandomKey(seed: 1), on: .cpu)
    let pictures = Tensor.normal([19, side, side, 12], key: RandomKey(seed: 2), on: .cpu)
    let together = pictures.conv2d(filter, geometry: geometry)
    let back = together.convTransposed2d(filter, geometry: geometry, outputSize: [side, side])
    for index in [0, 7, 18] {
      let y = try slice(pictures, index).conv2d(filter, geometry: geometry)
      let x = y.convTransposed2d(filter, geometry: geometry, outputSize: [side, side])
      #expect(try y.floats() == slice(together, index).floats(), "picture \(index)")
      #expect(try x.floats() == slice(back, index).floats(), "picture \(index), transposed")
    }
  }

  /// Sizes round those at which normalisation changes how it goes through memory.
  @Test(
    "a picture's normalisation does not depend on the pictures beside it",
    arguments: [[17], [256], [513], [1300], [4, 3, 6], [9, 11, 34], [70, 33, 18]])
  func normalizations(sizes: [Int]) throws {
    let pictures = Tensor.normal([19] + sizes, key: RandomKey(seed: 3), on: .cpu)
    for kind in [NormalizationKind.layer, .instance, .group(count: 1)] {
      let together = pictures.normalized(kind).result
      for index in [0, 7, 18] {
        let y = try slice(pictures, index).normalized(kind).result
        #expect(try y.floats() == slice(together, index).floats(), "\(kind), picture \(index)")
      }
    }
  }

  @Test(
    "statistics of a batch, given back, normalise it to the same bytes",
    arguments: [1, 63, 64, 65, 1000], [1, 16, 65])
  func givenStatistics(rows: Int, channels: Int) throws {
    let x = Tensor.normal([rows, channels], key: RandomKey(seed: 4), on: .cpu)
    let (scale, shift) = (
      Tensor.normal([channels], key: RandomKey(seed: 5), on: .cpu),
      Tensor.normal([channels], key: RandomKey(seed: 6), on: .cpu)
    )
    let (y, mean, variance) = x.normalized(.batch, scale: scale, shift: shift)
    let again = x.normalized(mean: mean, variance: variance, scale: scale, shift: shift)
    #expect(try y.floats() == again.floats())
  }

  @Test(
    "results that no cache holds have the bits of small ones",
    arguments: TestBackends.instructionSets, [37, 256, 530])
  func large(instructionSet: InstructionSet, columns: Int) throws {
    let device = Device(backend: try TestBackends.cpu(instructionSet, threads: 2))
    let rows = (64 << 20) / (4 * columns) + 3
    let x = Tensor.normal([rows, columns], key: RandomKey(seed: 7), on: device)
    let weights = Tensor.normal([columns], key: RandomKey(seed: 8), on: device)
    let operations: [(String, (Tensor) -> Tensor)] = [
      ("relu", { $0.relu() }), ("sum", { $0 + $0 }), ("product by column", { $0 * weights }),
      ("layer", { $0.normalized(.layer, scale: weights, shift: weights).result }),
      ("given", { $0.normalized(mean: weights, variance: weights * weights) }),
    ]
    for (name, operation) in operations {
      let whole = operation(x)
      // Pieces too small to be written another way, which begin where lines of memory do not.
      for start in [0, 1, rows / 2 + 1, rows - 5] {
        let piece = start..<(start + 5)
        let same =
          try whole.sliced(piece).floats() == operation(x.sliced(piece)).floats()
        #expect(same, "\(name), rows \(piece)")
      }
    }
  }

  private func slice(_ x: Tensor, _ index: Int) throws -> Tensor {
    let size = x.shape.dropFirst().reduce(1, *)
    let values = try x.floats()[(index * size)..<((index + 1) * size)]
    return Tensor(Array(values), shape: [1] + x.shape.dropFirst(), on: .cpu)
  }
}
