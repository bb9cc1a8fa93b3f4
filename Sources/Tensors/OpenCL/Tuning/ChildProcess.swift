import Foundation

/// A program in a process of its own, spoken to in lines by its standard input and output.
///
/// It leads a process group, so that a terminal's Ctrl-C is its parent's alone, and is gone when this
/// is. Foundation's `Process` would wait for it in a run loop, which never wakes on a machine whose
/// loopback network is down.
package final class ChildProcess {
  /// Why there is none.
  package struct NotStarted: Error, CustomStringConvertible {
    package let description: String
  }

  /// How it ended.
  package enum Ending: Equatable, CustomStringConvertible {
    case status(Int32)
    case signal(Int32)

    package var description: String {
      switch self {
      case .status(let number): "status \(number)"
      case .signal(let number): "signal \(number)"
      }
    }
  }

  /// What came of waiting for a line.
  package enum Answer {
    /// Without its end.
    case line([UInt8])
    /// It has nothing more to say.
    case ended(Ending)
    /// Nobody wants to wait any longer.
    case givenUp
  }

  private let id: pid_t
  /// The child's stdin and stdout are the other end.
  private let socket: Int32
  private var unread: [UInt8] = []
  private var ending: Ending?

  /// Seconds that a process may take to end once it has closed its output.
  private static let patience = 5.0

  /// - Parameters:
  ///   - command: The program's path, and its arguments.
  ///   - environment: Variables beside this process's own.
  ///   - isSilent: Whether what it says on stderr is thrown away.
  /// - Throws: ``NotStarted``, with the system's reason.
  package init(
    _ command: [String], environment: [String: String] = [:], isSilent: Bool = false
  ) throws(NotStarted) {
    var ends: [Int32] = [-1, -1]
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
      throw Self.failure(command, errno)
    }
    defer { close(ends[1]) }
    let variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    var child: pid_t = 0
    let code = Self.spawn(
      command, variables.map { "\($0)=\($1)" }, talkingTo: ends[1], isSilent: isSilent, &child)
    guard code == 0 else {
      close(ends[0])
      throw Self.failure(command, code)
    }
    (id, socket) = (child, ends[0])
  }

  private static func failure(_ command: [String], _ code: Int32) -> NotStarted {
    NotStarted(description: "\(command[0]) cannot be started: \(String(cString: strerror(code)))")
  }

  private static func spawn(
    _ command: [String], _ variables: [String], talkingTo end: Int32, isSilent: Bool,
    _ child: inout pid_t
  ) -> Int32 {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, end, STDIN_FILENO)
    posix_spawn_file_actions_adddup2(&actions, end, STDOUT_FILENO)
    if isSilent {
      posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
    }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    // Ignored here, it would be there.
    sigaddset(&signals, SIGPIPE)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))
    let words = command.map { strdup($0) } + [nil]
    let settings = variables.map { strdup($0) } + [nil]
    defer { for text in words + settings { free(text) } }
    return posix_spawn(&child, command[0], &actions, &attributes, words, settings)
  }

  deinit {
    kill()
    _ = wait()
    close(socket)
  }

  /// Sends a line; to a process that is gone, of which ``answer(unless:)`` tells, nothing is sent.
  package func send(_ line: some Sequence<UInt8>) {
    let bytes = Array(line) + [UInt8(ascii: "\n")]
    var done = 0
    while done < bytes.count {
      let count = bytes[done...].withUnsafeBytes {
        Foundation.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count < 0, errno == EINTR { continue }
      if count <= 0 { return }
      done += count
    }
  }

  /// Waits for the next line.
  ///
  /// - Parameter isGivenUp: Asked ten times a second; the process goes on.
  /// - Returns: The line, or why there is none.
  package func answer(unless isGivenUp: () -> Bool = { false }) -> Answer {
    while true {
      if let newline = unread.firstIndex(of: UInt8(ascii: "\n")) {
        defer { unread.removeSubrange(...newline) }
        return .line(Array(unread[..<newline]))
      }
      if isGivenUp() { return .givenUp }
      guard canRead(within: 100) else {
        // One that it has started may hold its output open; its last words are read first.
        if let ending = reaped(), !canRead(within: 0) { return .ended(ending) }
        continue
      }
      var bytes = [UInt8](repeating: 0, count: 1 << 16)
      let count = recv(socket, &bytes, bytes.count, 0)
      if count < 0, errno == EINTR { continue }
      if count <= 0 { return .ended(wait()) }
      unread += bytes.prefix(count)
    }
  }

  /// Ends its input, and waits until it ends by itself; then it is killed.
  ///
  /// - Parameter seconds: To wait, at most.
  package func end(within seconds: Double) {
    guard ending == nil else { return }
    shutdown(socket, Int32(SHUT_WR))
    let clock = ContinuousClock()
    let deadline = clock.now + .seconds(seconds)
    while true {
      let answer = answer { clock.now >= deadline }
      if case .line = answer { continue }
      if case .givenUp = answer { kill() }
      break
    }
    _ = wait()
  }

  /// Ends it at once, and what it has started.
  package func kill() {
    if ending == nil { Foundation.kill(-id, SIGKILL) }
  }

  private func canRead(within milliseconds: Int32) -> Bool {
    var wanted = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
    return poll(&wanted, 1, milliseconds) > 0
  }

  /// Of a process that has closed its output, or was killed; one that stays all the same is killed,
  /// and left where even that does not end it, as in a driver that hangs.
  private func wait() -> Ending {
    if let ending { return ending }
    let clock = ContinuousClock()
    let deadline = clock.now + .seconds(Self.patience)
    while true {
      if let ending = reaped() { return ending }
      if clock.now >= deadline { kill() }
      if clock.now >= deadline + .seconds(Self.patience) {
        ending = .signal(SIGKILL)
        return .signal(SIGKILL)
      }
      usleep(1000)
    }
  }

  /// How it has ended; nil while it runs.
  private func reaped() -> Ending? {
    if let ending { return ending }
    var status: Int32 = 0
    let found = waitpid(id, &status, WNOHANG)
    if found == 0 || found < 0 && errno == EINTR { return nil }
    let signal = status & 0x7F
    ending = signal == 0 ? .status((status >> 8) & 0xFF) : .signal(signal)
    return ending
  }
}
