import Tensors

/// Distances between the features of two sets, a block of rows at a time: all at once would not fit.
struct Neighbours {
  private static let blockSize = 512

  private let members: Tensor
  private let squares: Tensor

  /// Those that are looked among.
  init(_ set: Impressions) {
    members = set.tensor
    squares = members.squared().sum(axes: [1]).reshaped([1, set.count])
  }

  var count: Int { members.shape[0] }

  /// Squared distances of blocks of `others`' rows from all of the set, `[rows, count]`.
  func overBlocks(
    of others: Impressions, _ body: (_ distances: Tensor, _ first: Int) throws -> Void
  ) throws {
    let rows = others.tensor
    for first in stride(from: 0, to: others.count, by: Self.blockSize) {
      let block = rows.sliced(first..<min(first + Self.blockSize, others.count))
      let own = block.squared().sum(axes: [1], keepingDimensions: true)
      let products = block.matmul(members, transposingOther: true)
      // Rounding may make of a distance from an equal picture a little less than 0.
      try body((own + squares - products.scaled(by: 2)).clamped(0, .greatestFiniteMagnitude), first)
    }
  }

  /// The `k` nearest of the set to each row of others, by squared distance.
  ///
  /// - Parameters:
  ///   - k: How many; fewer come where the set has no more.
  ///   - others: Rows of as many features.
  ///   - isSame: Whether `others` is the set itself, where no row is its own neighbour.
  /// - Returns: For every row its neighbours, nearest first.
  /// - Throws: The device's failure.
  func nearest(
    _ k: Int, to others: Impressions, isSame: Bool = false
  ) throws -> [[(index: Int, squared: Float)]] {
    var result: [[(index: Int, squared: Float)]] = []
    result.reserveCapacity(others.count)
    try overBlocks(of: others) { distances, first in
      let width = count
      try distances.floats().withUnsafeBufferPointer { values in
        for row in 0..<distances.shape[0] {
          var best: [(index: Int, squared: Float)] = []
          var limit = Float.infinity
          for column in 0..<width {
            let value = values[row * width + column]
            if value >= limit || (isSame && column == first + row) { continue }
            let place = best.firstIndex { value < $0.squared } ?? best.count
            best.insert((column, value), at: place)
            if best.count > k { best.removeLast() }
            if best.count == k { limit = best[k - 1].squared }
          }
          result.append(best)
        }
      }
    }
    return result
  }
}
