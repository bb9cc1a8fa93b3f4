/// NPY: one NumPy array in a file (versions 1.0, 2.0 and 3.0).
///
/// - SeeAlso: NumPy enhancement proposal 1, "A simple file format for NumPy arrays".
public enum NPY {
  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
  /// Largest array that is read, in bytes (16 GiB).
  public static let maximumBytes = 1 << 34
  /// Longest header that is read, in bytes.
  public static let maximumHeaderBytes = 1 << 16

  /// Reads an array file.
  public static func read(path: String) throws(FileFormatError) -> NumericArray {
    try decode(try ByteSource(path: path).readAll(limit: maximumBytes), file: path)
  }

  /// Reads an array; big-endian numbers are swapped and column-major ("Fortran") order is turned.
  ///
  /// - Parameters:
  ///   - bytes: The whole file.
  ///   - file: The name that errors carry.
  /// - Returns: The array in row-major order.
  /// - Throws: For damage, sizes that do not account for every byte, and element types that are not
  ///   plain numbers; Python objects are never loaded.
  public static func decode(_ bytes: [UInt8], file: String) throws(FileFormatError) -> NumericArray
  {
    guard bytes.starts(with: magic) else {
      throw .wrongFormat(file, expected: "a NumPy array", found: ContentType(sniffing: bytes))
    }
    var reader = ByteReader(bytes, file: file)
    _ = try reader.take(magic.count, "NPY magic")
    let version = try reader.array(2, "NPY version")
    guard (1...3).contains(version[0]), version[1] == 0 else {
      throw .unsupported(
        file, supported: "NPY version 1.0, 2.0 or 3.0", found: "\(version[0]).\(version[1])",
        at: magic.count, advice: "save it again with numpy.save")
    }
    let length =
      version[0] == 1
      ? Int(try reader.integer(UInt16.self, "NPY header length"))
      : Int(try reader.integer(UInt32.self, "NPY header length"))
    guard length <= maximumHeaderBytes else {
      throw .tooLarge(
        file, part: "an NPY header", limit: count(maximumHeaderBytes, "byte"), found: "\(length)",
        at: reader.position)
    }
    let headerStart = reader.position
    let text = try reader.array(length, "NPY header")
    var parser = NPYHeaderParser(text, file: file, base: headerStart)
    let header = try parser.header()
    return try array(header, reader)
  }

  /// Writes an array as version 1.0, as NumPy itself would.
  ///
  /// bfloat16, which NumPy does not know, is widened to float32.
  public static func encode(_ array: NumericArray) -> [UInt8] {
    let array =
      array.elementType == .bfloat16 ? NumericArray(shape: array.shape, array.floats) : array
    let lengths = array.shape.map(String.init).joined(separator: ", ")
    let shape = "(" + lengths + (array.shape.count == 1 ? ",)" : ")")
    let descriptor = NPYHeader.descriptor(array.elementType)
    var header = "{'descr': '\(descriptor)', 'fortran_order': False, 'shape': \(shape), }"
    let unpadded = magic.count + 4 + header.utf8.count + 1
    header += String(repeating: " ", count: (64 - unpadded % 64) % 64) + "\n"
    precondition(header.utf8.count <= UInt16.max, "NPY.encode: \(array.shape.count) axes")
    return magic + [1, 0] + UInt16(header.utf8.count).littleEndianBytes + Array(header.utf8)
      + array.bytes
  }

  private static func array(
    _ header: NPYHeader, _ reader: ByteReader
  ) throws(FileFormatError) -> NumericArray {
    let size = header.elementType.size
    guard let expected = NumericArray.byteCount(header.elementType, header.shape),
      expected <= maximumBytes
    else {
      throw .tooLarge(
        reader.file, part: "an NPY array", limit: count(maximumBytes, "byte"),
        found: "\(header.elementType) \(header.shape)", at: reader.position)
    }
    var reader = reader
    var bytes = try reader.array(
      expected, "numbers for \(header.elementType) \(header.shape)")
    guard reader.isAtEnd else {
      throw .mismatch(
        reader.file, expected: "the end of the array",
        found: "\(count(reader.remaining, "byte")) more", at: reader.position)
    }
    if header.isBigEndian { bytes = NumericArray.byteSwapped(bytes, size: size) }
    if header.isFortranOrder, header.shape.count > 1 {
      bytes = NumericArray.rowMajor(bytes, shape: header.shape, size: size)
    }
    return NumericArray(header.elementType, shape: header.shape, bytes: bytes)
  }
}
