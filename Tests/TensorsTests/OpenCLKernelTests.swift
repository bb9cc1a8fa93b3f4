import CKernels
import Testing

@testable import Tensors

/// Every kernel but products against the C reference: the texts share mathematics and orders of summation, so the check is equality of
/// bits (on a device whose division and square root round correctly).
@Suite("OpenCL kernels") struct OpenCLKernelTests {
  let pair: DevicePair

  init() throws { pair = try DevicePair() }

  static let special: [Float] = [
    0, -0.0, 1, -1, .infinity, -.infinity, .nan, 1e-40, -1e-40, 1e-30, 88, -88, 104, -104, 3e38,
  ]

  // MARK: Elementwise

  // TODO zeros
  @Test("unary operations", arguments: 0..<23 as Range<UInt32>)
  func unary(op: UInt32) throws {
    let s = ck_unary_shape(op: ck_unary_op(op), count: 3000, alpha: 0.3, beta: 1.5)
    try pair.expectSame(
      "unary \(op)", [.floats(3000, -12...12, special: Self.special), .floats(3000)]
    ) { .unary(s, x: $0[0], y: $0[1]) }
    try pair.expectSame("in place", [.floats(3000, special: Self.special)]) {
      .unary(s, x: $0[0], y: $0[0])
    }
  }

  @Test(
    "unary operations on integers",
    arguments: [CK_NEGATE, CK_ABS, CK_SIGN, CK_SQUARE, CK_CLAMP, CK_SCALE_SHIFT])
  func integerUnary(op: ck_unary_op) throws {
    let s = ck_unary_shape(op: op, count: 500, alpha: -3, beta: 70_000)
    let x = TestBuffer.integers(500, .min ... .max)
    try pair.expectSame("integers", [x, .integers(500, 0...9)]) {
      .unary(s, x: $0[0], y: $0[1])
    }
  }

  @Test("binary operations, broadcast", arguments: 0..<21 as Range<UInt32>)
  func binary(op: UInt32) throws {
    var s = ck_binary_shape()
    (s.op, s.rank, s.alpha) = (ck_binary_op(op), 3, 0.3)
    (s.size.0, s.size.1, s.size.2) = (5, 7, 11)
    (s.stride_a.0, s.stride_a.1, s.stride_a.2) = (77, 11, 1)
    (s.stride_b.0, s.stride_b.1, s.stride_b.2) = (11, 0, 1)
    let shape = s
    try pair.expectSame(
      "binary \(op)",
      [
        .floats(385, -9...9, special: Self.special), .floats(55, -9...9, special: Self.special),
        .floats(385),
      ]
    ) { .binary(shape, a: $0[0], b: $0[1], y: $0[2]) }
    if op >= CK_RELU_BACKWARD.rawValue || op == CK_DIVIDE.rawValue || op == CK_POWER.rawValue { return }
    try pair.expectSame(
      "integers", [.integers(385, -3...3), .integers(55, -3...3), .integers(385, 9...9)]
    ) { .binary(shape, a: $0[0], b: $0[1], y: $0[2]) }
  }

  @Test("a binary operation of rank 0 is one element, and one with a size of 0 none")
  func smallest() throws {
    var s = ck_binary_shape()
    s.op = CK_ADD
    let scalar = s
    try pair.expectSame("scalar", [.floats(1), .floats(1), .floats(1)]) {
      .binary(scalar, a: $0[0], b: $0[1], y: $0[2])
    }
    (s.rank, s.size.0) = (1, 0)
    let empty = s
    try pair.expectSame("empty", [.floats(0), .floats(0), .floats(0)]) {
      .binary(empty, a: $0[0], b: $0[1], y: $0[2])
    }
  }

  @Test("where and fill")
  func selection() throws {
    var s = ck_where_shape()
    (s.rank, s.size.0, s.size.1) = (2, 9, 13)
    (s.stride_condition.0, s.stride_condition.1) = (0, 1)
    (s.stride_a.0, s.stride_a.1) = (13, 1)
    (s.stride_b.0, s.stride_b.1) = (1, 0)
    let shape = s
    try pair.expectSame(
      "where",
      [.floats(13, 0...0, special: [.nan, 1, -0.0]), .floats(117), .floats(9), .floats(117)]
    ) { .where(shape, condition: $0[0], a: $0[1], b: $0[2], y: $0[3]) }
    for (count, value) in [(1, Float.nan), (1000, 3e9)] as [(Int32, Float)] {
      let s = ck_fill_shape(count: count, value: value)
      try pair.expectSame("fill", [.floats(count)]) { .fill(s, y: $0[0]) }
      try pair.expectSame("fill", [.integers(count, 5...5)]) { .fill(s, y: $0[0]) }
    }
  }

