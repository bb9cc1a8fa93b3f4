internal import CKernels

/// What a kernel call computes and moves at the least, by its formula alone: what its time is
/// measured against.
///
/// - flops: every addition, subtraction, multiplication, division, maximum, square root and
///   transcendental function of the formula in `ck_shapes.h` counts as one, a multiplication and the
///   addition of its product as two, an activation as one. A convolution's taps that lie in the
///   padding count, as is usual; constants that are worked out once a call do not. Integer
///   arithmetic and what only moves or chooses counts nothing.
/// - bytes: every element that the call reads or writes, once for each; what is broadcast is read
///   once, what is updated in place is read and written.
///
/// Kernels may do more: read again, or compute twice. Winograd's do less.
struct KernelWork: Equatable, Sendable {
  var flops = 0
  var bytes = 0
}

extension KernelCall {
  var work: KernelWork {
    switch self {
    case .unary(let s, let x, let y):
      return .init(Int(s.count), flops: 1, x, y)
    case .binary(let s, let a, let b, let y):
      let size = Axes(s.rank, s.size)
      return KernelWork(
        flops: size.count,
        bytes: y.bytes(size.count) + a.bytes(size.distinct(s.stride_a))
          + b.bytes(size.distinct(s.stride_b)))
    case .where(let s, let condition, let a, let b, let y):
      let size = Axes(s.rank, s.size)
      return KernelWork(
        bytes: y.bytes(size.count) + condition.bytes(size.distinct(s.stride_condition))
          + a.bytes(size.distinct(s.stride_a)) + b.bytes(size.distinct(s.stride_b)))
    case .fill(let s, let y): return .init(Int(s.count), flops: 0, y)
    case .copy(let s, _, _):
      let size = Axes(s.rank, s.size)
      return KernelWork(
        bytes: Int(s.element_bytes) * (size.count + size.distinct(s.source_stride)))
    case .cast(let s, let source, let target):
      return .init(Int(s.count), flops: 0, source, target)

    case .gather(let s, let table, let indices, let y):
      let count = Int(s.count) * Int(s.width)
      return .init(count, flops: 0, table, y).reading(indices, Int(s.count))
    case .scatterAdd(let s, let source, let indices, let table):
      let touched = min(Int(s.count), Int(s.rows)) * Int(s.width)
      return KernelWork(Int(s.count) * Int(s.width), flops: 1, source)
        .reading(indices, Int(s.count)).reading(table, touched).reading(table, touched)
    case .oneHot(let s, let indices, let y):
      return .init(Int(s.count) * Int(s.depth), flops: 0, y).reading(indices, Int(s.count))

    case .reduce(let s, let x, let y):
      let outputs = Int(s.outer) * Int(s.inner)
      return KernelWork(
        outputs * Int(s.reduced), flops: s.op == CK_SUM_OF_SQUARES ? 2 : 1, x
      ).reading(y, outputs)
    case .softmax(let s, let x, let y): return .init(Int(s.rows) * Int(s.columns), flops: 5, x, y)
    case .softmaxBackward(let s, let y, let dy, let dx):
      return .init(Int(s.rows) * Int(s.columns), flops: 4, y, dy, dx)
    case .rowLoss(let s, let prediction, let target, let y):
      return KernelWork(
        Int(s.rows) * Int(s.columns), flops: s.loss == CK_SQUARED_ERROR ? 3 : 7, prediction, target
      ).reading(y, Int(s.rows))
    case .rowLossBackward(let s, let prediction, let target, let dy, let dPrediction):
      return KernelWork(
        Int(s.rows) * Int(s.columns), flops: 3, prediction, target, dPrediction
      ).reading(dy, Int(s.rows))

    case .gemm(let s, let a, let b, let bias, let c): return product(s, a, b, bias, c)
    case .conv2d(let s, _, _, let bias, let y):
      return convolution(s, bias, y, (s.oc, s.n * s.oh * s.ow))
    case .conv2dInputGradient(let s, _, _, let bias, let dx):
      return convolution(s, bias, dx, (s.c, s.n * s.h * s.w))
    case .conv2dFilterGradient(var s, _, _, let dFilter):
      s.activation = CK_NO_ACTIVATION
      return convolution(s, nil, dFilter, (0, 0))

    case .averagePool2d(let s, let x, let y): return pool(s, x, y)
    case .averagePool2dBackward(let s, let dy, let dx): return pool(s, dx, dy)
    case .maxPool2d(let s, let x, let y, let index):
      return pool(s, x, y).reading(index, Int(s.n) * Int(s.oh) * Int(s.ow) * Int(s.c))
    case .resize2d(let s, let x, let y): return resize(s, x, y)
    case .resize2dBackward(let s, let dy, let dx): return resize(s, dx, dy)

    case .normalize(let s, let x, let mean, let variance, let scale, let shift, let y):
      return .init(s.elements, flops: 3, x, y)
        .reading(mean, s.rows).reading(variance, s.rows)
        .reading(scale, s.columns).reading(shift, s.columns)
    case .standardize(let s, let x, let scale, let shift, let mean, let variance, let y):
      // Sum; difference, square, sum; and `normalize`.
      return .init(s.elements, flops: 7, x, y)
        .reading(mean, s.rows).reading(variance, s.rows)
        .reading(scale, s.columns).reading(shift, s.columns)
    case .normalizeBackward(
      let s, let x, let mean, let variance, let scale, let dy, let dx, let dScale, let dShift):
      // Two sums with x̂ between, then dx, which two more terms flow to through the statistics.
      return .init(s.elements, flops: s.fixed_statistics == 0 ? 10 : 7, x, dy, dx)
        .reading(mean, s.rows).reading(variance, s.rows).reading(scale, s.columns)
        .reading(dScale, s.columns).reading(dShift, s.columns)

    case .sgd(let s, _, let gradientScale, let parameter, let momentum, let average):
      let flops =
        4 + (s.nesterov != 0 ? 2 : 0) + (s.weight_decay != 0 ? 2 : 0)
        + (gradientScale != nil ? 1 : 0)
      return update(Int(s.count), flops, parameter, [momentum], average, gradientScale)
    case .adam(let s, _, let gradientScale, let parameter, let first, let second, let average):
      // Moments 3 and 4, corrections 2, square root, epsilon, quotient, rate, difference.
      let flops = 14 + (s.weight_decay != 0 ? 2 : 0) + (gradientScale != nil ? 1 : 0)
      return update(Int(s.count), flops, parameter, [first, second], average, gradientScale)

    case .random(let s, let examples, let y):
      return KernelWork(Int(s.rows) * Int(s.columns), flops: 0, y).reading(examples, Int(s.rows))
    }
  }

