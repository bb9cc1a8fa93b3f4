import Foundation

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
    let wrong = UsageError.wrongValue(text, place: option, expected: form)
    if text.contains(":") {
      let parts = parts(text, ":")
      guard parts.count == 3, let first = Float(parts[0]), let last = Float(parts[1]),
        let count = Int(parts[2]), (last - first).isFinite, count >= 1
      else { throw wrong }
      if count > limit {
        throw .wrongValue(text, place: option, expected: "at most \(limit) numbers")
      }
      if count == 1 { return [first] }
      return (0..<count).map { first + (last - first) * Float($0) / Float(count - 1) }
    }
    let numbers = parts(text, ",").map { Float($0) }
    guard numbers.allSatisfy({ $0?.isFinite ?? false }) else { throw wrong }
    return numbers.compactMap(\.self)
  }

  private static func parts(_ text: String, _ separator: Character) -> [String] {
    text.split(separator: separator, omittingEmptySubsequences: false).map { part in
      part.trimmingCharacters(in: .whitespaces)
    }
  }
}
