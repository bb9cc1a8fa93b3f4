import CKernels

@testable import Tensors

/// A convolution in each of its three roles.
private struct ConvolutionCase: Sendable {
  var n, h, w, c, oc: Int
  var kernel = [3, 3]
  var stride = [1, 1]
  var padding = [0, 0]
  var dilation = [1, 1]
  var groups = 1
  /// nil: what fits when the padding is on all sides.
  var output: [Int]?
  var hasBias = false
  var activation = CK_NO_ACTIVATION
  var values = TestValues.normal
  /// Done by Winograd's algorithm in float32 on the CPU.
  var isWinograd = false
  var precision = Precision.float32
  var label = ""

  var isNarrow: Bool { Swift.min(c, oc) <= 4 * groups }

  /// Winograd's algorithm and few channels stay float32.
  private var roundsFactors: Bool { precision == .bfloat16 && !isWinograd && !isNarrow }

  private var outputSize: [Int] {
    output
      ?? Convolution2DGeometry(
        stride: stride, padding: [padding[0], padding[0], padding[1], padding[1]],
        dilation: dilation, groups: groups
      ).outputSize([h, w], kernel: kernel)
  }

  private var shape: ck_conv2d_shape {
    let int32 = { (value: Int) in Int32(value) }
    return ck_conv2d_shape(
      n: int32(n), h: int32(h), w: int32(w), c: int32(c), oh: int32(outputSize[0]),
      ow: int32(outputSize[1]), oc: int32(oc), kh: int32(kernel[0]), kw: int32(kernel[1]),
      stride_h: int32(stride[0]), stride_w: int32(stride[1]), pad_top: int32(padding[0]),
      pad_left: int32(padding[1]), dilation_h: int32(dilation[0]), dilation_w: int32(dilation[1]),
      groups: int32(groups), activation: activation, slope: 0.2,
      precision: precision.ck(.float32))
  }

  private var sizeX: Int { n * h * w * c }
  private var sizeFilter: Int { oc * kernel[0] * kernel[1] * (c / groups) }
  private var sizeY: Int { n * outputSize[0] * outputSize[1] * oc }

  var kernelCases: [KernelCase] {
    let shape = shape
    let name = "\(n)·\(h)·\(w)·\(c) by \(oc)·\(kernel[0])·\(kernel[1])\(label)"
    let taps = kernel[0] * kernel[1]
    var cases = [
      KernelCase(
        "conv2d \(name)",
        [
          .input(sizeX, values), .input(sizeFilter, values), .input(hasBias ? oc : 0, values),
          .output(sizeY),
        ],
        truth: truth(terms: taps * c / groups, size: sizeY, channels: oc) { v, add in
          forEachTap { x, f, y in add(y, v[0][x] * v[1][f]) }
        }
      ) { .conv2d(shape, x: $0[0], filter: $0[1], bias: hasBias ? $0[2] : nil, y: $0[3]) },
      KernelCase(
        "conv2dInputGradient \(name)",
        [
          .input(sizeY, values), .input(sizeFilter, values), .input(hasBias ? c : 0, values),
          .output(sizeX),
        ],
        truth: truth(terms: taps * oc / groups, size: sizeX, channels: c) { v, add in
          forEachTap { x, f, y in add(x, v[0][y] * v[1][f]) }
        }
      ) {
        .conv2dInputGradient(
          shape, dy: $0[0], filter: $0[1], bias: hasBias ? $0[2] : nil, dx: $0[3])
      },
    ]
    if !hasBias {
      cases.append(
        KernelCase(
          "conv2dFilterGradient \(name)",
          [.input(sizeX, values), .input(sizeY, values), .input(0), .output(sizeFilter)],
          truth: truth(terms: sizeY / Swift.max(oc, 1), size: sizeFilter, channels: 1) { v, add in
            forEachTap { x, f, y in add(f, v[0][x] * v[1][y]) }
          }
        ) { .conv2dFilterGradient(shape, x: $0[0], dy: $0[1], dFilter: $0[3]) })
    }
    return cases
  }

