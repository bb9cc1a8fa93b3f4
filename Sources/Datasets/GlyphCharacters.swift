import FileFormats
import Foundation

/// The characters that a source such as `glyphs:A-Za-z` names.
///
/// A list of characters, with ranges such as `a-z` in the order of Unicode. A `-` that is first or
/// last stands for itself: `glyphs:0-9+-`. Of a range, what is never drawn (spaces, controls, places
/// that Unicode leaves empty) is passed over: `Α-Ω` is the Greek alphabet.
enum GlyphCharacters {
  /// More than all of Chinese, Japanese and Korean writing in daily use.
  static let maximumCount = 65_536

  /// The characters in the order in which they are named, each once.
  ///
  /// - Parameters:
  ///   - list: What stands behind the colon.
  ///   - source: The name that errors carry.
  /// - Returns: At least one.
  /// - Throws: When the list is empty or cannot be meant.
  static func parse(
    _ list: String, source: String
  ) throws(FileFormatError) -> [Unicode.Scalar] {
    let letters = try scalars(list, source)
    var result: [Unicode.Scalar] = []
    var index = 0
    while index < letters.count {
      let first = letters[index]
      if index + 2 < letters.count, letters[index + 1] == "-", index > 0 || first != "-" {
        try append(first, letters[index + 2], to: &result, source)
        index += 3
      } else if first == "-", index > 0, index < letters.count - 1 {
        throw .mismatch(
          source, expected: "two characters round each -", found: "one that follows a range",
          advice: "write a - that stands for itself first or last")
      } else {
        guard isDrawn(first) else { throw undrawn(first, source) }
        result.append(first)
        index += 1
      }
    }
    var seen: Set<Unicode.Scalar> = []
    result = result.filter { seen.insert($0).inserted }
    guard (1...maximumCount).contains(result.count) else {
      throw .mismatch(
        source, expected: "1 to \(maximumCount) characters", found: "\(result.count)",
        advice: "name some, such as glyphs:0-9 or glyphs:A-Za-z")
    }
    return result
  }

  /// One code point a character; accents that stand apart are joined to their letters where Unicode
  /// has a code point for both.
  private static func scalars(
    _ list: String, _ source: String
  ) throws(FileFormatError) -> [Unicode.Scalar] {
    var result: [Unicode.Scalar] = []
    for character in list.precomposedStringWithCanonicalMapping {
      guard character.unicodeScalars.count == 1 else {
        throw .mismatch(
          source, expected: "characters of one code point each", found: "\(character)",
          advice: "leave it out; glyphs:emoji takes all pictures of a colour font")
      }
      result += character.unicodeScalars
    }
    return result
  }

  private static func append(
    _ first: Unicode.Scalar, _ last: Unicode.Scalar, to result: inout [Unicode.Scalar],
    _ source: String
  ) throws(FileFormatError) {
    guard first.value <= last.value else {
      throw .mismatch(
        source, expected: "ranges that rise", found: "\(first)-\(last)",
        advice: "write \(last)-\(first)")
    }
    result += (first.value...last.value).lazy.compactMap(Unicode.Scalar.init).filter(isDrawn)
  }

  private static func isDrawn(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .unassigned, .control, .format, .surrogate, .spaceSeparator, .lineSeparator,
      .paragraphSeparator:
      false
    default: true
    }
  }

  private static func undrawn(_ scalar: Unicode.Scalar, _ source: String) -> FileFormatError {
    .mismatch(
      source, expected: "characters that are drawn", found: name(scalar), advice: "leave it out")
  }

  /// Such as `U+0020`.
  static func name(_ scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 16, uppercase: true)
    return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }
}
