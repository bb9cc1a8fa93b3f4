internal import CKernels

extension Tensor {
  /// Mean over windows of `kernel` pixels: `[N, H, W, C]` → `[N, Ho, Wo, C]`.
  ///
  /// - Parameters:
  ///   - kernel: Window size, [down, across].
  ///   - geometry: Stride and padding; dilation and groups stay 1. Stride usually equals `kernel`.
  ///   - countingPadding: Whether pixels outside the picture count, as zeros, in the mean; they do
  ///     by default, as in PyTorch.
  /// - Returns: Sizes by ``Convolution2DGeometry/outputSize(_:kernel:)``.
  /// - Precondition: every padding is smaller than the window, so that none is empty.
  public func averagePool2d(
    kernel: [Int], geometry: Convolution2DGeometry, countingPadding: Bool = true
  ) -> Tensor {
    let scalars = poolScalars(kernel, geometry, countingPadding, "averagePool2d")
    return LinearMap(
      from: shape, to: scalars.resultShape,
      forward: { .averagePool2d(scalars, x: $0, y: $1) },
      adjoint: { .averagePool2dBackward(scalars, dy: $0, dx: $1) }
    ).applied(to: self)
  }

  /// Largest pixel of each window: `[N, H, W, C]` → `[N, Ho, Wo, C]`.
  ///
  /// The gradient goes to the first of equals, in row order.
  ///
  /// - Parameters:
  ///   - kernel: Window size, [down, across].
  ///   - geometry: Stride and padding; what lies outside never wins. Dilation and groups stay 1.
  /// - Returns: Sizes by ``Convolution2DGeometry/outputSize(_:kernel:)``.
  /// - Precondition: every padding is smaller than the window, so that none is empty.
  public func maxPool2d(kernel: [Int], geometry: Convolution2DGeometry) -> Tensor {
    let scalars = poolScalars(kernel, geometry, false, "maxPool2d")
    let y = sibling(scalars.resultShape)
    let index = sibling(y.shape, dtype: .int32)
    backend.execute(.maxPool2d(scalars, x: operand, y: y.operand, index: index.operand))
    let (own, count) = (shape, count)
    return y.recorded(from: [self], saving: .none) {
      [$0.gradient.scatterAdded(at: index, rows: count).reshaped(own)]
    }
  }

  /// How pixels between source pixels are found.
  public enum ResizeMode: Sendable {
    /// The nearest source pixel.
    case nearest
    /// Linear in both axes between the four nearest, edges repeated.
    case bilinear
  }

  /// The picture at another size, pixel centres at half-integers (PyTorch's `align_corners=False`):
  /// `[N, H, W, C]` → `[N, h, w, C]`.
  ///
  /// Not antialiased: for shrinking photographs prepare them with a dataset's own resizing.
  public func resized(to size: [Int], mode: ResizeMode = .bilinear) -> Tensor {
    precondition(
      rank == 4 && size.count == 2 && size.allSatisfy { $0 > 0 } && shape[1] > 0 && shape[2] > 0,
      "resized: \(shape) to \(size)")
    let scalars = ck_resize2d_shape(
      mode: mode == .nearest ? CK_NEAREST : CK_BILINEAR, n: Int32(shape[0]), h: Int32(shape[1]),
      w: Int32(shape[2]), c: Int32(shape[3]), oh: Int32(size[0]), ow: Int32(size[1]))
    return LinearMap(
      from: shape, to: [shape[0], size[0], size[1], shape[3]],
      forward: { .resize2d(scalars, x: $0, y: $1) },
      adjoint: { .resize2dBackward(scalars, dy: $0, dx: $1) }
    ).applied(to: self)
  }

  private func poolScalars(
    _ kernel: [Int], _ geometry: Convolution2DGeometry, _ countingPadding: Bool,
    _ operation: String
  ) -> ck_pool2d_shape {
    precondition(
      rank == 4 && kernel.count == 2 && kernel.allSatisfy { $0 > 0 },
      "\(operation): \(shape) by windows of \(kernel)")
    precondition(
      (0..<4).allSatisfy { geometry.padding[$0] < kernel[$0 / 2] },
      "\(operation): padding \(geometry.padding) would leave windows of \(kernel) empty")
    let size = geometry.outputSize([shape[1], shape[2]], kernel: kernel)
    return ck_pool2d_shape(
      n: Int32(shape[0]), h: Int32(shape[1]), w: Int32(shape[2]), c: Int32(shape[3]),
      oh: Int32(size[0]), ow: Int32(size[1]), kh: Int32(kernel[0]), kw: Int32(kernel[1]),
      stride_h: Int32(geometry.stride[0]), stride_w: Int32(geometry.stride[1]),
      pad_top: Int32(geometry.padding[0]), pad_left: Int32(geometry.padding[2]),
      count_padding: countingPadding ? 1 : 0)
  }
}

extension ck_pool2d_shape {
  fileprivate var resultShape: [Int] { [n, oh, ow, c].map(Int.init) }
}

/// A linear map and its adjoint, a kernel each: the gradient of either is the other.
private struct LinearMap: Sendable {
  let from, to: [Int]
  let forward, adjoint: @Sendable (Operand, Operand) -> KernelCall

  func applied(to x: Tensor) -> Tensor {
    let y = x.sibling(to)
    x.backend.execute(forward(x.operand, y.operand))
    let back = LinearMap(from: to, to: from, forward: adjoint, adjoint: forward)
    return y.recorded(from: [x], saving: .none) { [back.applied(to: $0.gradient)] }
  }
}
