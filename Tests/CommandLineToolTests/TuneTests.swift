import FileFormats
import Foundation
import Tensors
import Testing

@testable import CommandLineTool

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

  @Test("a device that is lost leaves nothing in the file, and the next run tunes")
  func lostDevice() throws {
    try withProgram { program in
      let lost = try program.run(
        tune("--shape", "gemm:nt:9x9x9", "--json"),
        // The self-test has four launches; how many a turn has depends on the machine.
        ["ATELIER_OPENCL_FAULT": "lost-at:clEnqueueNDRangeKernel:6:-5"])
      #expect(lost.status == 69 && lost.errors.contains("not measured: "), "\(lost.errors)")
      #expect(lost.errors.contains("no product could be measured: "), "\(lost.errors)")
      #expect(try lost.json()["notMeasured"]?.array?.count == 2)
      #expect(try lost.json()["products"]?.array?.isEmpty == true)
      #expect(!FileManager.default.fileExists(atPath: program.path("t.json")))

      let found = try program.run(tune("--budget", "2s", "--json"))
      let product = try found.json()["products"]?.array?.first
      #expect(found.status == 0 && product?["milliseconds"]?.number ?? 0 > 0, "\(found.errors)")
    }
  }

  @Test(
    "a machine without loopback network is tuned, and left",
    .enabled(if: canUnshare, "SKIP: no network namespaces here"))
  func noLoopback() throws {
    try withProgram { program in
      // Workers are killed for their time, too.
      for limit in ["30s", "0.01s"] {
        let outcome = try program.run(
          tune("--budget", "1s", "--limit", limit, out: "\(limit).json"),
          shell: "exec unshare --net --map-root-user \"$0\" \"$@\"")
        #expect(outcome.status == (limit == "30s" ? 0 : 69), "\(outcome.errors)")
        #expect(limit == "30s" || outcome.errors.contains("more than 0.01 s"), "\(outcome.errors)")
      }
    }
  }

  @Test("a folder that cannot be made is named, with 74")
  func noFolder() throws {
    try withProgram { program in
      try AtomicFile.write("", to: program.path("file"))
      let outcome = try program.run(tune(out: "file/t.json"))
      #expect(outcome.status == 74, "\(outcome.errors)")
      #expect(
        outcome.errors.contains("Error: file: expected to make the folder, found not a directory"),
        "\(outcome.errors)")
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

/// Whether a process may have a network of its own, with nothing up.
private let canUnshare: Bool = {
  let outcome = try? withProgram {
    try $0.run(["--version"], shell: "exec unshare --net --map-root-user \"$0\" \"$@\"")
  }
  return outcome?.status == 0
}()

/// The file alone, as several runs write it.
@Suite struct TuningFileTests {
  private static let origin = #"""
    {"schema": 1, "sources": "0123456789abcdef", "platform": "P", "device": "D", "driver": "1"}
    """#

  /// A tuning of one product, of its own bucket for every number.
  private static func tuning(_ number: Int, gain: Double = 1) throws -> ProductTuning {
    try ProductTuning(
      decoding: Array(
        """
        {"origin": \(origin), "entries": [{"bucket": {"kind": "gemm nn", "units": 0, "count": 0,
        "m": \(number), "n": 5, "k": 5}, "milliseconds": 1, "heuristicMilliseconds": \(gain),
        "tried": 1, "failures": []}]}
        """.utf8))
  }

  @Test("runs that write one file at once keep what all of them found")
  func together() throws {
    try withProgram { program in
      let file = TuningFile(path: program.path("t.json"), isStandard: false)
      DispatchQueue.concurrentPerform(iterations: 4) { writer in
        do {
          var own = try Self.tuning(100 * writer)
          for number in 0..<10 {
            try own.merge(Self.tuning(100 * writer + number))
            try file.save(own)
          }
        } catch { Issue.record(error) }
      }
      #expect(try TuningFile.open(file.path).buckets == 40)
      let left = try FileManager.default.contentsOfDirectory(atPath: program.folder)
      #expect(left == ["t.json"])
    }
  }

  @Test("what another run found better stays, and a file of other things is not touched")
  func better() throws {
    try withProgram { program in
      let path = program.path("t.json")
      let file = TuningFile(path: path, isStandard: false)
      try file.save(Self.tuning(1, gain: 2))
      #expect(try file.save(Self.tuning(1, gain: 1.5)).meanGain == 2)

      try AtomicFile.write("{}", to: path)
      #expect(throws: TuningFileError.self) { try file.save(Self.tuning(1)) }
      #expect(try program.bytes("t.json") == Array("{}".utf8))
      try TuningFile(path: path, isStandard: true).save(Self.tuning(1))
      #expect(try TuningFile.open(path).buckets == 1)
    }
  }
}
