import ArgumentParser
import Benchmarking
import Foundation
import Tensors

struct BenchKernelsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kernels",
    abstract: "Time kernels beside other libraries and the machine's roofs.",
    discussion: """
      Both sides compute each row from the same numbers and must agree to 1e-4, in bfloat16 to \
      2e-2, in tf32 to 2.4e-3; then they take turns on the same cores. Milliseconds are medians over turns, the \
      spread is the range that the middle half lies in. The ratio is the fastest peer's time \
      over ours: above 1, ours is faster. Roofs are fused multiply-adds in registers for \
      arithmetic, in bfloat16 its own instruction or the tiles of AMX, by the definition's \
      operations, and the fastest plain copy of as many bytes for what memory bounds; Adam, \
      which updates memory in place, may pass it. In rows named sampling-, weights do not \
      change, and each side may keep what it makes of them.

      Peers: openblas, loaded from this machine; pytorch, and the onednn inside it, by a Python \
      that has them. With --device opencl:N all sides compute there: clblast in the same queue; \
      tinygrad, by a Python that has it; pytorch on the GPU where the device is one, else on the \
      processor. The roofs are the processor's where the device is that; others have none. A peer \
      that is not here is named.

      Turns beside which other processes use more than 5 % of a core are taken again; when that \
      does not help, the run is void: exit status 75, and nothing is printed on stdout or written.

      Examples:
        atelier bench kernels --rows gemm --threads 1
        PYTHON=venv/bin/python atelier bench kernels --out Benchmarks/results \\
          --against openblas,onednn,pytorch
        PYTHON=venv/bin/python atelier bench kernels --device opencl:0 --rows gemm \\
          --against clblast,tinygrad
      """)

  enum PeerName: String, CaseIterable {
    case openblas, onednn, pytorch, clblast, tinygrad

    /// Whether it computes where the device does.
    func computes(on device: Device) -> Bool {
      switch self {
      case .openblas, .onednn: device.isCPU
      case .clblast, .tinygrad: !device.isCPU
      case .pytorch: true
      }
    }
  }

  @Option(
    help: ArgumentHelp(
      "openblas, onednn, pytorch, separated by commas; with --device clblast, tinygrad, pytorch.",
      valueName: "peers"),
    transform: { try $0.split(separator: ",").map { try choice(String($0), "--against") } })
  var against: [PeerName] = []

  @Option(help: ArgumentHelp("cpu, gpu or opencl:N.", valueName: "device"))
  var device = "cpu"

  @Option(help: ArgumentHelp("Only rows whose name contains it.", valueName: "part"))
  var rows = ""

  @Option(
    help: ArgumentHelp(
      "Numbers of threads of the CPU, a core each. (default: 1,2)", valueName: "n,…"),
    transform: ComparisonOptions.threadCounts)
  var threads: [Int] = []

  @OptionGroup var comparison: ComparisonOptions

  func run() throws {
    try comparison.check()
    // PoCL's two threads, ours and tinygrad's, else share a core for whole turns, as they were woken.
    setenv("POCL_AFFINITY", "1", 0)
    let device = try Device.select(device).device
    for peer in against where !peer.computes(on: device) {
      throw UsageError.conflict("--against \(peer.rawValue)", "--device \(self.device)")
    }
    if !device.isCPU, !threads.isEmpty {
      throw UsageError.conflict("--threads", "--device \(self.device)")
    }
    var report = comparison.makeReport("kernels", on: device)
    var benchmark = KernelBenchmark(rows: try chosenRows(of: device), threads: try threadCounts())
    (benchmark.rounds, benchmark.isCancelled) = (comparison.rounds, { Interruption.isRequested })
    benchmark.peers = openPeers(on: device, &report)
    try comparison.run(report) { load, receive in
      benchmark.load = load
      if device.isCPU { try benchmark.run(receive) } else { try benchmark.run(on: device, receive) }
    }
  }

  private func chosenRows(of device: Device) throws -> [KernelRow] {
    let all = device.isCPU ? KernelRow.all : KernelRow.ofOpenCL
    let chosen = all.filter { rows.isEmpty || $0.name.contains(rows) }
    guard !chosen.isEmpty else {
      throw UsageError.wrongValue(
        rows, place: "--rows", expected: "part of a row's name, such as \(all[0].name)")
    }
    // Where none of them can be computed, what was asked for cannot be had.
    if !chosen.contains(where: { device.multiplies(in: $0.precision) }) {
      _ = try device.multiplying(in: chosen[0].precision)
    }
    return chosen
  }

  private func threadCounts() throws -> [Int] {
    for count in threads { _ = try CoreBinding.cores(for: count) }
    return threads.isEmpty ? [1, 2].filter { $0 <= CoreBinding.available.count } : threads
  }

  private func openPeers(on device: Device, _ report: inout BenchmarkReport) -> [any Peer] {
    var peers: [(any Peer)?] = []
    if against.contains(.openblas) {
      peers.append(comparison.open(["openblas"], &report) { try OpenBLAS() })
    }
    if against.contains(.clblast) {
      peers.append(comparison.open(["clblast"], &report) { try CLBlast(on: device) })
    }
    let ofPyTorch = [PeerName.onednn, .pytorch].filter(against.contains).map(\.rawValue)
    if !ofPyTorch.isEmpty {
      peers.append(
        comparison.openPython(
          ofPyTorch, script: "kernels.py", device: device.isProcessor ? nil : "gpu", &report))
    }
    if against.contains(.tinygrad) {
      peers.append(
        comparison.openPython(
          ["tinygrad"], script: "tinygrad_kernels.py", device: device.openCL?.name, &report))
    }
    return peers.compactMap { $0 }
  }
}
