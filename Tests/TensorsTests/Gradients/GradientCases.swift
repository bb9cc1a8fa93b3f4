@testable import Tensors

/// Every operation with a rule.
enum GradientTable {
  static let cases: [GradientCase] =
    arithmetic + functions + activations + reductions + movement + products + convolutions
    + pictures + normalizations + rowwise

  // MARK: Elementwise

  private static let arithmetic: [GradientCase] = {
    let pairs: [([Int], [Int])] = [
      ([3, 4], [3, 4]), ([3, 4], [4]), ([4], [3, 4]), ([3, 1], [1, 4]), ([2, 3, 2], [3, 1]),
      ([3], []),
      ([], []), ([2, 1, 3, 1], [2, 1, 3]),
    ]
    let operations: [(String, GradientCase.Domain, @Sendable (Tensor, Tensor) -> Tensor)] = [
      ("+", .normal, { $0 + $1 }), ("-", .normal, { $0 - $1 }), ("*", .normal, { $0 * $1 }),
      ("/", .positive, { $0 / $1 }), ("pow", .positive, { $0.pow($1) }),
    ]
    var cases = operations.flatMap { name, domain, operation in
      pairs.map { a, b in
        GradientCase("\(a) \(name) \(b)", a, b, domain: domain) { operation($0[0], $0[1]) }
      }
    }
    // One tensor cut in two, so that no two of its values are equal.
    cases += [
      GradientCase("maximum", [2, 7], domain: .distinct) {
        .maximum($0[0].sliced(0..<1), $0[0].sliced(1..<2))
      },
      GradientCase("maximum broadcast", [8], domain: .distinct) {
        .maximum($0[0].sliced(0..<5).reshaped([5, 1]), $0[0].sliced(5..<8))
      },
      GradientCase("minimum", [2, 7], domain: .distinct) {
        .minimum($0[0].sliced(0..<1), $0[0].sliced(1..<2))
      },
      GradientCase("where", [3, 4], [4], [3, 1]) {
        let condition = Tensor([1, 0, 0, 1] as [Double], shape: [4], on: $0[0].device)
        return Tensor.where(condition, $0[0] * $0[1], $0[2]) + Tensor.where(condition, $0[1], $0[0])
      },
      GradientCase("numbers", [5], domain: .positive) {
        let x = $0[0]
        return (x + 2) * (3 - x) / (x * 1.5 + 1) - (2 / x) * (0.5 + (x / 4 - 1))
      },
      GradientCase("broadcast", [3, 1]) { $0[0].broadcast(to: [2, 3, 4]).squared() },
    ]
    return cases
  }()

  private static let functions: [GradientCase] = [
    GradientCase("negate", [5]) { -$0[0] },
    GradientCase("scaled", [5]) { $0[0].scaled(by: -0.7, plus: 2) },
    GradientCase("abs", [6], domain: .distinct) { $0[0].abs() },
    GradientCase("sign times x", [6], domain: .distinct) { $0[0].sign() * $0[0] },
    GradientCase("floor plus x", [6], domain: .distinct) { $0[0].floor() + $0[0] },
    GradientCase("squared", [5]) { $0[0].squared() },
    GradientCase("sqrt", [5], domain: .positive) { $0[0].sqrt() },
    GradientCase("rsqrt", [5], domain: .positive) { $0[0].rsqrt() },
    GradientCase("reciprocal", [5], domain: .positive) { $0[0].reciprocal() },
    GradientCase("exp", [5]) { $0[0].exp() },
    GradientCase("log", [5], domain: .positive) { $0[0].log() },
    GradientCase("log1p", [5], domain: .positive) { $0[0].log1p() },
    GradientCase("expm1", [5]) { $0[0].expm1() },
    GradientCase("erf", [5]) { $0[0].erf() },
    GradientCase("clamped", [9], domain: .distinct) { $0[0].clamped(-0.25, 0.3).squared() },
    GradientCase("cast to the same", [5]) { $0[0].cast(to: .float64).squared() },
    GradientCase("shared use", [4]) { x in x[0] * x[0] + x[0].exp() * x[0] - x[0] },
  ]

  /// From -3.8 to 3.8, so that kinks off 0 are crossed.
  private static let activations: [GradientCase] = ActivationRow.allAndFalling.map { row in
    GradientCase(row.name, [4, 15], domain: .distinct) { $0[0].activated(row.activation) }
  }

  // MARK: Reductions

