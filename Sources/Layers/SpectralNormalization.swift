import Tensors

/// Divides a weight by its largest singular value, so that the layer stretches nothing.
///
/// One step of power iteration in every training pass keeps the singular vectors u and v; the gradient
/// takes them as they are. Source: Miyato, Kataoka, Koyama and Yoshida 2018, arXiv:1802.05957,
/// algorithm 1.
struct SpectralNormalization {
  /// `[outputs]`.
  private let left: Parameter
  /// `[numbers of one output]`.
  private let right: Parameter

  /// For a weight whose first axis counts outputs.
  init(of weight: Parameter, in scope: ParameterScope) {
    let rows = weight.shape[0]
    let columns = weight.shape.dropFirst().reduce(1, *)
    left = scope.statistic("left", [rows], initially: 1 / Float(rows).squareRoot())
    right = scope.statistic("right", [columns], initially: 1 / Float(columns).squareRoot())
  }

  /// The weight divided; in training the vectors move on first.
  func normalized(_ weight: Tensor, _ mode: ForwardMode) -> Tensor {
    let matrix = weight.reshaped([left.shape[0], right.shape[0]])
    if mode.isTraining {
      let plain = matrix.detached()
      let v = Self.unit(
        left.value.reshaped([1, left.shape[0]]).matmul(plain).reshaped(right.shape))
      let u = Self.unit(plain.matmul(v.reshaped([v.count, 1])).reshaped(left.shape))
      right.assign(v)
      left.assign(u)
    }
    let stretched = matrix.matmul(right.value.reshaped([right.shape[0], 1]))
    let sigma = (stretched.reshaped(left.shape) * left.value).sum()
    return weight / sigma
  }

  private static func unit(_ vector: Tensor) -> Tensor {
    vector / (vector.sumOfSquares().sqrt() + 1e-12)
  }
}
