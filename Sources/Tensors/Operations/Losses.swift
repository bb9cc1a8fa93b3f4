internal import CKernels

extension Tensor {
  /// Binary cross-entropy of logits `self` against `targets` in 0…1, summed over all but the first
  /// axis: `[N]`, in nats.
  ///
  /// Stable for any logit: max(z, 0) − z·t + log(1 + exp(−|z|)). Targets between 0 and 1 are
  /// allowed, as in a Bernoulli VAE on grey pixels.
  public func binaryCrossEntropyWithLogits(_ targets: Tensor) -> Tensor {
    rowLoss(CK_BCE_WITH_LOGITS, targets) { pass in
      let (z, t) = (pass.input(0), pass.input(1))
      return [
        pass.needs(0) ? pass.rowGradient(z.shape) * (z.sigmoid() - t) : nil,
        pass.needs(1) ? -(pass.rowGradient(z.shape) * z) : nil,
      ]
    }
  }

  /// Squared error against `targets`, summed over all but the first axis: `[N]`.
  public func squaredError(_ targets: Tensor) -> Tensor {
    rowLoss(CK_SQUARED_ERROR, targets) { pass in
      let error = pass.input(0) - pass.input(1)
      let gradient = (pass.rowGradient(error.shape) * error).scaled(by: 2)
      return [pass.needs(0) ? gradient : nil, pass.needs(1) ? -gradient : nil]
    }
  }

  private func rowLoss(_ loss: ck_loss, _ targets: Tensor, decomposed: @escaping BackwardRule)
    -> Tensor
  {
    checkPartner(targets, "loss")
    precondition(
      shape == targets.shape && rank >= 1, "loss: prediction \(shape), targets \(targets.shape)")
    let rows = shape[0]
    let scalars = ck_loss_shape(
      loss: loss, rows: Int32(rows), columns: Int32(shape.dropFirst().reduce(1, *)))
    let y = sibling([rows])
    backend.execute(
      .rowLoss(
        scalars, prediction: operand, target: targets.operand, y: y.operand))
    return y.recorded(from: [self, targets], saving: [.firstInput, .secondInput]) { pass in
      if pass.isRecorded || pass.needs(1) { return decomposed(pass) }
      let (prediction, target) = (pass.input(0), pass.input(1))
      let dPrediction = prediction.sibling(prediction.shape)
      prediction.backend.execute(
        .rowLossBackward(
          scalars, prediction: prediction.operand, target: target.operand,
          dy: pass.gradient.operand, dPrediction: dPrediction.operand))
      return [dPrediction, nil]
    }
  }
}

extension Backward {
  /// The gradient `[N]` of a per-row result, shaped to multiply rows of `shape`.
  fileprivate func rowGradient(_ shape: [Int]) -> Tensor {
    gradient.reshaped([shape[0]] + shape.dropFirst().map { _ in 1 })
  }
}
