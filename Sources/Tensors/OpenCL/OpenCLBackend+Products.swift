internal import CKernels
internal import COpenCLKernels

/// Matrix products and convolutions: all are `product.cl` with different views of its operands.
extension OpenCLBackend {
  /// Outputs of one work-group are 32 x `groupSize`; `count` products of at most m x n lie side by
  /// side.
  func product(
    _ recipe: ProgramRecipe, scalars: some BitwiseCopyable, count: Int32, m: Int32, n: Int32,
    a: Operand, b: Operand, bias: Operand?, c: Operand
  ) throws(DeviceError) {
    let down = (Int(m) + 31) / 32
    let across = (Int(n) + device.groupSize - 1) / device.groupSize
    try launch(
      recipe, "product", groups: Int(count) * down * across, .scalars(scalars), .operand(a),
      .operand(b), .operand(bias), .operand(c))
  }

  func conv2d(
    _ s: ck_conv2d_shape, x: Operand, filter: Operand, bias: Operand?, y: Operand
  ) throws(DeviceError) {
    try product(
      .convolution, scalars: ConvolutionCall(s), count: s.groups, m: s.n * s.oh * s.ow,
      n: s.oc / s.groups, a: x, b: filter, bias: bias, c: y)
  }

  /// A product for every phase of the stride, see `convolution.cl`.
  func conv2dInputGradient(
    _ s: ck_conv2d_shape, dy: Operand, filter: Operand, bias: Operand?, dx: Operand
  ) throws(DeviceError) {
    let rows = (s.h + s.stride_h - 1) / s.stride_h
    let columns = (s.w + s.stride_w - 1) / s.stride_w
    try product(
      .inputGradient, scalars: ConvolutionCall(s), count: s.groups * s.stride_h * s.stride_w,
      m: s.n * rows * columns, n: s.c / s.groups, a: dy, b: filter, bias: bias, c: dx)
  }

  /// The parts of the sum over positions are those of the CPU, and are added in the same order.
  func conv2dFilterGradient(
    _ s: ck_conv2d_shape, x: Operand, dy: Operand, dFilter: Operand
  ) throws(DeviceError) {
    var shape = s
    let parts = ck_filter_gradient_parts(&shape)
    let size = s.oc * s.kh * s.kw * (s.c / s.groups)
    let target = parts.count == 1 ? dFilter : try scratch(Int(parts.count * size))
    try product(
      .filterGradient, scalars: ConvolutionCall(s, partLength: parts.length),
      count: parts.count * s.groups, m: s.oc / s.groups, n: s.kh * s.kw * (s.c / s.groups),
      a: dy, b: x, bias: nil, c: target)
    if parts.count == 1 { return }
    try launch(
      .filterGradient, "sum_parts", groups: items(size), .scalars(size),
      .scalars(parts.count), .operand(target), .operand(dFilter))
  }
}

/// `product_call` of `convolution.cl`.
private struct ConvolutionCall: BitwiseCopyable {
  var shape: ck_conv2d_shape
  var partLength: Int32

  init(_ shape: ck_conv2d_shape, partLength: Int32 = 0) {
    self.shape = shape
    self.partLength = partLength
  }
}
