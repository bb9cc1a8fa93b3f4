/// What the dictionary at the start of an NPY file says.
struct NPYHeader {
  let elementType: NumericArray.ElementType
  let isBigEndian: Bool
  let isFortranOrder: Bool
  let shape: [Int]

  /// NumPy's letter and size; "b1" is bool.
  private static let codes: [String: NumericArray.ElementType] = [
    "b1": .bool, "u1": .uint8, "i1": .int8, "u2": .uint16, "i2": .int16, "u4": .uint32,
    "i4": .int32, "u8": .uint64, "i8": .int64, "f2": .float16, "f4": .float32, "f8": .float64,
  ]

  static func descriptor(_ type: NumericArray.ElementType) -> String {
    (type.size == 1 ? "|" : "<") + codes.first { $0.value == type }!.key
  }

  static func elementType(_ descriptor: String) -> (NumericArray.ElementType, isBigEndian: Bool)? {
    guard let order = descriptor.first, "<>|=".contains(order),
      let type = codes[String(descriptor.dropFirst())], order != "|" || type.size == 1
    else { return nil }
    return (type, order == ">")
  }
}

/// Reads the one Python dictionary that NPY allows, and nothing else of Python:
/// `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`, keys in any order.
struct NPYHeaderParser {
  private let bytes: [UInt8]
  private let file: String
  private let base: Int
  private var offset = 0

  init(_ bytes: [UInt8], file: String, base: Int) {
    self.bytes = bytes
    self.file = file
    self.base = base
  }

  mutating func header() throws(FileFormatError) -> NPYHeader {
    var descriptor: (NumericArray.ElementType, isBigEndian: Bool)?
    var isFortranOrder: Bool?
    var shape: [Int]?
    try expect("{")
    while !skip("}") {
      let start = offset
      let key = try string()
      try expect(":")
      switch key {
      case "descr" where descriptor == nil: descriptor = try elementType()
      case "fortran_order" where isFortranOrder == nil: isFortranOrder = try boolean()
      case "shape" where shape == nil: shape = try tuple()
      default:
        offset = start
        throw unexpected("'descr', 'fortran_order' and 'shape' once each")
      }
      if !skip(",") {
        try expect("}")
        break
      }
    }
    skipSpace()
    guard offset == bytes.count else { throw unexpected("the end of the header") }
    guard let descriptor, let isFortranOrder, let shape else {
      throw unexpected("'descr', 'fortran_order' and 'shape'")
    }
    return NPYHeader(
      elementType: descriptor.0, isBigEndian: descriptor.isBigEndian,
      isFortranOrder: isFortranOrder, shape: shape)
  }

  private mutating func skipSpace() {
    while offset < bytes.count, bytes[offset] == 0x20 || bytes[offset] == 0x0A { offset += 1 }
  }

  private mutating func skip(_ token: StaticString) -> Bool {
    skipSpace()
    let token = token.withUTF8Buffer { Array($0) }
    guard bytes[offset...].starts(with: token) else { return false }
    offset += token.count
    return true
  }

  private mutating func expect(_ token: StaticString) throws(FileFormatError) {
    guard skip(token) else { throw unexpected("'\(token)'") }
  }

  private func unexpected(_ expected: String) -> FileFormatError {
    let found =
      offset < bytes.count
      ? String(decoding: bytes[offset...].prefix(16), as: UTF8.self).debugDescription
      : "the end of the header"
    return .mismatch(
      file, expected: "\(expected) in the NPY header", found: found, at: base + offset,
      advice: "save it again with numpy.save")
  }

  private mutating func string() throws(FileFormatError) -> String {
    skipSpace()
    guard offset < bytes.count, bytes[offset] == 0x27 || bytes[offset] == 0x22,
      let end = bytes[(offset + 1)...].firstIndex(of: bytes[offset])
    else { throw unexpected("a string") }
    defer { offset = end + 1 }
    return String(decoding: bytes[offset + 1..<end], as: UTF8.self)
  }

  private mutating func elementType() throws(FileFormatError)
    -> (NumericArray.ElementType, isBigEndian: Bool)
  {
    let start = base + offset
    skipSpace()
    if offset < bytes.count, bytes[offset] == UInt8(ascii: "[") {
      throw notPlain("a structured array", at: start)
    }
    let descriptor = try string()
    guard let type = NPYHeader.elementType(descriptor) else {
      throw notPlain(descriptor.hasSuffix("O") ? "Python objects" : "'\(descriptor)'", at: start)
    }
    return type
  }

  private func notPlain(_ found: String, at offset: Int) -> FileFormatError {
    .unsupported(
      file, supported: "plain numbers", found: found, at: offset,
      advice: "convert it with .astype('float32') and save it again")
  }

  private mutating func boolean() throws(FileFormatError) -> Bool {
    if skip("True") { return true }
    if skip("False") { return false }
    throw unexpected("True or False")
  }

  private mutating func tuple() throws(FileFormatError) -> [Int] {
    var lengths: [Int] = []
    try expect("(")
    while !skip(")") {
      if lengths.count == 64 { throw unexpected("at most 64 axes") }
      lengths.append(try integer())
      if !skip(",") {
        try expect(")")
        break
      }
    }
    return lengths
  }

  private mutating func integer() throws(FileFormatError) -> Int {
    skipSpace()
    let digits = bytes[offset...].prefix { (0x30...0x39).contains($0) }
    guard let value = Int(String(decoding: digits, as: UTF8.self)) else {
      throw unexpected("a whole number")
    }
    offset += digits.count
    return value
  }
}
