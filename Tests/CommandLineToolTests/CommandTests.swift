import FileFormats
import Foundation
import Tensors
import Testing
import Training

/// The commands as people and scripts use them.
@Suite struct CommandTests {
  @Test("train names its pictures, and --json is one object with what was made")
  func training() throws {
    try withProgram { program in
      let plain = try program.run(Program.training())
      #expect(plain.status == 0, "\(plain.errors)")
      #expect(plain.output.contains("run/samples/000003.png"))
      #expect(plain.output.contains("run/reconstructions/000003.png"))
      #expect(plain.output.contains("elbo/v1 split=hash-10% samples=1"))
      #expect(plain.errors.contains("step 3/3"))

      let json = try program.run(Program.training("--json", out: "other")).json()
      #expect(json["run"] == "other" && json["step"] == 3)
      #expect(json["seconds"]?.number ?? 0 > 0 && json["picturesPerSecond"]?.number ?? 0 > 0)
      #expect(json["metrics"]?["heldOutNegativeELBO"]?.number ?? 0 > 0)
      for key in ["samples", "reconstructions", "checkpoint"] {
        let path = try #require(json[key]?.string)
        #expect(FileManager.default.fileExists(atPath: program.path(path)))
      }
      #expect(json["device"]?.string?.hasPrefix("cpu (") == true)
    }
  }