  /// The whole definition: every pixel of x, tap of the filter and output that belong together.
  private func forEachTap(_ body: (_ x: Int, _ filter: Int, _ y: Int) -> Void) {
    let (oh, ow) = (outputSize[0], outputSize[1])
    let (channels, outputs) = (c / groups, oc / groups)
    for image in 0..<n {
      for oy in 0..<oh {
        for ox in 0..<ow {
          for ky in 0..<kernel[0] {
            for kx in 0..<kernel[1] {
              let iy = oy * stride[0] + ky * dilation[0] - padding[0]
              let ix = ox * stride[1] + kx * dilation[1] - padding[1]
              guard iy >= 0, iy < h, ix >= 0, ix < w else { continue }
              for o in 0..<oc {
                for i in 0..<channels {
                  body(
                    ((image * h + iy) * w + ix) * c + o / outputs * channels + i,
                    ((o * kernel[0] + ky) * kernel[1] + kx) * channels + i,
                    ((image * oh + oy) * ow + ox) * oc + o)
                }
              }
            }
          }
        }
      }
    }
  }

  private func truth(
    terms: Int, size: Int, channels: Int,
    _ sum: @escaping @Sendable (_ v: [[Double]], _ add: (Int, Double) -> Void) -> Void
  ) -> Truth {
    // Some activations are of size 1 near 0.
    let margin = (activation == CK_NO_ACTIVATION ? 0 : 1) + (roundsFactors ? flushed : 0)
    @Sendable func result(_ v: [[Double]], activated: Bool) -> [[Double]] {
      var y = [Double](repeating: 0, count: size)
      let factors = roundsFactors ? v[0...1].map { $0.map(bfloat16Factor) } : Array(v[0...1])
      sum(factors) { y[$0] += $1 }
      for i in y.indices where hasBias { y[i] += v[2][i % channels] }
      return [y.map { activated ? epilogue(activation, 0.2, $0) : $0 + margin }]
    }
    let magnitudes: Truth.Formula = { v in
      result(v.map { $0.map(Swift.abs) }, activated: false)
    }
    let direct = Truth.Bound.of(sumUnits(terms) + 8, magnitudes)
    // The outputs of a tile are differences of the same sums, so all have the error of the largest.
    // Over the rows below that was 8 units at most with 3 taps, 16 with 2: half of what is allowed.
    let shared = Truth.Bound.of(kernel[0] == 3 * stride[0] ? 16 : 32) { v in
      magnitudes(v).map { Array(repeating: $0.max() ?? 0, count: $0.count) }
    }
    return Truth(isWinograd ? shared : direct, float64: direct) { result($0, activated: true) }
  }
}

extension KernelTable {
  static let convolutions: [KernelCase] =
    (geometries + largeConvolutions + fewChannels + winogradConvolutions + fusedConvolutions)
    .flatMap(\.kernelCases)

  /// Those of the above that Winograd's algorithm does.
  static let winograd: [KernelCase] = winogradConvolutions.flatMap(\.kernelCases)

  static let convolutionsInBFloat16: [KernelCase] =
    (ownInBFloat16 + geometries.prefix(8)).map {
      var row = $0
      (row.precision, row.label) = (.bfloat16, row.label + " in bfloat16")
      return row
    }.flatMap(\.kernelCases)

  /// As above; with AMX, Winograd's algorithm is left to convolutions of few channels.
  static let convolutionsOnAMX: [KernelCase] =
    (ownInBFloat16 + geometries.prefix(8) + winogradConvolutions.filter { $0.c < 1024 }).map {
      var row = $0
      (row.precision, row.label) = (.bfloat16, row.label + " in bfloat16")
      row.isWinograd = row.isWinograd && row.isNarrow
      return row
    }.flatMap(\.kernelCases)

