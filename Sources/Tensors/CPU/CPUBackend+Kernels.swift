internal import CKernels

/// One line a kernel: its scalars, the type whose table it is in, its operands in their order.
extension CPUBackend {
  /// The call with addresses in its operands' place; its gradients are missing.
  func prepared(_ call: KernelCall) -> ck_call {
    switch call {
    case .unary(let s, let x, let y):
      prepared(CK_CALL_UNARY, .init(unary: s), y.dtype, x, y)
    case .binary(let s, let a, let b, let y):
      prepared(CK_CALL_BINARY, .init(binary: s), y.dtype, a, b, y)
    case .where(let s, let condition, let a, let b, let y):
      prepared(CK_CALL_WHERE, .init(where: s), y.dtype, condition, a, b, y)
    case .fill(let s, let y):
      prepared(CK_CALL_FILL, .init(fill: s), y.dtype, y)
    case .copy(let s, let source, let target):
      prepared(CK_CALL_COPY, .init(copy: s), target.dtype, source, target)
    case .cast(let s, let source, let target):
      prepared(CK_CALL_CAST, .init(cast: s), target.dtype, source, target)

    case .gather(let s, let table, let indices, let y):
      prepared(CK_CALL_GATHER, .init(gather: s), y.dtype, table, indices, y)
    case .scatterAdd(let s, let source, let indices, let table):
      prepared(CK_CALL_SCATTER_ADD, .init(gather: s), table.dtype, source, indices, table)
    case .oneHot(let s, let indices, let y):
      prepared(CK_CALL_ONE_HOT, .init(one_hot: s), y.dtype, indices, y)

    case .reduce(let s, let x, let y):
      prepared(CK_CALL_REDUCE, .init(reduce: s), x.dtype, x, y)
    case .softmax(let s, let x, let y):
      prepared(CK_CALL_SOFTMAX, .init(softmax: s), y.dtype, x, y)
    case .softmaxBackward(let s, let y, let dy, let dx):
      prepared(CK_CALL_SOFTMAX_BACKWARD, .init(softmax: s), dx.dtype, y, dy, dx)
    case .rowLoss(let s, let prediction, let target, let y):
      prepared(CK_CALL_ROW_LOSS, .init(loss: s), y.dtype, prediction, target, y)
    case .rowLossBackward(let s, let prediction, let target, let dy, let dp):
      prepared(CK_CALL_ROW_LOSS_BACKWARD, .init(loss: s), dp.dtype, prediction, target, dy, dp)

    case .gemm(let s, let a, let b, let bias, let c):
      prepared(CK_CALL_GEMM, .init(gemm: s), c.dtype, a, b, bias, c)
    case .conv2d(let s, let x, let filter, let bias, let y):
      prepared(CK_CALL_CONV2D, .init(conv2d: s), y.dtype, x, filter, bias, y)
    case .conv2dInputGradient(let s, let dy, let filter, let bias, let dx):
      prepared(CK_CALL_CONV2D_INPUT_GRADIENT, .init(conv2d: s), dx.dtype, dy, filter, bias, dx)
    case .conv2dFilterGradient(let s, let x, let dy, let dFilter):
      prepared(CK_CALL_CONV2D_FILTER_GRADIENT, .init(conv2d: s), dFilter.dtype, x, dy, dFilter)

    case .averagePool2d(let s, let x, let y):
      prepared(CK_CALL_AVERAGE_POOL2D, .init(pool2d: s), y.dtype, x, y)
    case .averagePool2dBackward(let s, let dy, let dx):
      prepared(CK_CALL_AVERAGE_POOL2D_BACKWARD, .init(pool2d: s), dx.dtype, dy, dx)
    case .maxPool2d(let s, let x, let y, let index):
      prepared(CK_CALL_MAX_POOL2D, .init(pool2d: s), y.dtype, x, y, index)
    case .resize2d(let s, let x, let y):
      prepared(CK_CALL_RESIZE2D, .init(resize2d: s), y.dtype, x, y)
    case .resize2dBackward(let s, let dy, let dx):
      prepared(CK_CALL_RESIZE2D_BACKWARD, .init(resize2d: s), dx.dtype, dy, dx)

    case .normalize(let s, let x, let mean, let variance, let scale, let shift, let y):
      prepared(CK_CALL_NORMALIZE, .init(normalize: s), y.dtype, x, mean, variance, scale, shift, y)
    case .standardize(let s, let x, let scale, let shift, let mean, let variance, let y):
      prepared(
        CK_CALL_STANDARDIZE, .init(normalize: s), y.dtype, x, scale, shift, mean, variance, y)
    case .normalizeBackward(
      let s, let x, let mean, let variance, let scale, let dy, let dx, let dScale, let dShift):
      prepared(
        CK_CALL_NORMALIZE_BACKWARD, .init(normalize: s), dx.dtype, x, mean, variance, scale, dy, dx,
        dScale, dShift)

    case .random(let s, let examples, let y):
      prepared(CK_CALL_RANDOM, .init(random: s), y.dtype, examples, y)

    case .sgd(let s, _, let gradientScale, let parameter, let momentum, let average):
      prepared(
        CK_CALL_SGD, .init(sgd: s), parameter.dtype, gradientScale, parameter, momentum, average)
    case .adam(
      let s, _, let gradientScale, let parameter, let first, let second, let average):
      prepared(
        CK_CALL_ADAM, .init(adam: s), parameter.dtype, gradientScale, parameter, first, second,
        average)
    }
  }

  /// The gradients of an optimiser's call.
  func gradients(of call: KernelCall) -> [ck_gradient] {
    switch call {
    case .sgd(_, let gradients, _, _, _, _), .adam(_, let gradients, _, _, _, _, _):
      gradients.map { ck_gradient(x: at($0.operand), count: $0.count) }
    default: []
    }
  }

  private func prepared(
    _ kind: ck_call_kind, _ scalars: ck_call_scalars, _ dtype: DType, _ a: Operand?,
    _ b: Operand? = nil, _ c: Operand? = nil, _ d: Operand? = nil, _ e: Operand? = nil,
    _ f: Operand? = nil, _ g: Operand? = nil, _ h: Operand? = nil
  ) -> ck_call {
    ck_call(
      kind: kind, scalars: scalars, kernels: kernels(for: dtype),
      gradients: nil, kept: nil,
      operands: (at(a), at(b), at(c), at(d), at(e), at(f), at(g), at(h)))
  }

  /// The table for an element type.
  func kernels(for dtype: DType) -> UnsafePointer<ck_kernels> {
    if emulatesAMX, dtype == .float32,
      let kernels = ck_kernels_emulating_amx(instructionSet.ck)
    {
      return kernels
    }
    return ck_kernels_for(dtype.ck, instructionSet.ck)
  }

  /// Where the operand begins; for one without elements, any address that is not null.
  private func at(_ operand: Operand) -> UnsafeMutableRawPointer {
    guard case .host(let base) = operand.memory else {
      return UnsafeMutableRawPointer(bitPattern: 64)!
    }
    return base + operand.offset * operand.dtype.byteCount
  }

  private func at(_ operand: Operand?) -> UnsafeMutableRawPointer? { operand.map { at($0) } }
}
