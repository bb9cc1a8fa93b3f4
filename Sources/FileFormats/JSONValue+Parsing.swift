import Foundation

extension JSONValue {
  /// Deepest nesting that is read; deeper documents are refused rather than risking the stack.
  public static let maximumDepth = 64

  /// Reads one document that fills all of `bytes`, but for white space.
  ///
  /// Refused beside what RFC 8259 refuses: repeated keys, nesting beyond ``maximumDepth``, numbers
  /// beyond the range of `Double`, and text that is not UTF-8.
  ///
  /// - Parameters:
  ///   - bytes: The text in UTF-8.
  ///   - file: The name that errors carry.
  ///   - base: Position of the document in the file, for messages.
  /// - Throws: At the first byte that does not belong there.
  public init(parsing bytes: [UInt8], file: String, base: Int = 0) throws(FileFormatError) {
    var parser = JSONParser(bytes: bytes, file: file, base: base)
    self = try parser.document()
  }
}

private struct JSONParser {
  let bytes: [UInt8]
  let file: String
  let base: Int
  var offset = 0

  mutating func document() throws(FileFormatError) -> JSONValue {
    let value = try value(depth: 0)
    skipSpace()
    if offset < bytes.count { throw unexpected("the end of the JSON text") }
    return value
  }

  private var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      offset += 1
    }
  }

  private mutating func skip(_ character: Unicode.Scalar) -> Bool {
    guard next == UInt8(character.value) else { return false }
    offset += 1
    return true
  }

  private mutating func expect(_ character: Unicode.Scalar) throws(FileFormatError) {
    guard skip(character) else { throw unexpected("'\(character)'") }
  }

  private func unexpected(_ expected: String) -> FileFormatError {
    let found =
      switch next {
      case nil: "the end of the text"
      case let byte? where (0x21..<0x7F).contains(byte): "'\(Unicode.Scalar(byte))'"
      case let byte?: "byte \(byte)"
      }
    return .mismatch(
      file, expected: "\(expected) in JSON", found: found, at: base + offset)
  }

  private mutating func value(depth: Int) throws(FileFormatError) -> JSONValue {
    if depth > JSONValue.maximumDepth {
      throw .tooLarge(
        file, part: "JSON nesting", limit: "\(JSONValue.maximumDepth) levels", found: "more",
        at: base + offset)
    }
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): return try object(depth)
    case UInt8(ascii: "["): return try array(depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return try number()
    }
  }

  private mutating func word(
    _ word: String, _ value: JSONValue
  ) throws(FileFormatError) -> JSONValue {
    guard bytes[offset...].starts(with: word.utf8) else { throw unexpected("\"\(word)\"") }
    offset += word.utf8.count
    return value
  }

  private mutating func array(_ depth: Int) throws(FileFormatError) -> JSONValue {
    try expect("[")
    var values: [JSONValue] = []
    skipSpace()
    if skip("]") { return .array(values) }
    while true {
      values.append(try value(depth: depth + 1))
      skipSpace()
      if skip("]") { return .array(values) }
      try expect(",")
    }
  }

  private mutating func object(_ depth: Int) throws(FileFormatError) -> JSONValue {
    try expect("{")
    var members: [String: JSONValue] = [:]
    skipSpace()
    if skip("}") { return .object(members) }
    while true {
      skipSpace()
      let start = offset
      let key = try string()
      skipSpace()
      try expect(":")
      if members.updateValue(try value(depth: depth + 1), forKey: key) != nil {
        throw .mismatch(
          file, expected: "every JSON key once", found: "\"\(key)\" again", at: base + start)
      }
      skipSpace()
      if skip("}") { return .object(members) }
      try expect(",")
    }
  }

  private mutating func digits() throws(FileFormatError) {
    let start = offset
    while let byte = next, (0x30...0x39).contains(byte) { offset += 1 }
    if offset == start { throw unexpected("a digit") }
  }

  private mutating func number() throws(FileFormatError) -> JSONValue {
    let start = offset
    _ = skip("-")
    guard let first = next, (0x30...0x39).contains(first) else { throw unexpected("a value") }
    if !skip("0") { try digits() }
    var isWhole = true
    if skip(".") {
      isWhole = false
      try digits()
    }
    if skip("e") || skip("E") {
      isWhole = false
      if !skip("+") { _ = skip("-") }
      try digits()
    }
    let text = String(decoding: bytes[start..<offset], as: UTF8.self)
    if isWhole, let integer = Int(text) { return .integer(integer) }
    guard let number = Double(text), number.isFinite else {
      offset = start
      throw .tooLarge(
        file, part: "a JSON number", limit: "1.8e308", found: "more", at: base + start)
    }
    return .number(number)
  }

  private mutating func string() throws(FileFormatError) -> String {
    guard next == UInt8(ascii: "\"") else { throw unexpected("a string") }
    let start = offset
    offset += 1
    var text: [UInt8] = []
    while let byte = next {
      switch byte {
      case UInt8(ascii: "\""):
        offset += 1
        guard let string = String(validating: text, as: UTF8.self) else {
          throw .mismatch(
            file, expected: "UTF-8 in a JSON string", found: "other bytes", at: base + start)
        }
        return string
      case UInt8(ascii: "\\"):
        offset += 1
        try escape(into: &text)
      case 0..<0x20: throw unexpected("no control character in a string")
      default:
        text.append(byte)
        offset += 1
      }
    }
    throw unexpected("'\"'")
  }

  private mutating func escape(into text: inout [UInt8]) throws(FileFormatError) {
    let plain: [UInt8: UInt8] = [
      UInt8(ascii: "\""): 0x22, UInt8(ascii: "\\"): 0x5C, UInt8(ascii: "/"): 0x2F,
      UInt8(ascii: "b"): 0x08, UInt8(ascii: "f"): 0x0C, UInt8(ascii: "n"): 0x0A,
      UInt8(ascii: "r"): 0x0D, UInt8(ascii: "t"): 0x09,
    ]
    if let byte = next, let value = plain[byte] {
      text.append(value)
      offset += 1
      return
    }
    guard skip("u") else { throw unexpected("an escape") }
    var code = try hexadecimalDigits()
    if (0xD800..<0xDC00).contains(code) {
      guard skip("\\"), skip("u") else { throw unexpected("the second half of a surrogate pair") }
      let low = try hexadecimalDigits()
      guard (0xDC00..<0xE000).contains(low) else {
        throw unexpected("the second half of a surrogate pair")
      }
      code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(code) else { throw unexpected("a Unicode character") }
    text += UTF8.encode(scalar)!
  }

  private mutating func hexadecimalDigits() throws(FileFormatError) -> UInt32 {
    var code: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw unexpected("four hexadecimal digits")
      }
      code = code << 4 | UInt32(digit)
      offset += 1
    }
    return code
  }
}