  /// More than four channels on both sides and not Winograd's: odd depths that part pairs between
  /// taps, groups, more of each size than one block, part, panel or staging holds.
  private static let ownInBFloat16: [ConvolutionCase] =
    [
      ConvolutionCase(n: 2, h: 3, w: 5, c: 9, oc: 6, kernel: [1, 1]),
      ConvolutionCase(n: 1, h: 33, w: 57, c: 64, oc: 35, kernel: [1, 1], label: " large"),
      ConvolutionCase(n: 1, h: 6, w: 5, c: 7, oc: 5, kernel: [1, 1], stride: [2, 3]),
      ConvolutionCase(
        n: 2, h: 11, w: 9, c: 5, oc: 7, kernel: [5, 5], stride: [2, 2], padding: [2, 2]),
      ConvolutionCase(
        n: 1, h: 13, w: 14, c: 9, oc: 11, stride: [2, 4], padding: [2, 3], dilation: [4, 2]),
      ConvolutionCase(n: 3, h: 15, w: 15, c: 6, oc: 13, kernel: [2, 3], label: " many positions"),
      ConvolutionCase(
        n: 1, h: 5, w: 6, c: 91, oc: 40, kernel: [5, 5], padding: [2, 2], label: " deep"),
      ConvolutionCase(
        n: 1, h: 6, w: 7, c: 10, oc: 531, kernel: [3, 1], stride: [2, 2], label: " many filters"),
      ConvolutionCase(
        n: 5, h: 15, w: 16, c: 66, oc: 70, kernel: [3, 2], padding: [1, 0], label: " several parts"),
      ConvolutionCase(n: 2, h: 7, w: 6, c: 21, oc: 15, kernel: [5, 3], groups: 3),
      ConvolutionCase(
        n: 1, h: 9, w: 9, c: 6, oc: 9, kernel: [2, 2], stride: [3, 3], label: " gaps"),
      ConvolutionCase(
        n: 1, h: 4, w: 4, c: 5, oc: 6, kernel: [2, 2], padding: [5, 6], dilation: [2, 1],
        output: [13, 16], label: " windows outside"),
      ConvolutionCase(n: 0, h: 5, w: 5, c: 8, oc: 9, kernel: [2, 3]),
      ConvolutionCase(
        n: 2, h: 13, w: 14, c: 9, oc: 18, padding: [1, 1], isWinograd: true, label: " Winograd"),
      ConvolutionCase(
        n: 2, h: 8, w: 6, c: 3, oc: 32, kernel: [4, 4], stride: [2, 2], padding: [1, 1]),
      ConvolutionCase(
        n: 2, h: 6, w: 5, c: 12, oc: 24, padding: [1, 1], groups: 3, label: " narrow"),
    ]
    + epilogues.map { activation in
      ConvolutionCase(
        n: 2, h: 7, w: 6, c: 7, oc: 9, stride: [2, 1], padding: [1, 1], hasBias: true,
        activation: activation, label: " bias, activation \(activation.rawValue)")
    }

