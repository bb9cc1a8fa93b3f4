/// IDX: the format of MNIST and its relatives.
///
/// Four bytes say element type and number of axes, then come
/// the axes and the numbers, all big-endian.
///
/// - SeeAlso: LeCun, Cortes and Burges, "The MNIST database of handwritten digits", section on
///   formats.
public enum IDX {
  /// Largest array that is read, in bytes (4 GiB).
  public static let maximumBytes = 1 << 32

  private static let types: [UInt8: NumericArray.ElementType] = [
    0x08: .uint8, 0x09: .int8, 0x0B: .int16, 0x0C: .int32, 0x0D: .float32, 0x0E: .float64,
  ]

  static func looksLikeHeader(_ bytes: [UInt8]) -> Bool {
    bytes.count >= 4 && bytes[0] == 0 && bytes[1] == 0 && types[bytes[2]] != nil
      && (1...8).contains(bytes[3])
  }

  /// Reads an IDX file, gzip-compressed or not.
  public static func read(path: String) throws(FileFormatError) -> NumericArray {
    try decode(try ByteSource(path: path).readAll(limit: maximumBytes), file: path)
  }

  /// Reads an array; gzip is recognised by its first bytes, not by the name.
  ///
  /// The sizes in the header must account for every byte of the file: a file that is shorter or
  /// longer is refused before its numbers are copied.
  ///
  /// - Parameters:
  ///   - bytes: The whole file.
  ///   - file: The name that errors carry.
  /// - Returns: The array, little-endian.
  /// - Throws: For damage, or sizes beyond ``maximumBytes``.
  public static func decode(_ bytes: [UInt8], file: String) throws(FileFormatError) -> NumericArray
  {
    guard ContentType(sniffing: Array(bytes.prefix(16))) == .gzip else {
      let header = try Header(bytes, file: file)
      return try array(header, bytes, file)
    }
    let start = try Deflate.inflatePrefix(
      bytes, container: .gzip, count: 4 + 4 * 8, file: file)
    let header = try Header(start, file: file)
    // One byte more than promised is enough to see that there are too many.
    let whole = try Deflate.inflatePrefix(
      bytes, container: .gzip, count: header.size + header.byteCount + 1, file: file)
    return try array(header, whole, file)
  }

  /// Writes an array.
  ///
  /// - Precondition: IDX knows the element type (uint8, int8, int16, int32, float32, float64), and
  ///   there are 1 to 8 axes of less than 2^32.
  public static func encode(_ array: NumericArray) -> [UInt8] {
    guard let type = types.first(where: { $0.value == array.elementType })?.key else {
      preconditionFailure("IDX.encode: IDX has no \(array.elementType)")
    }
    precondition(
      (1...8).contains(array.shape.count) && array.shape.allSatisfy { $0 <= UInt32.max },
      "IDX.encode: shape \(array.shape) is not 1 to 8 axes of less than 2^32")
    return [0, 0, type, UInt8(array.shape.count)]
      + array.shape.flatMap { UInt32($0).bigEndianBytes }
      + NumericArray.byteSwapped(array.bytes, size: array.elementType.size)
  }

  private struct Header {
    let elementType: NumericArray.ElementType
    let shape: [Int]
    let size: Int
    let byteCount: Int

    init(_ bytes: [UInt8], file: String) throws(FileFormatError) {
      guard !bytes.isEmpty else { throw .wrongFormat(file, expected: "an IDX file", found: .empty) }
      var reader = ByteReader(bytes, file: file)
      let magic = try reader.array(4, "IDX header")
      guard magic[0] == 0, magic[1] == 0, let type = IDX.types[magic[2]] else {
        throw .wrongFormat(file, expected: "an IDX file", found: ContentType(sniffing: bytes))
      }
      guard (1...8).contains(magic[3]) else {
        throw .mismatch(file, expected: "1 to 8 axes", found: "\(magic[3])", at: 3)
      }
      var shape: [Int] = []
      for _ in 0..<magic[3] {
        shape.append(Int(try reader.integer(UInt32.self, bigEndian: true, "IDX header")))
      }
      guard let byteCount = NumericArray.byteCount(type, shape), byteCount <= IDX.maximumBytes
      else {
        throw .tooLarge(
          file, part: "an IDX array", limit: count(IDX.maximumBytes, "byte"),
          found: "\(type) \(shape)", at: 4)
      }
      elementType = type
      self.shape = shape
      self.byteCount = byteCount
      size = reader.offset
    }
  }

  private static func array(
    _ header: Header, _ bytes: [UInt8], _ file: String
  ) throws(FileFormatError) -> NumericArray {
    let found = bytes.count - header.size
    guard found >= header.byteCount else {
      throw .truncated(
        file, part: "numbers for \(header.elementType) \(header.shape)",
        expected: header.byteCount, found: found, at: header.size)
    }
    guard found == header.byteCount else {
      throw .mismatch(
        file,
        expected:
          "\(count(header.byteCount, "byte")) of numbers for \(header.elementType) \(header.shape)",
        found: "more", at: header.size)
    }
    let size = header.elementType.size
    let numbers = Array(bytes[header.size...])
    return NumericArray(
      header.elementType, shape: header.shape,
      bytes: NumericArray.byteSwapped(numbers, size: size))
  }
}
