import FileFormats
import Tensors

/// A row of the table of kernels: what is computed, on which numbers, and what it costs.
package struct KernelRow: Sendable {
  /// An operand: `noise(count:seed:scale:)` with its place, from 1, as the seed.
  package struct Operand: Sendable {
    package let shape: [Int]
    /// Numbers lie in ±scale/2; 0 gives zeros.
    package var scale: Float = 1

    package init(_ shape: [Int], scale: Float = 1) { (self.shape, self.scale) = (shape, scale) }

    package var count: Int { shape.reduce(1, *) }
  }

  /// What bounds the row, and how much of it there is.
  package enum Cost: Sendable, Equatable {
    /// Multiplications and additions by the definition, taps on zero padding among them, whatever
    /// algorithm runs: Winograd may pass the roof.
    case flops(Int)
    /// The least that memory must carry: every operand read and every result written once, and once
    /// more where an element's result needs all of the operand first.
    case bytes(Int)
  }

  /// A matrix product, for peers that know nothing else.
  package struct Product: Sendable, Equatable {
    package let m, n, k: Int
    /// A is stored `[k, m]`.
    package var transposingA = false
    /// B is stored `[n, k]`.
    package var transposingB = false

    package init(
      m: Int, n: Int, k: Int, transposingA: Bool = false, transposingB: Bool = false
    ) {
      (self.m, self.n, self.k) = (m, n, k)
      (self.transposingA, self.transposingB) = (transposingA, transposingB)
    }
  }

  package let name: String
  /// For people.
  package let shape: String
  package let operands: [Operand]
  package let cost: Cost
  /// What a peer in another program is told beside the operands: an operation of
  /// `Benchmarks/peers/kernels.py` and its settings.
  package let request: [String: JSONValue]
  /// Set exactly where the row is one in float32.
  package var product: Product?
  /// Rows of one group are also told as their geometric mean.
  package var group: String?
  /// Whether the second operand is a weight that does not change: both sides may keep what they make
  /// of it.
  package var holdsWeights = false
  /// Of our device, and of a peer's operands and results.
  package var precision = Precision.float32
  /// Results, or operands updated in place.
  package let compute: @Sendable ([Tensor]) -> [Tensor]

  /// The operands' numbers.
  package func numbers() -> [[Float]] {
    operands.enumerated().map { noise(count: $1.count, seed: UInt32($0) + 1, scale: $1.scale) }
  }

  /// The same row with products of another precision: our operands and results stay float32, a
  /// peer's are bfloat16 where that is the precision.
  func multiplying(in precision: Precision) -> KernelRow {
    KernelRow(
      name: "\(name)-\(precision.rawValue)", shape: shape, operands: operands, cost: cost,
      request: request.merging(["precision": .string(precision.rawValue)]) { $1 },
      group: group.map { "\($0)-\(precision.rawValue)" },
      precision: precision, compute: compute)
  }

  /// Every row of the CPU, in the order of the table.
  package static let all: [KernelRow] = inFloat32 + inLess(.bfloat16) + memoryBound

  /// Every row of an OpenCL device, which may multiply in any precision.
  package static let ofOpenCL: [KernelRow] =
    inFloat32 + Precision.allCases.filter { $0 != .float32 }.flatMap(inLess) + memoryBound

  private static let inFloat32: [KernelRow] =
    products + squareConvolutions + halvingConvolutions + fewChannelConvolutions + sampling

  private static func inLess(_ precision: Precision) -> [KernelRow] {
    (products.filter { $0.group == nil } + squareConvolutions.prefix(3)
      + halvingConvolutions.prefix(3)).map { $0.multiplying(in: precision) }
  }
}
