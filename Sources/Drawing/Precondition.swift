/// Stops with a sentence that optimised builds tell too, as the standard library's function of this
/// name does in debug builds alone.
///
/// The function of Tensors, which this room does not import; it is seen within this room alone.
func precondition(
  _ condition: @autoclosure () -> Bool, _ message: @autoclosure () -> String,
  file: StaticString = #file, line: UInt = #line
) {
  if !condition() { fatalError(message(), file: file, line: line) }
}
