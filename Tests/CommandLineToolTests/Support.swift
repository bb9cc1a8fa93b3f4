import FileFormats
import Foundation
import Testing

/// The built program, run as people run it: in a folder of its own.
struct Program {
  /// Where it runs, and where its paths lead from.
  let folder: String

  /// What it did.
  struct Outcome {
    let status: Int32
    /// Whether a signal ended it; `status` is then its number.
    let wasKilled: Bool
    let output: String
    let errors: String

    /// The object that `--json` printed.
    func json() throws -> JSONValue {
      try JSONValue(parsing: Array(output.utf8), file: "stdout")
    }
  }

  /// The `atelier` beside this test's own binary.
  private static let path: String = {
    let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    let beside = URL(filePath: own).deletingLastPathComponent().appending(path: "atelier").path
    return FileManager.default.isExecutableFile(atPath: beside)
      ? beside
      : Bundle.main.bundleURL.deletingLastPathComponent().appending(path: "atelier").path
  }()

  /// Starts it; stdout and stderr go to the given handles.
  ///
  /// `shell` is how a shell starts it, in which `"$0" "$@"` is the program with its arguments.
  func start(
    _ arguments: [String], _ environment: [String: String] = [:], shell: String? = nil,
    output: Any?, errors: Any?
  ) throws -> Process {
    let process = Process()
    process.executableURL = URL(filePath: shell == nil ? Self.path : "/bin/sh")
    process.arguments = (shell.map { ["-c", $0, Self.path] } ?? []) + arguments
    process.currentDirectoryURL = URL(filePath: folder)
    var all = ProcessInfo.processInfo.environment
    all["ATELIER_FAULT"] = nil
    all["ATELIER_THREADS"] = "1"
    // What somebody has tuned here is none of the tests' business.
    all["ATELIER_CACHE"] = folder + "/cache"
    process.environment = all.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    return process
  }

  /// Runs it to its end.
  @discardableResult
  func run(
    _ arguments: [String], _ environment: [String: String] = [:], shell: String? = nil
  ) throws -> Outcome {
    let files = try (0..<2).map { _ in try TemporaryFile() }
    let process = try start(
      arguments, environment, shell: shell, output: files[0].handle, errors: files[1].handle)
    process.waitUntilExit()
    return Outcome(
      status: process.terminationStatus, wasKilled: process.terminationReason == .uncaughtSignal,
      output: try files[0].text(), errors: try files[1].text())
  }

  /// Arguments of a training that takes a moment: shapes of 8×8.
  static func training(_ more: String..., steps: Int = 3, out: String? = "run") -> [String] {
    [
      "train", "vae", "--data", "shapes", "--size", "8", "--batch", "4", "--device", "cpu",
      "--steps", "\(steps)", "--set", "latentSize=2", "--set", "hidden=4",
    ] + (out.map { ["--out", $0] } ?? []) + more
  }

  func path(_ name: String) -> String { "\(folder)/\(name)" }

  func bytes(_ name: String) throws -> [UInt8] {
    try ByteSource(path: path(name)).readAll(limit: 1 << 28)
  }
}

/// Catches what a process prints, however much.
private final class TemporaryFile {
  private let path = FileManager.default.temporaryDirectory.appending(path: "out-\(UUID())").path
  let handle: FileHandle

  init() throws {
    try AtomicFile.write("", to: path)
    handle = try #require(FileHandle(forWritingAtPath: path))
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func text() throws -> String { try String(contentsOfFile: path, encoding: .utf8) }
}

/// Gives `body` the program in a folder that is gone afterwards.
func withProgram<Result>(_ body: (Program) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appending(path: "tool-\(UUID())").path
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  return try body(Program(folder: folder))
}

/// Reads from a pipe until the text has come; false when the pipe ends before.
func wait(for text: String, in pipe: Pipe, after seen: inout String) -> Bool {
  while !seen.contains(text) {
    let data = pipe.fileHandleForReading.availableData
    if data.isEmpty { return false }
    seen += String(decoding: data, as: UTF8.self)
  }
  return true
}
