internal import CKernels

extension Tensor {
  /// Matrix product of the last two axes, the axes before them broadcast: `[…, m, k]` × `[…, k, n]`
  /// → `[…, m, n]`.
  ///
  /// - Parameters:
  ///   - other: The right factor, `[…, k, n]`.
  ///   - transposingSelf: Take this tensor as stored transposed, `[…, k, m]`; off by default.
  ///   - transposingOther: Take the right factor as stored transposed, `[…, n, k]`; off by default.
  /// - Returns: `[…, m, n]`; a factor with two axes alone is used for every matrix of the other.
  /// - Precondition: both have at least two axes, and the inner sizes k agree.
  /// - Complexity: 2·m·n·k flops a matrix.
  public func matmul(
    _ other: Tensor, transposingSelf: Bool = false, transposingOther: Bool = false
  ) -> Tensor {
    precondition(
      rank >= 2 && other.rank >= 2, "matmul: \(shape) × \(other.shape), both need two axes")
    // One right factor for all: the batch is just more rows.
    if rank > 2 && other.rank == 2 && !transposingSelf {
      let rows = reshaped([shape.dropLast().reduce(1, *), shape[rank - 1]]).matmul(
        other, transposingOther: transposingOther)
      return rows.reshaped(Array(shape.dropLast()) + [rows.shape[1]])
    }
    let batch = StridedLoop.broadcastShape(
      [Array(shape.dropLast(2)), Array(other.shape.dropLast(2))], "matmul")
    let a = broadcastBatch(batch)
    let b = other.broadcastBatch(batch)
    return a.batchedProduct(
      b, batch: batch, transposingSelf: transposingSelf, transposingOther: transposingOther)
  }

  /// Tensors without batch axes are repeated by the kernel; others must have them all.
  private func broadcastBatch(_ batch: [Int]) -> Tensor {
    rank == 2 || Array(shape.dropLast(2)) == batch
      ? self : broadcast(to: batch + shape.suffix(2))
  }

  private func batchedProduct(
    _ other: Tensor, batch: [Int], transposingSelf: Bool, transposingOther: Bool
  ) -> Tensor {
    let y = Tensor.product(
      self, other, batch: batch, transposingA: transposingSelf, transposingB: transposingOther)
    let (shapeA, shapeB) = (shape, other.shape)
    return y.recorded(from: [self, other], saving: [.firstInput, .secondInput]) { pass in
      let dc = pass.gradient
      var da: Tensor?
      var db: Tensor?
      if pass.needs(0) {
        let b = pass.input(1)
        da =
          transposingSelf
          ? b.matmul(dc, transposingSelf: transposingOther, transposingOther: true)
          : dc.matmul(b, transposingOther: !transposingOther)
      }
      if pass.needs(1) {
        let a = pass.input(0)
        db =
          transposingOther
          ? dc.matmul(a, transposingSelf: true, transposingOther: transposingSelf)
          : a.matmul(dc, transposingSelf: !transposingSelf)
      }
      return [da?.summed(to: shapeA), db?.summed(to: shapeB)]
    }
  }

  /// The kernel call alone.
  private static func product(
    _ a: Tensor, _ b: Tensor, batch: [Int], transposingA: Bool, transposingB: Bool,
    bias: Tensor? = nil, activation: Activation? = nil
  ) -> Tensor {
    a.checkPartner(b, "matmul")
    let (rowsA, columnsA) = (a.shape[a.rank - 2], a.shape[a.rank - 1])
    let (rowsB, columnsB) = (b.shape[b.rank - 2], b.shape[b.rank - 1])
    let (m, k) = transposingA ? (columnsA, rowsA) : (rowsA, columnsA)
    let (inner, n) = transposingB ? (columnsB, rowsB) : (rowsB, columnsB)
    precondition(
      inner == k,
      "matmul: \(a.shape)\(transposingA ? "ᵀ" : "") × \(b.shape)\(transposingB ? "ᵀ" : ""), inner \(k) ≠ \(inner)"
    )
    let c = a.sibling(batch + [m, n])
    let scalars = ck_gemm_shape(
      batch: Int32(batch.reduce(1, *)), m: Int32(m), n: Int32(n), k: Int32(k),
      transpose_a: transposingA ? 1 : 0, transpose_b: transposingB ? 1 : 0,
      lda: Int32(columnsA), ldb: Int32(columnsB), ldc: Int32(n),
      batch_stride_a: a.rank == 2 ? 0 : Int32(rowsA * columnsA),
      batch_stride_b: b.rank == 2 ? 0 : Int32(rowsB * columnsB), batch_stride_c: Int32(m * n),
      accumulate: 0, activation: activation?.kernels.epilogue ?? CK_NO_ACTIVATION,
      slope: activation?.slope ?? 0, precision: a.backend.precision.ck(a.dtype))
    a.backend.execute(
      .gemm(scalars, a: a.operand, b: b.operand, bias: bias?.operand, c: c.operand))
    return c
  }

  /// A dense layer in one pass: activation(`self` · weightᵀ + bias).
  ///
  /// - Parameters:
  ///   - weight: `[out, in]`; `self` is `[…, in]`.
  ///   - bias: `[out]`.
  ///   - activation: Applied to the result; none by default.
  /// - Returns: `[…, out]`.
  public func linear(weight: Tensor, bias: Tensor? = nil, activation: Activation? = nil) -> Tensor {
    precondition(
      rank >= 1 && weight.rank == 2 && weight.shape[1] == shape[rank - 1],
      "linear: \(shape) by weight \(weight.shape), which needs [out, \(shape.last ?? 0)]")
    if let bias {
      checkPartner(bias, "linear")
      precondition(
        bias.shape == [weight.shape[0]], "linear: bias \(bias.shape) for weight \(weight.shape)")
    }
    let tracked = isTracked || weight.isTracked || bias?.isTracked == true
    if let activation, tracked, activation.backwardByOutput == nil {
      return linear(weight: weight, bias: bias).activated(activation)
    }
    let flat = reshaped([shape.dropLast().reduce(1, *), shape[rank - 1]])
    let y = Tensor.product(
      flat, weight, batch: [], transposingA: false, transposingB: true, bias: bias,
      activation: activation)
    let result = y.recorded(
      from: [flat, weight] + (bias.map { [$0] } ?? []),
      saving: activation == nil
        ? [.firstInput, .secondInput] : [.firstInput, .secondInput, .output]
    ) { pass in
      let dz = activation.map { $0.backward(pass, byOutput: pass.output) } ?? pass.gradient
      var gradients: [Tensor?] = [
        pass.needs(0) ? dz.matmul(pass.input(1)) : nil,
        pass.needs(1) ? dz.matmul(pass.input(0), transposingSelf: true) : nil,
      ]
      if bias != nil { gradients.append(pass.needs(2) ? dz.sum(axes: [0]) : nil) }
      return gradients
    }
    return result.reshaped(Array(shape.dropLast()) + [weight.shape[0]])
  }
}
