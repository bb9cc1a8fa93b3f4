internal import CKernels

extension Tensor {
  /// Fills this tensor's elements from `source`, walked with the given steps.
  ///
  /// For tensors that nobody else has seen yet; all others are immutable.
  ///
  /// - Parameters:
  ///   - source: Where elements come from; of this tensor's type and device.
  ///   - shape: How many elements are copied along each axis; where one is 0, nothing is.
  ///   - sourceStrides: Elements from one position of an axis to the next in `source`; 0 repeats,
  ///     less than 0 walks backwards.
  ///   - sourceStart: The first element taken, counted from the source's own first.
  ///   - targetStrides: The same steps in this tensor; by default those of a contiguous tensor of
  ///     `shape`.
  ///   - targetStart: The first element written, counted from this tensor's own first.
  func fillByCopying(
    _ source: Tensor, shape: [Int], sourceStrides: [Int], sourceStart: Int = 0,
    targetStrides: [Int]? = nil, targetStart: Int = 0
  ) {
    let loop = StridedLoop(
      shape: shape,
      strides: [sourceStrides, targetStrides ?? StridedLoop.contiguousStrides(shape)])
    let scalars = ck_copy_shape(
      element_bytes: Int32(dtype.byteCount), rank: Int32(loop.sizes.count),
      size: axisTuple(loop.sizes), source_stride: axisTuple(loop.strides[0]),
      target_stride: axisTuple(loop.strides[1]))
    let from = Operand(
      storage: source.storage, offset: source.offset + sourceStart, dtype: dtype)
    let to = Operand(storage: storage, offset: offset + targetStart, dtype: dtype)
    if shape.allSatisfy({ $0 > 0 }) {
      backend.execute(.copy(scalars, source: from, target: to))
    }
  }

  /// The same elements, in the same order, under another shape; free.
  ///
  /// - Parameter shape: The new sizes; one may be -1, and then follows from the others.
  /// - Returns: A tensor of that shape that shares this one's memory.
  /// - Precondition: the shape has as many elements as this tensor.
  public func reshaped(_ shape: [Int]) -> Tensor {
    var target = shape
    if let free = shape.firstIndex(of: -1) {
      let rest = shape.enumerated().reduce(1) { $1.offset == free ? $0 : $0 * $1.element }
      precondition(
        rest > 0 && count % rest == 0, "reshaped: \(self.shape) does not fit \(shape)")
      target[free] = count / rest
    }
    precondition(
      Tensor.elementCount(target) == count, "reshaped: \(self.shape) does not fit \(shape)")
    if target == self.shape { return self }
    let own = self.shape
    return viewed(as: target).recorded(from: [self], saving: .none) {
      [$0.gradient.reshaped(own)]
    }
  }

  /// All axes from `start` on merged into one; `[N, H, W, C]` becomes `[N, H·W·C]` by default.
  public func flattened(from start: Int = 1) -> Tensor {
    reshaped(Array(shape[..<start]) + [shape[start...].reduce(1, *)])
  }

  /// Axis `i` of the result is axis `permutation[i]` of this tensor.
  ///
  /// - Parameter permutation: Each axis once; by default the axes in reverse, as for a matrix.
  /// - Returns: A copy, since tensors are contiguous.
  /// - Precondition: `permutation` names every axis once.
  public func transposed(_ permutation: [Int]? = nil) -> Tensor {
    let order = permutation ?? shape.indices.reversed()
    precondition(
      order.sorted() == Array(shape.indices),
      "transposed: \(order) is no permutation of the axes of \(shape)")
    let strides = StridedLoop.contiguousStrides(shape)
    let y = sibling(order.map { shape[$0] })
    y.fillByCopying(self, shape: y.shape, sourceStrides: order.map { strides[$0] })
    var inverse = order
    for (position, axis) in order.enumerated() { inverse[axis] = position }
    return y.recorded(from: [self], saving: .none) { [inverse] in
      [$0.gradient.transposed(inverse)]
    }
  }

  /// The part with positions `range` along `axis`.
  ///
  /// - Parameters:
  ///   - range: Positions kept, within 0 ..< the axis's size.
  ///   - axis: The first by default; negative axes count from the back.
  /// - Returns: All other axes whole. On the first axis it shares this tensor's memory, else it is
  ///   a copy.
  public func sliced(_ range: Range<Int>, axis: Int = 0) -> Tensor {
    let axis = self.axis(axis, "sliced")
    precondition(
      range.lowerBound >= 0 && range.upperBound <= shape[axis],
      "sliced: \(range) of axis \(axis) of \(shape)")
    var part = shape
    part[axis] = range.count
    let strides = StridedLoop.contiguousStrides(shape)
    let start = range.lowerBound * strides[axis]
    let y: Tensor
    if axis == 0 {
      y = viewed(as: part, from: part.contains(0) ? 0 : start)
    } else {
      y = sibling(part)
      y.fillByCopying(self, shape: part, sourceStrides: strides, sourceStart: start)
    }
    let (before, after) = (range.lowerBound, shape[axis] - range.upperBound)
    return y.recorded(from: [self], saving: .none) {
      [$0.gradient.padded(axis: axis, before: before, after: after)]
    }
  }

