/// The seed of every network of a fit, from the fit's own: no two networks start alike.
enum FitSeeds {
  static func relational(_ seed: UInt64) -> UInt64 { derived(seed, 0) }
  static func generative(_ seed: UInt64) -> UInt64 { derived(seed, 1) }
  static func template(_ seed: UInt64, _ index: Int, attempt: Int) -> UInt64 {
    derived(seed, 2 + UInt64(index) << 16 + UInt64(attempt))
  }

  /// Far apart for seeds and numbers that are near: an odd factor, the golden ratio's bits.
  private static func derived(_ seed: UInt64, _ number: UInt64) -> UInt64 {
    (seed &+ number << 32) &* 0x9E37_79B9_7F4A_7C15 &+ number
  }
}
