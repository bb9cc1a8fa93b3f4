internal import CKernels

/// The weights of a call, and how the kernel keeps what it makes of them.
struct WeightsRead {
  let weights: KeptWeights
  let layout: KeptWeights.Layout
  /// What it takes.
  let byteCount: Int

  /// For one more call.
  var kept: UnsafeMutablePointer<ck_kept>? { weights.kept(layout, byteCount: byteCount) }
}

extension CPUBackend {
  /// The weights that a call reads, where it is worth keeping what it makes of them.
  func weightsRead(by call: KernelCall) -> WeightsRead? {
    switch call {
    case .gemm(let s, _, let b, _, let c):
      read(b, .gemm, s, kernels(for: c.dtype).pointee.gemm_keeps, s.layoutOfB)
    case .conv2d(let s, _, let filter, _, let y):
      read(filter, .conv2d, s, kernels(for: y.dtype).pointee.conv2d_keeps, s.layoutOfFilter)
    case .conv2dInputGradient(let s, _, let filter, _, let dx):
      read(
        filter, .conv2dInputGradient, s, kernels(for: dx.dtype).pointee.conv2d_input_gradient_keeps,
        s.layoutOfFilter)
    default: nil
    }
  }

  /// The weights that a call writes.
  func weightsWritten(by call: KernelCall) -> [KeptWeights] {
    switch call {
    case .copy(_, _, let target): list(target.weights)
    case .sgd(_, _, _, let parameter, _, let average),
      .adam(_, _, _, let parameter, _, _, let average):
      list(parameter.weights) + list(average?.weights)
    default: []
    }
  }

  /// Takes no memory where there are none, as in most calls.
  private func list(_ weights: KeptWeights?) -> [KeptWeights] { weights.map { [$0] } ?? [] }

  private func read<Shape>(
    _ operand: Operand, _ kernel: KeptWeights.Layout.Kernel, _ shape: Shape,
    _ keeps: (UnsafePointer<Shape>) -> Int, _ scalars: @autoclosure () -> SIMD16<Int32>
  ) -> WeightsRead? {
    guard let weights = operand.weights else { return nil }
    let byteCount = withUnsafePointer(to: shape, keeps)
    if byteCount == 0 { return nil }
    let layout = KeptWeights.Layout(kernel: kernel, offset: operand.offset, scalars: scalars())
    return WeightsRead(weights: weights, layout: layout, byteCount: byteCount)
  }
}

extension ck_gemm_shape {
  /// What decides how b is laid out: not the rows of a.
  fileprivate var layoutOfB: SIMD16<Int32> {
    SIMD16(n, k, transpose_b, ldb, Int32(precision.rawValue), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
  }
}

extension ck_conv2d_shape {
  /// What decides how a filter is laid out: not the pictures, but that a phase of an input gradient
  /// without pixels leaves its part out.
  fileprivate var layoutOfFilter: SIMD16<Int32> {
    SIMD16(
      min(h, stride_h), min(w, stride_w), c, oc, kh, kw, stride_h, stride_w, pad_top, pad_left,
      dilation_h, dilation_w, groups, Int32(precision.rawValue), 0, 0)
  }
}
