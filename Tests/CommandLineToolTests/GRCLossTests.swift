import FileFormats
import Foundation
import Testing
import Training

/// Nothing of a fit is lost: not to Ctrl-C, `kill -9`, a full disk or another command, and a fit
/// that goes on has the bits of one that never stopped.
@Suite struct GRCLossTests {
  private func checkpoint(_ run: String, _ epoch: Int) -> String {
    "\(run)/checkpoints/\(String(format: "%06d", epoch)).safetensors"
  }

  /// Starts a fit, waits for its words, sends the signal; what it said by its end.
  private func interrupt(
    _ program: Program, _ arguments: [String], at word: String, by signal: Int32
  ) throws -> (said: String, status: Int32) {
    let pipe = Pipe()
    let process = try program.start(
      arguments, shell: "exec env --default-signal=INT \"$0\" \"$@\"",
      output: FileHandle.nullDevice, errors: pipe)
    var said = ""
    try #require(wait(for: word, in: pipe, after: &said), "\(said)")
    kill(process.processIdentifier, signal)
    _ = wait(for: "never said", in: pipe, after: &said)
    process.waitUntilExit()
    return (said, process.terminationStatus)
  }

  @Test("Ctrl-C among the epochs saves, leaves with 130, and the fit goes on bit for bit")
  func interruptedEpochs() throws {
    try withProgram { program in
      let (said, status) = try interrupt(
        program, Program.fit(epochs: 50_000_000), at: "template model curled", by: SIGINT)
      #expect(status == 130, "\(said)")
      #expect(said.contains("the same command with --resume goes on"), "\(said)")
      let epoch = try #require(RunFolder(path: program.path("fit")).checkpointSteps().last)
      #expect(said.contains("saved \(checkpoint("fit", epoch));"), "\(said)")
      let more = try program.run(Program.fit(more: ["--resume"], epochs: epoch + 700))
      #expect(more.status == 0, "\(more.errors)")
      try program.run(Program.fit(epochs: epoch + 700, out: "whole"))
      let same =
        try program.bytes(checkpoint("fit", epoch + 700))
        == program.bytes(checkpoint("whole", epoch + 700))
      #expect(same, "after \(epoch) epochs")
      #expect(try program.names(in: "fit/checkpoints").count == 1)
      let epochs = try JSONLinesFile.read(path: program.path("fit/stats.jsonl")).map {
        $0["step"]?.integer
      }
      let whole = try JSONLinesFile.read(path: program.path("whole/stats.jsonl")).map {
        $0["step"]?.integer
      }
      #expect(epochs == whole)
    }
  }