  /// With `before` and `after` elements of `value` added along `axis`.
  public func padded(axis: Int, before: Int, after: Int, value: Float = 0) -> Tensor {
    let axis = self.axis(axis, "padded")
    precondition(before >= 0 && after >= 0, "padded: by \(before) and \(after)")
    if before == 0 && after == 0 { return self }
    var whole = shape
    whole[axis] += before + after
    let y = Tensor(filling: whole, with: value, dtype: dtype, on: device)
    let strides = StridedLoop.contiguousStrides(whole)
    y.fillByCopying(
      self, shape: shape, sourceStrides: StridedLoop.contiguousStrides(shape),
      targetStrides: strides, targetStart: before * strides[axis])
    let inside = before..<(before + shape[axis])
    return y.recorded(from: [self], saving: .none) {
      [$0.gradient.sliced(inside, axis: axis)]
    }
  }

  /// The order of positions along `axis` reversed.
  public func flipped(axis: Int) -> Tensor {
    let axis = self.axis(axis, "flipped")
    var strides = StridedLoop.contiguousStrides(shape)
    let start = Swift.max(shape[axis] - 1, 0) * strides[axis]
    strides[axis] = -strides[axis]
    let y = sibling(shape)
    y.fillByCopying(self, shape: shape, sourceStrides: strides, sourceStart: start)
    return y.recorded(from: [self], saving: .none) { [$0.gradient.flipped(axis: axis)] }
  }

  /// The tensors one after another along `axis`; all other sizes agree.
  public static func concatenated(_ tensors: [Tensor], axis: Int = 0) -> Tensor {
    precondition(!tensors.isEmpty, "concatenated: no tensors")
    let first = tensors[0]
    let axis = first.axis(axis, "concatenated")
    var whole = first.shape
    whole[axis] = 0
    for tensor in tensors {
      first.checkPartner(tensor, "concatenated")
      var other = tensor.shape
      precondition(other.count == whole.count, "concatenated: \(first.shape) and \(other)")
      whole[axis] += other[axis]
      other[axis] = first.shape[axis]
      precondition(other == first.shape, "concatenated: \(first.shape) and \(tensor.shape)")
    }
    let y = first.sibling(whole)
    let strides = StridedLoop.contiguousStrides(whole)
    var ranges: [Range<Int>] = []
    var start = 0
    for tensor in tensors {
      y.fillByCopying(
        tensor, shape: tensor.shape, sourceStrides: StridedLoop.contiguousStrides(tensor.shape),
        targetStrides: strides, targetStart: tensor.count == 0 ? 0 : start * strides[axis])
      ranges.append(start..<(start + tensor.shape[axis]))
      start += tensor.shape[axis]
    }
    return y.recorded(from: tensors, saving: .none) { [ranges] pass in
      ranges.enumerated().map { index, range in
        pass.needs(index) ? pass.gradient.sliced(range, axis: axis) : nil
      }
    }
  }

  /// Rows of this table, `[rows, …]`, at the int32 `indices` of any shape: `[indices…, …]`.
  ///
  /// - Parameter indices: int32, any shape, on this device; the same row may be named many times.
  /// - Returns: The axes of `indices`, then those of a row. An index outside 0 ..< rows gives
  ///   zeros.
  public func gathered(_ indices: Tensor) -> Tensor {
    precondition(rank >= 1, "gathered: a scalar has no rows")
    checkIndices(indices, "gathered")
    let row = Array(shape.dropFirst())
    let scalars = ck_gather_shape(
      rows: Int32(shape[0]), width: Int32(row.reduce(1, *)), count: Int32(indices.count))
    let y = sibling(indices.shape + row)
    backend.execute(
      .gather(scalars, table: operand, indices: indices.operand, y: y.operand))
    let rows = shape[0]
    return y.recorded(from: [self], saving: .none) {
      [$0.gradient.scatterAdded(at: indices, rows: rows)]
    }
  }

  /// A table of zeros to which this tensor's rows are added at `indices`; the adjoint of
  /// ``gathered(_:)``.
  ///
  /// - Parameters:
  ///   - indices: int32 on this device; its shape is the first axes of this tensor's,
  ///     `[indices…, …]`.
  ///   - rows: Rows of the table.
  /// - Returns: `[rows, …]`. Rows of one index are added in order, so the sum's bits are fixed; an
  ///   index outside 0 ..< rows is skipped.
  public func scatterAdded(at indices: Tensor, rows: Int) -> Tensor {
    checkIndices(indices, "scatterAdded")
    precondition(
      Array(shape.prefix(indices.rank)) == indices.shape,
      "scatterAdded: rows of \(shape) at indices \(indices.shape)")
    let row = Array(shape.dropFirst(indices.rank))
    let table = Tensor.zeros([rows] + row, dtype: dtype, on: device)
    let scalars = ck_gather_shape(
      rows: Int32(rows), width: Int32(row.reduce(1, *)), count: Int32(indices.count))
    backend.execute(
      .scatterAdd(scalars, source: operand, indices: indices.operand, table: table.operand))
    return table.recorded(from: [self], saving: .none) { [$0.gradient.gathered(indices)] }
  }

  /// For int32 class numbers of any shape, `[…, depth]` with 1 at each one's place; all zeros for a
  /// number outside.
  public func oneHot(depth: Int, dtype: DType = .float32) -> Tensor {
    precondition(self.dtype == .int32, "oneHot: of a \(self.dtype.rawValue) tensor")
    let y = sibling(shape + [depth], dtype: dtype)
    let scalars = ck_one_hot_shape(count: Int32(count), depth: Int32(depth))
    backend.execute(.oneHot(scalars, indices: operand, y: y.operand))
    return y
  }

  private func checkIndices(_ indices: Tensor, _ operation: String) {
    precondition(
      indices.dtype == .int32 && indices.backend === backend,
      "\(operation): indices must be int32 on \(backend.name), got \(indices.dtype.rawValue) on \(indices.backend.name)"
    )
  }
}