  private static let geometries: [ConvolutionCase] = [
    ConvolutionCase(n: 2, h: 3, w: 5, c: 4, oc: 3, kernel: [1, 1]),
    ConvolutionCase(
      n: 1, h: 6, w: 5, c: 3, oc: 2, kernel: [1, 1], stride: [2, 3], label: " stride 2, 3"),
    ConvolutionCase(n: 2, h: 7, w: 5, c: 3, oc: 4, padding: [1, 1], label: " same"),
    ConvolutionCase(n: 1, h: 7, w: 7, c: 17, oc: 19, padding: [1, 1], isWinograd: true),
    ConvolutionCase(
      n: 2, h: 8, w: 6, c: 1, oc: 5, kernel: [4, 4], stride: [2, 2], padding: [1, 1]),
    ConvolutionCase(
      n: 1, h: 11, w: 9, c: 2, oc: 3, kernel: [5, 5], stride: [2, 2], padding: [2, 2]),
    ConvolutionCase(n: 1, h: 10, w: 8, c: 2, oc: 2, stride: [3, 3], label: " stride 3"),
    ConvolutionCase(
      n: 1, h: 9, w: 11, c: 2, oc: 3, kernel: [2, 2], stride: [4, 3], label: " gaps"),
    ConvolutionCase(
      n: 2, h: 6, w: 9, c: 3, oc: 2, kernel: [2, 5], stride: [1, 2], padding: [1, 0]),
    ConvolutionCase(n: 1, h: 7, w: 4, c: 2, oc: 3, kernel: [5, 1], padding: [2, 0]),
    ConvolutionCase(
      n: 1, h: 9, w: 8, c: 2, oc: 3, padding: [2, 2], dilation: [2, 2], label: " dilated"),
    ConvolutionCase(
      n: 1, h: 9, w: 8, c: 2, oc: 3, kernel: [3, 2], stride: [2, 1], padding: [3, 1],
      dilation: [3, 2]),
    ConvolutionCase(
      n: 1, h: 13, w: 14, c: 2, oc: 3, stride: [2, 4], padding: [2, 3], dilation: [4, 2],
      label: " stride and dilation with a common factor"),
    ConvolutionCase(
      n: 1, h: 17, w: 15, c: 1, oc: 2, kernel: [4, 3], stride: [4, 6], padding: [5, 4],
      dilation: [6, 4]),
    ConvolutionCase(
      n: 2, h: 5, w: 6, c: 6, oc: 4, stride: [2, 2], padding: [1, 1], groups: 2, label: " 2 groups"),
    ConvolutionCase(
      n: 1, h: 6, w: 5, c: 5, oc: 5, padding: [1, 1], groups: 5, label: " depthwise"),
    ConvolutionCase(
      n: 1, h: 6, w: 5, c: 4, oc: 12, padding: [1, 1], groups: 4, label: " multiplied depthwise"),
    ConvolutionCase(
      n: 1, h: 6, w: 5, c: 34, oc: 38, kernel: [1, 1], groups: 2, label: " 2 groups"),
    ConvolutionCase(
      n: 1, h: 5, w: 6, c: 3, oc: 4, padding: [1, 2], output: [7, 9], label: " padded more below"),
    ConvolutionCase(
      n: 1, h: 9, w: 9, c: 3, oc: 4, padding: [1, 1], output: [4, 5], label: " cut off"),
    ConvolutionCase(
      n: 1, h: 4, w: 4, c: 2, oc: 3, kernel: [2, 2], padding: [5, 6], output: [14, 16],
      label: " windows outside"),
    ConvolutionCase(
      n: 1, h: 2, w: 2, c: 3, oc: 2, kernel: [5, 5], padding: [2, 2], label: " filter larger"),
    ConvolutionCase(n: 0, h: 5, w: 5, c: 2, oc: 3),
    ConvolutionCase(n: 1, h: 5, w: 5, c: 0, oc: 3, label: " no channels"),
    ConvolutionCase(n: 1, h: 5, w: 5, c: 2, oc: 0, label: " no filters"),
    ConvolutionCase(n: 1, h: 2, w: 2, c: 2, oc: 3, label: " no output"),
    ConvolutionCase(n: 1, h: 1, w: 1, c: 1, oc: 1, kernel: [1, 1]),
    ConvolutionCase(
      n: 1, h: 6, w: 6, c: 3, oc: 4, padding: [1, 1], values: .whole, label: " whole"),
  ]

  /// Several blocks and parts of work; the shapes of small generators and discriminators.
  private static let largeConvolutions: [ConvolutionCase] = [
    ConvolutionCase(
      n: 3, h: 28, w: 28, c: 1, oc: 32, kernel: [4, 4], stride: [2, 2], padding: [1, 1]),
    ConvolutionCase(
      n: 3, h: 14, w: 14, c: 32, oc: 61, kernel: [4, 4], stride: [2, 2], padding: [1, 1],
      isWinograd: true),
    ConvolutionCase(
      n: 2, h: 29, w: 31, c: 23, oc: 29, padding: [1, 1], isWinograd: true, label: " large"),
    ConvolutionCase(n: 1, h: 56, w: 57, c: 64, oc: 33, kernel: [1, 1], label: " large"),
    ConvolutionCase(
      n: 1, h: 9, w: 9, c: 130, oc: 67, padding: [1, 1], isWinograd: true, label: " deep"),
    ConvolutionCase(n: 11, h: 64, w: 65, c: 1, oc: 2, padding: [1, 1], label: " many positions"),
    ConvolutionCase(
      n: 2, h: 30, w: 30, c: 24, oc: 24, padding: [1, 1], groups: 24, label: " large depthwise"),
  ]

