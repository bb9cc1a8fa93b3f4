import CKernels
import Testing

@testable import Tensors

private func operand(_ dtype: DType = .float32) -> Operand {
  Operand(storage: Storage(byteCount: 0, on: Device.cpu.backend), offset: 0, dtype: dtype)
}

/// What calls compute and move, worked out by hand.
@Suite struct KernelWorkTests {
  private let x = operand()

  @Test("a product of 2 × [3, 5] by one [5, 7], with bias, activation and accumulation")
  func gemm() {
    var s = ck_gemm_shape()
    (s.batch, s.m, s.n, s.k) = (2, 3, 7, 5)
    s.batch_stride_a = 15
    // 42 results of 5 products: 420. A 30, one B 35, C 42 elements.
    #expect(
      KernelCall.gemm(s, a: x, b: x, bias: nil, c: x).work == .init(flops: 420, bytes: 4 * 107))
    (s.accumulate, s.activation) = (1, CK_ACT_RELU)
    // Addition to C, bias and relu: three a result. C is read, too, and 7 of the bias.
    #expect(
      KernelCall.gemm(s, a: x, b: x, bias: x, c: x).work
        == .init(flops: 420 + 3 * 42, bytes: 4 * (107 + 42 + 7)))
  }

  @Test("a convolution's three passes have the same products; biases and activations are extra")
  func convolution() {
    var s = ck_conv2d_shape()
    (s.n, s.h, s.w, s.c) = (2, 6, 5, 4)
    (s.oh, s.ow, s.oc, s.kh, s.kw) = (3, 3, 8, 3, 2)
    (s.stride_h, s.stride_w, s.dilation_h, s.dilation_w, s.groups) = (2, 2, 1, 1, 2)
    // 2·3·3·8 = 144 results of 3·2·(4/2) = 12 taps: 3456. Input 240, output 144, filter 8·12 = 96.
    let plain = KernelWork(flops: 3456, bytes: 4 * 480)
    #expect(KernelCall.conv2d(s, x: x, filter: x, bias: nil, y: x).work == plain)
    #expect(KernelCall.conv2dInputGradient(s, dy: x, filter: x, bias: nil, dx: x).work == plain)
    #expect(KernelCall.conv2dFilterGradient(s, x: x, dy: x, dFilter: x).work == plain)
    s.activation = CK_ACT_TANH
    // Of 144 results with 8 biases; of 240 with 4.
    #expect(
      KernelCall.conv2d(s, x: x, filter: x, bias: x, y: x).work
        == .init(flops: 3456 + 288, bytes: 4 * 488))
    #expect(
      KernelCall.conv2dInputGradient(s, dy: x, filter: x, bias: x, dx: x).work
        == .init(flops: 3456 + 480, bytes: 4 * 484))
  }

  @Test("elementwise functions count one an element, and what is broadcast is read once")
  func elementwise() {
    let unary = ck_unary_shape(op: CK_EXP, count: 10, alpha: 0, beta: 0)
    #expect(KernelCall.unary(unary, x: x, y: x).work == .init(flops: 10, bytes: 80))
    var s = ck_binary_shape()
    (s.op, s.rank) = (CK_MULTIPLY, 2)
    (s.size.0, s.size.1) = (6, 5)
    (s.stride_a.0, s.stride_a.1) = (5, 1)
    (s.stride_b.0, s.stride_b.1) = (0, 1)
    #expect(KernelCall.binary(s, a: x, b: x, y: x).work == .init(flops: 30, bytes: 4 * 65))
    let cast = ck_cast_shape(from: CK_F32, to: CK_BF16, count: 9)
    #expect(
      KernelCall.cast(cast, source: x, target: operand(.bfloat16)).work
        == .init(flops: 0, bytes: 9 * 6))
  }

  @Test("normalisation: seven an element with its statistics, ten backward, seven without them")
  func normalisation() {
    var s = ck_normalize_shape()
    (s.n, s.s, s.g, s.c) = (2, 10, 3, 4)
    // 240 elements, 2 statistics of 6 groups, scale and shift of 12 columns.
    #expect(
      KernelCall.standardize(s, x: x, scale: x, shift: x, mean: x, variance: x, y: x).work
        == .init(flops: 7 * 240, bytes: 4 * (480 + 12 + 24)))
    #expect(
      KernelCall.normalize(s, x: x, mean: x, variance: x, scale: nil, shift: nil, y: x).work
        == .init(flops: 3 * 240, bytes: 4 * (480 + 12)))
    func backward() -> KernelWork {
      KernelCall.normalizeBackward(
        s, x: x, mean: x, variance: x, scale: x, dy: x, dx: x, dScale: x, dShift: x
      ).work
    }
    #expect(backward() == .init(flops: 10 * 240, bytes: 4 * (720 + 12 + 36)))
    s.fixed_statistics = 1
    #expect(backward().flops == 7 * 240)
  }

  @Test("optimisers read gradients, and read and write parameters, state and average")
  func optimisers() {
    var s = ck_adam_shape()
    s.count = 100
    let gradients = [CountedOperand(operand: x, count: 60), CountedOperand(operand: x, count: 40)]
    func adam(_ scale: Operand?, _ average: Operand?) -> KernelWork {
      KernelCall.adam(
        s, gradients: gradients, gradientScale: scale, parameter: x, firstMoment: x,
        secondMoment: x, average: average
      ).work
    }
    // m: two products, a sum. v: a square more. Two corrections, root, epsilon, quotient, rate,
    // difference.
    #expect(adam(nil, nil) == .init(flops: 1400, bytes: 4 * 700))
    s.weight_decay = 0.1
    #expect(adam(x, x) == .init(flops: 1400 + 200 + 100 + 300, bytes: 4 * 901))
    let sgd = ck_sgd_shape(
      count: 100, rate: 0.1, momentum: 0.9, weight_decay: 0, nesterov: 1, ema_decay: 0)
    #expect(
      KernelCall.sgd(
        sgd, gradients: gradients, gradientScale: nil, parameter: x, momentum: x, average: nil
      ).work == .init(flops: 600, bytes: 4 * 500))
  }

  @Test("what only moves counts no operation")
  func movement() {
    var copy = ck_copy_shape()
    (copy.element_bytes, copy.rank) = (2, 2)
    (copy.size.0, copy.size.1) = (4, 5)
    copy.source_stride.0 = 1
    #expect(KernelCall.copy(copy, source: x, target: x).work == .init(flops: 0, bytes: 2 * 24))
    let gather = ck_gather_shape(rows: 9, width: 3, count: 2)
    let indices = operand(.int32)
    #expect(
      KernelCall.gather(gather, table: x, indices: indices, y: x).work
        == .init(flops: 0, bytes: 4 * (6 + 6 + 2)))
    #expect(
      KernelCall.scatterAdd(gather, source: x, indices: indices, table: x).work
        == .init(flops: 6, bytes: 4 * (6 + 2 + 12)))
  }

  @Test("sums and rows")
  func rows() {
    let reduce = ck_reduce_shape(op: CK_SUM_OF_SQUARES, outer: 2, reduced: 5, inner: 3)
    #expect(KernelCall.reduce(reduce, x: x, y: x).work == .init(flops: 60, bytes: 4 * 36))
    let softmax = ck_softmax_shape(rows: 4, columns: 5, logarithm: 0)
    #expect(KernelCall.softmax(softmax, x: x, y: x).work == .init(flops: 100, bytes: 160))
    let loss = ck_loss_shape(loss: CK_SQUARED_ERROR, rows: 4, columns: 5)
    #expect(
      KernelCall.rowLoss(loss, prediction: x, target: x, y: x).work
        == .init(flops: 60, bytes: 4 * 44))
  }
}
