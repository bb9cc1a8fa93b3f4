import Foundation
import Locks
import Testing

@testable import FileFormats

@Suite struct AtomicFileTests {
  static func names(in folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
  }

  @Test("a file is written, replaced, and nothing else is left")
  func writing() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/a.bin"
      for size in [0, 1, 5_000_000, 3] {
        let bytes = [UInt8](repeating: UInt8(size & 255), count: size)
        try AtomicFile.write(bytes, to: path)
        #expect(try ByteSource(path: path).readAll(limit: 1 << 30) == bytes)
      }
      #expect(try Self.names(in: folder) == ["a.bin"])
    }
  }

  @Test(
    "when any stage fails, the old file is untouched and no hidden file is left",
    arguments: AtomicFile.Stage.allCases, [ENOSPC, EIO, EROFS])
  func failing(stage: AtomicFile.Stage, code: Int32) throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/a.txt"
      try AtomicFile.write("old", to: path)
      let error = FaultInjection.$hook.withValue(FaultInjection.Hook { $0 == stage ? code : 0 }) {
        failure { () throws(FileFormatError) in try AtomicFile.write("new", to: path) }
      }
      #expect(error?.kind == .inputOutput && error?.systemCode == code && error?.file == path)
      #expect(try Self.names(in: folder) == ["a.txt"])
      // Once the name is given, the new file is there; only its survival of a power cut is in doubt.
      let expected = stage == .fsyncFolder ? "new" : "old"
      #expect(try String(contentsOfFile: path, encoding: .utf8) == expected)
    }
  }

  @Test("stages run in order, each once")
  func stages() throws {
    try withTemporaryFolder { folder in
      let log = StageLog()
      try FaultInjection.$hook.withValue(
        FaultInjection.Hook { log.note($0) },
        operation: { try AtomicFile.write("x", to: "\(folder)/x") })
      #expect(log.stages == [.open, .write, .fsync, .rename, .fsyncFolder])
    }
  }

  @Test("the variable for tests of the whole program is read strictly")
  func plans() {
    let plan = FaultInjection.Plan("exit-after:fsync-folder:3")
    #expect(plan?.stage == .fsyncFolder && plan?.occurrence == 3 && plan?.errorCode == nil)
    #expect(FaultInjection.Plan("fail-at:write:1:28")?.errorCode == 28)
    for text in [
      "", "exit-after", "exit-after:write", "exit-after:write:0", "exit-after:x:1",
      "fail-at:write:1", "fail-at:write:1:x", "exit-after:write:1:2",
    ] {
      #expect(FaultInjection.Plan(text) == nil, "\(text)")
    }
  }

  @Test("a missing folder, a folder in the file's place, and a file in the folder's")
  func badPaths() throws {
    try withTemporaryFolder { folder in
      let missing = failure { () throws(FileFormatError) in
        try AtomicFile.write("x", to: "\(folder)/no/x")
      }
      #expect(
        missing?.description
          == "\(folder)/no/x: expected to create a file in \(folder)/no, found no such file or directory; "
          + "check the spelling of the path")
      try FileManager.default.createDirectory(
        atPath: "\(folder)/taken", withIntermediateDirectories: false)
      let taken = failure { () throws(FileFormatError) in
        try AtomicFile.write("x", to: "\(folder)/taken")
      }
      #expect(taken?.systemCode == EISDIR || taken?.systemCode == EEXIST)
      #expect(try Self.names(in: folder) == ["taken"])
    }
  }

  @Test(
    "a really full disk gives ENOSPC and keeps what was there",
    .enabled(if: TinyDisk.isPossible, "needs root to mount a tmpfs"))
  func fullDisk() throws {
    try TinyDisk.withMounted { folder in
      let path = "\(folder)/weights"
      try AtomicFile.write("old", to: path)
      let bytes = [UInt8](repeating: 1, count: 1 << 20)
      let error = failure { () throws(FileFormatError) in try AtomicFile.write(bytes, to: path) }
      #expect(error?.systemCode == ENOSPC && error?.kind == .inputOutput)
      #expect(
        error?.description
          == "\(path): expected to write 1048576 bytes, found no space left on device; free some "
          + "space or choose another disk; what was there before is untouched")
      #expect(try Self.names(in: folder) == ["weights"])
      #expect(try String(contentsOfFile: path, encoding: .utf8) == "old")

      let lines = try JSONLinesFile(path: "\(folder)/stats.jsonl")
      try lines.append(["step": 1])
      let line = failure { () throws(FileFormatError) in
        try lines.append(["step": 2, "text": .string(String(repeating: "x", count: 1 << 20))])
      }
      #expect(line?.systemCode == ENOSPC)
      #expect(try JSONLinesFile.read(path: "\(folder)/stats.jsonl") == [["step": 1]], "taken back")
    }
  }

  @Test("a link that leads nowhere is refused and stays")
  func danglingLink() throws {
    try withTemporaryFolder { folder in
      let link = "\(folder)/link"
      try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "no/where")
      let error = failure { () throws(FileFormatError) in try AtomicFile.write("new", to: link) }
      #expect(
        error?.description
          == "\(link): expected to follow the link, found no such file or directory; "
          + "remove the link, or make what it leads to")
      #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "no/where")
      #expect(try Self.names(in: folder) == ["link"])
    }
  }

  @Test("a link is followed and permissions are kept")
  func links() throws {
    try withTemporaryFolder { folder in
      let files = FileManager.default
      try AtomicFile.write("old", to: "\(folder)/real")
      try files.setAttributes([.posixPermissions: 0o640], ofItemAtPath: "\(folder)/real")
      try files.createSymbolicLink(atPath: "\(folder)/link", withDestinationPath: "real")
      try AtomicFile.write("new", to: "\(folder)/link")
      #expect(try files.destinationOfSymbolicLink(atPath: "\(folder)/link") == "real")
      #expect(try String(contentsOfFile: "\(folder)/real", encoding: .utf8) == "new")
      let mode = try files.attributesOfItem(atPath: "\(folder)/real")[.posixPermissions] as? Int
      #expect(mode == 0o640)
    }
  }

  @Test("leftovers of the caller's own names are cleared; others', and other hidden files, stay")
  func leftovers() throws {
    try withTemporaryFolder { folder in
      let kept = [".a.partial", ".a.x-1.partial", ".keep", ".theirs.b.123-1.partial", "b.partial"]
      for name in kept + [".a.b.123-1.partial", ".a.b.4-12.partial"] {
        _ = FileManager.default.createFile(atPath: "\(folder)/\(name)", contents: nil)
      }
      try AtomicFile.removeLeftovers(in: folder) { $0 == "a.b" || $0 == "a" || $0 == "a.x" }
      #expect(try Self.names(in: folder) == kept)
    }
  }
}

/// The stages a write went through.
final class StageLog: Sendable {
  private let seen = Locked<[AtomicFile.Stage]>([])

  var stages: [AtomicFile.Stage] { seen.withLock { $0 } }

  func note(_ stage: AtomicFile.Stage) -> Int32 {
    seen.withLock { $0.append(stage) }
    return 0
  }
}

/// A file system of 64 KiB, to be filled.
enum TinyDisk {
  static let isPossible = (try? withMounted { _ in true }) ?? false

  static func withMounted<Result>(_ body: (String) throws -> Result) throws -> Result {
    try withTemporaryFolder { folder in
      guard mount("tmpfs", folder, "tmpfs", 0, "size=64k") == 0 else { throw POSIXError(.EPERM) }
      defer { umount2(folder, 2) }
      return try body(folder)
    }
  }
}
