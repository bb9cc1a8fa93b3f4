import ArgumentParser
import Benchmarking
import FileFormats
import Foundation
import Tensors

/// What both benchmarks have in common: peers in Python, where figures go, and when they are void.
struct ComparisonOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Turns of each side in each row, at least.", valueName: "n"))
  var rounds = 7

  @Option(
    help: ArgumentHelp("Python with PyTorch; PYTHON by default, else python3.", valueName: "path"))
  var python: String?

  @Option(
    help: ArgumentHelp(
      "File for the results of a whole run; in a folder, a new one named by date and device.",
      valueName: "path"))
  var out: String?

  @Flag(help: "Measure beside other work, too; such figures are marked and not written.")
  var provisional = false

  @Flag(help: "Print one JSON object, on Ctrl-C with the rows that there are.")
  var json = false

  func check() throws {
    if provisional, out != nil { throw UsageError.conflict("--provisional", "--out") }
    guard (1...1000).contains(rounds) else {
      throw UsageError.wrongValue(
        "\(rounds)", place: "--rounds", expected: "a whole number from 1 to 1000")
    }
  }

  /// A report of what is measured on the device: of the CPU, with any number of threads.
  func makeReport(_ kind: String, on device: Device) -> BenchmarkReport {
    let date = Calendar(identifier: .gregorian).dateComponents([.year, .month, .day], from: Date())
    var report = BenchmarkReport(
      kind: kind, device: device.isCPU ? BenchmarkReport.thisDevice : "\(device)",
      command: (["atelier"] + CommandLine.arguments.dropFirst()).joined(separator: " "),
      date: String(format: "%04d-%02d-%02d", date.year ?? 0, date.month ?? 0, date.day ?? 0),
      rounds: rounds,
      cap: ProcessInfo.processInfo.environment["ATELIER_MAX_ISA"].flatMap(
        InstructionSet.init(rawValue:)))
    report.driver = device.openCL.map { "\($0.platform), \($0.driver)" }
    return report
  }

  /// The peer that `make` finds, or nil; who is here and who is missing is said on stderr and in
  /// the report.
  func open<Found: CustomStringConvertible>(
    _ names: [String], _ report: inout BenchmarkReport, _ make: () throws -> Found
  ) -> Found? {
    do {
      let peer = try make()
      for name in names { report.peers.append((name, peer.description)) }
      Console.note("\(names.joined(separator: ", ")): \(peer.description)")
      return peer
    } catch {
      for name in names { report.missing.append((name, error.localizedDescription)) }
      Console.note(error.localizedDescription)
      return nil
    }
  }

  /// Peers inside a Python that runs a script of `Benchmarks/peers`.
  func openPython(
    _ names: [String], script: String, device: String? = nil, _ report: inout BenchmarkReport
  ) -> PythonPeer? {
    let python = python ?? ProcessInfo.processInfo.environment["PYTHON"] ?? "python3"
    return open(names, &report) {
      try PythonPeer(
        names, python: python, script: "Benchmarks/peers/\(script)", device: device,
        isCancelled: { Interruption.isRequested })
    }
  }

  /// Runs `work` on a quiet machine, shows what it gives as it comes, and then prints and writes it.
  ///
  /// On Ctrl-C the rows that there are are printed, marked as incomplete, and nothing is written.
  ///
  /// - Throws: `BenchmarkError.void` before anything is printed on stdout or written; ``Interrupted``.
  func run(
    _ report: BenchmarkReport,
    _ work: (_ load: MachineLoad?, _ receive: (BenchmarkEvent) -> Void) throws -> Void
  ) throws {
    var report = report
    let load = MachineLoad()
    if !provisional { try load.waitAndCheck() }
    Interruption.watch()
    // There is something to print from now on.
    Interruption.noteStep()
    var hasHeading = false
    do {
      try work(provisional ? nil : load) { event in
        Self.show(event, &hasHeading)
        report.receive(event)
      }
    } catch BenchmarkError.interrupted { report.isComplete = false }
    report.othersShareOfCore = provisional ? load.share : load.keptShare
    report.isProvisional = provisional
    if provisional {
      let share = report.othersShareOfCore.map { String(format: "%.0f %%", 100 * $0) }
      Console.note(
        "provisional: other processes used \(share ?? "nobody knows how much") of a core")
    }
    if let out, report.isComplete { try write(report, to: out) }
    if json { try Console.result(report.json) }
    if !report.isComplete { throw Interrupted() }
  }

  private static func show(_ event: BenchmarkEvent, _ hasHeading: inout Bool) {
    if case .roofs(let roofs) = event {
      Console.note("\n\(roofs.line)")
      hasHeading = false
      return
    }
    if !hasHeading { Console.note(Figures.heading) }
    hasHeading = true
    switch event {
    case .roofs: break
    case .timed(let figures):
      Console.note(figures.line)
      if let profile = figures.profile {
        for line in profile.lines { Console.note("  " + line) }
      }
    case .refused(let refusal): Console.note("\(refusal.name) is refused: \(refusal.reason)")
    }
  }

  private func write(_ report: BenchmarkReport, to path: String) throws {
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
    let file =
      exists && isFolder.boolValue
      ? path + "/"
        + report.fileName { FileManager.default.fileExists(atPath: "\(path)/\($0)") }
      : path
    try AtomicFile.write(report.json.prettyEncoded + "\n", to: file)
    Console.note("written to \(file)")
  }

  /// The number list of `--threads`.
  static func threadCounts(_ text: String) throws -> [Int] {
    try text.split(separator: ",", omittingEmptySubsequences: false).map {
      guard let count = Int($0), (1...1024).contains(count) else {
        throw UsageError.wrongValue(
          text, place: "--threads",
          expected: "a whole number from 1 to 1024, or several separated by commas")
      }
      return count
    }
  }
}
