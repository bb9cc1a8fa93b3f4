import FileFormats
import Foundation

/// Where words go: results to stdout, everything else to stderr.
enum Console {
  /// A line for people, on stderr.
  static func note(_ line: String) { write(line + "\n", to: .standardError) }

  /// A line of what was asked for, on stdout.
  static func result(_ line: String) { write(line + "\n", to: .standardOutput) }

  /// The one object of `--json`, on stdout.
  static func result(_ json: JSONValue) { result(json.encoded) }

  /// Replaces the line the cursor is on, on stderr.
  static func rewrite(_ line: String) { write("\r\(line)\u{1B}[K", to: .standardError) }

  /// Whether stderr is a terminal that can rewrite a line.
  static var isTerminal: Bool {
    isatty(STDERR_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
  }

  /// Columns of the terminal; 80 where it does not say.
  static var width: Int {
    var size = winsize()
    let known = ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    return known ? Int(size.ws_col) : 80
  }

  /// Words that cannot be written are lost: there is no one to tell.
  private static func write(_ text: String, to handle: FileHandle) {
    try? handle.write(contentsOf: Data(text.utf8))
  }
}
