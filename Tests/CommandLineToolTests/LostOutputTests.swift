import FileFormats
import Foundation
import Testing
import Training

/// What happens when no one can read what the program says.
@Suite struct LostOutputTests {
  @Test(
    "a result that cannot be written is status 74 and one sentence",
    arguments: [
      ["devices"], ["devices", "--json"], ["--help"], ["train", "vae", "--help"], ["--version"],
      ["data", "info", "shapes", "--size", "8"], Program.training("--dry-run", out: nil),
    ],
    [(">/dev/full", "no space left on device"), (">&-", "bad file descriptor")])
  func lostResult(arguments: [String], lost: (stdout: String, reason: String)) throws {
    try withProgram { program in
      let outcome = try program.run(arguments, shell: "exec \"$0\" \"$@\" \(lost.stdout)")
      #expect(outcome.status == 74 && !outcome.wasKilled, "\(outcome.errors)")
      #expect(
        outcome.errors.contains(
          "Error: stdout: expected to write the result, found \(lost.reason);"),
        "\(outcome.errors)")
    }
  }

  @Test("a training whose stdout is lost is whole, and its status tells")
  func training() throws {
    try withProgram { program in
      try #require(try program.run(Program.training(out: "whole")).status == 0)
      for (index, stdout) in [">/dev/full", ">&-", ">&- 2>&-"].enumerated() {
        let outcome = try program.run(
          Program.training(out: "\(index)"), shell: "exec \"$0\" \"$@\" \(stdout)")
        #expect(outcome.status == 74, "\(stdout): \(outcome.errors)")
        for name in ["checkpoints/000003.safetensors", "config.json"] {
          #expect(
            try program.bytes("\(index)/\(name)") == program.bytes("whole/\(name)"),
            "\(stdout): \(name)")
        }
        let lines = try JSONLinesFile.read(path: program.path("\(index)/stats.jsonl"))
        #expect(lines.count == 3)
      }
    }
  }

  @Test("words on stderr that cannot be written change nothing")
  func lostWords() throws {
    try withProgram { program in
      for (name, stderr) in [("full", "2>/dev/full"), ("closed", "2>&-")] {
        let outcome = try program.run(
          Program.training(out: name), shell: "exec \"$0\" \"$@\" \(stderr)")
        #expect(outcome.status == 0, "\(name)")
        #expect(outcome.output.contains("\(name)/samples/000003.png"), "\(name)")
      }
    }
  }

  @Test("a training whose readers have gone is made to its end")
  func broken() throws {
    try withProgram { program in
      let (output, errors) = (Pipe(), Pipe())
      let process = try program.start(
        Program.training(steps: 1500), output: output, errors: errors)
      var seen = ""
      try #require(wait(for: "step 1/", in: errors, after: &seen), "\(seen)")
      try output.fileHandleForReading.close()
      try errors.fileHandleForReading.close()
      process.waitUntilExit()
      #expect(process.terminationReason == .exit && process.terminationStatus == 74)
      #expect(RunFolder(path: program.path("run")).checkpointSteps().last == 1500)
    }
  }

  @Test("a training under nohup outlives its terminal")
  func nohup() throws {
    try withProgram { program in
      let errors = Pipe()
      let process = try program.start(
        Program.training(steps: 1500), shell: "trap '' HUP; exec \"$0\" \"$@\"",
        output: FileHandle.nullDevice, errors: errors)
      var seen = ""
      try #require(wait(for: "step 1/", in: errors, after: &seen), "\(seen)")
      kill(process.processIdentifier, SIGHUP)
      _ = wait(for: "never said", in: errors, after: &seen)
      process.waitUntilExit()
      #expect(process.terminationReason == .exit && process.terminationStatus == 0, "\(seen)")
      #expect(RunFolder(path: program.path("run")).checkpointSteps().last == 1500)
    }
  }
}
