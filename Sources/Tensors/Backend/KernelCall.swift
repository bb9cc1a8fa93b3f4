internal import CKernels

/// A run of elements in a storage, as a kernel sees a tensor.
struct Operand: Sendable {
  let memory: Memory
  /// Position of the first element, in elements of `dtype`.
  let offset: Int
  let dtype: DType
  /// Keeps the memory; nil where someone else does.
  let storage: Storage?
  /// The storage's, which keeps it.
  unowned(unsafe) let weights: KeptWeights?

  init(storage: Storage, offset: Int, dtype: DType) {
    (memory, self.storage, weights) = (storage.memory, storage, storage.weights)
    (self.offset, self.dtype) = (offset, dtype)
  }

  /// The same elements, kept by someone else.
  var unowned: Operand { Operand(self, at: offset, storage: nil) }

  /// The elements from the one at `first` on.
  func from(_ first: Int) -> Operand { Operand(self, at: offset + first, storage: storage) }

  private init(_ other: Operand, at offset: Int, storage: Storage?) {
    (memory, weights, dtype) = (other.memory, other.weights, other.dtype)
    (self.offset, self.storage) = (offset, storage)
  }
}

/// One of several operands that a kernel reads one after another.
struct CountedOperand: Sendable {
  let operand: Operand
  /// Its elements.
  let count: Int32

  func map(_ change: (Operand) -> Operand) -> CountedOperand {
    CountedOperand(operand: change(operand), count: count)
  }
}

/// One kernel call as data: its scalars and its operands, inputs before outputs.
///
/// Every operation on tensors ends in these, and they are all that a ``Backend`` must be able to
/// do. `ck_kernels.h` states what each one computes. Being data, calls can be counted, profiled,
/// and recorded for replay. Indirect, because the largest cases take hundreds of bytes, which were
/// copied several times a call.
indirect enum KernelCall: Sendable {
  case unary(ck_unary_shape, x: Operand, y: Operand)
  case binary(ck_binary_shape, a: Operand, b: Operand, y: Operand)
  case `where`(ck_where_shape, condition: Operand, a: Operand, b: Operand, y: Operand)
  case fill(ck_fill_shape, y: Operand)
  case copy(ck_copy_shape, source: Operand, target: Operand)
  case cast(ck_cast_shape, source: Operand, target: Operand)

  case gather(ck_gather_shape, table: Operand, indices: Operand, y: Operand)
  case scatterAdd(ck_gather_shape, source: Operand, indices: Operand, table: Operand)
  case oneHot(ck_one_hot_shape, indices: Operand, y: Operand)

  case reduce(ck_reduce_shape, x: Operand, y: Operand)
  case softmax(ck_softmax_shape, x: Operand, y: Operand)
  case softmaxBackward(ck_softmax_shape, y: Operand, dy: Operand, dx: Operand)
  case rowLoss(ck_loss_shape, prediction: Operand, target: Operand, y: Operand)
  case rowLossBackward(
    ck_loss_shape, prediction: Operand, target: Operand, dy: Operand, dPrediction: Operand)

  case gemm(ck_gemm_shape, a: Operand, b: Operand, bias: Operand?, c: Operand)
  case conv2d(ck_conv2d_shape, x: Operand, filter: Operand, bias: Operand?, y: Operand)
  case conv2dInputGradient(
    ck_conv2d_shape, dy: Operand, filter: Operand, bias: Operand?, dx: Operand)
  case conv2dFilterGradient(ck_conv2d_shape, x: Operand, dy: Operand, dFilter: Operand)

  case averagePool2d(ck_pool2d_shape, x: Operand, y: Operand)
  case averagePool2dBackward(ck_pool2d_shape, dy: Operand, dx: Operand)
  case maxPool2d(ck_pool2d_shape, x: Operand, y: Operand, index: Operand)
  case resize2d(ck_resize2d_shape, x: Operand, y: Operand)
  case resize2dBackward(ck_resize2d_shape, dy: Operand, dx: Operand)

  case normalize(
    ck_normalize_shape, x: Operand, mean: Operand, variance: Operand, scale: Operand?,
    shift: Operand?, y: Operand)
  case standardize(
    ck_normalize_shape, x: Operand, scale: Operand?, shift: Operand?, mean: Operand,
    variance: Operand, y: Operand)
  case normalizeBackward(
    ck_normalize_shape, x: Operand, mean: Operand, variance: Operand, scale: Operand?, dy: Operand,
    dx: Operand, dScale: Operand, dShift: Operand)

  case sgd(
    ck_sgd_shape, gradients: [CountedOperand], gradientScale: Operand?, parameter: Operand,
    momentum: Operand, average: Operand?)
  case adam(
    ck_adam_shape, gradients: [CountedOperand], gradientScale: Operand?, parameter: Operand,
    firstMoment: Operand, secondMoment: Operand, average: Operand?)

  case random(ck_random_shape, examples: Operand?, y: Operand)
}
