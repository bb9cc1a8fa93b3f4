/// Finite decimal numbers in text files.
///
/// Swift's own initialisers take `nan`, `inf` and hexadecimal too, which in a file of shapes or
/// measurements are damage.
enum DecimalNumber {
  static func float(_ text: some Collection<UInt8>) -> Float? {
    guard isDecimal(text), let number = Float(String(decoding: text, as: UTF8.self)) else {
      return nil
    }
    return number.isFinite ? number : nil
  }

  static func double(_ text: some Collection<UInt8>) -> Double? {
    guard isDecimal(text), let number = Double(String(decoding: text, as: UTF8.self)) else {
      return nil
    }
    return number.isFinite ? number : nil
  }

  private static func isDecimal(_ text: some Collection<UInt8>) -> Bool {
    text.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "e"),
        UInt8(ascii: "E"):
        true
      default: false
      }
    }
  }
}