  // MARK: Movement

  @Test("strided copies: transposed, flipped, repeated", arguments: [2, 4, 8] as [Int32])
  func copy(bytes: Int32) throws {
    var s = ck_copy_shape()
    (s.element_bytes, s.rank) = (bytes, 3)
    (s.size.0, s.size.1, s.size.2) = (3, 5, 4)
    (s.target_stride.0, s.target_stride.1, s.target_stride.2) = (20, 4, 1)
    let dtype: DType = bytes == 2 ? .float16 : bytes == 4 ? .float32 : .float64
    let strides: [(Int32, Int32, Int32)] = [(20, 4, 1), (1, 3, 15), (0, 1, 0), (20, -4, -1)]
    for strides in strides {
      (s.source_stride.0, s.source_stride.1, s.source_stride.2) = strides
      let shape = s
      let words = TestBuffer.anything(160, as: .int32)
      try pair.expectSame("copy \(strides)", [words, words]) { operands in
        // Margins are 28 bytes, so 8-byte elements begin at the next multiple.
        let first = (28 + Int(bytes) - 1) / Int(bytes)
        let start = first + (strides.1 < 0 ? 19 : 0)
        return .copy(
          shape, source: Operand(storage: operands[0].storage, offset: start, dtype: dtype),
          target: Operand(storage: operands[1].storage, offset: first, dtype: dtype))
      }
    }
  }

  @Test("casts between every two types")
  func cast() throws {
    let types: [DType] = [.float32, .int32, .float16, .bfloat16]
    for from in types {
      for to in types {
        let s = ck_cast_shape(from: from.ck, to: to.ck, count: 4000)
        var source = TestBuffer.anything(4000, as: from)
        if from == .float32 {
          source = .floats(4000, -70_000...70_000, special: Self.special + [65_519.99, 65_520])
        }
        try pair.expectSame("\(from) to \(to)", [source, .anything(4000, as: to)]) {
          .cast(s, source: $0[0], target: $0[1])
        }
        try pair.expectSame(
          "any bits, \(from) to \(to)", [.anything(4000, as: from), .anything(4000, as: to)]
        ) { .cast(s, source: $0[0], target: $0[1]) }
      }
    }
  }

  @Test(
    "gather, scatter-add and one-hot, with indices outside and repeated",
    arguments: [(5, 3, 40), (1, 1, 100), (300, 17, 9), (40, 600, 20), (4, 2, 0)])
  func indexed(rows: Int32, width: Int32, count: Int32) throws {
    let s = ck_gather_shape(rows: rows, width: width, count: count)
    let indices = TestBuffer.integers(count, -1...rows)
    try pair.expectSame("gather", [.floats(rows * width), indices, .floats(count * width)]) {
      .gather(s, table: $0[0], indices: $0[1], y: $0[2])
    }
    try pair.expectSame("scatter-add", [.floats(count * width), indices, .floats(rows * width)]) {
      .scatterAdd(s, source: $0[0], indices: $0[1], table: $0[2])
    }
    try pair.expectSame(
      "scatter-add of integers",
      [.integers(count * width, -9...9), indices, .integers(rows * width, 0...9)]
    ) { .scatterAdd(s, source: $0[0], indices: $0[1], table: $0[2]) }
    let hot = ck_one_hot_shape(count: count, depth: rows)
    try pair.expectSame("one-hot", [indices, .floats(count * rows)]) {
      .oneHot(hot, indices: $0[0], y: $0[1])
    }
  }

  // MARK: Reductions and rows

  static let reductions: [(outer: Int32, reduced: Int32, inner: Int32)] = [
    (1, 1, 1), (3, 0, 2), (1, 0, 1), (7, 15, 1), (5, 17, 1), (300, 64, 1), (2, 1025, 1), (1, 70_001, 1),
    (1, 64, 3), (2, 65, 5), (3, 1000, 7), (1, 20_000, 2), (4, 33, 300),
  ]

