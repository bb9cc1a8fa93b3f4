internal import CKernels

/// How several tensors are walked together: common axes, and for each tensor the step along them.
///
/// Axes of size 1 are dropped and neighbours that every tensor walks evenly are merged, so that
/// most operations come down to one or two axes.
struct StridedLoop {
  private(set) var sizes: [Int] = []
  /// Per tensor, per axis; 0 where the tensor is repeated.
  private(set) var strides: [[Int]]

  /// - Parameters:
  ///   - shape: The common shape.
  ///   - given: For each tensor, its step in elements along each axis of `shape`; 0 where it is
  ///     repeated.
  /// - Precondition: what is left after merging has at most `CK_MAX_RANK` axes.
  init(shape: [Int], strides given: [[Int]]) {
    strides = given.map { _ in [] }
    for axis in shape.indices where shape[axis] != 1 {
      let merges =
        !sizes.isEmpty
        && given.indices.allSatisfy { strides[$0].last! == given[$0][axis] * shape[axis] }
      if merges {
        sizes[sizes.count - 1] *= shape[axis]
        for tensor in given.indices { strides[tensor][sizes.count - 1] = given[tensor][axis] }
      } else {
        sizes.append(shape[axis])
        for tensor in given.indices { strides[tensor].append(given[tensor][axis]) }
      }
    }
    precondition(
      sizes.count <= Int(CK_MAX_RANK),
      "shape \(shape) has more than \(CK_MAX_RANK) axes that cannot be merged")
  }

  /// The shape that `shapes` broadcast to: aligned at the last axis, each size equal or 1.
  static func broadcastShape(_ shapes: [[Int]], _ operation: String) -> [Int] {
    var result = [Int](repeating: 1, count: shapes.map(\.count).max() ?? 0)
    for shape in shapes {
      let lead = result.count - shape.count
      for axis in shape.indices where shape[axis] != 1 {
        precondition(
          result[lead + axis] == 1 || result[lead + axis] == shape[axis],
          "\(operation): shapes \(shapes.map { "\($0)" }.joined(separator: " and ")) do not broadcast"
        )
        result[lead + axis] = shape[axis]
      }
    }
    return result
  }

  /// Steps of a contiguous tensor of `shape` along the axes of `target`; 0 where it is repeated.
  static func broadcastStrides(_ shape: [Int], to target: [Int]) -> [Int] {
    let own = contiguousStrides(shape)
    let lead = target.count - shape.count
    return target.indices.map { axis in
      axis < lead || shape[axis - lead] == 1 ? 0 : own[axis - lead]
    }
  }

  static func contiguousStrides(_ shape: [Int]) -> [Int] {
    var strides = [Int](repeating: 1, count: shape.count)
    for axis in shape.indices.dropLast().reversed() {
      strides[axis] = strides[axis + 1] * shape[axis + 1]
    }
    return strides
  }
}

/// A fixed C array, as Swift sees it.
typealias AxisTuple = (Int32, Int32, Int32, Int32, Int32, Int32)

func axisTuple(_ values: [Int]) -> AxisTuple {
  func value(_ axis: Int) -> Int32 { axis < values.count ? Int32(values[axis]) : 0 }
  return (value(0), value(1), value(2), value(3), value(4), value(5))
}

extension Tensor {
  /// This tensor repeated to `shape`, to which it must broadcast.
  public func broadcast(to shape: [Int]) -> Tensor {
    if shape == self.shape { return self }
    precondition(
      StridedLoop.broadcastShape([self.shape, shape], "broadcast") == shape,
      "broadcast: \(self.shape) does not broadcast to \(shape)")
    let y = sibling(shape)
    y.fillByCopying(
      self, shape: shape, sourceStrides: StridedLoop.broadcastStrides(self.shape, to: shape))
    let own = self.shape
    return y.recorded(from: [self], saving: .none) { [$0.gradient.summed(to: own)] }
  }

  /// The sum over the axes along which a tensor of `target` would be repeated to this shape; undoes
  /// ``broadcast(to:)``.
  func summed(to target: [Int]) -> Tensor {
    if target == shape { return self }
    let lead = rank - target.count
    let axes = shape.indices.filter { axis in
      axis < lead || (target[axis - lead] == 1 && shape[axis] != 1)
    }
    return sum(axes: axes, keepingDimensions: true).reshaped(target)
  }
}
