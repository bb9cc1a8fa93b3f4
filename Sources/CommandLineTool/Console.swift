import FileFormats
import Foundation

/// Where words go: results to stdout, everything else to stderr.
///
/// Results that cannot be written are an error: whoever asked for them would not know. Words on
/// stderr that cannot be written are lost: there is no one to tell, and work is not given up for
/// them.
enum Console {
  /// A line for people, on stderr.
  static func note(_ line: String) { write(line + "\n", to: STDERR_FILENO) }

  /// A line of what was asked for, on stdout.
  ///
  /// - Throws: A `FileFormatError` that names stdout.
  static func result(_ line: String) throws(FileFormatError) {
    let code = write(line + "\n", to: STDOUT_FILENO)
    if code != 0 {
      throw .system(
        "stdout", could: "write the result", code: code,
        advice: "the work is done and what was saved stays; send the output to where it fits")
    }
  }

  /// The one object of `--json`, on stdout.
  ///
  /// - Throws: A `FileFormatError` that names stdout.
  static func result(_ json: JSONValue) throws(FileFormatError) { try result(json.encoded) }

  /// Replaces the line the cursor is on, on stderr.
  static func rewrite(_ line: String) { write("\r\(line)\u{1B}[K", to: STDERR_FILENO) }

  /// Makes the loss of a reader an error of the write instead of the process's end, and takes the
  /// places of streams that were closed, so that no file is opened in their place and written to.
  static func prepare() {
    signal(SIGPIPE, SIG_IGN)
    for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO]
    where fcntl(descriptor, F_GETFD) == -1 {
      // The lowest free descriptor is this one; writing to it fails, as it should.
      _ = open("/dev/null", O_RDONLY)
    }
  }

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

  /// Writes everything; the `errno` where that fails, else 0.
  @discardableResult
  private static func write(_ text: String, to descriptor: Int32) -> Int32 {
    let bytes = Array(text.utf8)
    return bytes.withUnsafeBytes { buffer in
      var done = 0
      while done < buffer.count {
        let count = Foundation.write(descriptor, buffer.baseAddress! + done, buffer.count - done)
        if count > 0 {
          done += count
        } else if errno == EAGAIN {
          // Whoever shares the stream made it one that does not wait.
          var wanted = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
          poll(&wanted, 1, -1)
        } else if errno != EINTR {
          return errno
        }
      }
      return 0
    }
  }
}
