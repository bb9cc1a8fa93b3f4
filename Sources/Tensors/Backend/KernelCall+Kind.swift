internal import CKernels

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

  /// The sizes that decide how products, convolutions, reductions and normalisations are computed;
  /// empty for kernels that see single elements or rows.
  var sizes: String {
    switch self {
    case .gemm(let s, _, _, _, _):
      "\(s.batch > 1 ? "\(s.batch) of " : "")\(s.m)x\(s.n)x\(s.k)"
    case .conv2d(let s, _, _, _, _), .conv2dInputGradient(let s, _, _, _, _),
      .conv2dFilterGradient(let s, _, _, _):
      "\(s.n)x\(s.h)x\(s.w)x\(s.c) by \(s.oc)x\(s.kh)x\(s.kw)"
    case .reduce(let s, _, _): "\(s.outer)x\(s.reduced)x\(s.inner)"
    case .standardize(let s, _, _, _, _, _, _),
      .normalizeBackward(let s, _, _, _, _, _, _, _, _):
      "\(s.n)x\(s.s)x\(s.g)x\(s.c)"
    default: ""
    }
  }
}
