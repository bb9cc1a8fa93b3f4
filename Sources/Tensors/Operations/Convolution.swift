internal import CKernels

/// How a convolution's filter steps over a picture.
public struct Convolution2DGeometry: Sendable, Hashable, Codable {
  /// Step between neighbouring outputs, in pixels, down and across; at least 1.
  public var stride: [Int]
  /// Rows and columns of zeros round the picture: top, bottom, left, right.
  public var padding: [Int]
  /// Distance between neighbouring taps, in pixels, down and across; 1 is a plain filter.
  public var dilation: [Int]
  /// Number of groups that the channels are cut into; each sees its own share.
  ///
  /// Divides both channel counts; as many groups as channels is a depthwise convolution.
  public var groups: Int

  /// The same in both axes.
  public init(stride: Int = 1, padding: Int = 0, dilation: Int = 1, groups: Int = 1) {
    self.init(
      stride: [stride, stride], padding: [padding, padding, padding, padding],
      dilation: [dilation, dilation], groups: groups)
  }

  /// Each axis and edge by itself.
  ///
  /// - Precondition: strides, dilations and groups are at least 1, padding at least 0.
  public init(stride: [Int], padding: [Int], dilation: [Int] = [1, 1], groups: Int = 1) {
    precondition(
      stride.count == 2 && padding.count == 4 && dilation.count == 2
        && (stride + dilation + [groups]).allSatisfy { $0 >= 1 } && padding.allSatisfy { $0 >= 0 },
      "convolution: stride \(stride), padding \(padding), dilation \(dilation), groups \(groups)")
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
    self.groups = groups
  }

  /// Size of the result for a picture of `size` and a filter of `kernel` pixels, both
  /// [down, across]: (size + padding − dilation·(kernel − 1) − 1) / stride + 1, rounded down; 0
  /// where the filter does not fit.
  public func outputSize(_ size: [Int], kernel: [Int]) -> [Int] {
    (0..<2).map { axis in
      let span = size[axis] + padding[2 * axis] + padding[2 * axis + 1]
      let reach = dilation[axis] * (kernel[axis] - 1) + 1
      return span < reach ? 0 : (span - reach) / stride[axis] + 1
    }
  }

  /// The smallest size that a convolution of this geometry would have turned into `size`.
  public func transposedSize(_ size: [Int], kernel: [Int]) -> [Int] {
    (0..<2).map { axis in
      Swift.max(
        0,
        (size[axis] - 1) * stride[axis] + dilation[axis] * (kernel[axis] - 1) + 1
          - padding[2 * axis] - padding[2 * axis + 1])
    }
  }
}

extension Tensor {
  /// Convolves a batch of pictures with a bank of filters (cross-correlation, as in all of deep
  /// learning).
  ///
  /// - Parameters:
  ///   - filter: `[Cout, Kh, Kw, Cin / groups]`; `self` is `[N, H, W, Cin]`.
  ///   - bias: `[Cout]`, added to every output pixel.
  ///   - geometry: Stride, padding, dilation and groups; by default stride 1 without padding.
  ///   - activation: Applied to the result, in the same pass where that keeps the gradient exact.
  /// - Returns: `[N, Ho, Wo, Cout]`, sizes by ``Convolution2DGeometry/outputSize(_:kernel:)``.
  /// - Precondition: channels and groups agree; the message names both shapes.
  /// - Complexity: 2·N·Ho·Wo·Cout·Kh·Kw·Cin/groups flops.
  /// - SeeAlso: Dumoulin and Visin 2016, arXiv:1603.07285.
  public func conv2d(
    _ filter: Tensor, bias: Tensor? = nil, geometry: Convolution2DGeometry = .init(),
    activation: Activation? = nil
  ) -> Tensor {
    precondition(
      rank == 4 && filter.rank == 4 && shape[3] == filter.shape[3] * geometry.groups
        && filter.shape[0] % geometry.groups == 0,
      "conv2d: picture \(shape), filter \(filter.shape), groups \(geometry.groups)")
    let output = geometry.outputSize([shape[1], shape[2]], kernel: filter.kernelSize)
    let scalars = Tensor.convolutionScalars(
      picture: shape, output: output, filter: filter.shape, geometry)
    return fusedConvolution(.forward, scalars, self, filter, bias, activation)
  }

