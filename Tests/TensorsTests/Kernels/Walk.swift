/// Several operands walked together over common axes, without merging: what a strided kernel is
/// given.
struct Walk: Sendable {
  let sizes: [Int]
  /// Per operand, per axis.
  let strides: [[Int]]
  let label: String

  init(_ label: String, _ sizes: [Int], _ strides: [[Int]]) {
    self.sizes = sizes
    self.strides = strides
    self.label = label
  }

  /// Operands of shape `sizes` or, where `repeated` names axes, without extent along those.
  init(_ label: String, _ sizes: [Int], repeated: [Set<Int>]) {
    self.init(
      label, sizes,
      repeated.map { axes in
        var step = 1
        var strides = [Int](repeating: 0, count: sizes.count)
        for axis in sizes.indices.reversed() where !axes.contains(axis) {
          strides[axis] = step
          step *= sizes[axis]
        }
        return strides
      })
  }

  var count: Int { sizes.reduce(1, *) }

  /// Smallest and largest position that an operand is read at.
  private func reach(_ operand: Int) -> (Int, Int) {
    var (low, high) = (0, 0)
    for (size, stride) in zip(sizes, strides[operand]) {
      if stride < 0 { low += (size - 1) * stride } else { high += (size - 1) * stride }
    }
    return (low, high)
  }

  /// Elements that an operand needs.
  func extent(_ operand: Int) -> Int {
    let (low, high) = reach(operand)
    return count == 0 ? 0 : high - low + 1
  }

  /// Where in the operand its first element is: not at the front where it is walked backwards.
  func start(_ operand: Int) -> Int { count == 0 ? 0 : -reach(operand).0 }

  /// For every position in row-major order, where each operand is read.
  func forEach(_ body: (_ position: Int, _ offsets: [Int]) -> Void) {
    var index = [Int](repeating: 0, count: sizes.count)
    var offsets = strides.indices.map(start)
    for position in 0..<count {
      body(position, offsets)
      var axis = sizes.count - 1
      while axis >= 0 {
        index[axis] += 1
        for operand in offsets.indices { offsets[operand] += strides[operand][axis] }
        if index[axis] < sizes[axis] { break }
        for operand in offsets.indices { offsets[operand] -= strides[operand][axis] * sizes[axis] }
        index[axis] = 0
        axis -= 1
      }
    }
  }
}