  private static let reductions: [GradientCase] = {
    let axes: [[Int]?] = [nil, [0], [1], [2], [0, 2], [1, 2], []]
    let operations: [(String, @Sendable (Tensor, [Int]?, Bool) -> Tensor)] = [
      ("sum", { $0.sum(axes: $1, keepingDimensions: $2) }),
      ("mean", { $0.mean(axes: $1, keepingDimensions: $2) }),
      ("max", { $0.max(axes: $1, keepingDimensions: $2) }),
      ("min", { $0.min(axes: $1, keepingDimensions: $2) }),
      ("variance", { $0.variance(axes: $1, keepingDimensions: $2) }),
    ]
    return operations.flatMap { name, operation in
      axes.flatMap { axes in
        [false, true].map { keeping in
          GradientCase(
            "\(name) \(axes.map { "\($0)" } ?? "all")\(keeping ? " keeping" : "")", [2, 3, 4],
            domain: .distinct
          ) { operation($0[0], axes, keeping) }
        }
      }
    } + [
      GradientCase("sum squared", [2, 3, 4]) { $0[0].sum(axes: [1]).squared() },
      GradientCase("mean squared", [2, 3, 4]) { $0[0].mean(axes: [0, 2]).squared() },
      GradientCase("max squared", [2, 5], domain: .distinct) { $0[0].max(axes: [1]).squared() },
      GradientCase("sumOfSquares", [2, 3]) { $0[0].sumOfSquares().sqrt() },
    ]
  }()

  // MARK: Movement. Squared, so that second derivatives are not all 0.

  private static let movement: [GradientCase] = [
    GradientCase("reshaped", [2, 6]) { $0[0].reshaped([3, -1]).squared() },
    GradientCase("flattened", [2, 3, 2]) { $0[0].flattened().squared() },
    GradientCase("transposed", [2, 3]) { $0[0].transposed().squared() },
    GradientCase("transposed 3", [2, 3, 4]) { $0[0].transposed([1, 2, 0]).squared() },
    GradientCase("sliced", [5, 2]) { $0[0].sliced(1..<4).squared() },
    GradientCase("sliced inner", [2, 5, 2]) { $0[0].sliced(2..<4, axis: 1).squared() },
    GradientCase("sliced last", [2, 5]) { $0[0].sliced(0..<3, axis: -1).squared() },
    GradientCase("padded", [2, 3]) {
      $0[0].padded(axis: 0, before: 1, after: 2, value: 3).squared()
    },
    GradientCase("padded inner", [2, 3, 2]) {
      $0[0].padded(axis: 1, before: 0, after: 2).squared()
    },
    GradientCase("flipped", [3, 4]) { $0[0].flipped(axis: 1) * $0[0] },
    GradientCase("concatenated", [2, 3], [1, 3], [3, 3]) { Tensor.concatenated($0).squared() },
    GradientCase("concatenated inner", [2, 3, 2], [2, 1, 2]) {
      Tensor.concatenated([$0[0], $0[1], $0[0]], axis: 1).squared()
    },
    GradientCase("gathered", [4, 3]) {
      $0[0].gathered(indices([3, 0, 3, -1, 4, 1], [2, 3], $0[0])).squared()
    },
    GradientCase("scatterAdded", [2, 3, 2]) {
      $0[0].scatterAdded(at: indices([3, 0, 3, -1, 4, 1], [2, 3], $0[0]), rows: 4).squared()
    },
  ]

  private static func indices(_ values: [Int32], _ shape: [Int], _ beside: Tensor) -> Tensor {
    Tensor(values, shape: shape, on: beside.device)
  }

  // MARK: Rows

  private static let rowwise: [GradientCase] = [
    GradientCase("softmax", [3, 5]) { $0[0].softmax() },
    GradientCase("softmax 3", [2, 2, 3]) { $0[0].softmax() },
    GradientCase("logSoftmax", [3, 5]) { $0[0].logSoftmax() },
    GradientCase("binaryCrossEntropy", [([3, 4], .normal), ([3, 4], .unit)]) {
      $0[0].binaryCrossEntropyWithLogits($0[1])
    },
    GradientCase("binaryCrossEntropy of fixed targets", [([3, 2, 2], .normal)]) {
      $0[0].binaryCrossEntropyWithLogits($0[0].onesLike().scaled(by: 0.25)).squared()
    },
    GradientCase("squaredError", [3, 4], [3, 4]) { $0[0].squaredError($0[1]) },
    GradientCase("squaredError of a fixed target", [3, 4]) {
      $0[0].squaredError($0[0].onesLike()).squared()
    },
  ]
}
