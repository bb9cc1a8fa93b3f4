import Foundation
import Testing

@testable import FileFormats

@Suite struct JSONValueTests {
  static func parse(_ text: String) throws(FileFormatError) -> JSONValue {
    try JSONValue(parsing: Array(text.utf8), file: "a.json")
  }

  @Test(
    "documents are read",
    arguments: [
      ("null", .null), (" true ", .bool(true)), ("-0", .integer(0)), ("12", .integer(12)),
      ("1.5e3", .number(1500)), ("1e2", .number(100)), ("9223372036854775807", .integer(.max)),
      ("9223372036854775808", .number(0x1p63)),
      (#""a\"\\\/\b\f\n\r\tä""#, .string("a\"\\/\u{8}\u{c}\n\r\tä")),
      (#""\u00e4\uD83C\uDFA8""#, .string("ä🎨")), ("[]", .array([])), ("{}", .object([:])),
      (#"{"a":[1,{"b":null}]}"#, ["a": [1, ["b": nil]]]),
    ] as [(String, JSONValue)])
  func reading(text: String, value: JSONValue) throws {
    #expect(try Self.parse(text) == value)
  }

  @Test(
    "what is not JSON is refused at its place",
    arguments: [
      ("", 0), ("{", 1), ("[1,]", 3), ("[1 2]", 3), ("{\"a\":1,}", 7), ("01", 1), ("+1", 0),
      ("1.", 2),
      (".5", 0), ("1e", 2), ("nul", 0), ("NaN", 0), ("\"a", 2), ("\"\u{1}\"", 1), (#""\x""#, 2),
      (#""\uD83C""#, 7), (#""\uDC00""#, 7), ("1 2", 2), (#"{"a":1,"a":2}"#, 7), ("1e999", 0),
      ("{1:2}", 1), (#""\u00g0""#, 5),
    ])
  func refusing(text: String, offset: Int) {
    let error = failure("\(text)") { () throws(FileFormatError) in try Self.parse(text) }
    #expect(error?.offset == offset, "\(text)")
  }

  @Test("text that is not UTF-8 is refused")
  func notUTF8() {
    let bytes: [UInt8] = [0x22, 0xC3, 0x22]
    #expect(
      failure { () throws(FileFormatError) in try JSONValue(parsing: bytes, file: "a") } != nil)
  }

  @Test("nesting is bounded, so that the stack is safe")
  func nesting() throws {
    let deep = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
    _ = try Self.parse(deep)
    let bomb = String(repeating: "[", count: 1_000_000)
    let error = failure { () throws(FileFormatError) in try Self.parse(bomb) }
    #expect(error?.expected == "JSON nesting of at most 64 levels")
  }

  @Test("writing sorts keys, keeps whole numbers whole and doubles exact")
  func writing() {
    let least = JSONValue.number(.leastNonzeroMagnitude)
    let value: JSONValue = ["b": 1, "a": [0.1, 1e300, least, 2.0, nil, true], "ä": "\u{1}\"\n"]
    #expect(
      value.encoded
        == #"{"a":[0.1,1e+300,5e-324,2.0,null,true],"b":1,"ä":"\u0001\"\n"}"#)
    #expect(JSONValue.number(.nan).encoded == "null")
    #expect(JSONValue.object([:]).prettyEncoded == "{}\n")
    let pretty: JSONValue = ["a": [1], "b": [:]]
    #expect(pretty.prettyEncoded == "{\n  \"a\": [\n    1\n  ],\n  \"b\": {}\n}\n")
  }

  @Test(
    "what is written is read back, and Foundation agrees", arguments: 1...20 as ClosedRange<UInt64>)
  func roundTrip(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let value = Self.random(&generator, depth: 0)
    #expect(try Self.parse(value.encoded) == value, "seed \(seed)")
    #expect(try Self.parse(value.prettyEncoded) == value, "seed \(seed)")
    let ours = try JSONSerialization.jsonObject(
      with: Data(value.encoded.utf8), options: .fragmentsAllowed)
    let pretty = try JSONSerialization.jsonObject(
      with: Data(value.prettyEncoded.utf8), options: .fragmentsAllowed)
    #expect((ours as? NSObject) == (pretty as? NSObject), "seed \(seed)")
  }

  static func random(_ generator: inout SeededGenerator, depth: Int) -> JSONValue {
    switch Int.random(in: 0..<(depth < 4 ? 7 : 5), using: &generator) {
    case 0: .null
    case 1: .bool(.random(using: &generator))
    case 2: .integer(.random(in: -1_000_000...1_000_000, using: &generator))
    case 3: .number(.random(in: -1e6...1e6, using: &generator))
    case 4: .string(String(UnicodeScalar(UInt32.random(in: 1..<0xD800, using: &generator))!))
    case 5:
      .array((0..<3).map { _ in random(&generator, depth: depth + 1) })
    default:
      .object(
        Dictionary(
          uniqueKeysWithValues: (0..<3).map { ("k\($0)", random(&generator, depth: depth + 1)) }))
    }
  }
}
