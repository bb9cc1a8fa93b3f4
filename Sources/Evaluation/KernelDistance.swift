import Tensors

/// The squared maximum mean discrepancy between two sets of features under the kernel
/// (x·y / d + 1)³, unbiased: 0 on average where both sets are of one distribution, whatever n.
///
/// Source: Bińkowski, Sutherland, Arbel and Gretton 2018, arXiv:1801.01401, section 3. All pairs are
/// taken, not blocks of them.
struct KernelDistance {
  /// Rows whose kernel with all others is made at once.
  private static let blockSize = 512

  private let reference: Tensor
  /// Mean of the kernel over pairs of different pictures of the reference.
  private let within: Double

  init(to reference: Impressions) throws {
    let rows = reference.tensor
    self.reference = rows
    let (count, ones) = (reference.count, Tensor.ones([reference.count, 1]))
    var sum = 0.0
    try Self.overBlocks(of: rows) { block, first in
      let kernel = Self.kernel(block, rows) * Self.offDiagonal(block, first, count)
      sum += Double(try kernel.matmul(ones).sum().floats()[0])
    }
    within = sum / Double(count * (count - 1))
  }

  func distance(to pictures: Impressions) throws -> Estimate {
    let draws = Draws(seed: 0)
    let values = try values(
      of: pictures,
      weighted: [[Float](repeating: 1, count: pictures.count)]
        + (0..<Bootstrap.resamples).map { draws.resample(pictures.count, series: $0) })
    return Estimate(values[0], Array(values.dropFirst()))
  }

  /// The distance alone, at a fraction of the cost.
  func value(of pictures: Impressions) throws -> Double {
    try values(of: pictures, weighted: [[Float](repeating: 1, count: pictures.count)])[0]
  }

  /// The distance with every picture taken as often as each column says.
  private func values(of pictures: Impressions, weighted columns: [[Float]]) throws -> [Double] {
    let count = pictures.count
    let weights = Tensor(
      (0..<count).flatMap { row in columns.map { $0[row] } }, shape: [count, columns.count])
    let own = pictures.tensor
    var (within, across) = (
      [Double](repeating: 0, count: columns.count), [Double](repeating: 0, count: columns.count)
    )
    let ones = Tensor.ones([reference.shape[0], 1])
    try Self.overBlocks(of: own) { block, first in
      let part = weights.sliced(first..<first + block.shape[0])
      let kernel = Self.kernel(block, own) * Self.offDiagonal(block, first, count)
      let pairs = try (kernel.matmul(weights) * part).sum(axes: [0]).floats()
      let others = try (Self.kernel(block, reference).matmul(ones) * part).sum(axes: [0]).floats()
      for index in columns.indices {
        within[index] += Double(pairs[index])
        across[index] += Double(others[index])
      }
    }
    return columns.indices.map { index -> Double in
      // Pairs of one picture with itself say nothing, also where a resample has it twice.
      let n = Double(count)
      let pairs = n * n - columns[index].reduce(0) { $0 + Double($1) * Double($1) }
      return within[index] / pairs + self.within
        - 2 * across[index] / (n * Double(reference.shape[0]))
    }
  }

  private static func kernel(_ x: Tensor, _ y: Tensor) -> Tensor {
    let base = x.matmul(y, transposingOther: true).scaled(by: 1 / Float(x.shape[1]), plus: 1)
    return base.squared() * base
  }

  /// 0 where a row meets itself, else 1.
  private static func offDiagonal(_ block: Tensor, _ first: Int, _ count: Int) -> Tensor {
    let rows = (first..<first + block.shape[0]).map { Int32($0) }
    return 1 - Tensor(rows, shape: [rows.count]).oneHot(depth: count)
  }

  private static func overBlocks(
    of rows: Tensor, _ body: (Tensor, Int) throws -> Void
  ) rethrows {
    for first in stride(from: 0, to: rows.shape[0], by: blockSize) {
      try body(rows.sliced(first..<min(first + blockSize, rows.shape[0])), first)
    }
  }
}
