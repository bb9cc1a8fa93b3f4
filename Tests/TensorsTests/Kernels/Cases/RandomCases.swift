import CKernels
import Foundation

@testable import Tensors

extension KernelTable {
  static let random: [KernelCase] = [CK_UNIFORM, CK_NORMAL, CK_BERNOULLI].flatMap { distribution in
    [
      (0, 5), (5, 0), (1, 1), (1, 3), (1, 4), (1, 5), (3, 17), (7, 64), (1, 1009), (33, 1),
      (5, 2001),
      (301, 33), (1, manyChunks),
    ].flatMap { rows, columns in
      [false, true].map { randomCase(distribution, rows, columns, namesExamples: $0) }
    }
  }

  private static func randomCase(
    _ distribution: ck_distribution, _ rows: Int, _ columns: Int, namesExamples: Bool
  ) -> KernelCase {
    let shape = ck_random_shape(
      distribution: distribution, rows: Int32(rows), columns: Int32(columns),
      seed_low: 0x89AB_CDEF, seed_high: 0x0123_4567, stream: 1027, step: 41, first_example: 9,
      probability: 0.3)
    let name = ["uniform", "normal", "bernoulli"][Int(distribution.rawValue)]
    return KernelCase(
      "random \(name) \(rows) × \(columns)\(namesExamples ? " of named examples" : "")",
      [
        .input(namesExamples ? rows : 0, .integers(-3...100_000), as: .int32),
        .output(rows * columns),
      ],
      truth: Truth(
        bound(distribution, rows * columns, unit: 0x1p-24),
        float64: bound(distribution, rows * columns, unit: 0x1p-53)
      ) { v in
        let philox = Philox(seed: 0x0123_4567_89AB_CDEF)
        return [
          (0..<rows).flatMap { row in
            let example = namesExamples ? Int(v[0][row]) : 9 + row
            return (0..<columns).map { column in
              let word = philox.word(column, example: example, step: 41, stream: 1027)
              return meaning(of: word, distribution)
            }
          }
        ]
      }
    ) { .random(shape, examples: namesExamples ? $0[0] : nil, y: $0[1]) }
  }

  private static func meaning(of word: UInt32, _ distribution: ck_distribution) -> Double {
    let uniform = Double(word >> 8) * 0x1p-24
    switch distribution {
    case CK_UNIFORM: return uniform
    case CK_BERNOULLI: return uniform < Double(Float(0.3)) ? 1 : 0
    default:
      // One bit of sign; the rest, an odd number over 2³³, is the probability of the tail beyond
      // |z|.
      let size = upperTailInverse(Double(word << 1 | 1) * 0x1p-33)
      return word >> 31 == 0 ? size : -size
    }
  }

  /// Uniform and Bernoulli numbers are exact.
  ///
  /// A normal one has the error of its cubic, stated in `ck_normal_table.h`, and roundings up to
  /// its largest size, 6.34; float64 gets float32's numbers.
  private static func bound(_ distribution: ck_distribution, _ count: Int, unit: Double)
    -> Truth.Bound
  {
    if distribution != CK_NORMAL { return .ulps(0) }
    return .of((2.4e-7 + 6.34 * 0x1p-24) / unit) { _ in [[Double](repeating: 1, count: count)] }
  }

  /// z with Φ(−z) = q, by Newton's steps on log Φ from the tail's asymptote.
  private static func upperTailInverse(_ q: Double) -> Double {
    var z = q < 0.1 ? (-2 * log(q)).squareRoot() - 1 : 0.5
    for _ in 0..<12 {
      let tail = 0.5 * erfc(z * 0.5.squareRoot())
      z += log(tail / q) * tail / (exp(-0.5 * z * z) / (2 * Double.pi).squareRoot())
    }
    return z
  }
}
