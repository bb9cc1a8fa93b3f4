import Foundation

/// Something that tries candidates, and survives them.
protocol TrialRunner {
  /// - Returns: The outcome, nil where `isCancelled` said so first.
  mutating func run(_ request: TrialRequest, isCancelled: () -> Bool) -> TrialOutcome?
}

/// A worker in a child process, which is killed when a candidate takes too long and started again
/// after that, a crash or a failure.
package struct WorkerProcess: TrialRunner {
  /// Program and arguments that answer as ``TuningWorker/serve()`` does.
  private let command: [String]
  /// Seconds that a candidate may take, its compilation included.
  private let limit: Double
  private var child: Child?

  package init(command: [String], limit: Double) {
    (self.command, self.limit) = (command, limit)
  }

  mutating func run(_ request: TrialRequest, isCancelled: () -> Bool) -> TrialOutcome? {
    do {
      let child = try self.child ?? Child(command)
      self.child = child
      let outcome = try child.ask(request, within: limit, isCancelled: isCancelled)
      if outcome?.failure != nil || outcome == nil { self.child = nil }
      return outcome
    } catch {
      child = nil
      return isCancelled() ? nil : TrialOutcome(failure: "\(error)")
    }
  }
}

/// The process and its pipes; it is gone when this is.
private final class Child {
  private let process = Process()
  private let requests = Pipe()
  private let outcomes = Pipe()
  private var unread: [UInt8] = []

  struct Lost: Error, CustomStringConvertible {
    let description: String
  }

  init(_ command: [String]) throws {
    process.executableURL = URL(fileURLWithPath: command[0])
    process.arguments = Array(command.dropFirst())
    process.standardInput = requests
    process.standardOutput = outcomes
    process.standardError = FileHandle.nullDevice
    try process.run()
  }

  deinit {
    try? requests.fileHandleForWriting.close()
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    process.waitUntilExit()
  }

  func ask(
    _ request: TrialRequest, within limit: Double, isCancelled: () -> Bool
  ) throws -> TrialOutcome? {
    var line = try JSONEncoder().encode(request)
    line.append(UInt8(ascii: "\n"))
    // A child that is gone is told of below.
    try? requests.fileHandleForWriting.write(contentsOf: line)
    let clock = ContinuousClock()
    let end = clock.now + .seconds(limit)
    let descriptor = outcomes.fileHandleForReading.fileDescriptor
    while true {
      if let newline = unread.firstIndex(of: UInt8(ascii: "\n")) {
        let text = Data(unread[..<newline])
        unread.removeSubrange(...newline)
        guard let outcome = try? JSONDecoder().decode(TrialOutcome.self, from: text) else {
          throw Lost(description: "the process that tried it answered what is no outcome")
        }
        return outcome
      }
      if isCancelled() { return nil }
      let left = (end - clock.now) / .milliseconds(1)
      if left <= 0 { throw Lost(description: "it took more than \(Int(limit.rounded(.up))) s") }
      // Short turns: whoever cancels must not wait.
      var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard poll(&wanted, 1, Int32(min(100, left.rounded(.up)))) > 0 else { continue }
      var bytes = [UInt8](repeating: 0, count: 4096)
      let count = read(descriptor, &bytes, bytes.count)
      if count < 0, errno == EINTR { continue }
      if count <= 0 {
        process.waitUntilExit()
        let isSignal = process.terminationReason == .uncaughtSignal
        throw Lost(
          description: "the process that tried it ended"
            + " with \(isSignal ? "signal" : "status") \(process.terminationStatus)")
      }
      unread += bytes.prefix(count)
    }
  }
}
