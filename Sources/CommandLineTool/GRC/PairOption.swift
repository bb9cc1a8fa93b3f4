import ArgumentParser

/// `--pair a,b`: two templates, counted from 1.
struct PairOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Which two templates, counted from 1. (default: 1,2)", valueName: "a,b"))
  var pair: String?

  /// The two, counted from 0; the first two where none are named.
  func parse(templates count: Int) throws(UsageError) -> (Int, Int) {
    let text = pair ?? "1,2"
    if count < 2 {
      throw .wrongValue(text, place: "--pair", expected: "nothing: this fit has one template")
    }
    let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map {
      Int($0.trimmingCharacters(in: .whitespaces))
    }
    guard numbers.count == 2, let first = numbers[0], let second = numbers[1], first != second,
      (1...count).contains(first), (1...count).contains(second)
    else {
      throw .wrongValue(
        text, place: "--pair",
        expected: "two different templates by their numbers from 1 to \(count), such as 1,2")
    }
    return (first - 1, second - 1)
  }
}
