import ArgumentParser
import FileFormats
import Models
import Tensors
import Training

struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Time what training is made of.",
    subcommands: [BenchTrainingCommand.self])
}

struct BenchTrainingCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "training",
    abstract: "Time whole training steps: fresh noise, loss read, Adam update of all parameters.",
    discussion: """
      Batches of 128 pictures of 28x28x1, the same one at every step. Milliseconds are the
      median over steps; the spread is the range that the middle half lies in.

      Examples:
        atelier bench training --model vae-dense --threads 1
        atelier bench training --steps 200 --json
      """)

  enum Model: String, CaseIterable {
    case dense = "vae-dense"
    case convolutional = "vae-conv"
    case all

    var presets: [VAEConfiguration.Preset] {
      switch self {
      case .dense: [.dense]
      case .convolutional: [.convolutional]
      case .all: [.dense, .convolutional]
      }
    }
  }

  @Option(
    help: ArgumentHelp("vae-dense, vae-conv or all. (default: all)", valueName: "name"),
    transform: { try choice($0, "--model") })
  var model = Model.all

  @Option(help: ArgumentHelp("Timed steps, after a tenth as many to warm up.", valueName: "n"))
  var steps = 100

  @Option(help: ArgumentHelp("Threads of the CPU; the default is one a core.", valueName: "n"))
  var threads: Int?

  @OptionGroup var device: DeviceOption

  @Flag(help: "Print one JSON object.")
  var json = false

  func run() throws {
    for (place, value, most) in [("--steps", steps, 100_000), ("--threads", threads ?? 1, 1024)]
    where !(1...most).contains(value) {
      throw UsageError.wrongValue(
        "\(value)", place: place, expected: "a whole number from 1 to \(most)")
    }
    let device = try chosenDevice()
    let isCPU = "\(device)".hasPrefix("cpu")
    var rows: [JSONValue] = []
    for preset in model.presets {
      let timing = try StepTiming(preset, steps: steps, on: device)
      let name = preset == .dense ? Model.dense.rawValue : Model.convolutional.rawValue
      Console.note(
        "\(name)  \(ProgressDisplay.number(timing.median)) ms a step,"
          + " \(ProgressDisplay.number(timing.spread)) spread, on \(device)")
      rows.append([
        "name": .string(name), "shape": .string(timing.shape),
        "threads": isCPU ? .integer(threads ?? Device.defaultThreads) : .null,
        "precision": "float32", "milliseconds": .number(timing.median),
        "spread": .number(timing.spread), "steps": .integer(steps),
      ])
    }
    if json { try Console.result(["device": .string("\(device)"), "rows": .array(rows)]) }
  }

  private func chosenDevice() throws -> Device {
    guard let threads else { return try device.select() }
    guard ["auto", "cpu"].contains(device.device) else {
      throw UsageError.conflict("--threads", "--device \(device.device)")
    }
    return try Device.cpu(threads: threads)
  }
}
