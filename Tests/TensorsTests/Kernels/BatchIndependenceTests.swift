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

  private func slice(_ x: Tensor, _ index: Int) throws -> Tensor {
    let size = x.shape.dropFirst().reduce(1, *)
    let values = try x.floats()[(index * size)..<((index + 1) * size)]
    return Tensor(Array(values), shape: [1] + x.shape.dropFirst(), on: .cpu)
  }
}