  /// The adjoint of ``conv2d(_:bias:geometry:activation:)`` in its picture: spreads every input
  /// pixel over an output picture.
  ///
  /// - Parameters:
  ///   - filter: That of the convolution undone, `[C, Kh, Kw, Cout / groups]`; `self` is
  ///     `[N, H, W, C]`.
  ///   - bias: `[Cout]`.
  ///   - geometry: That of the convolution undone; its padding is cut off the result.
  ///   - outputSize: Which of the sizes that the convolution would have turned into `[H, W]`; by
  ///     default the smallest.
  ///   - activation: Applied to the result.
  /// - Returns: `[N, Ho, Wo, Cout]`, by default with Ho = (H − 1)·stride + dilation·(Kh − 1) + 1 −
  ///   padding.
  /// - Precondition: the convolution of a picture of `outputSize` has this tensor's size.
  public func convTransposed2d(
    _ filter: Tensor, bias: Tensor? = nil, geometry: Convolution2DGeometry = .init(),
    outputSize: [Int]? = nil, activation: Activation? = nil
  ) -> Tensor {
    precondition(
      rank == 4 && filter.rank == 4 && shape[3] == filter.shape[0]
        && shape[3] % geometry.groups == 0,
      "convTransposed2d: picture \(shape), filter \(filter.shape), groups \(geometry.groups)")
    let input = [shape[1], shape[2]]
    let size = outputSize ?? geometry.transposedSize(input, kernel: filter.kernelSize)
    precondition(
      geometry.outputSize(size, kernel: filter.kernelSize) == input,
      "convTransposed2d: no convolution turns \(size) into \(input)")
    let picture = [shape[0], size[0], size[1], filter.shape[3] * geometry.groups]
    let scalars = Tensor.convolutionScalars(
      picture: picture, output: input, filter: filter.shape, geometry)
    return fusedConvolution(.inputGradient, scalars, self, filter, bias, activation)
  }

  /// The gradient of a convolution of this picture in its filter, without a gradient of its own: one
  /// pass alone, for benchmarks.
  ///
  /// - Parameters:
  ///   - outputGradient: `[N, Ho, Wo, Cout]`.
  ///   - filter: Shape of the filter, `[Cout, Kh, Kw, Cin / groups]`.
  ///   - geometry: That of the convolution.
  /// - Returns: A tensor of the filter's shape.
  /// - Precondition: a convolution of this picture has the gradient's shape.
  package func conv2dFilterGradient(
    _ outputGradient: Tensor, filter: [Int], geometry: Convolution2DGeometry
  ) -> Tensor {
    let output = geometry.outputSize([shape[1], shape[2]], kernel: [filter[1], filter[2]])
    precondition(
      outputGradient.shape == [shape[0], output[0], output[1], filter[0]]
        && shape[3] == filter[3] * geometry.groups,
      "conv2dFilterGradient: picture \(shape), output \(outputGradient.shape), filter \(filter)")
    let scalars = Tensor.convolutionScalars(
      picture: shape, output: output, filter: filter, geometry)
    return Tensor.convolutionCall(.filterGradient, scalars, self, outputGradient)
  }

  private var kernelSize: [Int] { [shape[1], shape[2]] }

  private static func convolutionScalars(
    picture: [Int], output: [Int], filter: [Int], _ geometry: Convolution2DGeometry
  ) -> ck_conv2d_shape {
    ck_conv2d_shape(
      n: Int32(picture[0]), h: Int32(picture[1]), w: Int32(picture[2]), c: Int32(picture[3]),
      oh: Int32(output[0]), ow: Int32(output[1]), oc: Int32(filter[0]),
      kh: Int32(filter[1]), kw: Int32(filter[2]),
      stride_h: Int32(geometry.stride[0]), stride_w: Int32(geometry.stride[1]),
      pad_top: Int32(geometry.padding[0]), pad_left: Int32(geometry.padding[2]),
      dilation_h: Int32(geometry.dilation[0]), dilation_w: Int32(geometry.dilation[1]),
      groups: Int32(geometry.groups), activation: CK_NO_ACTIVATION, slope: 0,
      precision: CK_FLOAT32)
  }

  // MARK: Three bilinear kernels, closed under differentiation

  /// Which of the three; each one's gradients are the other two.
  private enum ConvolutionPass: Sendable {
    case forward  // (picture, filter) -> output
    case inputGradient  // (output, filter) -> picture
    case filterGradient  // (picture, output) -> filter

