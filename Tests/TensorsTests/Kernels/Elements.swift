@testable import Tensors

/// Elements of one type as they lie in memory, read as numbers and as bits.
struct Elements: Sendable {
  let dtype: DType
  var bytes: [UInt8]

  var count: Int { bytes.count / dtype.byteCount }

  /// The bits of one element, zero-extended.
  func bits(_ index: Int) -> UInt64 {
    bytes.withUnsafeBytes { raw in
      switch dtype.byteCount {
      case 2: UInt64(raw.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self))
      case 4: UInt64(raw.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self))
      default: raw.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self)
      }
    }
  }

  func value(_ index: Int) -> Double {
    let bits = bits(index)
    switch dtype {
    case .float32: return Double(Float(bitPattern: UInt32(bits)))
    case .float64: return Double(bitPattern: bits)
    case .int32: return Double(Int32(truncatingIfNeeded: bits))
    case .float16: return Double(Float16(bitPattern: UInt16(bits)))
    case .bfloat16: return Double(Float(bitPattern: UInt32(bits) << 16))
    }
  }

  var values: [Double] { (0..<count).map(value) }

  /// The nearest element to a number, ties to even; integers must be exact.
  static func bits(of value: Double, as dtype: DType) -> UInt64 {
    switch dtype {
    case .float32: UInt64(Float(value).bitPattern)
    case .float64: value.bitPattern
    case .int32: UInt64(UInt32(bitPattern: Int32(value)))
    case .float16: UInt64(Float16(value).bitPattern)
    case .bfloat16: UInt64(bfloat16Bits(value))
    }
  }

  init(dtype: DType, bytes: [UInt8]) {
    self.dtype = dtype
    self.bytes = bytes
  }

  init(_ values: [Double], as dtype: DType) {
    self.init(dtype: dtype, values.map { Self.bits(of: $0, as: dtype) })
  }

  init(repeating bits: UInt64, count: Int, as dtype: DType) {
    self.init(dtype: dtype, [UInt64](repeating: bits, count: count))
  }

  private init(dtype: DType, _ bits: [UInt64]) {
    func packed<Word: FixedWidthInteger>(_ type: Word.Type) -> [UInt8] {
      bits.map { Word(truncatingIfNeeded: $0) }.withUnsafeBytes { Array($0) }
    }
    self.dtype = dtype
    switch dtype.byteCount {
    case 2: bytes = packed(UInt16.self)
    case 4: bytes = packed(UInt32.self)
    default: bytes = packed(UInt64.self)
    }
  }

  /// The number with its bits, for people.
  func text(_ index: Int) -> String {
    "\(value(index)) (0x\(String(bits(index), radix: 16)))"
  }
}

/// A number as a factor of products in bfloat16: the nearest one, a denormal being 0.
func bfloat16Factor(_ value: Double) -> Double {
  if Swift.abs(value) < 0x1p-126 { return 0 }
  return Double(Float(bitPattern: UInt32(bfloat16Bits(value)) << 16))
}

/// The bfloat16 nearest to a number, ties to even, rounded once.
private func bfloat16Bits(_ value: Double) -> UInt16 {
  if value.isNaN { return 0x7FC0 }
  // Round to odd at float32 first: then the second rounding cannot go wrong.
  var nearest = Float(value)
  if Double(nearest) != value && nearest.isFinite {
    if Swift.abs(Double(nearest)) > Swift.abs(value) {
      nearest = Float(bitPattern: nearest.bitPattern - 1)
    }
    nearest = Float(bitPattern: nearest.bitPattern | 1)
  }
  let bits = nearest.bitPattern
  return UInt16(truncatingIfNeeded: (bits + 0x7FFF + (bits >> 16 & 1)) >> 16)
}
