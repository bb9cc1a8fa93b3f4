/// Numbers as options have them: `0,.1,.3`, or `0:1:21` for 21 from 0 to 1.
enum NumberList {
  /// How help and errors say it.
  static let form = "numbers such as 0,0.5,1, or 0:1:21 for 21 from 0 to 1"

  /// The numbers of a text.
  ///
  /// - Throws: ``UsageError`` naming the option.
  static func parse(_ text: String, _ option: String) throws(UsageError) -> [Float] {
    let wrong = UsageError.wrongValue(text, place: option, expected: form)
    if text.contains(":") {
      let parts = text.split(separator: ":", omittingEmptySubsequences: false)
      guard parts.count == 3, let first = Float(parts[0]), let last = Float(parts[1]),
        let count = Int(parts[2]), first.isFinite, last.isFinite, (1...10_000).contains(count)
      else { throw wrong }
      if count == 1 { return [first] }
      return (0..<count).map { first + (last - first) * Float($0) / Float(count - 1) }
    }
    let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map { Float($0) }
    guard numbers.allSatisfy({ $0?.isFinite ?? false }) else { throw wrong }
    return numbers.compactMap(\.self)
  }
}