    func resultShape(_ s: ck_conv2d_shape) -> [Int] {
      switch self {
      case .forward: [s.n, s.oh, s.ow, s.oc].map(Int.init)
      case .inputGradient: [s.n, s.h, s.w, s.c].map(Int.init)
      case .filterGradient: [s.oc, s.kh, s.kw, s.c / s.groups].map(Int.init)
      }
    }
  }

  /// The kernel call alone.
  private static func convolutionCall(
    _ which: ConvolutionPass, _ s: ck_conv2d_shape, _ a: Tensor, _ b: Tensor, bias: Tensor? = nil
  ) -> Tensor {
    a.checkPartner(b, "convolution")
    let result = a.sibling(which.resultShape(s))
    var s = s
    s.precision = result.backend.precision.ck(result.dtype)
    let (a, b, bias, y) = (a.operand, b.operand, bias?.operand, result.operand)
    switch which {
    case .forward:
      result.backend.execute(.conv2d(s, x: a, filter: b, bias: bias, y: y))
    case .inputGradient:
      result.backend.execute(.conv2dInputGradient(s, dy: a, filter: b, bias: bias, dx: y))
    case .filterGradient:
      result.backend.execute(.conv2dFilterGradient(s, x: a, dy: b, dFilter: y))
    }
    return result
  }

  /// One of the three, recorded.
  ///
  /// `s` carries no activation.
  private static func convolution(
    _ which: ConvolutionPass, _ s: ck_conv2d_shape, _ a: Tensor, _ b: Tensor
  ) -> Tensor {
    convolutionCall(which, s, a, b).recorded(from: [a, b], saving: [.firstInput, .secondInput]) {
      let (first, second) = convolutionGradients(
        which, s, $0.gradient, $0.input(0), $0.input(1), needs: ($0.needs(0), $0.needs(1)))
      return [first, second]
    }
  }

  private static func convolutionGradients(
    _ which: ConvolutionPass, _ s: ck_conv2d_shape, _ g: Tensor, _ a: Tensor, _ b: Tensor,
    needs: (Bool, Bool)
  ) -> (Tensor?, Tensor?) {
    switch which {
    case .forward:
      (
        needs.0 ? convolution(.inputGradient, s, g, b) : nil,
        needs.1 ? convolution(.filterGradient, s, a, g) : nil
      )
    case .inputGradient:
      (
        needs.0 ? convolution(.forward, s, g, b) : nil,
        needs.1 ? convolution(.filterGradient, s, g, a) : nil
      )
    case .filterGradient:
      (
        needs.0 ? convolution(.inputGradient, s, b, g) : nil,
        needs.1 ? convolution(.forward, s, a, g) : nil
      )
    }
  }

  /// A forward or transposed convolution with bias and activation in one pass where the gradient
  /// allows it.
  private func fusedConvolution(
    _ which: ConvolutionPass, _ scalars: ck_conv2d_shape, _ x: Tensor, _ filter: Tensor,
    _ bias: Tensor?, _ activation: Activation?
  ) -> Tensor {
    let channels = which.resultShape(scalars)[3]
    if let bias {
      checkPartner(bias, "convolution")
      precondition(
        bias.shape == [channels], "convolution: bias \(bias.shape) for \(channels) channels")
    }
    let tracked = x.isTracked || filter.isTracked || bias?.isTracked == true
    if let activation, tracked, activation.backwardByOutput == nil {
      return fusedConvolution(which, scalars, x, filter, bias, nil).activated(activation)
    }
    var fused = scalars
    fused.activation = activation?.kernels.epilogue ?? CK_NO_ACTIVATION
    fused.slope = activation?.slope ?? 0
    let y = Tensor.convolutionCall(which, fused, x, filter, bias: bias)
    return y.recorded(
      from: [x, filter] + (bias.map { [$0] } ?? []),
      saving: activation == nil
        ? [.firstInput, .secondInput] : [.firstInput, .secondInput, .output]
    ) { pass in
      let dz = activation.map { $0.backward(pass, byOutput: pass.output) } ?? pass.gradient
      let (dx, dFilter) = Tensor.convolutionGradients(
        which, scalars, dz, pass.input(0), pass.input(1), needs: (pass.needs(0), pass.needs(1)))
      var gradients = [dx, dFilter]
      if bias != nil { gradients.append(pass.needs(2) ? dz.sum(axes: [0, 1, 2]) : nil) }
      return gradients
    }
  }
}
