internal import CKernels

extension Tensor {
  /// exp(x) / Σ exp(x) along the last axis, without overflow.
  public func softmax() -> Tensor {
    softmax(logarithm: false) { pass in
      let y = pass.output
      if pass.isRecorded {
        let weighted = pass.gradient * y
        return weighted - y * weighted.sum(axes: [-1], keepingDimensions: true)
      }
      return Tensor.softmaxBackward(y, pass.gradient, logarithm: false)
    }
  }

  /// log(softmax(x)) along the last axis, without overflow or cancellation.
  public func logSoftmax() -> Tensor {
    softmax(logarithm: true) { pass in
      let y = pass.output
      if pass.isRecorded {
        return pass.gradient - y.exp() * pass.gradient.sum(axes: [-1], keepingDimensions: true)
      }
      return Tensor.softmaxBackward(y, pass.gradient, logarithm: true)
    }
  }

  private func softmax(logarithm: Bool, backward: @escaping @Sendable (Backward) -> Tensor)
    -> Tensor
  {
    precondition(rank >= 1, "softmax: of a scalar")
    let y = sibling(shape)
    backend.execute(.softmax(rows(logarithm), x: operand, y: y.operand))
    return y.recorded(from: [self], saving: .output) { [backward($0)] }
  }

  private static func softmaxBackward(_ y: Tensor, _ dy: Tensor, logarithm: Bool) -> Tensor {
    let dx = y.sibling(y.shape)
    y.backend.execute(
      .softmaxBackward(y.rows(logarithm), y: y.operand, dy: dy.operand, dx: dx.operand))
    return dx
  }

  private func rows(_ logarithm: Bool) -> ck_softmax_shape {
    let columns = shape[rank - 1]
    return ck_softmax_shape(
      rows: Int32(columns == 0 ? 0 : count / columns), columns: Int32(columns),
      logarithm: logarithm ? 1 : 0)
  }
}
