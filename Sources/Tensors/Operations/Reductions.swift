internal import CKernels

extension Tensor {
  /// Sum over `axes` (all by default); a fixed tree of additions, the same at any number of
  /// threads.
  public func sum(axes: [Int]? = nil, keepingDimensions: Bool = false) -> Tensor {
    linearReduction(CK_SUM, axes, keepingDimensions)
  }

  /// Mean over `axes` (all by default); NaN over no elements.
  public func mean(axes: [Int]? = nil, keepingDimensions: Bool = false) -> Tensor {
    linearReduction(CK_MEAN, axes, keepingDimensions)
  }

  /// Largest element over `axes` (all by default).
  ///
  /// NaN anywhere gives NaN; over nothing, −∞. Equal largest elements share the gradient.
  ///
  /// - Parameters:
  ///   - axes: Each at most once; negative axes count from the back.
  ///   - keepingDimensions: Whether reduced axes stay, of size 1, or go.
  /// - Returns: The other axes, in order.
  public func max(axes: [Int]? = nil, keepingDimensions: Bool = false) -> Tensor {
    extremum(CK_MAX, axes, keepingDimensions)
  }

  /// Smallest element over `axes` (all by default).
  ///
  /// NaN anywhere gives NaN; over nothing, +∞. Equal smallest elements share the gradient.
  ///
  /// - Parameters:
  ///   - axes: Each at most once; negative axes count from the back.
  ///   - keepingDimensions: Whether reduced axes stay, of size 1, or go.
  /// - Returns: The other axes, in order.
  public func min(axes: [Int]? = nil, keepingDimensions: Bool = false) -> Tensor {
    extremum(CK_MIN, axes, keepingDimensions)
  }

  /// Mean squared distance from the mean over `axes` (biased: divided by the number of elements).
  public func variance(axes: [Int]? = nil, keepingDimensions: Bool = false) -> Tensor {
    let centred = self - mean(axes: axes, keepingDimensions: true)
    return centred.squared().mean(axes: axes, keepingDimensions: keepingDimensions)
  }

  /// Sum of the squares of all elements, in one pass.
  public func sumOfSquares() -> Tensor {
    reduced(CK_SUM_OF_SQUARES, Array(shape.indices)).reshaped([]).recorded(
      from: [self], saving: .firstInput
    ) { [($0.input(0) * $0.gradient).scaled(by: 2)] }
  }

  /// Position of the largest element along `axis`, int32: the first of equals; the first NaN wins.
  public func argmax(axis: Int = -1) -> Tensor { position(CK_ARGMAX, axis) }

  /// Position of the smallest element along `axis`, int32: the first of equals; the first NaN wins.
  public func argmin(axis: Int = -1) -> Tensor { position(CK_ARGMIN, axis) }

  // MARK: -

  private func linearReduction(_ op: ck_reduce_op, _ axes: [Int]?, _ keeping: Bool) -> Tensor {
    let axes = resolved(axes)
    let kept = keptShape(axes)
    let own = shape
    let divisor = op == CK_MEAN ? Float(axes.reduce(1) { $0 * shape[$1] }) : 1
    return reduced(op, axes).viewed(as: keeping ? kept : droppedShape(axes)).recorded(
      from: [self], saving: .none
    ) {
      let share = divisor == 1 ? $0.gradient : $0.gradient / divisor
      return [share.reshaped(kept).broadcast(to: own)]
    }
  }

  private func extremum(_ op: ck_reduce_op, _ axes: [Int]?, _ keeping: Bool) -> Tensor {
    let axes = resolved(axes)
    let kept = keptShape(axes)
    return reduced(op, axes).viewed(as: keeping ? kept : droppedShape(axes)).recorded(
      from: [self], saving: [.firstInput, .output]
    ) {
      let places = $0.input(0).detached() .== $0.output.detached().reshaped(kept)
      let share = places / places.sum(axes: axes, keepingDimensions: true)
      return [share * $0.gradient.reshaped(kept)]
    }
  }

  private func position(_ op: ck_reduce_op, _ axis: Int) -> Tensor {
    let axis = self.axis(axis, "argmax")
    precondition(shape[axis] > 0, "argmax: axis \(axis) of \(shape) is empty")
    return reduced(op, [axis]).viewed(as: droppedShape([axis]))
  }

  private func resolved(_ axes: [Int]?) -> [Int] {
    guard let axes else { return Array(shape.indices) }
    let resolved = axes.map { axis($0, "reduction") }.sorted()
    precondition(Set(resolved).count == axes.count, "reduction: an axis is named twice in \(axes)")
    return resolved
  }

  private func keptShape(_ axes: [Int]) -> [Int] {
    shape.indices.map { axes.contains($0) ? 1 : shape[$0] }
  }

  private func droppedShape(_ axes: [Int]) -> [Int] {
    shape.indices.filter { !axes.contains($0) }.map { shape[$0] }
  }

  /// Reduces each run of neighbouring axes in turn, the last run first.
  ///
  /// The result has as many elements as the kept axes, in order.
  private func reduced(_ op: ck_reduce_op, _ axes: [Int]) -> Tensor {
    var current = detached()
    var remaining = axes
    var stage = op
    repeat {
      var run: [Int] = []
      while let axis = remaining.last, run.isEmpty || axis == run[0] - 1 {
        run.insert(axis, at: 0)
        remaining.removeLast()
      }
      let first = run.first ?? current.rank
      let end = first + run.count
      let scalars = ck_reduce_shape(
        op: stage, outer: Int32(current.shape[..<first].reduce(1, *)),
        reduced: Int32(current.shape[first..<end].reduce(1, *)),
        inner: Int32(current.shape[end...].reduce(1, *)))
      let dtype: DType = stage == CK_ARGMAX || stage == CK_ARGMIN ? .int32 : current.dtype
      let y = current.sibling(
        Array(current.shape[..<first]) + run.map { _ in 1 } + Array(current.shape[end...]),
        dtype: dtype)
      backend.execute(.reduce(scalars, x: current.operand, y: y.operand))
      current = y
      if stage == CK_SUM_OF_SQUARES { stage = CK_SUM }
    } while !remaining.isEmpty
    return current
  }
}
