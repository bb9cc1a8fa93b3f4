import CKernels
import Testing

@testable import Tensors

/// Products and convolutions keep the C kernels' chains, so the check is equality of bits.
@Suite("OpenCL products") struct OpenCLProductTests {
  let pair: DevicePair

  init() throws { pair = try DevicePair() }

  @Test(
    "gemm equals the reference bit for bit",
    arguments: [
      (1, 1, 1, 1), (1, 32, 64, 16), (1, 33, 65, 17), (2, 5, 130, 40), (1, 70, 3, 129), (3, 1, 1, 0),
    ], [0, 1, 2, 3])
  func gemm(size: (batch: Int32, m: Int32, n: Int32, k: Int32), transposes: Int32) throws {
    var s = ck_gemm_shape()
    (s.batch, s.m, s.n, s.k) = size
    (s.transpose_a, s.transpose_b) = (transposes & 1, transposes >> 1)
    s.lda = (s.transpose_a == 1 ? s.m : s.k) + 3
    s.ldb = (s.transpose_b == 1 ? s.k : s.n) + 1
    s.ldc = s.n + 2
    s.batch_stride_a = s.lda * (s.transpose_a == 1 ? s.k : s.m)
    s.batch_stride_c = s.ldc * s.m
    s.accumulate = transposes & 1
    s.activation = CK_ACT_LEAKY_RELU
    s.slope = 0.2
    let a = Int(s.batch_stride_a * s.batch) + 3
    let b = Int(s.ldb * (s.transpose_b == 1 ? s.n : s.k)) + 3
    let shape = s
    let buffers = [a, b, Int(s.n), Int(s.batch_stride_c * s.batch)]
    try pair.expectSame("gemm", buffers.map { .floats($0) }) {
      .gemm(shape, a: $0[0], b: $0[1], bias: transposes == 2 ? nil : $0[2], c: $0[3])
    }
  }

  @Test("all passes of conv2d equal the reference bit for bit", arguments: Self.convolutions)
  func convolution(_ s: ck_conv2d_shape) throws {
    let x = Int(s.n * s.h * s.w * s.c), y = Int(s.n * s.oh * s.ow * s.oc)
    let filter = Int(s.oc * s.kh * s.kw * (s.c / s.groups))
    try pair.expectSame("forward", [x, filter, Int(s.oc), y].map { .floats($0) }) {
      .conv2d(s, x: $0[0], filter: $0[1], bias: $0[2], y: $0[3])
    }
    try pair.expectSame("input gradient", [y, filter, Int(s.c), x].map { .floats($0) }) {
      .conv2dInputGradient(s, dy: $0[0], filter: $0[1], bias: $0[2], dx: $0[3])
    }
    try pair.expectSame("filter gradient", [x, y, filter].map { .floats($0) }) {
      .conv2dFilterGradient(s, x: $0[0], dy: $0[1], dFilter: $0[2])
    }
  }

  static let convolutions: [ck_conv2d_shape] = [
    shape(n: 2, h: 7, w: 5, c: 3, oc: 4, k: (3, 3), stride: (1, 1), pad: (1, 1)),
    shape(n: 1, h: 8, w: 8, c: 4, oc: 6, k: (4, 4), stride: (2, 2), pad: (1, 1)),
    shape(n: 3, h: 9, w: 10, c: 6, oc: 4, k: (3, 2), stride: (2, 3), pad: (0, 1), groups: 2),
    shape(n: 1, h: 11, w: 12, c: 2, oc: 70, k: (3, 3), stride: (2, 1), pad: (2, 2), dilation: (2, 3)),
    shape(n: 2, h: 9, w: 9, c: 2, oc: 2, k: (3, 3), stride: (4, 4), pad: (1, 0), dilation: (2, 2)),
    shape(n: 1, h: 6, w: 6, c: 5, oc: 5, k: (1, 1), stride: (2, 2), pad: (0, 0), groups: 5),
    shape(n: 3, h: 26, w: 31, c: 1, oc: 2, k: (5, 5), stride: (1, 1), pad: (2, 2)),
    shape(n: 0, h: 6, w: 6, c: 1, oc: 2, k: (3, 3), stride: (1, 1), pad: (1, 1)),
  ]

  static func shape(
    n: Int32, h: Int32, w: Int32, c: Int32, oc: Int32, k: (Int32, Int32), stride: (Int32, Int32),
    pad: (Int32, Int32), dilation: (Int32, Int32) = (1, 1), groups: Int32 = 1
  ) -> ck_conv2d_shape {
    ck_conv2d_shape(
      n: n, h: h, w: w, c: c, oh: (h + 2 * pad.0 - dilation.0 * (k.0 - 1) - 1) / stride.0 + 1,
      ow: (w + 2 * pad.1 - dilation.1 * (k.1 - 1) - 1) / stride.1 + 1, oc: oc, kh: k.0, kw: k.1,
      stride_h: stride.0, stride_w: stride.1, pad_top: pad.0, pad_left: pad.1,
      dilation_h: dilation.0, dilation_w: dilation.1, groups: groups, activation: CK_ACT_ELU,
      slope: 1)
  }
}
