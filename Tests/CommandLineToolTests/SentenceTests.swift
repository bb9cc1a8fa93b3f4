import Benchmarking
import FileFormats
import Tensors
import Testing
import Training

@testable import CommandLineTool

@Suite struct SentenceTests {
  static let cases: [(UsageError, String)] = [
    (
      .unknownWord("dens", place: "--preset", expected: ["dense", "convolutional"]),
      "--preset 'dens': did you mean 'dense'? Expected dense or convolutional"
    ),
    (
      .unknownWord("xyzzy", place: "--model", expected: ["a", "b", "c"]),
      "--model 'xyzzy': Expected a, b or c"
    ),
    (
      .wrongValue("0", place: "--steps", expected: "a whole number from 1 on"),
      "--steps '0': expected a whole number from 1 on"
    ),
    (
      .conflict("--steps", "--epochs"),
      "--steps and --epochs exclude one another: give one of them"
    ),
    (
      .gridTooSmall("3x3", pictures: 10),
      "--grid 3x3 has no room for 10 pictures: ask for fewer --seeds, or a larger grid"
    ),
    (
      .sheetTooLarge("4096x1", shape: PictureShape(height: 12, width: 40_962, channels: 1)),
      "--grid 4096x1: expected a sheet of at most 32768 pixels a side and 256 MiB of pixels, found 12×40962×1; ask for fewer --seeds or another --grid, or name a folder by --out for one PNG a seed"
    ),
    (
      .wouldOverwrite("a.png"),
      "a.png: expected a new name or a picture of this program, found something else there; choose another name"
    ),
    (
      .notOurs("a.glb"),
      "a.glb: expected a new name or an older file of this command, found something else there; choose another name"
    ),
    (
      .notAFolder("run/checkpoints/000003.safetensors"),
      "run/checkpoints/000003.safetensors: expected the folder of a run, found a file; to use a checkpoint, name its run, then the file by --checkpoint"
    ),
    (
      .onePicture("pictures/"),
      "pictures/: expected the name of a PNG, found a folder; a recipe makes one picture"
    ),
    (
      .nothingToSample,
      "expected a run, such as 'atelier sample runs/first', or a picture by --from"
    ),
  ]

  @Test("usage errors are one sentence", arguments: cases)
  func sentences(error: UsageError, sentence: String) { #expect("\(error)" == sentence) }

  @Test("every error of the rooms has its status")
  func statuses() throws {
    #expect(ExitStatus(DeviceError.unknownDevice(name: "x", found: [])) == .device)
    #expect(ExitStatus(TrainingError.folderNotEmpty("a")) == .usage)
    #expect(ExitStatus(TrainingError.diverged(step: 1, what: "", lastGood: nil)) == .badData)
    #expect(ExitStatus(TrainingError.missingStep(1, run: "", found: [])) == .inputOutput)
    #expect(ExitStatus(BenchmarkError.otherDevice("a", [])) == .device)
    #expect(ExitStatus(UsageError.nothingToSample) == .usage)
    #expect(ExitStatus(Interrupted()) == .interrupted)
    #expect(throws: FileFormatError.self) { try ByteSource(path: "/no/such/file") }
    do { _ = try ByteSource(path: "/no/such/file") } catch {
      #expect(ExitStatus(error) == .inputOutput)
    }
    do { _ = try PNG.decode([1, 2], file: "a") } catch { #expect(ExitStatus(error) == .badData) }
  }

  @Test("sheets are laid out by seeds and grid")
  func layout() throws {
    #expect(try SheetLayout(seeds: nil, grid: nil).columns == 8)
    #expect(try SheetLayout(seeds: nil, grid: "3X2").seeds.text == "0-5")
    #expect(try SheetLayout(seeds: "0-4", grid: nil).columns == 3)
    #expect(try SheetLayout(seeds: "7", grid: "5x1").columns == 5)
    for grid in ["0x3", "3", "3x", "axb", "100x100", "-1x2"] {
      #expect(throws: UsageError.self, "\(grid)") { try SheetLayout(seeds: nil, grid: grid) }
    }
  }

  @Test("times and numbers are short")
  func numbers() {
    #expect(ProgressDisplay.time(0) == "0:00" && ProgressDisplay.time(59.2) == "1:00")
    #expect(ProgressDisplay.time(3_725) == "1:02:05" && ProgressDisplay.time(.infinity) != "")
    #expect(
      ProgressDisplay.number(249.834) == "249.83" && ProgressDisplay.number(0.012345) == "0.01235")
  }

  @Test("a step is told in one line, the first one without a rate")
  func steps() {
    func line(_ step: Int, _ rate: Double?) -> String {
      ProgressDisplay.line(
        step: step, of: 1407, place: "epoch 1/4", loss: 312.4, stepsPerSecond: rate, batchSize: 26)
    }
    #expect(line(1, nil) == "step 1/1407  epoch 1/4  loss 312.40")
    #expect(line(207, 120) == "step 207/1407  epoch 1/4  loss 312.40  3120 pictures/s  0:10 left")
  }

  @Test("the reading of many files is told in one line")
  func reading() {
    #expect(ReadingDisplay.line(1200, of: 5000) == "reading  1200/5000  24 %")
  }

  @Test("environment variables are checked, and empty ones are as if unset")
  func environment() {
    #expect(throws: Never.self) {
      try Environment.check(["ATELIER_MAX_ISA": "", "ATELIER_THREADS": "2"])
    }
    for (key, value) in [
      ("ATELIER_MAX_ISA", "sse"), ("ATELIER_THREADS", "0"), ("ATELIER_THREADS", "many"),
      ("ATELIER_THREADS", "2000"), ("ATELIER_DEVICE_MEMORY", "abc"),
      ("ATELIER_DEVICE_MEMORY", "0"),
    ] {
      #expect(throws: UsageError.self, "\(key)=\(value)") { try Environment.check([key: value]) }
    }
  }
}
