/// The container of binary glTF: a header of 12 bytes, a chunk of JSON, a chunk of numbers.
///
/// - SeeAlso: glTF 2.0 specification, section 4 "GLB File Format Specification".
enum GLB {
  static let magic: [UInt8] = Array("glTF".utf8)
  private static let jsonType: UInt32 = 0x4E4F_534A
  private static let binaryType: UInt32 = 0x004E_4942

  /// The chunks of a file; `jsonOffset` is where the JSON text starts.
  struct Chunks {
    var json: [UInt8]
    var jsonOffset: Int
    var binary: [UInt8]?
  }

  /// Takes a file apart; chunks of unknown type are passed over, as the specification asks.
  static func decode(_ bytes: [UInt8], file: String) throws(FileFormatError) -> Chunks {
    var reader = ByteReader(bytes, file: file)
    _ = try reader.take(magic.count, "GLB header")
    let version = try reader.integer(UInt32.self, "GLB header")
    guard version == 2 else {
      throw .unsupported(
        file, supported: "GLB version 2", found: "\(version)", at: 4,
        advice: "export the model again as glTF 2.0")
    }
    let length = Int(try reader.integer(UInt32.self, "GLB header"))
    guard length >= bytes.count else {
      throw .mismatch(
        file, expected: "\(count(length, "byte")), as the GLB header says",
        found: "\(bytes.count)", at: 8)
    }
    guard length == bytes.count else {
      throw .truncated(
        file, part: "the GLB file", expected: length, found: bytes.count, at: 0)
    }
    let (type, offset, json) = try chunk(&reader)
    guard type == jsonType else {
      throw .mismatch(
        file, expected: "a chunk of JSON first",
        found: "a chunk of type \(hexadecimal(type))", at: 16)
    }
    var chunks = Chunks(json: json, jsonOffset: offset, binary: nil)
    while !reader.isAtEnd {
      let (type, _, content) = try chunk(&reader)
      if type == binaryType, chunks.binary == nil { chunks.binary = content }
    }
    return chunks
  }

  private static func chunk(
    _ reader: inout ByteReader
  ) throws(FileFormatError) -> (type: UInt32, offset: Int, content: [UInt8]) {
    let length = Int(try reader.integer(UInt32.self, "GLB chunk length"))
    let type = try reader.integer(UInt32.self, "GLB chunk type")
    let offset = reader.position
    return (type, offset, try reader.array(length, "GLB chunk"))
  }

  /// Puts a file together; both chunks are filled up to multiples of four bytes.
  static func encode(json: [UInt8], binary: [UInt8]) -> [UInt8] {
    let json = json + [UInt8](repeating: 0x20, count: (4 - json.count % 4) % 4)
    let binary = binary + [UInt8](repeating: 0, count: (4 - binary.count % 4) % 4)
    let length = 12 + 8 + json.count + 8 + binary.count
    precondition(length <= UInt32.max, "GLB.encode: \(length) bytes are more than GLB can hold")
    var bytes = magic + UInt32(2).littleEndianBytes + UInt32(length).littleEndianBytes
    bytes += UInt32(json.count).littleEndianBytes + jsonType.littleEndianBytes + json
    bytes += UInt32(binary.count).littleEndianBytes + binaryType.littleEndianBytes + binary
    return bytes
  }
}
