import Tensors

/// The seed of every drawn number; each case adds its name to it.
let baseSeed: UInt64 = 0x5EED_0000_0000_0001

/// What an operand holds before a kernel runs.
///
/// All values are exact in float32, so that both precisions see the same numbers.
enum TestValues: Sendable {
  /// Bell-shaped round 0, within ±3.5 (Irwin–Hall of four).
  case normal
  /// In 0 ..< 1.
  case unit
  /// In 2⁻⁶ … 2⁶, evenly in the exponent.
  case positive
  /// Small whole numbers -3 … 3: many ties, sums exact.
  case whole
  /// NaN, infinities, zeros, denormals, the largest and smallest numbers, and arguments at which
  /// functions saturate, mixed at random with ordinary ones.
  case edges
  /// The same without numbers whose sums overflow.
  case moderateEdges
  /// Whole numbers of a range.
  case integers(ClosedRange<Int>)
  /// These, over and over.
  case list([Double])

  /// The numbers of one operand.
  func draw(_ count: Int, seed: UInt64, stream: UInt32) -> [Double] {
    let philox = Philox(seed: seed)
    return (0..<count).map { index in
      let block = philox.block(SIMD4(UInt32(index), 0, 0, stream))
      let unit = Double(block[0] >> 8) * 0x1p-24
      switch self {
      case .normal: return Double(Self.bell(block))
      case .unit: return unit
      case .positive:
        return Double(
          Float(sign: .plus, exponent: Int(block[1] % 12) - 6, significand: 1 + Float(unit)))
      case .whole: return Double(block[0] % 7) - 3
      case .edges:
        return block[1] % 2 == 0
          ? Double(Self.bell(block)) : Self.special[Int(block[2]) % Self.special.count]
      case .moderateEdges:
        return block[1] % 2 == 0
          ? Double(Self.bell(block)) : Self.moderate[Int(block[2]) % Self.moderate.count]
      case .integers(let range): return Double(range.lowerBound + Int(block[0]) % range.count)
      case .list(let values): return Double(Float(values[index % values.count]))
      }
    }
  }

  private static func bell(_ block: SIMD4<UInt32>) -> Float {
    let words = (0..<4).map { Float(block[$0] >> 8) * 0x1p-24 }
    return (words[0] + words[1] + words[2] + words[3] - 2) * Float(3).squareRoot()
  }

  /// Values at which kernels go wrong.
  static let special: [Double] = {
    let sizes: [Float] = [
      .leastNonzeroMagnitude, 0x1p-130, 0x1p-126, 0x1p-100, 1e-10, 0.5, 1, 1.5, 2, 15, 17, 88.7,
      89.5, 104, 0x1p23,
      1e10, .greatestFiniteMagnitude,
    ]
    return [.nan, .infinity, -.infinity, 0, -0.0] + sizes.flatMap { [Double($0), -Double($0)] }
  }()

  /// The special values without NaN and infinities.
  static let finite = special.filter(\.isFinite)

  private static let moderate = special.filter { !(Swift.abs($0) > 1e30 && $0.isFinite) }
}

/// A case's own seed: the same in every run and on every device.
func seed(of name: String) -> UInt64 {
  name.utf8.reduce(0xCBF2_9CE4_8422_2325 ^ baseSeed) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
}
