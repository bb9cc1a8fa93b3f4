/// Numbers that two programs can make alike without sending them: element `i` of stream `seed` is a
/// scrambled counter.
///
/// With 32-bit words h = (i + 0x9E3779B9·seed)·0x85EBCA6B, h = (h ⊕ h ≫ 13)·0xC2B2AE35,
/// h = h ⊕ h ≫ 16, the element is ((h ≫ 8)·2⁻²⁴ − ½)·scale: every step is exact in float32.
/// `Benchmarks/peers/noise.py` has the same lines.
package func noise(count: Int, seed: UInt32, scale: Float = 1) -> [Float] {
  [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
    for i in 0..<count {
      var h = (UInt32(truncatingIfNeeded: i) &+ seed &* 0x9E37_79B9) &* 0x85EB_CA6B
      h = (h ^ (h >> 13)) &* 0xC2B2_AE35
      h ^= h >> 16
      buffer.initializeElement(at: i, to: (Float(h >> 8) * 0x1p-24 - 0.5) * scale)
    }
    initialized = count
  }
}
