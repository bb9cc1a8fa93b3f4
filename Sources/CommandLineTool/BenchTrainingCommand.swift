import ArgumentParser
import Benchmarking
import Tensors

struct BenchTrainingCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "training",
    abstract: "Time whole training steps: fresh noise, loss read, Adam update of all parameters.",
    discussion: """
      vae-dense and vae-conv take 128 pictures of 28x28x1, dcgan-32 64 of 32x32x3 (critic and \
      generator), tiny-pair 49 rows through 21-15-10-3 and 3-10-15-21, two optimisers. \
      Milliseconds are the median over turns of several steps; the spread is the range that the \
      middle half lies in.

      With --against both sides first make 5 steps from the same weights, pictures and noise; \
      their losses must agree to 1e-4, and what the steps changed, tensor by tensor, to 5 % of the \
      movement. Then they take turns, on the CPU on the same cores. With --device, pytorch runs on \
      the GPU where the device is one, else on the processor, and cpu is Atelier itself on the \
      processor, in float32 and with all threads. The ratio is the peer's time over the device's.

      PyTorch runs contiguous and channels-last, eager with either Adam, and with torch.compile \
      given the loss, Adam too, or the whole step (minutes; --eager leaves that out); its fastest \
      counts. On a GPU it multiplies float32 without TF32. Rows in bfloat16 are beside its \
      autocast, those in tf32 beside its TF32; their losses agree to 2 % and 0.24 %, what they \
      changed to 20 %.

      Turns beside which other processes use more than 5 % of a core are taken again; when that \
      does not help, the run is void: exit status 75, and nothing is printed on stdout or \
      written.

      With --profile every row is followed by where the time of one more turn went, on OpenCL \
      devices by their own clock: kernel calls by kind and program, the longest first, with what \
      their formulas compute and move at the least.

      Examples:
        atelier bench training --model vae-dense --threads 1
        atelier bench training --device opencl:0 --model vae-conv --profile
        atelier bench training --device opencl:0 --against cpu
        PYTHON=venv/bin/python atelier bench training --against pytorch \\
          --threads 1,2 --out Benchmarks/results
      """)

  enum PeerName: String, CaseIterable {
    case pytorch, cpu
  }

  enum ModelName: String, CaseIterable {
    case dense = "vae-dense"
    case convolutional = "vae-conv"
    case dcgan = "dcgan-32"
    case tinyPair = "tiny-pair"
    case all

    var models: [TrainingBenchmark.Model] {
      TrainingBenchmark.Model(rawValue: rawValue).map { [$0] } ?? TrainingBenchmark.Model.allCases
    }
  }

  @Option(
    help: ArgumentHelp(
      "pytorch, to run beside it; with an OpenCL device cpu, too.", valueName: "peers"),
    transform: { try $0.split(separator: ",").map { try choice(String($0), "--against") } })
  var against: [PeerName] = []

  @Option(
    help: ArgumentHelp(
      "vae-dense, vae-conv, dcgan-32, tiny-pair or all. (default: all)", valueName: "name"),
    transform: { try choice($0, "--model") })
  var model = ModelName.all

  @Option(
    help: ArgumentHelp(
      "float32, bfloat16 or tf32, of products; by default all that the device has.",
      valueName: "precision"),
    transform: { try choice($0, "--precision") as Precision })
  var precision: Precision?

  @Option(help: ArgumentHelp("Of each turn, at least.", valueName: "s"))
  var seconds = 0.5

  @Option(
    help: ArgumentHelp(
      "Numbers of threads of the CPU; the default is one a core.", valueName: "n,…"),
    transform: ComparisonOptions.threadCounts)
  var threads: [Int] = []

  @Flag(help: "Tell where the time goes: milliseconds, GFLOP/s and GB/s of each kernel.")
  var profile = false

  @Flag(help: "Leave out what torch.compile makes of PyTorch.")
  var eager = false

  @OptionGroup var device: DeviceOption
  @OptionGroup var comparison: ComparisonOptions

  /// - Throws: A `DeviceError` where a precision was asked for that the device does not have, a
  ///   ``UsageError`` where no row of the model has it.
  private func rows(on device: Device) throws -> [TrainingBenchmark.Row] {
    if let precision {
      _ = try device.multiplying(in: precision)
      if precision != .float32, model == .tinyPair {
        throw UsageError.conflict("--precision \(precision.rawValue)", "--model tiny-pair")
      }
    }
    return (device.isCPU ? TrainingBenchmark.Row.all : TrainingBenchmark.Row.ofOpenCL).filter {
      model.models.contains($0.model) && (precision == nil || precision == $0.precision)
    }
  }

  func run() throws {
    try comparison.check()
    guard seconds > 0, seconds <= 3600 else {
      throw UsageError.wrongValue(
        "\(seconds)", place: "--seconds", expected: "more than 0 and at most 3600")
    }
    // Beside another program it is the CPU that is meant, unless a device is named.
    let isProcessor = device.device == "cpu" || device.device == "auto" && !isAlone
    let device = isProcessor ? .cpu : try device.select()
    try checkPeers(on: device)
    let rows = try rows(on: device)
    var report = comparison.makeReport("training", on: device)
    var benchmark = TrainingBenchmark(rows: rows)
    (benchmark.rounds, benchmark.seconds) = (comparison.rounds, seconds)
    (benchmark.profiles, benchmark.isCancelled) = (profile, { Interruption.isRequested })
    benchmark.peers = openPeers(on: device, &report)
    try comparison.run(report) { load, receive in
      if device.isCPU, !isAlone {
        try benchmark.run(threads: threadCounts, load: load, receive)
      } else {
        try benchmark.run(on: device, load: load, receive)
      }
    }
  }

  private var isAlone: Bool { against.isEmpty && threads.isEmpty }

  private var threadCounts: [Int] { threads.isEmpty ? [Device.defaultThreads] : threads }

  private func checkPeers(on device: Device) throws {
    let place = "--device \(self.device.device)"
    if device.isCPU {
      if against.contains(.cpu) { throw UsageError.conflict("--against cpu", place) }
      for count in threads { _ = try CoreBinding.cores(for: count) }
    } else if !threads.isEmpty {
      throw UsageError.conflict("--threads", place)
    }
  }

  private func openPeers(
    on device: Device, _ report: inout BenchmarkReport
  ) -> [any TrainingPeer] {
    var peers: [any TrainingPeer] = []
    if against.contains(.cpu),
      let peer = comparison.open(["cpu"], &report, { try ProcessorPeer() })
    {
      peers.append(peer)
    }
    if against.contains(.pytorch),
      let peer = comparison.openPython(
        ["pytorch"], script: "training.py", device: device.isProcessor ? nil : "gpu", &report)
    {
      peer.compiles = !eager
      peers.append(peer)
    }
    return peers
  }
}