  private func product(
    _ s: ck_gemm_shape, _ a: Operand, _ b: Operand, _ bias: Operand?, _ c: Operand
  ) -> KernelWork {
    let (batch, m, n, k) = (Int(s.batch), Int(s.m), Int(s.n), Int(s.k))
    let outputs = batch * m * n
    let accumulates = s.accumulate != 0
    var work = KernelWork(outputs, flops: 2 * k + (accumulates ? 1 : 0), c)
      .reading(a, (s.batch_stride_a == 0 ? min(batch, 1) : batch) * m * k)
      .reading(b, (s.batch_stride_b == 0 ? min(batch, 1) : batch) * k * n)
      .reading(accumulates ? c : nil, outputs).reading(bias, n)
    work.flops += (bias != nil ? outputs : 0) + (s.activation != CK_NO_ACTIVATION ? outputs : 0)
    return work
  }

  /// One of the three passes, which all have the same multiplications and touch input, output and
  /// filter once each; `outputs` are the channels with a bias, and the positions of each.
  private func convolution(
    _ s: ck_conv2d_shape, _ bias: Operand?, _ y: Operand,
    _ outputs: (channels: Int32, positions: Int32)
  ) -> KernelWork {
    let taps = Int(s.kh) * Int(s.kw) * Int(s.c / max(s.groups, 1))
    let (inputs, results) = (
      Int(s.n) * Int(s.h) * Int(s.w) * Int(s.c), Int(s.n) * Int(s.oh) * Int(s.ow) * Int(s.oc)
    )
    let size = y.dtype.byteCount
    var work = KernelWork(
      flops: 2 * results * taps, bytes: size * (inputs + results + Int(s.oc) * taps)
    ).reading(bias, Int(outputs.channels))
    let finished = Int(outputs.channels) * Int(outputs.positions)
    work.flops += (bias != nil ? finished : 0) + (s.activation != CK_NO_ACTIVATION ? finished : 0)
    return work
  }

