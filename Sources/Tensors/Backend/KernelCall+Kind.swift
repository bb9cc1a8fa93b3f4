extension KernelCall {
  /// The name of the case.
  var kind: String {
    switch self {
    case .unary: "unary"
    case .binary: "binary"
    case .where: "where"
    case .fill: "fill"
    case .copy: "copy"
    case .cast: "cast"
    case .gather: "gather"
    case .scatterAdd: "scatterAdd"
    case .oneHot: "oneHot"
    case .reduce: "reduce"
    case .softmax: "softmax"
    case .softmaxBackward: "softmaxBackward"
    case .rowLoss: "rowLoss"
    case .rowLossBackward: "rowLossBackward"
    case .gemm: "gemm"
    case .conv2d: "conv2d"
    case .conv2dInputGradient: "conv2dInputGradient"
    case .conv2dFilterGradient: "conv2dFilterGradient"
    case .averagePool2d: "averagePool2d"
    case .averagePool2dBackward: "averagePool2dBackward"
    case .maxPool2d: "maxPool2d"
    case .resize2d: "resize2d"
    case .resize2dBackward: "resize2dBackward"
    case .normalize: "normalize"
    case .standardize: "standardize"
    case .normalizeBackward: "normalizeBackward"
    case .sgd: "sgd"
    case .adam: "adam"
    case .random: "random"
    }
  }
}
