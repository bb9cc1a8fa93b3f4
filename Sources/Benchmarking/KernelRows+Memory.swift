import FileFormats
import Tensors

extension KernelRow {
  /// Work that memory bounds, each at the sizes of the copies that it is compared with.
  static let memoryBound =
    activations.flatMap { name, activation in
      Roofs.sizes.map { Self.activation(name, activation, bytes: $0) }
    } + Roofs.sizes.map(layerNormalization) + Roofs.sizes.map(batchNormalization)
    + Roofs.sizes.map(adam)

  private static let activations: [(String, Activation)] = [
    ("relu", .relu), ("gelu", .gelu), ("silu", .silu), ("sigmoid", .sigmoid), ("tanh", .tanh),
    ("softplus", .softplus),
  ]

  private static func activation(_ name: String, _ activation: Activation, bytes: Int) -> KernelRow
  {
    let shape = [bytes / 2 / (4 * 256), 256]
    return memoryRow(
      name, bytes: bytes, moving: 2, [Operand(shape, scale: 8)],
      ["operation": "activation", "activation": .string(name)]
    ) { [$0[0].activated(activation)] }
  }

  private static func layerNormalization(bytes: Int) -> KernelRow {
    let shape = [bytes / 2 / (4 * 256), 256]
    return memoryRow(
      "layer-norm", bytes: bytes, moving: 2,
      [Operand(shape), Operand([256]), Operand([256])], ["operation": "layerNormalization"]
    ) { [$0[0].normalized(.layer, scale: $0[1], shift: $0[2]).result] }
  }

  /// Statistics need all of x before the first result, so x is read twice.
  ///
  /// 256 channels: with 64, at 512 MiB, PyTorch's float32 sums of channels-last pictures are off by
  /// more than the agreement allows.
  private static func batchNormalization(bytes: Int) -> KernelRow {
    let examples = bytes / 3 / (4 * 4 * 4 * 256)
    return memoryRow(
      "batch-norm", bytes: bytes, moving: 3,
      [Operand([examples, 4, 4, 256]), Operand([256]), Operand([256])],
      ["operation": "batchNormalization"]
    ) { [$0[0].normalized(.batch, scale: $0[1], shift: $0[2]).result] }
  }

  /// Reads gradient, parameter and both moments; writes the last three.
  private static func adam(bytes: Int) -> KernelRow {
    let count = bytes / 7 / 4
    let step = ParameterUpdate.Adam(
      rate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, isDecoupled: false,
      correction1: 0.1, correction2: 0.001)
    return memoryRow(
      "adam", bytes: bytes, moving: 7,
      [
        Operand([count]), Operand([count]), Operand([count], scale: 0), Operand([count], scale: 0),
      ],
      ["operation": "adam", "rate": 1e-3]
    ) {
      ParameterUpdate.apply(
        step, gradients: [$0[0]], parameters: $0[1], firstMoment: $0[2], secondMoment: $0[3])
      return Array($0[1...])
    }
  }

  /// `passes` over the first operand are the exact bytes: `bytes`, rounded down to whole rows.
  private static func memoryRow(
    _ name: String, bytes: Int, moving passes: Int, _ operands: [Operand],
    _ request: [String: JSONValue], _ compute: @escaping @Sendable ([Tensor]) -> [Tensor]
  ) -> KernelRow {
    KernelRow(
      name: "\(name)-\(bytes >> 20)MiB",
      shape: operands[0].shape.map(String.init).joined(separator: "x"), operands: operands,
      cost: .bytes(passes * 4 * operands[0].count), request: request, compute: compute)
  }
}
