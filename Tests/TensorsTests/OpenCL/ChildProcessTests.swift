import Foundation
import Testing

@testable import Tensors

/// Programs that are spoken to, by the shell.
@Suite("Child processes", .timeLimit(.minutes(1))) struct ChildProcessTests {
  private func shell(_ script: String, _ environment: [String: String] = [:]) throws -> ChildProcess
  {
    try ChildProcess(["/bin/sh", "-c", script], environment: environment, isSilent: true)
  }

  private func line(_ child: ChildProcess) -> String? {
    guard case .line(let bytes) = child.answer() else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }

  private func isAlive(_ id: pid_t) -> Bool { kill(id, 0) == 0 }

  @Test("lines go there and back, in whatever pieces, with the environment asked for")
  func lines() throws {
    let child = try shell(
      #"while read -r x; do printf '%s-' "$x"; echo "$MARK"; echo again; done"#, ["MARK": "sea"])
    for word in ["a", "b"] {
      child.send(word.utf8)
      #expect(line(child) == "\(word)-sea")
      #expect(line(child) == "again")
    }
  }

  @Test(
    "how it ended is told, and what is sent to it then is lost and ends nobody",
    arguments: [
      ("exit 3", ChildProcess.Ending.status(3)), ("kill -SEGV $$", .signal(11)),
      ("exec 1>&- ; exit 7", .status(7)),
    ])
  func endings(script: String, expected: ChildProcess.Ending) throws {
    let child = try shell(script)
    guard case .ended(expected) = child.answer() else {
      Issue.record("\(script)")
      return
    }
    for _ in 0..<3 { child.send("are you there?".utf8) }
    guard case .ended(expected) = child.answer() else {
      Issue.record("the second time: \(script)")
      return
    }
  }

  @Test("who does not want to wait need not, and may go on later")
  func givingUp() throws {
    let child = try shell("read x; echo late")
    guard case .givenUp = child.answer(unless: { true }) else {
      Issue.record("it waited")
      return
    }
    child.send([])
    #expect(line(child) == "late")
  }

  @Test("it ends with its object, and after the wait for its end, even if it listens to nobody")
  func ends() throws {
    var child: ChildProcess? = try shell("trap '' TERM HUP INT; echo $$; exec sleep 600")
    let id = try #require(child.flatMap(line).flatMap(pid_t.init))
    #expect(isAlive(id))
    child = nil
    #expect(!isAlive(id))

    let deaf = try shell("echo $$; exec sleep 600")
    let other = try #require(line(deaf).flatMap(pid_t.init))
    deaf.end(within: 0.01)
    #expect(!isAlive(other))

    let file = FileManager.default.temporaryDirectory.appendingPathComponent("c-\(UUID())").path
    defer { try? FileManager.default.removeItem(atPath: file) }
    try shell("while read x; do :; done; echo done >\(file)").end(within: 30)
    #expect(FileManager.default.fileExists(atPath: file), "it may do what it does at its end")
  }

  @Test("it leads a process group, so that Ctrl-C does not reach it")
  func group() throws {
    let child = try shell("cut -d' ' -f5 /proc/$$/stat; echo $$; read x")
    let group = line(child)
    #expect(group != nil && group == line(child))
  }

  @Test("a program that is not there is named")
  func missing() {
    #expect {
      _ = try ChildProcess(["/nowhere/atelier"])
    } throws: {
      let words = "\($0)"
      return words.contains("/nowhere/atelier cannot be started: No such file")
    }
  }
}
