@testable import Tensors

/// The kernels by name.
///
/// The initialiser does not compile when a kernel is missing here, and a test fails when one has no
/// row.
enum KernelName: String, CaseIterable {
  case unary, binary, `where`, fill, copy, cast
  case gather, scatterAdd, oneHot
  case reduce, softmax, softmaxBackward, rowLoss, rowLossBackward
  case gemm, conv2d, conv2dInputGradient, conv2dFilterGradient
  case averagePool2d, averagePool2dBackward, maxPool2d, resize2d, resize2dBackward
  case normalize, standardize, normalizeBackward
  case sgd, adam, random

  init(_ call: KernelCall) {
    self =
      switch call {
      case .unary: .unary
      case .binary: .binary
      case .where: .where
      case .fill: .fill
      case .copy: .copy
      case .cast: .cast
      case .gather: .gather
      case .scatterAdd: .scatterAdd
      case .oneHot: .oneHot
      case .reduce: .reduce
      case .softmax: .softmax
      case .softmaxBackward: .softmaxBackward
      case .rowLoss: .rowLoss
      case .rowLossBackward: .rowLossBackward
      case .gemm: .gemm
      case .conv2d: .conv2d
      case .conv2dInputGradient: .conv2dInputGradient
      case .conv2dFilterGradient: .conv2dFilterGradient
      case .averagePool2d: .averagePool2d
      case .averagePool2dBackward: .averagePool2dBackward
      case .maxPool2d: .maxPool2d
      case .resize2d: .resize2d
      case .resize2dBackward: .resize2dBackward
      case .normalize: .normalize
      case .standardize: .standardize
      case .normalizeBackward: .normalizeBackward
      case .sgd: .sgd
      case .adam: .adam
      case .random: .random
      }
  }
}

/// Every row of the table of checks.
enum KernelTable {
  /// Float32 rows, and those whose operands fix their own types.
  static let cases: [KernelCase] =
    elementwise + movement + reductions + rows + products + convolutions + pictures
    + normalizations + optimizers + random

  /// Rows in int32, for the kernels that have it.
  static let integers: [KernelCase] = integerElementwise + integerMovement + integerReductions

  /// Products and convolutions with ``Precision/bfloat16``, which float64 and OpenCL do not have.
  static let inBFloat16: [KernelCase] = (productsInBFloat16 + convolutionsInBFloat16).map {
    var row = $0
    row.differsOnAMX = true
    return row
  }

  /// The same where bfloat16 is multiplied on the tiles of AMX, which do some convolutions of
  /// Winograd's too.
  static let onAMX: [KernelCase] = productsInBFloat16 + convolutionsOnAMX

  /// Sizes round the widths of vectors and their tails.
  static let counts = [0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 65, 127, 1009]
  /// More than any kernel takes in one piece.
  static let manyChunks = 150_001
}
