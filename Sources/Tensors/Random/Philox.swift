/// Philox 4x32-10 for the host: shuffles, augmentation, generated data.
///
/// Source: Salmon, Moraes, Dror and Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3". The
/// same function as the kernels'; see ``RandomKey`` for what key and counter hold.
public struct Philox: Sendable {
  private let key: (UInt32, UInt32)

  /// The generator whose 64-bit key is `seed`, its low half first.
  public init(seed: UInt64) {
    key = (UInt32(truncatingIfNeeded: seed), UInt32(seed >> 32))
  }

  /// The four words of one block, for a 128-bit counter as ``RandomKey`` lays it out.
  public func block(_ counter: SIMD4<UInt32>) -> SIMD4<UInt32> {
    var (c, k) = (counter, key)
    for round in 0..<10 {
      if round > 0 { k = (k.0 &+ 0x9E37_79B9, k.1 &+ 0xBB67_AE85) }
      let p0 = c[0].multipliedFullWidth(by: 0xD251_1F53)
      let p1 = c[2].multipliedFullWidth(by: 0xCD9E_8D57)
      c = SIMD4(p1.high ^ c[1] ^ k.0, p1.low, p0.high ^ c[3] ^ k.1, p0.low)
    }
    return c
  }

  /// Word `index` of an example's numbers in a stream and step, as the kernels draw it.
  public func word(_ index: Int, example: Int, step: UInt32 = 0, stream: UInt32) -> UInt32 {
    block(
      SIMD4(UInt32(index / 4), UInt32(truncatingIfNeeded: example), step, stream))[index % 4]
  }

  /// A uniform number in 0 ..< 1, as the kernels draw it.
  public func uniform(_ index: Int, example: Int, step: UInt32 = 0, stream: UInt32) -> Float {
    Float(word(index, example: example, step: step, stream: stream) >> 8) * 0x1p-24
  }
}
