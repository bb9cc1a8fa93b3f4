import Foundation
import RelationalContext

/// Numbers as options have them: `0,.1,.3`, or `0:1:21` for 21 from 0 to 1.
enum NumberList {
  /// How help and errors say it.
  static let form = "numbers such as 0,0.5,1, or 0:1:21 for 21 from 0 to 1"
  /// Numbers of a sweep at most.
  static let limit = 10_000

  /// The numbers of a text; spaces round them are allowed.
  ///
  /// - Throws: ``UsageError`` naming the option.
  static func parse(_ text: String, _ option: String) throws(UsageError) -> [Float] {
    try parse(text, option) { part throws(UsageError) in
      guard let number = Float(part), number.isFinite else {
        throw .wrongValue(text, place: option, expected: form)
      }
      return number
    }
  }

  /// Places on an axis of the map: in its unit, or by its words.
  ///
  /// - Throws: ``UsageError`` naming the option and, for a word that the axis has not, its words.
  static func places(
    _ text: String, _ option: String, on axis: MapAxis
  ) throws(UsageError) -> [Float] {
    // A word may have a comma or colon in it.
    if let words = axis.words, words.contains(text) { return [axis.share(axis.value(of: text)!)] }
    let values = try parse(text, option) { part throws(UsageError) -> Double in
      if let value = axis.value(of: part) { return value }
      guard let words = axis.words else {
        throw .wrongValue(text, place: option, expected: form)
      }
      throw .unknownWord(part, place: option, expected: words)
    }
    return values.map(axis.share)
  }

  private static func parse<Number: BinaryFloatingPoint>(
    _ text: String, _ option: String, _ number: (String) throws(UsageError) -> Number
  ) throws(UsageError) -> [Number] {
    guard text.contains(":") else {
      var numbers: [Number] = []
      for part in parts(text, ",") { numbers.append(try number(part)) }
      return numbers
    }
    let parts = parts(text, ":")
    guard parts.count == 3, let count = Int(parts[2]), count >= 1 else {
      throw .wrongValue(text, place: option, expected: form)
    }
    let (first, last) = (try number(parts[0]), try number(parts[1]))
    guard (last - first).isFinite else {
      throw .wrongValue(text, place: option, expected: form)
    }
    if count > limit {
      throw .wrongValue(text, place: option, expected: "at most \(limit) numbers")
    }
    if count == 1 { return [first] }
    return (0..<count).map { first + (last - first) * Number($0) / Number(count - 1) }
  }

  private static func parts(_ text: String, _ separator: Character) -> [String] {
    text.split(separator: separator, omittingEmptySubsequences: false).map { part in
      part.trimmingCharacters(in: .whitespaces)
    }
  }
}
