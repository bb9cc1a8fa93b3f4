internal import CKernels

/// Which elements share a mean and a variance.
public enum NormalizationKind: Sendable, Hashable {
  /// Over the batch and all positions, per channel (Ioffe and Szegedy 2015, arXiv:1502.03167).
  case batch
  /// Over the last axis, per row (Ba et al. 2016, arXiv:1607.06450).
  case layer
  /// Over positions and the channels of one of so many groups, per example (Wu and He 2018,
  /// arXiv:1803.08494).
  case group(count: Int)
  /// Over positions, per example and channel (Ulyanov et al. 2016, arXiv:1607.08022).
  case instance
}

extension Tensor {
  /// (x − mean) / √(variance + epsilon) · scale + shift, with the statistics of `kind`; the
  /// channels are the last axis.
  ///
  /// - Parameters:
  ///   - kind: Which elements share statistics.
  ///   - scale: One factor a channel, `[C]`; 1 when nil.
  ///   - shift: One offset a channel, `[C]`; given exactly when `scale` is.
  ///   - epsilon: Added to the variance; 1e-5 as in PyTorch.
  /// - Returns: The result, of this tensor's shape, and the biased mean and variance of each group,
  ///   without gradients.
  public func normalized(
    _ kind: NormalizationKind, scale: Tensor? = nil, shift: Tensor? = nil, epsilon: Float = 1e-5
  ) -> (result: Tensor, mean: Tensor, variance: Tensor) {
    let scalars = normalizationScalars(kind, scale, shift, epsilon)
    let groups = [Int(scalars.n) * Int(scalars.g)]
    let (mean, variance) = (sibling(groups), sibling(groups))
    let result = sibling(shape)
    backend.execute(
      .standardize(
        scalars, x: operand, scale: scale?.operand, shift: shift?.operand, mean: mean.operand,
        variance: variance.operand, y: result.operand))
    return (recorded(result, scalars, mean, variance, scale, shift), mean, variance)
  }

  /// The same with statistics given, `[C]`, as batch normalisation uses outside training; none
  /// flows back to them.
  public func normalized(
    mean: Tensor, variance: Tensor, scale: Tensor? = nil, shift: Tensor? = nil,
    epsilon: Float = 1e-5
  ) -> Tensor {
    var scalars = normalizationScalars(.batch, scale, shift, epsilon)
    scalars.fixed_statistics = 1
    precondition(
      mean.shape == [shape[rank - 1]] && variance.shape == mean.shape,
      "normalized: \(shape) with mean \(mean.shape) and variance \(variance.shape)")
    let (mean, variance, y) = (mean.detached(), variance.detached(), sibling(shape))
    backend.execute(
      .normalize(
        scalars, x: operand, mean: mean.operand, variance: variance.operand,
        scale: scale?.operand, shift: shift?.operand, y: y.operand))
    return recorded(y, scalars, mean, variance, scale, shift)
  }

  private func recorded(
    _ y: Tensor, _ s: ck_normalize_shape, _ mean: Tensor, _ variance: Tensor, _ scale: Tensor?,
    _ shift: Tensor?
  ) -> Tensor {
    let affine = [scale, shift].compactMap { $0 }
    return y.recorded(from: [self] + affine, saving: [.firstInput, .secondInput]) { pass in
      pass.isRecorded
        ? Tensor.decomposedGradients(s, pass, mean, variance, affine: !affine.isEmpty)
        : Tensor.fusedGradients(s, pass, mean, variance, affine: !affine.isEmpty)
    }
  }

  private static func fusedGradients(
    _ s: ck_normalize_shape, _ pass: Backward, _ mean: Tensor, _ variance: Tensor, affine: Bool
  ) -> [Tensor?] {
    let x = pass.input(0)
    let scale = affine ? pass.input(1) : nil
    let channels = [Int(s.g) * Int(s.c)]
    let (dx, dScale, dShift) = (x.sibling(x.shape), x.sibling(channels), x.sibling(channels))
    x.backend.execute(
      .normalizeBackward(
        s, x: x.operand, mean: mean.operand, variance: variance.operand, scale: scale?.operand,
        dy: pass.gradient.operand, dx: dx.operand, dScale: dScale.operand, dShift: dShift.operand))
    return affine ? [dx, dScale, dShift] : [dx]
  }

  /// The same gradients in plain operations on recorded tensors, so that they can be differentiated
  /// again.
  private static func decomposedGradients(
    _ s: ck_normalize_shape, _ pass: Backward, _ mean: Tensor, _ variance: Tensor, affine: Bool
  ) -> [Tensor?] {
    let view = [s.n, s.s, s.g, s.c].map(Int.init)
    let x = pass.input(0)
    let grouped = x.reshaped(view)
    var (m, v) = (mean, variance)
    if s.fixed_statistics == 0 {
      m = grouped.mean(axes: [1, 3], keepingDimensions: true)
      v = (grouped - m).squared().mean(axes: [1, 3], keepingDimensions: true)
    } else {
      (m, v) = (
        mean.reshaped([view[0], 1, view[2], 1]), variance.reshaped([view[0], 1, view[2], 1])
      )
    }
    let deviation = (v + s.epsilon).rsqrt()
    let unit = (grouped - m) * deviation
    let dy = pass.gradient.reshaped(view)
    let g = affine ? dy * pass.input(1).reshaped([1, 1, view[2], view[3]]) : dy
    var dx = g
    if s.fixed_statistics == 0 {
      dx =
        g - g.mean(axes: [1, 3], keepingDimensions: true)
        - unit * (g * unit).mean(axes: [1, 3], keepingDimensions: true)
    }
    let result = (dx * deviation).reshaped(x.shape)
    guard affine else { return [result] }
    let channels = [view[2] * view[3]]
    return [
      result, (dy * unit).sum(axes: [0, 1]).reshaped(channels),
      dy.sum(axes: [0, 1]).reshaped(channels),
    ]
  }

  private func normalizationScalars(
    _ kind: NormalizationKind, _ scale: Tensor?, _ shift: Tensor?, _ epsilon: Float
  ) -> ck_normalize_shape {
    precondition(rank >= 2, "normalized: \(shape) has no batch and channel axes")
    let (examples, channels) = (shape[0], shape[rank - 1])
    let positions = shape[1..<(rank - 1)].reduce(1, *)
    var view: [Int]
    switch kind {
    case .batch: view = [1, examples * positions, channels, 1]
    case .layer: view = [examples * positions, 1, 1, channels]
    case .instance: view = [examples, positions, channels, 1]
    case .group(let groups):
      precondition(
        groups > 0 && channels % groups == 0,
        "normalized: \(channels) channels do not divide into \(groups) groups")
      view = [examples, positions, groups, channels / groups]
    }
    precondition(
      (scale == nil) == (shift == nil) && (scale ?? shift)?.shape ?? [channels] == [channels]
        && shift?.shape ?? [channels] == [channels],
      "normalized: \(shape) with scale \(scale?.shape ?? []) and shift \(shift?.shape ?? [])")
    return ck_normalize_shape(
      n: Int32(view[0]), s: Int32(view[1]), g: Int32(view[2]), c: Int32(view[3]),
      epsilon: epsilon, fixed_statistics: 0)
  }
}