  /// Few channels on either side, where patches are read in place.
  ///
  /// An input gradient has taps in falling order. Parts of positions begin amid a row, rows of
  /// outputs and of taps are longer than one call's, outputs more than one chunk's.
  private static let fewChannels: [ConvolutionCase] = [
    ConvolutionCase(
      n: 2, h: 9, w: 11, c: 1, oc: 33, kernel: [4, 4], stride: [2, 2], padding: [1, 1]),
    ConvolutionCase(n: 2, h: 10, w: 13, c: 3, oc: 17, padding: [1, 1], label: " same"),
    ConvolutionCase(n: 1, h: 12, w: 9, c: 2, oc: 40, kernel: [5, 5], padding: [2, 2]),
    ConvolutionCase(
      n: 2, h: 12, w: 14, c: 4, oc: 8, stride: [3, 2], dilation: [2, 1], label: " dilated down"),
    ConvolutionCase(
      n: 1, h: 12, w: 14, c: 3, oc: 9, dilation: [1, 2], label: " dilated across"),
    ConvolutionCase(
      n: 5, h: 31, w: 33, c: 1, oc: 20, kernel: [5, 5], stride: [2, 2], padding: [2, 2],
      label: " 2 parts"),
    ConvolutionCase(n: 1, h: 4, w: 130, c: 3, oc: 70, padding: [1, 1], label: " long rows"),
    ConvolutionCase(
      n: 1, h: 3, w: 50, c: 3, oc: 9, kernel: [2, 40], padding: [0, 1], label: " long taps"),
    ConvolutionCase(n: 2, h: 10, w: 9, c: 20, oc: 3, padding: [1, 1], label: " to few"),
    ConvolutionCase(
      n: 2, h: 11, w: 12, c: 35, oc: 2, kernel: [5, 4], stride: [2, 2], padding: [2, 1],
      label: " to few"),
    ConvolutionCase(
      n: 1, h: 7, w: 8, c: 6, oc: 1, kernel: [3, 4], stride: [1, 3], padding: [1, 0],
      label: " to one"),
    ConvolutionCase(
      n: 1, h: 4, w: 4, c: 3, oc: 9, kernel: [2, 2], padding: [5, 6], output: [14, 16],
      label: " windows outside"),
    ConvolutionCase(
      n: 2, h: 8, w: 9, c: 3, oc: 18, padding: [1, 1], hasBias: true, activation: CK_ACT_RELU,
      label: " bias, relu"),
    ConvolutionCase(
      n: 1, h: 12, w: 10, c: 2, oc: 9, kernel: [4, 4], stride: [2, 2], padding: [1, 1],
      hasBias: true, activation: CK_ACT_GELU, label: " bias, gelu"),
  ]