  @Test("reductions", arguments: 0..<7 as Range<UInt32>, Self.reductions)
  func reduce(op: UInt32, size: (outer: Int32, reduced: Int32, inner: Int32)) throws {
    let s = ck_reduce_shape(
      op: ck_reduce_op(op), outer: size.outer, reduced: size.reduced, inner: size.inner)
    let count = s.outer * s.reduced * s.inner, outputs = s.outer * s.inner
    let positions = s.op == CK_ARGMAX || s.op == CK_ARGMIN
    let y: TestBuffer = positions ? .integers(outputs, 9...9) : .floats(outputs)
    let specials: [[Float]] = [[], [1, 1, -0.0, 0], Self.special]
    for special in specials {
      try pair.expectSame("reduction", [.floats(count, special: special), y]) {
        .reduce(s, x: $0[0], y: $0[1])
      }
    }
    try pair.expectSame("of integers", [.integers(count, -2...2), .integers(outputs, 9...9)]) {
      .reduce(s, x: $0[0], y: $0[1])
    }
  }

  @Test(
    "softmax, log-softmax and the losses",
    arguments: [(1, 1), (5, 10), (3, 17), (70, 3), (2, 784), (3, 2500), (0, 5), (4, 0)])
  func rows(rows: Int32, columns: Int32) throws {
    let count = rows * columns
    for logarithm in [0, 1] as [Int32] {
      let s = ck_softmax_shape(rows: rows, columns: columns, logarithm: logarithm)
      try pair.expectSame("softmax", [.floats(count, -9...9), .floats(count)]) {
        .softmax(s, x: $0[0], y: $0[1])
      }
      try pair.expectSame("softmax backward", [.floats(count), .floats(count), .floats(count)]) {
        .softmaxBackward(s, y: $0[0], dy: $0[1], dx: $0[2])
      }
    }
    for loss in [CK_BCE_WITH_LOGITS, CK_SQUARED_ERROR] {
      let s = ck_loss_shape(loss: loss, rows: rows, columns: columns)
      try pair.expectSame("loss", [.floats(count, -9...9), .floats(count, 0...1), .floats(rows)]) {
        .rowLoss(s, prediction: $0[0], target: $0[1], y: $0[2])
      }
      let buffers: [TestBuffer] = [
        .floats(count, -9...9), .floats(count, 0...1), .floats(rows), .floats(count),
      ]
      try pair.expectSame("loss backward", buffers) {
        .rowLossBackward(s, prediction: $0[0], target: $0[1], dy: $0[2], dPrediction: $0[3])
      }
    }
  }

  // MARK: Pictures

  @Test("pooling", arguments: [0, 1] as [Int32])
  func pooling(countPadding: Int32) throws {
    let windows: [(k: Int32, stride: Int32, pad: Int32)] = [
      (2, 2, 0), (3, 2, 1), (3, 1, 1), (2, 3, 0), (4, 3, 2),
    ]
    for (k, stride, pad) in windows {
      let (oh, ow) = ((9 + 2 * pad - k) / stride + 1, (7 + 2 * pad - k) / stride + 1)
      let s = ck_pool2d_shape(
        n: 2, h: 9, w: 7, c: 3, oh: oh, ow: ow, kh: k, kw: k, stride_h: stride, stride_w: stride,
        pad_top: pad, pad_left: pad, count_padding: countPadding)
      let (x, y) = (2 * 9 * 7 * 3, 2 * oh * ow * 3)
      try pair.expectSame("average", [.floats(x), .floats(y)]) {
        .averagePool2d(s, x: $0[0], y: $0[1])
      }
      try pair.expectSame("average backward", [.floats(y), .floats(x)]) {
        .averagePool2dBackward(s, dy: $0[0], dx: $0[1])
      }
      let largest = TestBuffer.floats(x, special: [.nan, 1, 1, -.infinity, 0, -0.0])
      try pair.expectSame("largest", [largest, .floats(y), .integers(y, 9...9)]) {
        .maxPool2d(s, x: $0[0], y: $0[1], index: $0[2])
      }
    }
  }

  @Test("resizing up and down", arguments: [CK_NEAREST, CK_BILINEAR])
  func resizing(mode: ck_resize_mode) throws {
    let sizes: [(Int32, Int32, Int32, Int32)] = [
      (4, 4, 8, 8), (8, 8, 4, 4), (5, 7, 13, 3), (1, 1, 6, 5), (9, 2, 1, 1), (7, 7, 7, 7),
    ]
    for (h, w, oh, ow) in sizes {
      let s = ck_resize2d_shape(mode: mode, n: 2, h: h, w: w, c: 3, oh: oh, ow: ow)
      let (x, y) = (6 * h * w, 6 * oh * ow)
      try pair.expectSame("resize", [.floats(x), .floats(y)]) { .resize2d(s, x: $0[0], y: $0[1]) }
      try pair.expectSame("resize backward", [.floats(y), .floats(x)]) {
        .resize2dBackward(s, dy: $0[0], dx: $0[1])
      }
    }
  }

