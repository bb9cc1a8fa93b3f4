import FileFormats
import Tensors

extension KernelRow {
  /// A convolution or, turned round, a transposed convolution, by the sizes of what goes in.
  package struct Convolution: Sendable {
    package var batch, side, channels, filters, kernel, stride: Int
    package var isTransposed = false

    package init(
      batch: Int, side: Int, channels: Int, filters: Int, kernel: Int, stride: Int,
      isTransposed: Bool = false
    ) {
      (self.batch, self.side, self.channels) = (batch, side, channels)
      (self.filters, self.kernel, self.stride) = (filters, kernel, stride)
      self.isTransposed = isTransposed
    }

    /// One pixel round the picture: keeps its side at stride 1 and a 3×3 filter, halves or doubles
    /// it at stride 2 and 4×4.
    package var geometry: Convolution2DGeometry { .init(stride: stride, padding: 1) }
    package var input: [Int] { [batch, side, side, channels] }
    package var filter: [Int] {
      isTransposed ? [channels, kernel, kernel, filters] : [filters, kernel, kernel, channels]
    }
    package var output: [Int] {
      let size =
        isTransposed
        ? geometry.transposedSize([side, side], kernel: [kernel, kernel])
        : geometry.outputSize([side, side], kernel: [kernel, kernel])
      return [batch] + size + [filters]
    }
    /// 2 a tap of the picture with fewer pixels and a pair of channels: the same in all passes.
    package var flops: Int {
      let pixels = isTransposed ? side * side : output[1] * output[2]
      return 2 * batch * pixels * kernel * kernel * channels * filters
    }
    var shape: String {
      [input, filter].map { $0.map(String.init).joined(separator: "x") }.joined(separator: " ")
    }
  }

  package enum Pass: String, CaseIterable, Sendable {
    case forward
    case inputGradient = "input-gradient"
    case filterGradient = "filter-gradient"
  }

  /// 3×3, stride 1: residual blocks and U-shaped networks.
  static let squareConvolutions: [KernelRow] = [(32, 64), (16, 128), (64, 64)].flatMap {
    (side: Int, channels: Int) -> [KernelRow] in
    passes(
      Convolution(
        batch: 16, side: side, channels: channels, filters: channels, kernel: 3, stride: 1))
  }

  /// 4×4, stride 2 and its transpose: DCGAN on 32×32 at batch 64, the convolutional VAE at 128.
  static let halvingConvolutions: [KernelRow] = [
    halving(64, 16, 64, 128), halving(64, 8, 128, 256), halving(128, 14, 32, 64),
    doubling(64, 4, 256, 128), doubling(64, 8, 128, 64), doubling(128, 7, 64, 32),
  ].flatMap(passes)

  /// The same networks' first layers, from pictures, and last ones, to pictures.
  static let fewChannelConvolutions: [KernelRow] = [
    halving(64, 32, 3, 64), halving(128, 28, 1, 32),
    doubling(64, 16, 64, 3), doubling(128, 14, 32, 1),
  ].flatMap(passes)

  private static func halving(
    _ batch: Int, _ side: Int, _ channels: Int, _ filters: Int
  ) -> Convolution {
    Convolution(
      batch: batch, side: side, channels: channels, filters: filters, kernel: 4, stride: 2)
  }

  private static func doubling(
    _ batch: Int, _ side: Int, _ channels: Int, _ filters: Int
  ) -> Convolution {
    Convolution(
      batch: batch, side: side, channels: channels, filters: filters, kernel: 4, stride: 2,
      isTransposed: true)
  }

  private static func passes(_ sizes: Convolution) -> [KernelRow] {
    let kind = "\(sizes.isTransposed ? "transposed" : "conv")\(sizes.kernel)x\(sizes.kernel)"
    let name = "\(kind)-\(sizes.side)-\(sizes.channels)to\(sizes.filters)"
    return Pass.allCases.map { convolution("\(name)-\($0.rawValue)", sizes, $0) }
  }

  /// One pass by itself.
  ///
  /// Operands are, forward, picture and filter; for the input's gradient the result's gradient and
  /// filter; for the filter's, picture and the result's gradient.
  package static func convolution(_ name: String, _ sizes: Convolution, _ pass: Pass) -> KernelRow {
    let (input, filter, output) = (sizes.input, sizes.filter, sizes.output)
    let shapes =
      switch pass {
      case .forward: [input, filter]
      case .inputGradient: [output, filter]
      case .filterGradient: [input, output]
      }
    return KernelRow(
      name: name, shape: sizes.shape, operands: shapes.map { Operand($0) },
      cost: .flops(sizes.flops),
      request: [
        "operation": "convolution", "pass": .string(pass.rawValue),
        "isTransposed": .bool(sizes.isTransposed), "stride": .integer(sizes.stride),
        "padding": 1, "input": .array(input.map { .integer($0) }),
        "filter": .array(filter.map { .integer($0) }),
      ],
      compute: compute(sizes, pass))
  }

  private static func compute(
    _ sizes: Convolution, _ pass: Pass
  ) -> @Sendable ([Tensor]) -> [Tensor] {
    let (geometry, kernel) = (sizes.geometry, sizes.filter)
    let side = [sizes.side, sizes.side]
    // A transposed convolution is its convolution's input gradient, and the other way round.
    switch (pass, sizes.isTransposed) {
    case (.forward, false), (.inputGradient, true):
      return { [$0[0].conv2d($0[1], geometry: geometry)] }
    case (.forward, true):
      return { [$0[0].convTransposed2d($0[1], geometry: geometry)] }
    case (.inputGradient, false):
      return { [$0[0].convTransposed2d($0[1], geometry: geometry, outputSize: side)] }
    case (.filterGradient, false):
      return { [$0[0].conv2dFilterGradient($0[1], filter: kernel, geometry: geometry)] }
    case (.filterGradient, true):
      return { [$0[1].conv2dFilterGradient($0[0], filter: kernel, geometry: geometry)] }
    }
  }
}