  @Test(
    "a fit stopped among the updates of its template models goes on bit for bit",
    arguments: [SIGINT, SIGKILL])
  func interruptedTemplates(signal: Int32) throws {
    try withProgram { program in
      let options = ["--set", "templateSteps=15000", "--set", "sampling=continuous"]
      try program.run(Program.fit(more: options, out: "whole"))
      let (said, status) = try interrupt(
        program, Program.fit(more: options), at: "template models: update 10000 of", by: signal)
      #expect(status == (signal == SIGINT ? 130 : SIGKILL), "\(said)")
      if signal == SIGINT {
        #expect(said.contains("saved \(checkpoint("fit", 0));"), "\(said)")
        try GRCCase(["explore", "fit"], 65, "expected a fit of at least one epoch").check(program)
      }
      let more = try program.run(Program.fit(more: options + ["--resume"]))
      #expect(more.status == 0, "\(more.errors)")
      #expect(
        try program.bytes(checkpoint("fit", 40)) == program.bytes(checkpoint("whole", 40)))
    }
  }

  @Test("killed after any stage of any write, it goes on", arguments: AtomicFile.Stage.allCases)
  func inEveryGap(stage: AtomicFile.Stage) throws {
    try withProgram { program in
      try program.run(Program.fit(out: "whole"))
      var kills = 0
      for occurrence in 1... {
        let first = try program.run(
          Program.fit(), ["ATELIER_FAULT": "exit-after:\(stage.rawValue):\(occurrence)"])
        if !first.wasKilled { break }
        kills += 1
        let second = try program.run(Program.fit(more: ["--resume"]))
        #expect(second.status == 0, "\(stage) \(occurrence): \(second.errors)")
        #expect(
          try program.bytes(checkpoint("fit", 40)) == program.bytes(checkpoint("whole", 40)),
          "\(stage) \(occurrence)")
        #expect(try program.names(in: "fit/checkpoints") == ["000040.safetensors"])
        try FileManager.default.removeItem(atPath: program.path("fit"))
      }
      // config.json and the checkpoint.
      #expect(kills == 2)
    }
  }

  @Test("a full disk is one sentence and status 74, and the fit goes on when there is room")
  func fullDisk() throws {
    try withProgram { program in
      try program.run(Program.fit(out: "whole"))
      let failed = try program.run(Program.fit(), ["ATELIER_FAULT": "fail-at:write:2:28"])
      #expect(failed.status == 74, "\(failed.errors)")
      #expect(failed.errors.contains("found no space left on device; free some space"))
      #expect(try program.run(Program.fit(more: ["--resume"])).status == 0)
      #expect(
        try program.bytes(checkpoint("fit", 40)) == program.bytes(checkpoint("whole", 40)))
      let export = try program.run(
        ["grc", "export", "fit", "--out", "a.glb"], ["ATELIER_FAULT": "fail-at:write:1:28"])
      #expect(export.status == 74 && export.errors.contains("a.glb: expected to write"))
      #expect(!FileManager.default.fileExists(atPath: program.path("a.glb")))
    }
  }

  @Test("a finished fit stays as it is, takes more epochs, and refuses what would not be exact")
  func finished() throws {
    try withProgram { program in
      let file = checkpoint("fit", 40)
      let again = Program.fit(more: ["--resume"])
      try program.run(Program.fit())
      let bytes = try program.bytes(file)
      let done = try program.run(again)
      #expect(done.status == 0 && done.output.contains("all 40 epochs were made before"))
      for (options, words) in [
        (["--seed", "3"], "--seed 0 (now 3)"), (["--epochs", "39"], "found step 40"),
        (["--set", "contextShare=0.1"], "--set contextShare"),
        (["--set", "templateHidden=4"], "--set templateHidden"),
      ] {
        try GRCCase(Array((again + options).dropFirst()), 64, words).check(program)
      }
      let others = Program.fit("petals:1", more: ["--resume"])
      try GRCCase(Array(others.dropFirst()), 64, "the templates petals").check(program)
      try GRCCase(Array(Program.fit().dropFirst()), 64, "--resume").check(program)
      #expect(try program.bytes(file) == bytes)
      // Losses are means since the last whole thousand of epochs.
      for epochs in ["1000", "1700"] {
        #expect(try program.run(again + ["--epochs", epochs]).status == 0)
      }
      try program.run(Program.fit(epochs: 1700, out: "whole"))
      #expect(
        try program.bytes(checkpoint("fit", 1700)) == program.bytes(checkpoint("whole", 1700)))
    }
  }

  @Test("a second fit in a folder is refused while the first goes on")
  func twoAtOnce() throws {
    try withProgram { program in
      let pipe = Pipe()
      let process = try program.start(
        Program.fit(epochs: 50_000_000), output: FileHandle.nullDevice, errors: pipe)
      var said = ""
      try #require(wait(for: "template model", in: pipe, after: &said), "\(said)")
      for options in [[], ["--resume"]] {
        let second = Program.fit(more: options, epochs: 50_000_000)
        try GRCCase(Array(second.dropFirst()), 74, "fit: another process").check(program)
      }
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
  }

  @Test("a run of another model is never begun anew as a fit, nor a fit as a training")
  func otherRuns() throws {
    try withProgram { program in
      try program.run(Program.training(out: "vae"))
      try program.run(Program.fit())
      let (vae, fit) = ("vae/checkpoints/000003.safetensors", checkpoint("fit", 40))
      let files = [vae, fit, "vae/config.json", "fit/config.json"]
      let before = try files.map(program.bytes)
      let asFit = Array(Program.fit(more: ["--resume"], out: "vae").dropFirst())
      try GRCCase(asFit, 65, "expected a checkpoint of 'atelier grc fit'").check(program)
      let asTraining = try program.run(Program.training("--resume", "latest", out: "fit"))
      #expect(
        asTraining.status == 65
          && asTraining.errors.contains("expected a checkpoint of 'atelier train'"),
        "\(asTraining.errors)")
      for verb in ["explore", "measure", "figures"] {
        try GRCCase([verb, "vae"], 65, "expected a checkpoint of 'atelier grc fit'").check(program)
      }
      let sample = try program.run(["sample", "fit"])
      #expect(sample.status == 65 && sample.errors.contains(fit), "\(sample.errors)")
      #expect(try files.map(program.bytes) == before)

      // Also where no checkpoint tells.
      try FileManager.default.removeItem(atPath: program.path(vae))
      try GRCCase(asFit, 65, "vae/config.json: expected a run of 'atelier grc fit'").check(program)
      #expect(try program.bytes("vae/config.json") == before[2])
    }
  }

  @Test(
    "a damaged checkpoint is a sentence that names it; only a resume passes it over, and says so")
  func damaged() throws {
    try withProgram { program in
      try program.run(Program.fit())
      let file = checkpoint("fit", 40)
      let bytes = try program.bytes(file)
      var changed = bytes
      changed[bytes.count / 2] ^= 1
      for wrong in [changed, Array(bytes.prefix(bytes.count / 2)), []] {
        try AtomicFile.write(wrong, to: program.path(file))
        try GRCCase(["explore", "fit"], 65, file).check(program)
      }
      let more = try program.run(Program.fit(more: ["--resume"]))
      #expect(more.status == 0 && more.errors.contains("passed over"), "\(more.errors)")
      #expect(try program.bytes(file) == bytes)
    }
  }

  @Test("results that cannot be printed are status 74, and what was made is whole")
  func lostResults() throws {
    try withProgram { program in
      try program.run(Program.fit(out: "whole"))
      let verbs = [
        Program.fit(), Program.fit(more: ["--json"]), ["grc", "measure", "whole"],
        ["grc", "explore", "whole"], ["grc", "explore", "whole", "--html", "a.html"],
        ["grc", "figures", "whole", "--scale", "0.25"],
        ["grc", "export", "whole", "--out", "a.glb", "--json"], ["grc", "fit", "--help"],
      ]
      for verb in verbs {
        for lost in [">/dev/full", ">&-"] {
          try? FileManager.default.removeItem(atPath: program.path("fit"))
          let outcome = try program.run(verb, shell: "exec \"$0\" \"$@\" \(lost)")
          #expect(
            outcome.status == 74 && !outcome.wasKilled
              && outcome.errors.contains("Error: stdout: expected to write the result"),
            "\(verb) \(lost): \(outcome.errors)")
        }
      }
      try program.run(Program.fit(), shell: "\"$0\" \"$@\" >/dev/full")
      #expect(
        try program.bytes(checkpoint("fit", 40)) == program.bytes(checkpoint("whole", 40)))
      let silent = try program.run(Program.fit(out: "silent"), shell: "exec \"$0\" \"$@\" 2>&-")
      #expect(silent.status == 0 && silent.output.contains("round trip"))
    }
  }

  @Test("its own older files are replaced, and a shorter series leaves no shapes of a longer one")
  func replaced() throws {
    try withProgram { program in
      try program.run(Program.fit())
      for out in ["a.obj", "a.glb", "a.gltf", "a.csv"] {
        let first = try program.grc("export", "fit", "--time", "0", "--out", out)
        #expect(first.status == 0, "\(first.errors)")
        let bytes = try program.bytes(out)
        let second = try program.grc("export", "fit", "--time", "1", "--out", out)
        #expect(second.status == 0, "\(second.errors)")
        #expect(try program.bytes(out) != bytes, "\(out)")
      }
      for _ in 0..<2 {
        #expect(try program.grc("explore", "fit", "--html", "a.html").status == 0)
      }
      for scale in ["0.25", "0.5"] {
        let figures = try program.grc("figures", "fit", "--out", "plates", "--scale", scale)
        #expect(figures.status == 0, "\(figures.errors)")
      }
      try program.grc("export", "fit", "--out", "series/")
      try program.write("# mine\n", to: "series/other.obj")
      // An existing folder is one without its slash too.
      #expect(try program.grc("export", "fit", "--time", "0,1", "--out", "series").status == 0)
      #expect(try program.names(in: "series") == ["other.obj", "shape0000.obj", "shape0001.obj"])
    }
  }
}
