import ArgumentParser
import Benchmarking

struct BenchKernelsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kernels",
    abstract: "Time kernels beside other libraries and the machine's roofs.",
    discussion: """
      Both sides compute each row from the same numbers and must agree to 1e-4, in bfloat16 to \
      2e-2; then they take turns on the same cores. Milliseconds are medians over turns, the \
      spread is the range that the middle half lies in. The ratio is the fastest peer's time \
      over ours: above 1, ours is faster. Roofs are fused multiply-adds in registers for \
      arithmetic, in bfloat16 its own instruction or the tiles of AMX, by the definition's \
      operations, and the fastest plain copy of as many bytes for what memory bounds; Adam, \
      which updates memory in place, may pass it. In rows named sampling-, weights do not \
      change, and each side may keep what it makes of them.

      Peers: openblas, loaded from this machine; pytorch, and the onednn inside it, by a Python \
      that has them. One that is not here is named. Turns beside which other processes use more \
      than 5 % of a core are taken again; when that does not help, the run is void: exit status \
      75, and nothing is printed on stdout or written.

      Examples:
        atelier bench kernels --rows gemm --threads 1
        PYTHON=venv/bin/python atelier bench kernels --out Benchmarks/results \\
          --against openblas,onednn,pytorch
      """)

  enum PeerName: String, CaseIterable {
    case openblas, onednn, pytorch
  }

  @Option(
    help: ArgumentHelp("openblas, onednn, pytorch, separated by commas.", valueName: "peers"),
    transform: { try $0.split(separator: ",").map { try choice(String($0), "--against") } })
  var against: [PeerName] = []

  @Option(help: ArgumentHelp("Only rows whose name contains it.", valueName: "part"))
  var rows = ""

  @Option(
    help: ArgumentHelp("Numbers of threads, a core each. (default: 1,2)", valueName: "n,…"),
    transform: ComparisonOptions.threadCounts)
  var threads = [1, 2].filter { $0 <= CoreBinding.available.count }

  @OptionGroup var comparison: ComparisonOptions

  func run() throws {
    try comparison.check()
    let chosen = KernelRow.all.filter { rows.isEmpty || $0.name.contains(rows) }
    guard !chosen.isEmpty else {
      throw UsageError.wrongValue(
        rows, place: "--rows", expected: "part of a row's name, such as \(KernelRow.all[0].name)")
    }
    for count in threads { _ = try CoreBinding.cores(for: count) }

    var report = comparison.makeReport("kernels")
    var benchmark = KernelBenchmark(rows: chosen, threads: threads)
    benchmark.rounds = comparison.rounds
    if against.contains(.openblas),
      let peer = comparison.open(["openblas"], &report, { try OpenBLAS() })
    {
      benchmark.peers.append(peer)
    }
    let inPython = [PeerName.onednn, .pytorch].filter(against.contains).map(\.rawValue)
    if !inPython.isEmpty,
      let peer = comparison.openPython(inPython, script: "kernels.py", &report)
    {
      benchmark.peers.append(peer)
    }
    try comparison.run(report) { load, receive in
      benchmark.load = load
      try benchmark.run(receive)
    }
  }
}
