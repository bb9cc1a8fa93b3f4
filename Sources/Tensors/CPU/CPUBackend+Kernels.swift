internal import CKernels

/// One line a kernel: scalars, operands, pool.
extension CPUBackend {
  func run(_ call: KernelCall) {
    switch call {
    case .unary(var s, let x, let y): table(y).pointee.unary(&s, at(x), at(y), pool)
    case .binary(var s, let a, let b, let y): table(y).pointee.binary(&s, at(a), at(b), at(y), pool)
    case .where(var s, let condition, let a, let b, let y):
      table(y).pointee.where(&s, at(condition), at(a), at(b), at(y), pool)
    case .fill(var s, let y): table(y).pointee.fill(&s, at(y), pool)
    case .copy(var s, let source, let target): ck_copy(&s, at(source), at(target), pool)
    case .cast(var s, let source, let target): ck_cast(&s, at(source), at(target), pool)

    case .gather(var s, let t, let indices, let y):
      table(y).pointee.gather(&s, at(t), index(indices), at(y), pool)
    case .scatterAdd(var s, let source, let indices, let t):
      table(t).pointee.scatter_add(&s, at(source), index(indices), at(t), pool)
    case .oneHot(var s, let indices, let y):
      table(y).pointee.one_hot(&s, index(indices), at(y), pool)

    case .reduce(var s, let x, let y): table(x).pointee.reduce(&s, at(x), at(y), pool)
    case .softmax(var s, let x, let y): table(y).pointee.softmax(&s, at(x), at(y), pool)
    case .softmaxBackward(var s, let y, let dy, let dx):
      table(dx).pointee.softmax_backward(&s, at(y), at(dy), at(dx), pool)
    case .rowLoss(var s, let prediction, let target, let y):
      table(y).pointee.row_loss(&s, at(prediction), at(target), at(y), pool)
    case .rowLossBackward(var s, let prediction, let target, let dy, let dp):
      table(dp).pointee.row_loss_backward(&s, at(prediction), at(target), at(dy), at(dp), pool)

    case .gemm(var s, let a, let b, let bias, let c):
      table(c).pointee.gemm(&s, at(a), at(b), at(bias), at(c), pool)
    case .conv2d(var s, let x, let filter, let bias, let y):
      table(y).pointee.conv2d(&s, at(x), at(filter), at(bias), at(y), pool)
    case .conv2dInputGradient(var s, let dy, let filter, let bias, let dx):
      table(dx).pointee.conv2d_input_gradient(&s, at(dy), at(filter), at(bias), at(dx), pool)
    case .conv2dFilterGradient(var s, let x, let dy, let dFilter):
      table(dFilter).pointee.conv2d_filter_gradient(&s, at(x), at(dy), at(dFilter), pool)

    case .averagePool2d(var s, let x, let y):
      table(y).pointee.average_pool2d(&s, at(x), at(y), pool)
    case .averagePool2dBackward(var s, let dy, let dx):
      table(dx).pointee.average_pool2d_backward(&s, at(dy), at(dx), pool)
    case .maxPool2d(var s, let x, let y, let i):
      table(y).pointee.max_pool2d(&s, at(x), at(y), index(i), pool)
    case .resize2d(var s, let x, let y): table(y).pointee.resize2d(&s, at(x), at(y), pool)
    case .resize2dBackward(var s, let dy, let dx):
      table(dx).pointee.resize2d_backward(&s, at(dy), at(dx), pool)

    case .normalize(var s, let x, let mean, let variance, let scale, let shift, let y):
      table(y).pointee.normalize(
        &s, at(x), at(mean), at(variance), at(scale), at(shift), at(y), pool)
    case .standardize(var s, let x, let scale, let shift, let mean, let variance, let y):
      table(y).pointee.standardize(
        &s, at(x), at(scale), at(shift), at(mean), at(variance), at(y), pool)
    case .normalizeBackward(
      var s, let x, let mean, let variance, let scale, let dy, let dx, let dScale, let dShift):
      table(dx).pointee.normalize_backward(
        &s, at(x), at(mean), at(variance), at(scale), at(dy), at(dx), at(dScale), at(dShift), pool)

    case .sgd(var s, let gradient, let gradientScale, let parameter, let momentum, let average):
      table(parameter).pointee.sgd(
        &s, at(gradient), at(gradientScale), at(parameter), at(momentum), at(average), pool)
    case .adam(
      var s, let gradient, let gradientScale, let parameter, let first, let second, let average):
      table(parameter).pointee.adam(
        &s, at(gradient), at(gradientScale), at(parameter), at(first), at(second), at(average), pool
      )

    case .random(var s, let examples, let y):
      table(y).pointee.random(&s, examples.map(index), at(y), pool)
    }
  }

  private func table(_ operand: Operand) -> UnsafePointer<ck_kernels> {
    if emulatesAMX, operand.dtype == .float32,
      let kernels = ck_kernels_emulating_amx(instructionSet.ck)
    {
      return kernels
    }
    return ck_kernels_for(operand.dtype.ck, instructionSet.ck)
  }

  /// Where the operand begins; for one without elements, any address that is not null.
  private func at(_ operand: Operand) -> UnsafeMutableRawPointer {
    guard case .host(let base) = operand.memory else {
      return UnsafeMutableRawPointer(bitPattern: 64)!
    }
    return base + operand.offset * operand.dtype.byteCount
  }

  private func at(_ operand: Operand?) -> UnsafeMutableRawPointer? { operand.map { at($0) } }

  private func index(_ operand: Operand) -> UnsafeMutablePointer<Int32> {
    at(operand).assumingMemoryBound(to: Int32.self)
  }
}