  // MARK: Normalisation, optimisers, randomness

  static let normalisations: [(n: Int32, s: Int32, g: Int32, c: Int32)] = [
    (1, 3, 5, 1), (1, 200, 7, 1), (1, 5000, 300, 1), (3, 65, 4, 1), (6, 1, 1, 10), (4, 1, 1, 1300),
    (2, 70, 3, 4), (2, 3, 2, 513), (1, 1, 1, 1), (2, 0, 3, 2),
  ]

  @Test("normalisation", arguments: Self.normalisations)
  func normalisation(size: (n: Int32, s: Int32, g: Int32, c: Int32)) throws {
    let (n, rows, g, c) = size
    let count = n * rows * g * c
    for fixed in [0, 1] as [Int32] {
      let s = ck_normalize_shape(
        n: n, s: rows, g: g, c: c, epsilon: 1e-5, fixed_statistics: fixed)
      try pair.expectSame("moments", [.floats(count, 900...910), .floats(n * g), .floats(n * g)]) {
        .moments(s, x: $0[0], mean: $0[1], variance: $0[2])
      }
      for affine in [false, true] {
        try pair.expectSame(
          "normalize",
          [
            .floats(count), .floats(n * g), .floats(n * g, 0...2), .floats(g * c), .floats(g * c),
            .floats(count),
          ]
        ) {
          .normalize(
            s, x: $0[0], mean: $0[1], variance: $0[2], scale: affine ? $0[3] : nil,
            shift: affine ? $0[4] : nil, y: $0[5])
        }
        try pair.expectSame(
          "normalize backward",
          [
            .floats(count), .floats(n * g), .floats(n * g, 0...2), .floats(g * c),
            .floats(count), .floats(count), .floats(g * c), .floats(g * c),
          ]
        ) {
          .normalizeBackward(
            s, x: $0[0], mean: $0[1], variance: $0[2], scale: affine ? $0[3] : nil, dy: $0[4],
            dx: $0[5], dScale: $0[6], dShift: $0[7])
        }
      }
    }
  }

  @Test("optimisers", arguments: [0, 1] as [Int32])
  func optimisers(variant: Int32) throws {
    let count: Int32 = 1000
    let buffers: [TestBuffer] = [
      .floats(count), .floats(1), .floats(count), .floats(count, 0...1), .floats(count, 0...1),
      .floats(count),
    ]
    let sgd = ck_sgd_shape(
      count: count, rate: 0.1, momentum: 0.9, weight_decay: 0.01, nesterov: variant, ema_decay: 0.99)
    let adam = ck_adam_shape(
      count: count, rate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weight_decay: 0.01,
      decoupled: variant, correction1: 0.1, correction2: 0.001, ema_decay: 0.99)
    for optional in [false, true] {
      try pair.expectSame("sgd", buffers) {
        .sgd(
          sgd, gradient: $0[0], gradientScale: optional ? $0[1] : nil, parameter: $0[2],
          momentum: $0[3], average: optional ? $0[5] : nil)
      }
      try pair.expectSame("adam", buffers) {
        .adam(
          adam, gradient: $0[0], gradientScale: optional ? $0[1] : nil, parameter: $0[2],
          firstMoment: $0[3], secondMoment: $0[4], average: optional ? $0[5] : nil)
      }
    }
  }

  @Test(
    "random numbers", arguments: [CK_UNIFORM, CK_NORMAL, CK_BERNOULLI],
    [(1, 1), (3, 4), (5, 7), (100, 1001), (0, 3)])
  func random(distribution: ck_distribution, size: (rows: Int32, columns: Int32)) throws {
    let s = ck_random_shape(
      distribution: distribution, rows: size.rows, columns: size.columns, seed_low: 0xdead_beef,
      seed_high: 0xffff_ffff, stream: 7, step: 0x8000_0001, first_example: .max - 1,
      probability: 0.3)
    let count = size.rows * size.columns
    try pair.expectSame("by position", [.floats(count)]) { .random(s, examples: nil, y: $0[0]) }
    try pair.expectSame("by example", [.integers(size.rows, .min ... .max), .floats(count)]) {
      .random(s, examples: $0[0], y: $0[1])
    }
  }
}
