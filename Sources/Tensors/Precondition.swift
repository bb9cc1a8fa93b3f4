/// Stops with a sentence that optimised builds tell too, as the standard library's function of this
/// name does in debug builds alone.
///
/// It takes that one's place here and in every room that imports this one, so the sentences of
/// programmers' mistakes reach those who use the library as it is shipped.
///
/// - Parameters:
///   - condition: What the caller owes.
///   - message: Both sides of the disagreement; worked out when the condition fails.
///   - file: Where the condition is.
///   - line: Where the condition is.
package func precondition(
  _ condition: @autoclosure () -> Bool, _ message: @autoclosure () -> String = String(),
  file: StaticString = #file, line: UInt = #line
) {
  if !condition() { fatalError(message(), file: file, line: line) }
}
