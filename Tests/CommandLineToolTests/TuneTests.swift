import FileFormats
import Foundation
import Tensors
import Testing

/// The first usable OpenCL device.
private let openCLName = Device.listings().first {
  $0.name != "cpu" && $0.reasonForSkipping == nil
}?.name

/// `atelier tune` as people run it.
@Suite(
  .enabled(if: openCLName != nil, "SKIP: no usable OpenCL device on this machine"),
  .timeLimit(.minutes(3)))
struct TuneTests {
  private func tune(_ more: String..., out: String = "t.json") -> [String] {
    ["tune", "--device", openCLName ?? "", "--shape", "gemm:nn:24x24x24", "--out", out] + more
  }

  private func tried(_ program: Program, _ name: String = "t.json") throws -> Int? {
    let file = try JSONValue(parsing: program.bytes(name), file: name)
    return file["entries"]?.array?.first?["tried"]?.integer
  }

  /// Stops a run by Ctrl-C once it has tried something.
  private func interrupt(_ program: Program) throws {
    let pipe = Pipe()
    let process = try program.start(
      tune("--budget", "1h"), shell: "exec env --default-signal=INT \"$0\" \"$@\"",
      output: FileHandle.nullDevice, errors: pipe)
    var seen = ""
    try #require(wait(for: "candidate 1/", in: pipe, after: &seen), "\(seen)")
    kill(process.processIdentifier, SIGINT)
    process.waitUntilExit()
    #expect(process.terminationStatus == 130 && process.terminationReason == .exit)
  }

  @Test("Ctrl-C saves and leaves with 130, the next run goes on, and the file can be joined")
  func resuming() throws {
    try withProgram { program in
      try interrupt(program)
      let first = try #require(try tried(program))
      #expect(first >= 1)
      // Used up before a candidate is tried: all that was there stays.
      let second = try program.run(tune("--budget", "0.001s", "--json"))
      #expect(second.status == 0 && second.errors.contains("goes on from here"), "\(second.errors)")
      #expect(try second.json()["products"]?.array?.first?["tried"]?.integer == first)

      let joined = try program.run(["tune", "--merge", "t.json", "t.json", "--out", "both.json"])
      #expect(joined.status == 0, "\(joined.errors)")
      #expect(try program.bytes("both.json") == program.bytes("t.json"))

      let text = String(decoding: try program.bytes("t.json"), as: UTF8.self)
      let driver = try #require(
        try JSONValue(parsing: Array(text.utf8), file: "t")["origin"]?["driver"]?.string)
      try AtomicFile.write(
        text.replacing("\"driver\" : \"\(driver)\"", with: "\"driver\" : \"0.1\""),
        to: program.path("other.json"))
      let refused = try program.run([
        "tune", "--merge", "t.json", "other.json", "--out", "c.json",
      ])
      #expect(refused.status == 65 && refused.errors.contains("driver"), "\(refused.errors)")
      #expect(try program.run(tune(out: "other.json")).status == 65)
    }
  }

  @Test("options that cannot be meant are refused, each with its sentence")
  func options() throws {
    try withProgram { program in
      for (arguments, words) in [
        (["tune", "--device", "cpu"], "no tiles to tune"),
        (["tune", "--device", openCLName ?? "", "--shape", "gemm:1"], "--shape 'gemm:1'"),
        (["tune", "--budget", "soon"], "--budget 'soon'"),
        (["tune", "--merge", "a.json"], "--out"),
      ] {
        let outcome = try program.run(arguments)
        #expect(outcome.status == 64 && outcome.errors.contains(words), "\(outcome.errors)")
      }
    }
  }

  @Test("devices and commands tell of a tuning that is in use, or damaged")
  func state() throws {
    try withProgram { program in
      let cache = ["ATELIER_CACHE": program.path("cache")]
      let made = try program.run(
        [
          "tune", "--device", openCLName ?? "", "--shape", "gemm:nn:24x24x24", "--budget", "0.001s",
          "--json",
        ], cache)
      try #require(made.status == 0, "\(made.errors)")
      let path = try #require(try made.json()["file"]?.string)
      // Nothing was tried, so there is no file yet.
      try FileManager.default.createDirectory(
        atPath: URL(filePath: path).deletingLastPathComponent().path,
        withIntermediateDirectories: true)
      try AtomicFile.write("{", to: path)
      #expect(
        try program.run(["devices"], cache).output.contains("not tuned: \(path): it is damaged"))
      let training = Program.training(steps: 1).map { $0 == "cpu" ? openCLName ?? "" : $0 }
      let trained = try program.run(training, cache)
      #expect(
        trained.status == 0 && trained.errors.contains("\(path): not used"), "\(trained.errors)")
    }
  }
}