  private func pool(_ s: ck_pool2d_shape, _ large: Operand, _ small: Operand) -> KernelWork {
    let outputs = Int(s.n) * Int(s.oh) * Int(s.ow) * Int(s.c)
    return KernelWork(outputs, flops: Int(s.kh) * Int(s.kw), small)
      .reading(large, Int(s.n) * Int(s.h) * Int(s.w) * Int(s.c))
  }

  /// Four taps, each a multiplication and an addition, where it is bilinear.
  private func resize(_ s: ck_resize2d_shape, _ source: Operand, _ target: Operand) -> KernelWork {
    let outputs = Int(s.n) * Int(s.oh) * Int(s.ow) * Int(s.c)
    return KernelWork(outputs, flops: s.mode == CK_BILINEAR ? 8 : 0, target)
      .reading(source, Int(s.n) * Int(s.h) * Int(s.w) * Int(s.c))
  }

  /// Gradients are read; parameters, state and average are read and written.
  private func update(
    _ count: Int, _ flops: Int, _ parameter: Operand, _ state: [Operand], _ average: Operand?,
    _ gradientScale: Operand?
  ) -> KernelWork {
    let buffers = 1 + state.count + (average != nil ? 1 : 0)
    return KernelWork(
      flops: count * (flops + (average != nil ? 3 : 0)),
      bytes: parameter.bytes(count) * (1 + 2 * buffers)
    ).reading(gradientScale, 1)
  }
}

extension KernelWork {
  /// So many flops for each of `count` elements, of which all operands have as many.
  fileprivate init(_ count: Int, flops: Int, _ operands: Operand...) {
    self.init(flops: count * flops, bytes: operands.reduce(0) { $0 + $1.bytes(count) })
  }

  /// The same work with so many elements of an operand more, read or written.
  fileprivate func reading(_ operand: Operand?, _ count: Int) -> KernelWork {
    KernelWork(flops: flops, bytes: bytes + (operand?.bytes(count) ?? 0))
  }
}

extension Operand {
  fileprivate func bytes(_ count: Int) -> Int { count * dtype.byteCount }
}

extension ck_normalize_shape {
  fileprivate var elements: Int { Int(n) * Int(s) * columns }
  /// Entries of the statistics.
  fileprivate var rows: Int { Int(n) * Int(g) }
  /// Entries of scale and shift.
  fileprivate var columns: Int { Int(g) * Int(c) }
}

/// Sizes of a shape's axes.
private struct Axes {
  let sizes: [Int32]

  init<Sizes>(_ rank: Int32, _ sizes: Sizes) {
    self.sizes = withUnsafeBytes(of: sizes) {
      Array($0.bindMemory(to: Int32.self).prefix(Int(rank)))
    }
  }

  var count: Int { sizes.reduce(1) { $0 * Int($1) } }

  /// Elements of an operand with these strides: an axis of stride 0 has one.
  func distinct<Strides>(_ strides: Strides) -> Int {
    withUnsafeBytes(of: strides) { bytes in
      zip(sizes, bytes.bindMemory(to: Int32.self)).reduce(1) { count, axis in
        count * (axis.1 == 0 ? min(Int(axis.0), 1) : Int(axis.0))
      }
    }
  }
}
