/// An array of numbers as files hold it: element type, shape, and raw little-endian bytes.
///
/// This is the common currency of IDX, NPY, NPZ and safetensors. It knows nothing of devices or
/// gradients; the `Tensors` module takes it from here.
public struct NumericArray: Hashable, Sendable {
  /// Type of one number.
  public enum ElementType: String, CaseIterable, Sendable {
    case bool, uint8, int8, uint16, int16, uint32, int32, uint64, int64
    case float16, bfloat16, float32, float64

    /// Bytes of one number.
    public var size: Int {
      switch self {
      case .bool, .uint8, .int8: 1
      case .uint16, .int16, .float16, .bfloat16: 2
      case .uint32, .int32, .float32: 4
      case .uint64, .int64, .float64: 8
      }
    }
  }

  /// Type of one number.
  public let elementType: ElementType
  /// Length of each axis, outermost first; `[]` is a single number.
  public let shape: [Int]
  /// The numbers in row-major order, little-endian.
  public let bytes: [UInt8]

  /// Wraps bytes that are already in order.
  ///
  /// - Precondition: `bytes.count` is the product of `shape` times the size of an element.
  public init(_ elementType: ElementType, shape: [Int], bytes: [UInt8]) {
    let expected = Self.byteCount(elementType, shape)
    precondition(
      expected == bytes.count,
      "NumericArray: \(elementType) \(shape) needs \(expected.map(String.init) ?? "too many") bytes, "
        + "got \(bytes.count)")
    self.elementType = elementType
    self.shape = shape
    self.bytes = bytes
  }

  /// Number of numbers.
  public var count: Int { bytes.count / elementType.size }

  /// Bytes that `shape` takes, or `nil` where that does not fit in `Int`.
  static func byteCount(_ elementType: ElementType, _ shape: [Int]) -> Int? {
    product(shape + [elementType.size])
  }
}

// Swift values in and out. Files and every machine this runs on are little-endian.
extension NumericArray {
  /// Numbers as float32.
  public init(shape: [Int], _ values: [Float]) {
    self.init(.float32, shape: shape, bytes: values.withUnsafeBytes { Array($0) })
  }

  /// Numbers as float64.
  public init(shape: [Int], _ values: [Double]) {
    self.init(.float64, shape: shape, bytes: values.withUnsafeBytes { Array($0) })
  }

  /// Numbers as int32.
  public init(shape: [Int], _ values: [Int32]) {
    self.init(.int32, shape: shape, bytes: values.withUnsafeBytes { Array($0) })
  }

  /// Numbers as int64.
  public init(shape: [Int], _ values: [Int64]) {
    self.init(.int64, shape: shape, bytes: values.withUnsafeBytes { Array($0) })
  }

  /// Numbers as uint8.
  public init(shape: [Int], _ values: [UInt8]) {
    self.init(.uint8, shape: shape, bytes: values)
  }

  /// Every number as a `Double`; 64-bit integers beyond 2^53 are rounded.
  public var doubles: [Double] {
    switch elementType {
    case .bool, .uint8: bytes.map(Double.init)
    case .int8: map(Int8.self) { Double($0) }
    case .uint16: map(UInt16.self) { Double($0) }
    case .int16: map(Int16.self) { Double($0) }
    case .uint32: map(UInt32.self) { Double($0) }
    case .int32: map(Int32.self) { Double($0) }
    case .uint64: map(UInt64.self) { Double($0) }
    case .int64: map(Int64.self) { Double($0) }
    case .float16: map(UInt16.self) { Double(Float(float16Bits: $0)) }
    case .bfloat16: map(UInt16.self) { Double(Float(bitPattern: UInt32($0) << 16)) }
    case .float32: map(Float.self) { Double($0) }
    case .float64: map(Double.self) { $0 }
    }
  }

  /// Every number as a `Float`, rounded to nearest where it is not exact.
  public var floats: [Float] {
    switch elementType {
    case .float32: map(Float.self) { $0 }
    case .float16: map(UInt16.self) { Float(float16Bits: $0) }
    case .bfloat16: map(UInt16.self) { Float(bitPattern: UInt32($0) << 16) }
    case .bool, .uint8: bytes.map(Float.init)
    case .int64: map(Int64.self) { Float($0) }
    case .uint64: map(UInt64.self) { Float($0) }
    default: doubles.map(Float.init)
    }
  }

  /// Every number as an `Int`, or `nil` where one is not whole or does not fit.
  public var integers: [Int]? {
    switch elementType {
    case .int64: return map(Int64.self) { Int($0) }
    case .uint64:
      let values = map(UInt64.self) { Int(exactly: $0) }
      return values.contains(nil) ? nil : values.compactMap(\.self)
    default:
      let values = doubles.map { Int(exactly: $0) }
      return values.contains(nil) ? nil : values.compactMap(\.self)
    }
  }

  private func map<Element: BitwiseCopyable, Result>(
    _ type: Element.Type, _ transform: (Element) -> Result
  ) -> [Result] {
    bytes.withUnsafeBytes { raw in
      (0..<count).map {
        transform(
          raw.loadUnaligned(fromByteOffset: $0 * MemoryLayout<Element>.size, as: Element.self))
      }
    }
  }
}

extension Float {
  /// The value of an IEEE 754 half-precision number; exact.
  init(float16Bits bits: UInt16) {
    let sign: Float = bits >> 15 == 1 ? -1 : 1
    let exponent = Int(bits >> 10 & 0x1F)
    let fraction = Float(bits & 0x3FF)
    switch exponent {
    case 0: self = sign * fraction * 0x1p-24
    case 31: self = fraction == 0 ? sign * .infinity : .nan
    default:
      self =
        sign * (1 + fraction * 0x1p-10)
        * Float(sign: .plus, exponent: exponent - 15, significand: 1)
    }
  }
}

extension NumericArray {
  /// The same numbers with the bytes of each swapped, for big-endian files.
  static func byteSwapped(_ bytes: [UInt8], size: Int) -> [UInt8] {
    guard size > 1, !bytes.isEmpty else { return bytes }
    return [UInt8](unsafeUninitializedCapacity: bytes.count) { swapped, filled in
      for start in stride(from: 0, to: bytes.count - bytes.count % size, by: size) {
        for byte in 0..<size { swapped[start + byte] = bytes[start + size - 1 - byte] }
      }
      filled = bytes.count - bytes.count % size
    }
  }

  /// Column-major bytes of `shape` put into row-major order.
  static func rowMajor(_ bytes: [UInt8], shape: [Int], size: Int) -> [UInt8] {
    var result = [UInt8](repeating: 0, count: bytes.count)
    var index = [Int](repeating: 0, count: shape.count)
    let strides = shape.indices.map { shape[..<$0].reduce(size, *) }
    for destination in stride(from: 0, to: bytes.count, by: size) {
      let source = zip(index, strides).reduce(0) { $0 + $1.0 * $1.1 }
      for byte in 0..<size { result[destination + byte] = bytes[source + byte] }
      for axis in shape.indices.reversed() {
        index[axis] += 1
        if index[axis] < shape[axis] { break }
        index[axis] = 0
      }
    }
    return result
  }
}
