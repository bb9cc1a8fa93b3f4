/// As much of the protocol buffer wire format as TensorBoard's events need.
enum ProtocolBuffer {
  /// Builds one message, field by field.
  struct Writer {
    private(set) var bytes: [UInt8] = []

    mutating func integer(_ field: Int, _ value: Int) {
      tag(field, 0)
      varint(UInt64(bitPattern: Int64(value)))
    }

    mutating func double(_ field: Int, _ value: Double) {
      tag(field, 1)
      bytes += value.bitPattern.littleEndianBytes
    }

    mutating func float(_ field: Int, _ value: Float) {
      tag(field, 5)
      bytes += value.bitPattern.littleEndianBytes
    }

    mutating func data(_ field: Int, _ value: [UInt8]) {
      tag(field, 2)
      varint(UInt64(value.count))
      bytes += value
    }

    mutating func string(_ field: Int, _ value: String) { data(field, Array(value.utf8)) }

    mutating func message(_ field: Int, _ build: (inout Writer) -> Void) {
      var inner = Writer()
      build(&inner)
      data(field, inner.bytes)
    }

    private mutating func tag(_ field: Int, _ wireType: Int) {
      varint(UInt64(field << 3 | wireType))
    }

    private mutating func varint(_ value: UInt64) {
      var value = value
      while value >= 0x80 {
        bytes.append(UInt8(truncatingIfNeeded: value) | 0x80)
        value >>= 7
      }
      bytes.append(UInt8(value))
    }
  }

  enum Value {
    case varint(UInt64)
    case fixed64(UInt64)
    case data([UInt8], position: Int)
    case fixed32(UInt32)

    var integer: Int? {
      if case .varint(let bits) = self { Int(truncatingIfNeeded: bits) } else { nil }
    }
    var double: Double? {
      if case .fixed64(let bits) = self { Double(bitPattern: bits) } else { nil }
    }
    var float: Float? { if case .fixed32(let bits) = self { Float(bitPattern: bits) } else { nil } }
    var data: [UInt8]? { if case .data(let bytes, _) = self { bytes } else { nil } }
    var string: String? { data.map { String(decoding: $0, as: UTF8.self) } }
  }

  /// The fields of a message in the order they are stored.
  static func fields(
    _ bytes: [UInt8], file: String, base: Int
  ) throws(FileFormatError) -> [(number: Int, value: Value)] {
    var reader = ByteReader(bytes, file: file, base: base)
    var fields: [(number: Int, value: Value)] = []
    while !reader.isAtEnd {
      let position = reader.position
      let tag = try varint(&reader)
      let value: Value
      switch tag & 7 {
      case 0: value = .varint(try varint(&reader))
      case 1: value = .fixed64(try reader.integer(UInt64.self, "protocol buffer field"))
      case 2:
        let length = Int(clamping: try varint(&reader))
        let start = reader.position
        value = .data(try reader.array(length, "protocol buffer field"), position: start)
      case 5: value = .fixed32(try reader.integer(UInt32.self, "protocol buffer field"))
      default:
        throw .mismatch(
          file, expected: "a protocol buffer field", found: "wire type \(tag & 7)", at: position)
      }
      fields.append((Int(truncatingIfNeeded: tag >> 3), value))
    }
    return fields
  }

  private static func varint(_ reader: inout ByteReader) throws(FileFormatError) -> UInt64 {
    let position = reader.position
    var value: UInt64 = 0
    for shift in stride(from: 0, to: 70, by: 7) {
      let byte = try reader.integer(UInt8.self, "protocol buffer number")
      value |= UInt64(byte & 0x7F) << UInt64(shift)
      if byte < 0x80 { return value }
    }
    throw .mismatch(
      reader.file, expected: "a protocol buffer number of at most 10 bytes", found: "a longer one",
      at: position)
  }
}
