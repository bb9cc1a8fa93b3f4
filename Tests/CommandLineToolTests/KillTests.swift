import FileFormats
import Foundation
import Testing
import Training

/// `kill -9` in every gap, then `--resume latest`: the last checkpoint is an uninterrupted run's,
/// byte for byte.
@Suite struct KillTests {
  @Test("killed after any stage of any write", arguments: AtomicFile.Stage.allCases)
  func inEveryGap(stage: AtomicFile.Stage) throws {
    try withProgram { program in
      let arguments = Program.training("--set", "checkpointEvery=1")
      try #require(
        try program.run(Program.training("--set", "checkpointEvery=1", out: "whole")).status == 0)
      var kills = 0
      for occurrence in 1... {
        let first = try program.run(
          arguments, ["ATELIER_FAULT": "exit-after:\(stage.rawValue):\(occurrence)"])
        if !first.wasKilled {
          #expect(first.status == 0, "\(first.errors)")
          break
        }
        try #require(first.status == SIGKILL, "\(first.errors)")
        kills += 1
        let second = try program.run(arguments + ["--resume", "latest"])
        #expect(second.status == 0, "\(stage) \(occurrence): \(second.errors)")
        let same =
          try program.bytes("run/checkpoints/000003.safetensors")
          == program.bytes("whole/checkpoints/000003.safetensors")
        #expect(same, "\(stage) \(occurrence)")
        try FileManager.default.removeItem(atPath: program.path("run"))
      }
      // config.json, three checkpoints, two sheets.
      #expect(kills == 6)
    }
  }

  @Test(
    "killed as soon as it says something, twice over", arguments: ["reading", "run: ", "step 1/"])
  func inTheFirstSeconds(word: String) throws {
    try withProgram { program in
      let options = ["--set", "checkpointEvery=7"]
      try #require(
        try program.run(Program.training(steps: 200, out: "whole") + options).status == 0)
      let arguments = Program.training(steps: 200) + options + ["--resume", "latest"]
      for _ in 0..<2 {
        let pipe = Pipe()
        let process = try program.start(
          arguments, output: FileHandle.nullDevice, errors: pipe)
        var seen = ""
        _ = wait(for: word, in: pipe, after: &seen)
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
      }
      let last = try program.run(arguments)
      #expect(last.status == 0, "\(last.errors)")
      #expect(
        try program.bytes("run/checkpoints/000200.safetensors")
          == program.bytes("whole/checkpoints/000200.safetensors"))
      let steps = try JSONLinesFile.read(path: program.path("run/stats.jsonl")).map {
        $0["step"]?.integer
      }
      #expect(steps == Array(1...200))
    }
  }

  @Test(
    "Ctrl-C, SIGTERM and a closed terminal save and leave with 130, and the run goes on from there",
    arguments: [("INT", SIGINT), ("TERM", SIGTERM), ("HUP", SIGHUP)])
  func interrupted(name: String, signal: Int32) throws {
    try withProgram { program in
      let pipe = Pipe()
      let process = try program.start(
        Program.training(steps: 2_000_000),
        shell: "exec env --default-signal=\(name) \"$0\" \"$@\"",
        output: FileHandle.nullDevice, errors: pipe)
      var seen = ""
      try #require(wait(for: "step 1/", in: pipe, after: &seen), "\(seen)")
      kill(process.processIdentifier, signal)
      #expect(wait(for: "--resume latest goes on", in: pipe, after: &seen), "\(seen)")
      process.waitUntilExit()
      #expect(process.terminationReason == .exit && process.terminationStatus == 130)

      let run = RunFolder(path: program.path("run"))
      let step = try #require(run.checkpointSteps().last)
      #expect(seen.contains("stopped after step \(step)"))
      let more = try program.run(Program.training("--resume", "latest", steps: step + 2))
      #expect(more.status == 0, "\(more.errors)")
      #expect(more.errors.contains("going on after step \(step)"))
      try program.run(Program.training(steps: step + 2, out: "whole"))
      let name = "checkpoints/\(String(format: "%06d", step + 2)).safetensors"
      #expect(try program.bytes("run/\(name)") == program.bytes("whole/\(name)"))
    }
  }

  /// A training whose every step takes seconds: products by the slowest instruction set.
  private func startSlow(_ program: Program, _ errors: Pipe) throws -> Process {
    try program.start(
      [
        "train", "vae", "--data", "shapes", "--size", "32", "--batch", "256", "--steps", "3",
        "--set", "hidden=1024,512", "--device", "cpu", "--out", "run",
      ], ["ATELIER_MAX_ISA": "reference"], output: FileHandle.nullDevice, errors: errors)
  }

  @Test("a second Ctrl-C leaves at once")
  func interruptedTwice() throws {
    try withProgram { program in
      let pipe = Pipe()
      let process = try startSlow(program, pipe)
      var seen = ""
      try #require(wait(for: "step 1/", in: pipe, after: &seen))
      process.interrupt()
      #expect(wait(for: "keeping what is done", in: pipe, after: &seen))
      process.interrupt()
      process.waitUntilExit()
      #expect(process.terminationReason == .exit && process.terminationStatus == 130)
      #expect(RunFolder(path: program.path("run")).checkpointSteps().isEmpty)
    }
  }

  @Test(
    "Ctrl-C before a step is made leaves at once and says that nothing was to be saved",
    arguments: ["reading", "run: "])
  func interruptedEarly(word: String) throws {
    try withProgram { program in
      let pipe = Pipe()
      let process = try startSlow(program, pipe)
      var seen = ""
      try #require(wait(for: word, in: pipe, after: &seen))
      process.interrupt()
      #expect(wait(for: "no step was made, so nothing was to be saved", in: pipe, after: &seen))
      process.waitUntilExit()
      #expect(process.terminationReason == .exit && process.terminationStatus == 130)
      #expect(!seen.contains("keeping what is done") && !seen.contains("step 1/"), "\(seen)")
      #expect(RunFolder(path: program.path("run")).checkpointSteps().isEmpty)
    }
  }

  @Test(
    "a run killed in any gap while it is taken to a new folder goes on there or is refused, and never begins again",
    arguments: [AtomicFile.Stage.open, .write, .rename])
  func whileTaken(stage: AtomicFile.Stage) throws {
    try withProgram { program in
      let options = ["--set", "checkpointEvery=1"]
      try #require(try program.run(Program.training(out: "old") + options).status == 0)
      try program.run(Program.training(steps: 5, out: "whole") + options)
      let move = Program.training("--resume", "old", steps: 5, out: "new") + options
      let goOn = Program.training("--resume", "latest", steps: 5, out: "new") + options
      var kills = 0
      for occurrence in 1... {
        let first = try program.run(
          move, ["ATELIER_FAULT": "exit-after:\(stage.rawValue):\(occurrence)"])
        if !first.wasKilled {
          #expect(first.status == 0, "\(first.errors)")
          break
        }
        kills += 1
        let second = try program.run(goOn)
        if second.status == 0 {
          let says = ["going on after step", "all 5 steps are done already"]
          #expect(says.contains { second.errors.contains($0) }, "\(second.errors)")
        } else {
          #expect(second.status == 64 && second.errors.contains("expected a run of this program"))
          try #require(try program.run(move).status == 0)
        }
        #expect(
          try program.bytes("new/checkpoints/000005.safetensors")
            == program.bytes("whole/checkpoints/000005.safetensors"), "\(stage) \(occurrence)")
        let steps = try JSONLinesFile.read(path: program.path("new/stats.jsonl")).map {
          $0["step"]?.integer
        }
        // Killed after the checkpoints and before their statistics, it has those of its own steps.
        #expect(steps == Array(1...5) || steps == [4, 5], "\(stage) \(occurrence)")
        try FileManager.default.removeItem(atPath: program.path("new"))
      }
      // A checkpoint, statistics, events, config.json; then two checkpoints and two sheets.
      #expect(kills == 8)
    }
  }

  @Test("a full disk is one sentence and status 74, and what was there stays and goes on")
  func fullDisk() throws {
    try withProgram { program in
      let arguments = Program.training("--set", "checkpointEvery=1")
      try program.run(Program.training("--set", "checkpointEvery=1", out: "whole"))
      // The second write is the first checkpoint, the third the second.
      let failed = try program.run(arguments, ["ATELIER_FAULT": "fail-at:write:3:28"])
      #expect(failed.status == 74)
      #expect(
        failed.errors.contains(
          "Error: run/checkpoints/000002.safetensors: expected to write")
          && failed.errors.contains("found no space left on device; free some space"),
        "\(failed.errors)")
      let run = RunFolder(path: program.path("run"))
      #expect(run.checkpointSteps() == [1])
      _ = try Checkpoint(path: run.checkpoint(1))
      #expect(try program.run(arguments + ["--resume", "latest"]).status == 0)
      #expect(
        try program.bytes("run/checkpoints/000003.safetensors")
          == program.bytes("whole/checkpoints/000003.safetensors"))
    }
  }
}
