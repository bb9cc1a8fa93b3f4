internal import CKernels
internal import COpenCLKernels

/// Matrix products and convolutions: all are `product.cl` with different views of its operands.
extension OpenCLBackend {
  func gemm(
    _ s: ck_gemm_shape, a: Operand, b: Operand, bias: Operand?, c: Operand
  ) throws(DeviceError) {
    let isTransposed = (a: s.transpose_a != 0, b: s.transpose_b != 0)
    let lines = [
      s.lda, s.ldb, s.ldc, s.batch_stride_a, s.batch_stride_b, s.batch_stride_c, s.n,
      isTransposed.a ? s.m : s.k, isTransposed.b ? s.k : s.n,
    ]
    let problem = ProductProblem(
      kind: .gemm(transposeA: isTransposed.a, transposeB: isTransposed.b), count: Int(s.batch),
      m: Int(s.m), n: Int(s.n), k: Int(s.k),
      alignment: alignment(lines.map(Int.init), a, b, bias, c), units: units)
    try product(problem, scalars: .gemm(s), a: a, b: b, bias: bias, c: c)
  }

  func conv2d(
    _ s: ck_conv2d_shape, x: Operand, filter: Operand, bias: Operand?, y: Operand
  ) throws(DeviceError) {
    if try winogradConv2d(s, x: x, filter: filter, bias: bias, y: y) { return }
    let (c, oc) = channels(s)
    let problem = ProductProblem(
      kind: .forward, count: Int(s.groups), m: Int(s.n * s.oh * s.ow), n: oc,
      k: Int(s.kh * s.kw) * c, runA: c, alignment: alignment([c, oc], x, filter, bias, y),
      units: units(s))
    try product(problem, scalars: .convolution(s), a: x, b: filter, bias: bias, c: y)
  }

  /// A product for every phase of the stride, see `convolution.cl`.
  func conv2dInputGradient(
    _ s: ck_conv2d_shape, dy: Operand, filter: Operand, bias: Operand?, dx: Operand
  ) throws(DeviceError) {
    if try winogradInputGradient(s, dy: dy, filter: filter, bias: bias, dx: dx) { return }
    let (c, oc) = channels(s)
    let rows = (s.h + s.stride_h - 1) / s.stride_h
    let columns = (s.w + s.stride_w - 1) / s.stride_w
    let problem = ProductProblem(
      kind: .inputGradient, count: Int(s.groups * s.stride_h * s.stride_w),
      m: Int(s.n * rows * columns), n: c, k: Int(s.kh * s.kw) * oc, runA: oc,
      alignment: alignment([c, oc], dy, filter, bias, dx), units: units(s))
    try product(problem, scalars: .convolution(s), a: dy, b: filter, bias: bias, c: dx)
  }

  /// Unless the device gains by more, the parts of the sum over positions are those of the CPU.
  func conv2dFilterGradient(
    _ s: ck_conv2d_shape, x: Operand, dy: Operand, dFilter: Operand
  ) throws(DeviceError) {
    if try winogradFilterGradient(s, x: x, dy: dy, dFilter: dFilter) { return }
    var shape = s
    let parts = ck_filter_gradient_parts(&shape)
    let (c, oc) = channels(s)
    let problem = ProductProblem(
      kind: .filterGradient, count: Int(s.groups), m: oc, n: Int(s.kh * s.kw) * c,
      k: Int(s.n * s.oh * s.ow), runB: c, alignment: alignment([c, oc], dy, x, nil, dFilter),
      units: units(s), usualParts: ProductParts(count: parts.count, length: parts.length))
    try product(problem, scalars: .convolution(s), a: dy, b: x, bias: nil, c: dFilter)
  }

  /// A product, by parts and their sum where its plan has several.
  func product(
    _ problem: ProductProblem, scalars: ProductScalars, a: Operand, b: Operand,
    bias: Operand?, c: Operand
  ) throws(DeviceError) {
    listing?.products.append(ProductCase(problem: problem, scalars: scalars))
    try product(
      problem, by: plan(for: problem), scalars: scalars, a: a, b: b, bias: bias, c: c)
  }

  /// A product by a plan that may be another than its own.
  func product(
    _ problem: ProductProblem, by plan: ProductPlan, scalars: ProductScalars, a: Operand,
    b: Operand, bias: Operand?, c: Operand
  ) throws(DeviceError) {
    let inParts = plan.parts.count > 1
    let target = inParts ? try scratch(Int(plan.parts.count) * problem.outputs) : c
    try launch(plan, scalars, a: a, b: b, bias: inParts ? nil : bias, c: target)
    if !inParts { return }
    let outputs = Int32(problem.outputs)
    try launch(
      plan.recipe, "sum_of_parts", groups: items(outputs), scalars.with(plan.parts),
      .scalars(outputs), .operand(target), .operand(bias), .operand(c))
  }

  /// The parts of a product alone, [products, parts, m, n], those of the CPU; returns their number.
  func partialProducts(
    _ problem: ProductProblem, scalars: ProductScalars, a: Operand, b: Operand,
    target: Operand
  ) throws(DeviceError) -> Int32 {
    listing?.products.append(ProductCase(problem: problem, scalars: scalars))
    let tile = plan(for: problem).tile
    let plan = ProductPlan(problem, tile: tile, parts: problem.partsOfTheCPU)
    try launch(plan, scalars, a: a, b: b, bias: nil, c: target)
    return plan.parts.count
  }

  private func launch(
    _ plan: ProductPlan, _ scalars: ProductScalars, a: Operand, b: Operand, bias: Operand?,
    c: Operand
  ) throws(DeviceError) {
    try launch(
      plan.recipe, "product", groups: plan.groups, groupSize: plan.tile.items,
      scalars.with(plan.parts), .operand(a), .operand(b), .operand(bias), .operand(c))
  }

  /// What matrix products are multiplied in.
  var units: ProductTile.Units {
    switch precision {
    case .float32: .none
    case .bfloat16: .bfloat16
    case .tf32: .tf32
    }
  }

  /// What a convolution is: those of few channels stay float32, as on the CPU.
  func units(_ s: ck_conv2d_shape) -> ProductTile.Units {
    var shape = s
    return ck_convolution_is_narrow(&shape) != 0 ? .none : units
  }

  /// Channels of a group on either side.
  private func channels(_ s: ck_conv2d_shape) -> (c: Int, oc: Int) {
    (Int(s.c / s.groups), Int(s.oc / s.groups))
  }

  /// The largest power of two up to 16 that divides counts along memory and offsets of operands.
  func alignment(_ counts: [Int], _ operands: Operand?...) -> Int {
    let bits = counts.reduce(16, |) | operands.reduce(0) { $0 | ($1?.offset ?? 0) }
    return bits & -bits
  }
}

/// `product_call` of `gemm.cl` or `convolution.cl`, but for the parts.
enum ProductScalars: Sendable {
  case gemm(ck_gemm_shape)
  case convolution(ck_conv2d_shape)

  func with(_ parts: ProductParts) -> KernelArgument {
    switch self {
    case .gemm(let s): .scalars(s, parts)
    case .convolution(let s): .scalars(s, parts)
    }
  }
}
