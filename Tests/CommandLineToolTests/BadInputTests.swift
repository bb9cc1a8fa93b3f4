import FileFormats
import Foundation
import Testing
import Training

@testable import CommandLineTool

/// What people get for what cannot be done: one sentence, the right status, nothing lost.
@Suite struct BadInputTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let arguments: [String]
    let status: Int32
    /// Must all be in what is printed.
    let words: [String]
    var environment: [String: String] = [:]
    var testDescription: String { arguments.joined(separator: " ") }
  }

  private static let vae = ["train", "vae", "--data", "shapes", "--size", "8", "--device", "cpu"]

  @Test(
    "a command that cannot be meant",
    arguments: [
      Case(arguments: vae + ["--stepps", "3"], status: 64, words: ["'--stepps'", "'--steps'"]),
      Case(arguments: vae + ["--preset", "dens"], status: 64, words: ["did you mean 'dense'?"]),
      Case(
        arguments: vae + ["--set", "latentsize=3"], status: 64,
        words: ["--set latentsize", "did you mean 'latentSize'?"]),
      Case(
        arguments: vae + ["--set", "latentSize=0"], status: 64,
        words: ["expected a whole number from 1 on, found '0'"]),
      Case(arguments: vae + ["--steps", "0"], status: 64, words: ["--steps '0'"]),
      Case(
        arguments: vae + ["--steps", "3", "--epochs", "3"], status: 64,
        words: ["--steps and --epochs exclude one another"]),
      Case(arguments: vae + ["--rate", "-1"], status: 64, words: ["--rate"]),
      Case(
        arguments: vae + ["--schedule", "cosin"], status: 64, words: ["did you mean 'cosine'?"]),
      Case(
        arguments: vae + ["--precision", "bfloat6"], status: 64,
        words: ["did you mean 'bfloat16'?"]),
      Case(
        arguments: ["train", "vae", "--data", "shaps", "--device", "cpu"], status: 64,
        words: ["--data 'shaps': did you mean 'shapes'?"]),
      Case(arguments: vae + ["--size", "4x4x4"], status: 64, words: ["--size"]),
      Case(
        arguments: ["train", "vae", "--data", "shapes", "--size", "3", "--device", "cpu"],
        status: 64, words: ["--size '3'"]),
      Case(
        arguments: vae + ["--preset", "convolutional", "--set", "filters=1,1,1,1"], status: 64,
        words: ["4 convolutions of a 8×8 picture"]),
      Case(arguments: ["sample"], status: 64, words: ["expected a run"]),
      Case(
        arguments: ["sample", "run", "--seeds", "5-1"], status: 64, words: ["--seeds '5-1'"]),
      Case(
        arguments: ["sample", "run", "--seeds", "0-9", "--grid", "3x3"], status: 64,
        words: ["--grid 3x3 has no room for 10 pictures"]),
      Case(
        arguments: ["sample", "run", "--grid", "100000x1"], status: 64,
        words: ["--grid '100000x1': expected columns by rows such as 8x8, 4096 pictures at most"]),
      Case(
        arguments: ["sample", "--from", "a.png", "--temperature", "1"], status: 64,
        words: ["--from and --temperature exclude one another"]),
      Case(
        arguments: ["sample", "--from", "a.png", "--checkpoint", "latest"], status: 64,
        words: ["--from and --checkpoint exclude one another"]),
      Case(
        arguments: ["sample", "run", "--run", "other"], status: 64,
        words: ["a run and --run (which goes with --from) exclude one another"]),
      Case(arguments: ["sample", ""], status: 64, words: ["expected a run"]),
      Case(
        arguments: ["bench", "training", "--threads", "100000"], status: 64,
        words: ["--threads '100000': expected a whole number from 1 to 1024"]),
      Case(
        arguments: ["bench", "kernels", "--against", "openblass"], status: 64,
        words: ["did you mean 'openblas'?"]),
      Case(
        arguments: ["bench", "kernels", "--against", "clblast"], status: 64,
        words: ["--against clblast and --device cpu exclude one another"]),
      Case(
        arguments: ["bench", "training", "--device", "cpu", "--against", "cpu"], status: 64,
        words: ["--against cpu and --device cpu exclude one another"]),
      Case(
        arguments: ["bench", "kernels", "--rows", "gem-"], status: 64,
        words: ["--rows 'gem-': expected part of a row's name, such as gemm-512"]),
      Case(
        arguments: ["bench", "kernels", "--threads", "1024"], status: 64,
        words: ["--threads 1024: this process may use"]),
      Case(
        arguments: ["bench", "kernels", "--provisional", "--out", "x"], status: 64,
        words: ["--provisional and --out exclude one another"]),
      Case(
        arguments: ["bench", "agreement", "--device", "cpu"], status: 64,
        words: ["--device 'cpu': expected gpu or opencl:N, which is compared with the CPU"]),
      Case(
        arguments: ["bench", "agreement", "--steps", "0"], status: 64,
        words: ["--steps '0': expected a whole number from 1 to 10000"]),
      Case(
        arguments: vae + ["--resume", ""], status: 64,
        words: ["--resume '': expected latest, a run's folder, or a checkpoint"]),
      Case(
        arguments: vae + ["--resume", "lates"], status: 64,
        words: ["--resume 'lates': did you mean 'latest'?"]),
      Case(arguments: vae + ["--out", ""], status: 64, words: ["--out '': expected a folder"]),
      Case(
        arguments: ["data", "info", "fashin-mnist"], status: 64,
        words: ["<source> 'fashin-mnist': did you mean 'fashion-mnist'?"]),
      Case(arguments: ["data", "info", ""], status: 64, words: ["<source> '': expected"]),
      Case(
        arguments: vae + ["--batch", "65537"], status: 64,
        words: ["--batch '65537': expected a whole number from 1 to 65536"]),
      Case(
        // Before the data, which are not there.
        arguments: ["train", "gan", "--data", "none.npz", "--augment", "7"], status: 64,
        words: ["--augment '7': expected none, adaptive, preview, or a probability from 0 to 1"]),
      Case(
        arguments: vae + ["--set", "hidden=65536,65536"], status: 64,
        words: ["a layer of 65536×65536 weights, expected fewer than 2^31"]),
      Case(
        arguments: ["train", "vae", "--data", "shapes", "--set", "latentSize=2000000"], status: 64,
        words: ["parameters, expected fewer than 2^31"]),
      Case(
        arguments: vae + ["--set", "latentSize=500000", "--batch", "65536"], status: 64,
        words: ["--batch '65536': expected at most 2147 pictures of this size with this model"]),
      Case(
        arguments: [
          "train", "vae", "--data", "shapes", "--preset", "convolutional", "--set", "filters=65536",
          "--batch", "128",
        ], status: 64,
        // 16·16·65536 numbers an example, a 128th of 2^31.
        words: ["--batch '128': expected at most 127 pictures"]),
      Case(
        arguments: ["train", "vae", "--data", "shapes", "--size", "4096"], status: 64,
        words: ["a layer of 400×16777216 weights"]),
      Case(
        arguments: vae + ["--set", "momentum=0.5"], status: 64,
        words: ["--set momentum: the optimizer adam does not use it"]),
      Case(
        arguments: vae + ["--set", "latentSize=2147483647"], status: 64,
        words: ["expected fewer than 2^31"]),
      Case(
        arguments: vae + [
          "--size", "32", "--preset", "convolutional", "--set", "filters=60000", "--batch", "200",
        ], status: 64,
        // 16·16·60000 numbers an example in the first layer.
        words: ["--batch '200': expected at most 139 pictures of this size"]),
      Case(
        arguments: ["bench", "training", "--model", "vae-dens"], status: 64, words: ["vae-dense"]),
      Case(
        arguments: ["devices"], status: 64, words: ["ATELIER_MAX_ISA 'avx3': did you mean 'avx2'?"],
        environment: ["ATELIER_MAX_ISA": "avx3"]),
      Case(
        arguments: ["devices"], status: 64, words: ["ATELIER_THREADS '0'"],
        environment: ["ATELIER_THREADS": "0"]),
      Case(
        arguments: ["train", "vae", "--data", "shapes", "--device", "banana"], status: 69,
        words: ["unknown device 'banana': expected auto, cpu, gpu or opencl:N; found cpu"]),
      Case(
        arguments: ["train", "vae", "--data", "shapes", "--device", "opencl:99"], status: 69,
        words: ["opencl:99", "found cpu"]),
      Case(
        arguments: ["data", "info", "no/such/place"], status: 74,
        words: ["no/such/place: expected to open the data source"]),
      Case(
        arguments: vae + ["--out", "/proc/atelier/run"], status: 74, words: ["/proc/atelier"]),
      Case(
        arguments: ["sample", "no-run"], status: 74, words: ["no-run: expected to open the run"]),
      Case(
        arguments: vae + ["--rate", "1e30", "--steps", "50"], status: 65,
        words: ["the loss became NaN", "try a lower --rate"]),
    ])
  func commands(input: Case) throws {
    try withProgram { program in
      let outcome = try program.run(input.arguments, input.environment)
      #expect(outcome.status == input.status && !outcome.wasKilled, "\(outcome.errors)")
      #expect(outcome.output.isEmpty, "\(outcome.output)")
      for word in input.words { #expect(outcome.errors.contains(word), "\(outcome.errors)") }
      let sentences = outcome.errors.split(separator: "\n").filter { $0.hasPrefix("Error: ") }
      #expect(sentences.count == 1, "\(outcome.errors)")
    }
  }

  @Test("damaged data is named with what was expected and found")
  func damagedData() throws {
    try withProgram { program in
      let idx: [UInt8] =
        [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 4, 0, 0, 0, 4] + [UInt8](repeating: 9, count: 31)
      try AtomicFile.write(idx, to: program.path("short.idx"))
      try AtomicFile.write(
        [0, 0, 8, 3] + [UInt8](repeating: 0x7F, count: 12), to: program.path("lying.idx"))
      try AtomicFile.write("PK\u{3}\u{4} and no more", to: program.path("torn.npz"))
      try AtomicFile.write("words", to: program.path("words.txt"))
      for name in ["empty", "zero"] { try RunFolder.make(program.path(name)) }
      try AtomicFile.write("", to: program.path("zero/a.png"))
      for (source, words) in [
        ("short.idx", ["short.idx: expected", "byte"]), ("lying.idx", ["lying.idx: expected"]),
        ("torn.npz", ["torn.npz: expected"]), ("words.txt", ["words.txt: expected"]),
        ("empty", ["empty: expected PNG or JPEG pictures, found none"]),
        ("zero", ["zero: expected at least one readable picture", "a.png"]),
      ] {
        for arguments in [
          ["data", "info", source], ["train", "vae", "--data", source, "--device", "cpu"],
        ] {
          let outcome = try program.run(arguments)
          #expect(outcome.status == 65, "\(source): \(outcome.errors)")
          for word in words { #expect(outcome.errors.contains(word), "\(outcome.errors)") }
        }
        #expect(!FileManager.default.fileExists(atPath: program.path("runs")))
      }
    }
  }

  @Test("a few corrupt pictures in a good folder are counted and named, and training goes on")
  func corruptPictures() throws {
    try withProgram { program in
      try RunFolder.make(program.path("mine"))
      for index in 0..<12 {
        let picture = Picture(
          height: 9, width: 7, channels: 3, pixels: (0..<189).map { UInt8(($0 * index) & 255) })
        try AtomicFile.write(PNG.encode(picture), to: program.path("mine/\(index).png"))
      }
      try AtomicFile.write("", to: program.path("mine/zero.png"))
      let half = try program.bytes("mine/3.png").prefix(60)
      try AtomicFile.write(Array(half), to: program.path("mine/half.png"))
      let outcome = try program.run([
        "train", "vae", "--data", "mine", "--batch", "4", "--steps", "2", "--device", "cpu",
      ])
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.errors.contains("2 files could not be read"), "\(outcome.errors)")
      for name in ["mine/half.png", "mine/zero.png"] { #expect(outcome.errors.contains(name)) }
      let info = try program.run(["data", "info", "mine", "--json"]).json()
      #expect(info["count"] == 12 && info["skipped"]?.array?.count == 2)
      #expect(
        FileManager.default.fileExists(atPath: program.path("runs/00000-mine-vae/config.json")))
    }
  }

  @Test("a run's folder is not trained over, and a changed option is refused by name")
  func existingRun() throws {
    try withProgram { program in
      try #require(try program.run(Program.training()).status == 0)
      let before = try program.bytes("run/checkpoints/000003.safetensors")
      let again = try program.run(Program.training())
      #expect(again.status == 64)
      #expect(again.errors.contains("run: expected a new or empty folder, found files in it"))
      let changed = try program.run(
        Program.training("--resume", "latest", "--set", "beta=2", "--batch", "8"))
      #expect(changed.status == 64)
      #expect(
        changed.errors.contains("--set beta 1 (now 2), --batch 4 (now 8)"), "\(changed.errors)")
      let missing = try program.run(["sample", "run", "--checkpoint", "2", "--device", "cpu"])
      #expect(missing.status == 74 && missing.errors.contains("found steps 3"))
      #expect(try program.bytes("run/checkpoints/000003.safetensors") == before)
    }
  }

  @Test("another program's folder is not trained over under --resume latest, and stays as it was")
  func strangersFolder() throws {
    try withProgram { program in
      try RunFolder.make(program.path("hf"))
      let files = ["hf/config.json": "{\"architectures\":[\"Bert\"]}", "hf/weights.bin": "w"]
      for (name, text) in files { try AtomicFile.write(text, to: program.path(name)) }
      let outcome = try program.run(Program.training("--resume", "latest", out: "hf"))
      #expect(outcome.status == 64, "\(outcome.errors)")
      #expect(outcome.errors.contains("hf: expected a run of this program"), "\(outcome.errors)")
      for (name, text) in files { #expect(try program.bytes(name) == Array(text.utf8)) }
      #expect(RunFolderNames.all(program.path("hf")) == ["config.json", "weights.bin"])
    }
  }

  @Test("a checkpoint that is none, or damaged, is refused with status 65")
  func badCheckpoints() throws {
    try withProgram { program in
      try #require(try program.run(Program.training()).status == 0)
      let good = try program.bytes("run/checkpoints/000003.safetensors")
      var flipped = good
      flipped[good.count - 5] ^= 1
      let array = NumericArray(shape: [1], [Float(1)])
      let files: [(String, [UInt8], String)] = [
        ("cut", Array(good.dropLast(9)), "expected"), ("flipped", flipped, "expected checksum"),
        ("foreign", Safetensors.encode(["a": array]), "expected a checkpoint of this program"),
        ("text", Array("hello, this is no checkpoint".utf8), "expected"),
      ]
      for (name, bytes, words) in files {
        try AtomicFile.write(bytes, to: program.path("\(name).safetensors"))
        let outcome = try program.run([
          "sample", "run", "--checkpoint", "\(name).safetensors", "--device", "cpu",
        ])
        #expect(outcome.status == 65, "\(name): \(outcome.errors)")
        #expect(outcome.errors.contains("\(name).safetensors: \(words)"), "\(outcome.errors)")
      }
    }
  }

  @Test("a sheet beyond any picture's size is refused: by --grid with 64, in a recipe with 65")
  func sheetTooLarge() throws {
    try withProgram { program in
      try #require(try program.run(Program.training()).status == 0)
      let wide = try program.run([
        "sample", "run", "--grid", "4096x1", "--device", "cpu", "--out", "wide.png",
      ])
      #expect(wide.status == 64, "\(wide.errors)")
      #expect(
        wide.errors.contains(
          "--grid 4096x1: expected a sheet of at most 32768 pixels a side and 256 MiB of pixels, found 12×40962×1;"
        ), "\(wide.errors)")

      let picture = try program.bytes("run/samples/000003.png")
      var recipe = try #require(try PNG.recipe(in: picture, file: "a")?.object)
      (recipe["seeds"], recipe["columns"], recipe["padding"]) = ("0-4095", 4096, 1024)
      let tile = Picture(height: 2, width: 2, channels: 1, filledWith: .white)
      try AtomicFile.write(
        PNG.encode(tile, recipe: .object(recipe), parameters: ""), to: program.path("hostile.png"))
      let again = try program.run([
        "sample", "--from", "hostile.png", "--run", "run", "--device", "cpu",
      ])
      #expect(again.status == 65 && !again.wasKilled, "\(again.errors)")
      #expect(
        again.errors.contains("hostile.png: its recipe has 4096 columns with padding 1024"),
        "\(again.errors)")
      #expect(RunFolderNames.all(program.folder) == ["hostile.png", "run"])
    }
  }

  @Test("a checkpoint outside a run goes on in a folder of its own, and never beside itself")
  func looseCheckpoint() throws {
    try withProgram { program in
      try #require(try program.run(Program.training()).status == 0)
      try FileManager.default.copyItem(
        atPath: program.path("run/checkpoints/000003.safetensors"),
        toPath: program.path("loose.safetensors"))
      let resume = Program.training("--resume", "loose.safetensors", steps: 5, out: nil)
      let refused = try program.run(resume)
      #expect(refused.status == 64, "\(refused.errors)")
      #expect(refused.errors.contains("expected a run"), "\(refused.errors)")
      #expect(RunFolderNames.all(program.folder) == ["loose.safetensors", "run"])
      let taken = try program.run(resume + ["--out", "new"])
      #expect(taken.status == 0, "\(taken.errors)")
      #expect(RunFolder(path: program.path("new")).checkpointSteps() == [3, 5])
    }
  }

  @Test("a finished run taken to another folder can be sampled there")
  func movedRun() throws {
    try withProgram { program in
      try #require(try program.run(Program.training()).status == 0)
      let moved = try program.run(Program.training("--resume", "run", out: "new"))
      #expect(moved.status == 0, "\(moved.errors)")
      for which in ["latest", "best"] {
        let sample = try program.run([
          "sample", "new", "--checkpoint", which, "--device", "cpu", "--out", "\(which).png",
        ])
        #expect(sample.status == 0, "\(sample.errors)")
      }
    }
  }

  @Test("folders, pipes, devices and other programs' files stay, also behind a link")
  func notOurs() throws {
    #expect(try !OutputFile.isFree("/dev/null"))
    try withProgram { program in
      let files = FileManager.default
      try RunFolder.make(program.path("folder"))
      try #require(mkfifo(program.path("pipe"), 0o600) == 0)
      try AtomicFile.write("mine", to: program.path("notes.txt"))
      try files.createSymbolicLink(
        atPath: program.path("link"), withDestinationPath: "notes.txt")
      let info = ["data", "info", "shapes", "--size", "8", "--sheet"]
      for name in ["folder", "pipe", "notes.txt", "link"] {
        let outcome = try program.run(info + [name])
        #expect(outcome.status == 64, "\(name): \(outcome.errors)")
        #expect(outcome.errors.contains("\(name): expected a new name"), "\(outcome.errors)")
      }
      #expect(try program.bytes("notes.txt") == Array("mine".utf8))
      #expect(RunFolderNames.all(program.folder) == ["folder", "link", "notes.txt", "pipe"])
    }
  }

  @Test("a link to a picture of ours is followed, and one that leads nowhere is refused and stays")
  func links() throws {
    try withProgram { program in
      let info = ["data", "info", "shapes", "--size", "8", "--sheet"]
      let files = FileManager.default
      for (link, target) in [("good", "sheet.png"), ("dangling", "no/where.png")] {
        try files.createSymbolicLink(
          atPath: program.path(link), withDestinationPath: target)
      }
      try #require(try program.run(info + ["sheet.png"]).status == 0)
      let good = try program.run(info + ["good", "--rgb"])
      #expect(good.status == 0, "\(good.errors)")
      #expect(try Picture(path: program.path("sheet.png")).channels == 3)
      let dangling = try program.run(info + ["dangling"])
      #expect(dangling.status == 74, "\(dangling.errors)")
      #expect(dangling.errors.contains("dangling: expected to follow the link"))
      for (link, target) in [("good", "sheet.png"), ("dangling", "no/where.png")] {
        #expect(try files.destinationOfSymbolicLink(atPath: program.path(link)) == target)
      }
      #expect(RunFolderNames.all(program.folder) == ["dangling", "good", "sheet.png"])
    }
  }

  @Test("a pipe as data is refused, not waited for")
  func pipeAsData() throws {
    try withProgram { program in
      try #require(mkfifo(program.path("pipe"), 0o600) == 0)
      let outcome = try program.run(["data", "info", "pipe"])
      #expect(outcome.status == 74, "\(outcome.errors)")
      #expect(outcome.errors.contains("pipe: expected a file, found a device or pipe"))
    }
  }

  @Test("a picture is not put over another program's file")
  func overwriting() throws {
    try withProgram { program in
      try #require(try program.run(Program.training()).status == 0)
      let foreign = PNG.encode(Picture(height: 2, width: 2, channels: 1, filledWith: .white))
      try AtomicFile.write(foreign, to: program.path("mine.png"))
      let sample = ["sample", "run", "--seeds", "1", "--device", "cpu", "--out"]
      let outcome = try program.run(sample + ["mine.png"])
      #expect(outcome.status == 64 && outcome.errors.contains("mine.png: expected a new name"))
      #expect(try program.bytes("mine.png") == foreign)
      #expect(try program.run(sample + ["new.png"]).status == 0)
      #expect(try program.run(sample + ["new.png"]).status == 0)
      let remake = try program.run(["sample", "--from", "mine.png", "--device", "cpu"])
      #expect(
        remake.status == 65 && remake.errors.contains("mine.png: expected a PNG with a recipe"))
    }
  }
}
