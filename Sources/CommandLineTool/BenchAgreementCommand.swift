import ArgumentParser
import Benchmarking
import FileFormats
import Tensors

struct BenchAgreementCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "agreement",
    abstract: "Check that a device trains as the CPU does: the thing to run on a new GPU.",
    discussion: """
      Every model of 'atelier bench training' is trained in float32 on the device and on the CPU, \
      with the same pictures and random numbers. First each update begins from the CPU's state: \
      losses agree to 1e-4, each tensor's gradient to 1e-3 of its Euclidean length. Then both run \
      free: losses of VAEs and of the tiny pair agree to 1e-3 in every step; losses and weights of \
      GANs, which magnify any difference, drift at most 4 times as far as they do on the CPU when \
      every initial weight is moved by one unit in the last place.

      Where a model does not end with the CPU's bits, the kernels that give other bits from the \
      same operands are named. That is no fault within the bounds: functions such as exp differ \
      between libraries.

      A device out of bounds ends this with exit status 69.

      Examples:
        atelier bench agreement --device gpu
        atelier bench agreement --device opencl:1 --model dcgan-32 --steps 10 --json
      """)

  @Option(
    help: ArgumentHelp(
      "vae-dense, vae-conv, dcgan-32, tiny-pair or all. (default: all)", valueName: "name"),
    transform: { try choice($0, "--model") })
  var model = BenchTrainingCommand.ModelName.all

  @Option(help: ArgumentHelp("Of each run.", valueName: "n"))
  var steps = 50

  @Flag(help: "Print one JSON object.")
  var json = false

  @OptionGroup var device: DeviceOption

  func run() throws {
    guard (1...10_000).contains(steps) else {
      throw UsageError.wrongValue(
        "\(steps)", place: "--steps", expected: "a whole number from 1 to 10000")
    }
    let device = try device.select()
    if device.isCPU {
      throw UsageError.wrongValue(
        self.device.device, place: "--device",
        expected: "gpu or opencl:N, which is compared with the CPU")
    }
    let agreement = DeviceAgreement(steps: steps)
    var found: [DeviceAgreement.Found] = []
    try show("\(device) beside \(Device.cpu), \(steps) steps")
    try show(DeviceAgreement.Found.heading)
    for model in model.models {
      found.append(try agreement.compare(model, on: device))
      for line in found.last!.lines { try show(line) }
    }
    let broken = found.flatMap(\.checks).filter { !$0.isHeld }
    if json {
      try Console.result([
        "device": .string("\(device)"), "cpu": .string("\(Device.cpu)"),
        "agrees": .bool(broken.isEmpty), "models": .array(found.map(\.json)),
      ])
    }
    if !broken.isEmpty { throw BenchmarkError.otherDevice("\(device)", broken) }
  }

  /// On stdout, unless that is for the object.
  private func show(_ line: String) throws {
    if json { Console.note(line) } else { try Console.result(line) }
  }
}