  /// Tiles cut off at every side, channels between and beyond whole vectors, more of everything
  /// than one block, part or piece of scratch memory holds.
  private static let winogradConvolutions: [ConvolutionCase] =
    [
      ConvolutionCase(n: 3, h: 8, w: 8, c: 8, oc: 8, padding: [1, 1], label: " whole tiles"),
      ConvolutionCase(n: 0, h: 8, w: 8, c: 8, oc: 8, padding: [1, 1], label: " no pictures"),
      ConvolutionCase(
        n: 0, h: 8, w: 8, c: 3, oc: 8, kernel: [4, 4], stride: [2, 2], padding: [1, 1],
        label: " no pictures, 3 channels"),
      ConvolutionCase(n: 2, h: 17, w: 13, c: 19, oc: 23, padding: [1, 1]),
      ConvolutionCase(n: 1, h: 25, w: 22, c: 9, oc: 70, label: " no padding"),
      ConvolutionCase(n: 1, h: 9, w: 20, c: 16, oc: 33, padding: [2, 2], label: " full"),
      ConvolutionCase(
        n: 2, h: 11, w: 12, c: 10, oc: 12, padding: [5, 6], output: [24, 26],
        label: " windows outside"),
      ConvolutionCase(
        n: 1, h: 25, w: 26, c: 8, oc: 11, padding: [1, 1], output: [20, 17], label: " cut off"),
      ConvolutionCase(n: 5, h: 24, w: 23, c: 8, oc: 9, padding: [1, 1], label: " many tiles"),
      ConvolutionCase(n: 2, h: 8, w: 16, c: 131, oc: 8, padding: [1, 1], label: " deep"),
      ConvolutionCase(n: 2, h: 8, w: 16, c: 8, oc: 131, padding: [1, 1], label: " many filters"),
      ConvolutionCase(n: 5, h: 4, w: 4, c: 1024, oc: 50, padding: [1, 1], label: " deepest"),
      ConvolutionCase(
        n: 4, h: 16, w: 16, c: 8, oc: 16, kernel: [4, 4], stride: [2, 2], padding: [1, 1],
        label: " whole tiles"),
      ConvolutionCase(
        n: 11, h: 15, w: 13, c: 21, oc: 37, kernel: [4, 4], stride: [2, 2], padding: [1, 1]),
      ConvolutionCase(
        n: 3, h: 23, w: 18, c: 33, oc: 9, kernel: [4, 4], stride: [2, 2], label: " no padding"),
      ConvolutionCase(
        n: 2, h: 21, w: 22, c: 9, oc: 10, kernel: [4, 4], stride: [2, 2], padding: [3, 2],
        output: [13, 14], label: " padded more below"),
      ConvolutionCase(
        n: 2, h: 20, w: 23, c: 12, oc: 10, kernel: [6, 6], stride: [2, 2], padding: [2, 2]),
      ConvolutionCase(
        n: 2, h: 16, w: 15, c: 12, oc: 18, kernel: [2, 2], padding: [1, 0], label: " 2 taps"),
      ConvolutionCase(
        n: 9, h: 31, w: 32, c: 3, oc: 20, kernel: [4, 4], stride: [2, 2], padding: [1, 1],
        label: " 3 channels"),
      ConvolutionCase(
        n: 2, h: 17, w: 23, c: 4, oc: 131, kernel: [4, 4], stride: [2, 2], padding: [1, 1],
        label: " 4 channels"),
      ConvolutionCase(
        n: 1, h: 18, w: 18, c: 3, oc: 8, kernel: [4, 4], stride: [2, 2],
        label: " 3 channels, no padding"),
      ConvolutionCase(
        n: 2, h: 16, w: 19, c: 3, oc: 33, kernel: [6, 6], stride: [2, 2], padding: [2, 2],
        hasBias: true, activation: CK_ACT_LEAKY_RELU, label: " 3 channels, bias"),
      ConvolutionCase(
        n: 6, h: 14, w: 15, c: 9, oc: 18, kernel: [4, 4], stride: [2, 2], padding: [1, 1],
        hasBias: true, activation: CK_ACT_RELU, label: " bias, relu"),
      ConvolutionCase(
        n: 2, h: 13, w: 14, c: 9, oc: 18, padding: [1, 1], hasBias: true,
        activation: CK_ACT_GELU, label: " bias, gelu"),
    ].map {
      var row = $0
      row.isWinograd = true
      return row
    }

  private static let fusedConvolutions: [ConvolutionCase] =
    epilogues.flatMap { activation in
      let label = " bias, activation \(activation.rawValue)"
      return [
        ConvolutionCase(
          n: 2, h: 7, w: 6, c: 3, oc: 5, stride: [2, 1], padding: [1, 1], hasBias: true,
          activation: activation, label: label),
        ConvolutionCase(
          n: 1, h: 9, w: 9, c: 6, oc: 4, kernel: [2, 2], stride: [3, 3], groups: 2, hasBias: true,
          activation: activation, label: label + ", gaps"),
      ]
    } + [
      ConvolutionCase(n: 1, h: 5, w: 5, c: 0, oc: 3, hasBias: true, label: " bias of no channels"),
      ConvolutionCase(n: 1, h: 5, w: 5, c: 3, oc: 0, hasBias: true, label: " bias of no filters"),
      ConvolutionCase(
        n: 2, h: 20, w: 21, c: 33, oc: 40, padding: [1, 1], hasBias: true,
        activation: CK_ACT_LEAKY_RELU, isWinograd: true,
        label: " large, bias"),
    ]
}
