import Foundation

/// Products that one tuned tile serves: of one kind and arithmetic, and of sizes that round to the
/// same powers of two.
struct ProductBucket: Hashable, Comparable, Codable, Sendable {
  /// Of ``ProductProblem/Kind``: `gemm nn` to `gemm tt`, `forward`, `inputGradient` or
  /// `filterGradient`.
  let kind: String
  /// What is multiplied in, by ``ProductTile/Units``; a tile is never used for another.
  let units: Int
  /// Exponents of the powers of two.
  let count, m, n, k: Int

  init(_ problem: ProductProblem, _ units: ProductTile.Units) {
    kind = problem.kind.name
    self.units = units.rawValue
    (count, m) = (Self.exponent(problem.count), Self.exponent(problem.m))
    (n, k) = (Self.exponent(problem.n), Self.exponent(problem.k))
  }

  /// Of the nearest power of two, in factors: 3 counts as 4, and 91 as 128.
  private static func exponent(_ size: Int) -> Int {
    Int(log2(Double(max(1, size))).rounded())
  }

  /// Such as `gemm nt 128x512x1024`, with `16 of` before it for as many side by side.
  var description: String {
    let sizes = "\(kind) \(1 << m)x\(1 << n)x\(1 << k)"
    return count == 0 ? sizes : "\(1 << count) of \(sizes)"
  }

  /// The order in files.
  static func < (a: Self, b: Self) -> Bool {
    (a.kind, a.units, a.count, a.m, a.n, a.k) < (b.kind, b.units, b.count, b.m, b.n, b.k)
  }
}

extension ProductProblem.Kind {
  var name: String {
    switch self {
    case .gemm(let a, let b): "gemm \(a ? "t" : "n")\(b ? "t" : "n")"
    case .forward: "forward"
    case .inputGradient: "inputGradient"
    case .filterGradient: "filterGradient"
    }
  }
}