  @Test(
    "settings of a preset's own parts are taken, and --augment 0.5 stays .5 whatever the preset")
  func ownSettings() throws {
    try withProgram { program in
      func model(_ arguments: String...) throws -> JSONValue {
        let base = ["train", "gan", "--data", "shapes", "--dry-run", "--json", "--device", "cpu"]
        return try #require(try program.run(base + arguments).json()["model"])
      }
      #expect(try model("--preset", "can", "--set", "ambiguity=2")["ambiguity"]?.number == 2)
      #expect(
        try model("--preset", "style", "--set", "pathLength=0.5")["pathLength"]?.number == 0.5)
      let kinds = try model("--preset", "hinge", "--set", "conditional=yes")
      #expect(kinds["isConditional"] == true && kinds["classNames"]?.array?.count == 5)
      let fixed = try model("--preset", "small-data", "--augment", "0.5")
      #expect(fixed["augmentation"]?.number == 0.5 && fixed["augmentationTarget"]?.number == 0)
    }
  }

  /// What `train gan` would do with these data and arguments, and what it says of that.
  private func planned(
    _ program: Program, _ data: String, _ arguments: String...
  ) throws -> (json: JSONValue, errors: String) {
    let base = ["train", "gan", "--data", data, "--dry-run", "--json", "--device", "cpu"]
    let outcome = try program.run(base + arguments)
    return (try outcome.json(), outcome.errors)
  }

  /// Thirty grey pictures in the program's folder `mine`.
  private func writePictures(_ program: Program) throws {
    try FileManager.default.createDirectory(
      atPath: program.path("mine"), withIntermediateDirectories: true)
    for index in 0..<30 {
      let pixels = [UInt8](repeating: UInt8(8 * index), count: 64)
      try AtomicFile.write(
        PNG.encode(Picture(height: 8, width: 8, channels: 1, pixels: pixels)),
        to: program.path("mine/\(index).png"))
    }
  }

  @Test("a run to begin with or to go on with gives its networks to one that asks for no preset")
  func networksOfRuns() throws {
    try withProgram { program in
      try writePictures(program)
      let tiny = ["--steps", "1", "--batch", "4", "--set", "filters=3", "--set", "latentSize=5"]
      let before = try program.run(
        ["train", "gan", "--data", "shapes", "--size", "8", "--grey", "--preset", "lsgan"]
          + ["--device", "cpu", "--out", "before"] + tiny)
      #expect(before.status == 0, "\(before.errors)")
      let begun = try planned(program, "mine", "--init", "before").json["model"]
      #expect(begun?["filters"] == 3 && begun?["loss"] == "leastSquares")
      #expect(begun?["augmentationTarget"]?.number == 0)
      let resumed = try planned(
        program, "shapes", "--size", "8", "--grey", "--resume", "before"
      ).json["model"]
      #expect(resumed?["filters"] == 3 && resumed?["loss"] == "leastSquares")
    }
  }

  @Test("few pictures get the preset for few; 300 thousand are shown, less filters to large ones")
  func usual() throws {
    try withProgram { program in
      try writePictures(program)
      let few = try planned(program, "mine")
      #expect(few.errors.contains("training pictures: --preset small-data, made for few"))
      #expect(few.json["batchSize"] == 32 && few.json["steps"] == 9375)
      #expect(few.json["model"]?["augmentationTarget"]?.number ?? 0 > 0)
      let asked = try planned(program, "mine", "--preset", "dcgan")
      #expect(asked.json["batchSize"] == 64 && asked.json["steps"] == 4688)
      #expect(asked.json["model"]?["augmentationTarget"]?.number == 0)
      // What nobody asked for gives way to what fits.
      let large = try planned(program, "mine", "--size", "768", "--set", "filters=2").json
      #expect((1..<32).contains(large["batchSize"]?.integer ?? 0))
      let passes = try planned(program, "mine", "--epochs", "32").json["steps"]?.integer
      #expect((24...30).contains(passes ?? 0), "32 passes over what is not held out, 32 at a time")
      let many = try planned(program, "shapes")
      #expect(!many.errors.contains("small-data") && many.json["batchSize"] == 64)
      #expect(many.json["steps"] == 4688)
      for (preset, size, filters) in [
        ("dcgan", "32", 64), ("dcgan", "48x64", 32), ("dcgan", "256", 16), ("hinge", "64", 32),
        ("style", "128", 16),
      ] {
        let model = try planned(program, "shapes", "--preset", preset, "--size", size).json["model"]
        #expect(model?["filters"]?.integer == filters, "\(preset) \(size)")
      }
    }
  }

  @Test("long work is told beforehand: time, memory, disk, and what half the filters would take")
  func forecast() throws {
    try withProgram { program in
      let pipe = Pipe()
      let process = try program.start(
        [
          "train", "gan", "--data", "shapes", "--steps", "2000000", "--batch", "4", "--device",
          "cpu", "--out", "run",
        ], output: FileHandle.nullDevice, errors: pipe)
      var seen = ""
      #expect(wait(for: "filters=32 would take about", in: pipe, after: &seen), "\(seen)")
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      let line = try #require(seen.split(separator: "\n").last { $0.contains("to go, ") })
      #expect(line.contains("MiB of tensors, ") && line.contains(" on disk"))
      let words = line.split(separator: " ")
      let sizes = words.indices.filter { words[$0] == "MiB" }.compactMap { Int(words[$0 - 1]) }
      #expect(sizes.count == 3 && sizes[0] > sizes[2], "\(line)")
    }
  }

  @Test("--profile tells where the time went, in the table and in the object, and changes no bit")
  func profile() throws {
    try withProgram { program in
      try program.run(Program.training(out: "plain"))
      let table = try program.run(Program.training("--profile", out: "table"))
      #expect(table.status == 0, "\(table.errors)")
      #expect(table.output.contains("GFLOP/s") && table.output.contains("\nadam "))
      let json = try program.run(Program.training("--profile", "--json", out: "object")).json()
      let rows = try #require(json["profile"]?["rows"]?.array)
      // Three steps, one update each.
      let adam = try #require(rows.first { $0["kernel"] == "adam" })
      #expect(adam["calls"] == 3 && adam["launches"] == 3)
      let sum = rows.reduce(0) { $0 + ($1["milliseconds"]?.number ?? .nan) }
      let total = try #require(json["profile"]?["milliseconds"]?.number)
      // The same sum in another order, of some twenty rows.
      #expect(total > 0 && abs(sum - total) < 1e-9 * total)
      #expect(abs(rows.reduce(0) { $0 + ($1["share"]?.number ?? .nan) } - 1) < 1e-9)
      for folder in ["table", "object"] {
        let path = "checkpoints/000003.safetensors"
        #expect(try program.bytes("\(folder)/\(path)") == program.bytes("plain/\(path)"))
      }
    }
  }

  @Test("one and two threads give byte-identical checkpoints and sheets")
  func threads() throws {
    try withProgram { program in
      for threads in ["1", "2"] {
        let arguments = Program.training(
          "--preset", "convolutional", "--set", "filters=3", out: "\(threads)/run")
        let outcome = try program.run(arguments, ["ATELIER_THREADS": threads])
        #expect(outcome.status == 0, "\(outcome.errors)")
      }
      for name in [
        "checkpoints/000003.safetensors", "samples/000003.png", "reconstructions/000003.png",
        "config.json",
      ] { #expect(try program.bytes("1/run/\(name)") == program.bytes("2/run/\(name)"), "\(name)") }
    }
  }

  @Test("runs are numbered, and --resume latest without --out takes the newest of its kind")
  func numbering() throws {
    try withProgram { program in
      for _ in 0..<2 { try program.run(Program.training(out: nil)) }
      #expect(RunFolderNames.all(program.path("runs")) == ["00000-shapes-vae", "00001-shapes-vae"])
      let more = try program.run(
        Program.training("--resume", "latest", "--json", steps: 4, out: nil))
      #expect(try more.json()["run"] == "runs/00001-shapes-vae")
    }
  }

  @Test("--dry-run prints the effective configuration and makes nothing")
  func dryRun() throws {
    try withProgram { program in
      let outcome = try program.run(
        Program.training("--dry-run", "--set", "beta=0.5", "--schedule", "cosine", out: nil))
      #expect(outcome.status == 0, "\(outcome.errors)")
      let json = try outcome.json()
      #expect(json["model"]?["beta"] == 0.5 && json["model"]?["height"] == 8)
      #expect(json["schedule"]?["shape"] == "cosine" && json["steps"] == 3)
      #expect(json["data"]?["name"] == "shapes" && json["precision"] == "float32")
      #expect(RunFolderNames.all(program.folder) == [])
      try program.run(
        Program.training("--set", "beta=0.5", "--schedule", "cosine"))
      #expect(try program.bytes("run/config.json") == Array(outcome.output.utf8))
    }
  }

  @Test("--precision bfloat16 trains, is kept in the run, and may not change on resume")
  func precision() throws {
    try withProgram { program in
      let first = try program.run(
        Program.training("--precision", "bfloat16", steps: 2))
      try #require(first.status == 0, "\(first.errors)")
      #expect(first.errors.contains("products in bfloat16"))
      let configuration = try JSONValue(parsing: program.bytes("run/config.json"), file: "config")
      #expect(configuration["precision"] == "bfloat16")
      let resumed = try program.run(
        Program.training("--resume", "latest", steps: 4))
      #expect(resumed.status == 64, "\(resumed.errors)")
      #expect(resumed.errors.contains("--precision"))
    }
  }

  @Test("sample draws by seed, and --from makes the same picture again, byte for byte")
  func sampling() throws {
    try withProgram { program in
      try #require(try program.run(Program.training()).status == 0)
      let cpu = ["--device", "cpu"]
      let sheet = try program.run(
        [
          "sample", "run", "--seeds", "0-4,85", "--grid", "3x2", "--temperature", "0.7", "--out",
          "a.png",
        ] + cpu)
      #expect(sheet.status == 0 && sheet.output == "a.png\n", "\(sheet.errors)")
      let picture = try Picture(path: program.path("a.png"))
      #expect(picture.width == 2 + 3 * 10 && picture.height == 2 + 2 * 10)

      // Neither beside the picture nor in `runs`: the run is named by its folder here.
      let again = try program.run(["sample", "--from", "a.png", "--out", "b.png"] + cpu)
      #expect(again.status == 0, "\(again.errors)")
      #expect(try program.bytes("a.png") == program.bytes("b.png"))
      let own = try program.run(
        ["sample", "--from", "run/samples/000003.png", "--out", "c.png"] + cpu)
      #expect(own.status == 0, "\(own.errors)")
      #expect(try program.bytes("run/samples/000003.png") == program.bytes("c.png"))
      let default64 = try program.run(
        ["sample", "run", "--grid", "8x8", "--out", "d.png", "--json"] + cpu)
      #expect(try default64.json()["pictures"] == ["d.png"])
      #expect(try program.bytes("d.png") == program.bytes("c.png"))

      try FileManager.default.moveItem(atPath: program.path("run"), toPath: program.path("moved"))
      let lost = try program.run(["sample", "--from", "a.png"] + cpu)
      #expect(lost.status == 74 && lost.errors.contains("--run DIR"))
      let found = try program.run(
        ["sample", "--from", "a.png", "--run", "moved", "--out", "e.png"] + cpu)
      #expect(found.status == 0, "\(found.errors)")
      #expect(try program.bytes("a.png") == program.bytes("e.png"))
      let reconstructions = try program.run(
        ["sample", "--from", "moved/reconstructions/000003.png"] + cpu)
      #expect(reconstructions.status == 65)
    }
  }

  @Test("by default, what was asked for names the picture, so nothing else takes its place")
  func defaultNames() throws {
    try withProgram { program in
      try #require(try program.run(Program.training()).status == 0)
      let sample = ["sample", "run", "--seeds", "5", "--device", "cpu"]
      let options: [[String]] = [
        [], ["--temperature", "0.5"], ["--grid", "2x1"],
        ["--checkpoint", "run/checkpoints/000003.safetensors"],
      ]
      let names = try options.map { try program.run(sample + $0).output }
      #expect(names[0] == "run/samples/000003-seeds-5.png\n")
      #expect(Set(names).count == options.count, "\(names)")
      #expect(try program.run(sample).output == names[0])
    }
  }

  @Test("what cannot be a run, a picture or its name is told apart")
  func wrongKinds() throws {
    try withProgram { program in
      try #require(try program.run(Program.training()).status == 0)
      let picture = "run/samples/000003.png"
      let cases: [(arguments: [String], words: String)] = [
        (["sample", "run/checkpoints/000003.safetensors"], "found a file; to use a checkpoint"),
        (["sample", "run", "--out", ""], "--out '': expected the name of a PNG"),
        (["sample", "--from", ""], "--from '': expected the name of a PNG"),
        (["sample", "--from", picture, "--out", "each/"], "a recipe makes one picture"),
        (["sample", "run", "--seeds", "3-1"], "rising ranges"),
        (["sample", "run", "--grid", "100x100"], "4096 pictures at most"),
      ]
      for (arguments, words) in cases {
        let outcome = try program.run(arguments + ["--device", "cpu"])
        #expect(outcome.status == 64 && outcome.errors.contains(words), "\(outcome.errors)")
      }
    }
  }

  @Test("a folder as --out gets one picture a seed, each with its own recipe")
  func oneEach() throws {
    try withProgram { program in
      try #require(try program.run(Program.training()).status == 0)
      try program.run(["sample", "run", "--seeds", "2,40", "--device", "cpu", "--out", "each/"])
      #expect(RunFolderNames.all(program.path("each")) == ["seed00002.png", "seed00040.png"])
      let picture = try Picture(path: program.path("each/seed00040.png"))
      #expect(picture.height == 8 && picture.width == 8)
      try program.run([
        "sample", "--from", "each/seed00040.png", "--device", "cpu", "--out", "again.png",
      ])
      #expect(try program.bytes("again.png") == program.bytes("each/seed00040.png"))
    }
  }

  @Test("data info says what is in a source and shows it")
  func dataInfo() throws {
    try withProgram { program in
      let outcome = try program.run([
        "data", "info", "shapes", "--size", "8x16", "--rgb", "--json", "--sheet", "s.png",
      ])
      let json = try outcome.json()
      #expect(json["count"] == 4096 && json["shape"] == [8, 16, 3] && json["sheet"] == "s.png")
      #expect(try Picture(path: program.path("s.png")).width == 2 + 8 * 18)
      #expect(try program.run(["data", "info", "shapes"]).output.contains("held out"))
    }
  }

  @Test("devices lists the CPU and says what auto takes and why")
  func devices() throws {
    try withProgram { program in
      let json = try program.run(["devices", "--json"]).json()
      let devices = try #require(json["devices"]?.array)
      #expect(devices[0]["name"] == "cpu" && devices[0]["selfTest"] == "not run")
      #expect(devices[0]["precisions"] == ["float32", "bfloat16"])
      #expect(devices.filter { $0["isChosenByAuto"] == true }.count == 1)
      let takesCPU = devices[0]["isChosenByAuto"] == true
      #expect((json["reasonForNoGPU"]?.string != nil) == takesCPU)
    }
  }

  @Test("bench training prints a row a precision, with the batch's shape and a positive time")
  func bench() throws {
    try withProgram { program in
      let json = try program.run([
        "bench", "training", "--seconds", "0.001", "--rounds", "2", "--threads", "1",
        "--model", "vae-dense", "--provisional", "--json",
      ]).json()
      let rows = try #require(json["rows"]?.array)
      #expect(rows.map { $0["name"] } == ["vae-dense", "vae-dense-bfloat16"])
      #expect(rows.map { $0["precision"] } == ["float32", "bfloat16"])
      #expect(rows[0]["threads"] == 1 && rows[0]["shape"] == "128x28x28x1")
      #expect(rows[0]["milliseconds"]?.number ?? 0 > 0 && json["isProvisional"] == true)
    }
  }

  @Test("Ctrl-C leaves a benchmark with the rows that there are, marked, and 130")
  func interruptedBench() throws {
    try withProgram { program in
      let (output, errors) = (Pipe(), Pipe())
      let process = try program.start(
        [
          "bench", "kernels", "--rows", "gemm-model", "--threads", "1", "--rounds", "20",
          "--provisional", "--json",
        ], shell: "exec env --default-signal=INT \"$0\" \"$@\"", output: output, errors: errors)
      var seen = ""
      try #require(wait(for: "gemm-model-128x784x400 ", in: errors, after: &seen), "\(seen)")
      kill(process.processIdentifier, SIGINT)
      let text = output.fileHandleForReading.readDataToEndOfFile()
      process.waitUntilExit()
      #expect(process.terminationStatus == 130 && process.terminationReason == .exit)
      let json = try JSONValue(parsing: Array(text), file: "stdout")
      let names = try #require(json["rows"]?.array).map { $0["name"]?.string }
      #expect(json["isComplete"] == false && names.first == "gemm-model-128x784x400")
      #expect(!names.contains("gemm-model-mean"))
    }
  }

  @Test(
    "a precision that was asked for and that the device does not have is refused",
    arguments: [
      ["training", "--device", "cpu", "--precision", "tf32"],
      ["training", "--device", "opencl:0", "--precision", "bfloat16"],
      ["kernels", "--device", "opencl:0", "--rows", "bfloat16"],
    ])
  func missingPrecision(arguments: [String]) throws {
    let listing = Device.listings().first { $0.name == arguments[2] }
    guard let listing, listing.reasonForSkipping == nil,
      !listing.precisions.contains(.bfloat16) || listing.name == "cpu"
    else { return print("SKIP: no \(arguments[2]) without matrix units") }
    try withProgram { program in
      let outcome = try program.run(["bench"] + arguments + ["--provisional", "--json"])
      #expect(outcome.status == 69 && outcome.output.isEmpty, "\(outcome.errors)")
      #expect(outcome.errors.contains("matrix units"), "\(outcome.errors)")
      #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
    }
  }

  @Test("bench agreement says in an object whether a device trains as the CPU does")
  func benchAgreement() throws {
    let listing = Device.listings().first { $0.name != "cpu" && $0.reasonForSkipping == nil }
    guard let name = listing?.name else { return print("SKIP: no usable OpenCL device") }
    try withProgram { program in
      let arguments = [
        "bench", "agreement", "--device", name, "--model", "tiny-pair", "--steps", "2",
      ]
      let outcome = try program.run(arguments + ["--json"])
      let json = try outcome.json()
      #expect(outcome.status == 0 && json["agrees"] == true)
      #expect(json["models"]?.array?.map { $0["model"] } == ["tiny-pair"])
      #expect(json["models"]?.array?[0]["checks"]?.array?.count == 3)
      #expect(outcome.errors.contains("loss, running free"), "the table is for people")
      #expect(try program.run(arguments).output.contains("loss, running free"))
    }
  }

  @Test("bench kernels names a peer that is not here, and goes on without it")
  func benchKernels() throws {
    try withProgram { program in
      let outcome = try program.run(
        [
          "bench", "kernels", "--rows", "gemm-model-64", "--threads", "1", "--rounds", "2",
          "--against", "pytorch", "--provisional", "--json",
        ], ["PYTHON": "/bin/false"])
      let json = try outcome.json()
      #expect(outcome.errors.contains("pytorch is not here: no Benchmarks/peers/kernels.py"))
      #expect(json["missing"]?["pytorch"]?.string?.contains("kernels.py") == true)
      #expect(json["rows"]?.array?.map { $0["name"] } == ["gemm-model-64x64x64"])
      #expect(json["rows"]?.array?[0]["ratio"] == .null)
      #expect(json["roofs"]?.array?.map { $0["threads"] } == [1])
    }
  }

  @Test("help tells the exit statuses and every key of --set")
  func help() throws {
    try withProgram { program in
      let top = try program.run(["--help"])
      #expect(top.status == 0)
      for status in ["64", "65", "69", "74", "75", "130"] {
        #expect(top.output.contains("\n  \(status) "))
      }
      let vae = try program.run(["train", "vae", "--help"])
      #expect(
        vae.status == 0 && vae.output.contains("latentSize") && vae.output.contains("Examples:"))
    }
  }

  @Test("help of the benchmarks fills its lines", arguments: ["kernels", "training", "agreement"])
  func filled(benchmark: String) throws {
    try withProgram { program in
      let help = try program.run(["bench", benchmark, "--help"], ["COLUMNS": "80"]).output
      let text = try #require(help.range(of: "Examples:").map { help[..<$0.lowerBound] })
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      #expect(lines.count > 10)
      let isWhole = !help.contains("\\") || help.contains(" \\\n    --")
      #expect(isWhole && !help.contains("\n\\"), "an example is broken")
      for (line, next) in zip(lines, lines.dropFirst()) where !line.isEmpty && !next.isEmpty {
        let word = next.split(separator: " ").first?.count ?? 0
        #expect(line.count <= 80 && line.count + 1 + word > 78, "\(line)")
      }
    }
  }
}

/// Names in a folder, sorted.
enum RunFolderNames {
  static func all(_ path: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
  }
}
