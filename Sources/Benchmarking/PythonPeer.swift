import FileFormats
import Foundation

/// PyTorch and the oneDNN inside it, or tinygrad, in a Python process that stays open and answers
/// requests, a line of JSON each way.
///
/// It makes the operands itself, by the formula of `noise(count:seed:scale:)`, and gives results
/// back in files.
package final class PythonPeer: Peer, TrainingPeer {
  package let names: [String]
  package private(set) var description = ""
  /// Whether PyTorch's training steps are compiled, too.
  package var compiles = true

  private let process = Process()
  private let requests = Pipe()
  private let answers = Pipe()
  private var unread: [UInt8] = []
  /// For files that go either way; the process removes it when it ends.
  private var folder = ""

  /// - Parameters:
  ///   - names: `pytorch`, `onednn` or both, or `tinygrad`.
  ///   - python: Path or name of a Python that has them.
  ///   - script: `Benchmarks/peers/kernels.py`, `training.py` or `tinygrad_kernels.py`.
  ///   - device: What the script is to compute on: `gpu` of PyTorch, an OpenCL device's own name of
  ///     tinygrad; nil for the processor.
  /// - Throws: ``BenchmarkError/missing(peer:reason:)`` where one of them is not there, with what
  ///   Python said.
  package init(
    _ names: [String], python: String, script: String, device: String? = nil
  ) throws {
    self.names = names
    guard FileManager.default.fileExists(atPath: script) else {
      throw missing("no \(script): run in the project's folder")
    }
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [python, script]
    // Results would take fresh pages from the system at every call. PyTorch is spared most of what
    // that costs by an allocator that keeps memory, up to the largest block that it can keep (32 MiB),
    // and by large pages beyond.
    process.environment = ProcessInfo.processInfo.environment.merging([
      "THP_MEM_ALLOC_ENABLE": "1", "MALLOC_MMAP_THRESHOLD_": "\(32 << 20)",
      "MALLOC_TRIM_THRESHOLD_": "\(1 << 40)", "ATELIER_PEER_DEVICE": device ?? "cpu",
    ]) { $1 }
    process.standardInput = requests
    process.standardOutput = answers
    do {
      try process.run()
      let answer = try ask(["ask": "hello"])
      description = answer["description"]?.string ?? ""
      folder = answer["folder"]?.string ?? ""
    } catch let error as BenchmarkError {
      close()
      if case .failed(_, let reason) = error { throw missing("\(python): \(reason)") }
      throw error
    } catch {
      close()
      throw missing("\(python): \(error.localizedDescription)")
    }
  }

  deinit { close() }

  private func missing(_ reason: String) -> BenchmarkError {
    .missing(peer: names.joined(separator: ", "), reason: reason)
  }

  /// The process ends with its input.
  private func close() {
    try? requests.fileHandleForWriting.close()
    if process.isRunning { process.waitUntilExit() }
  }

  package func use(cores: [Int]) throws {
    _ = try ask(["ask": "use", "cores": .array(cores.map { .integer($0) })])
  }

  package func prepare(_ row: KernelRow, _ numbers: [[Float]]) throws -> [Contender] {
    let operands = row.operands.map { operand -> JSONValue in
      [
        "shape": .array(operand.shape.map { .integer($0) }),
        "scale": .number(Double(operand.scale)),
      ]
    }
    let request: [String: JSONValue] = [
      "operands": .array(operands), "holdsWeights": .bool(row.holdsWeights),
    ]
    return try prepare(row.request.merging(request) { $1 })
  }

  package func prepare(
    _ row: TrainingBenchmark.Row, recipe: [String: NumericArray]
  ) throws -> [Contender] {
    let path = "\(folder)/recipe.safetensors"
    try AtomicFile.write(Safetensors.encode(recipe), to: path)
    return try prepare([
      "model": .string(row.model.rawValue), "precision": .string(row.precision.rawValue),
      "recipe": .string(path), "compiles": .bool(compiles),
    ])
  }

  private func prepare(_ request: [String: JSONValue]) throws -> [Contender] {
    let common: [String: JSONValue] = [
      "ask": "prepare", "peers": .array(names.map { .string($0) }),
    ]
    let answer = try ask(.object(request.merging(common) { $1 }))
    return try (answer["contenders"]?.array ?? []).enumerated().map { number, contender in
      guard let peer = contender["peer"]?.string, let variant = contender["variant"]?.string else {
        throw failed("it answered \(answer.encoded)")
      }
      let results = try (contender["results"]?.array ?? []).map(Self.floats)
      let weights = try (contender["weights"]?.object ?? [:]).mapValues(Self.floats)
      return Contender(peer: peer, variant: variant, results: results, weights: weights) {
        [self] seconds in
        let answer = try ask([
          "ask": "turn", "contender": .integer(number), "seconds": .number(seconds),
        ])
        guard let time = answer["milliseconds"]?.number else {
          throw failed("it answered \(answer.encoded)")
        }
        return time
      }
    }
  }

  package func release() throws { _ = try ask(["ask": "release"]) }

  /// Numbers as they lie in memory, from a file that is removed.
  private static func floats(_ file: JSONValue) throws -> [Float] {
    let path = file.string ?? ""
    defer { try? FileManager.default.removeItem(atPath: path) }
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
    return [Float](unsafeUninitializedCapacity: bytes.count / 4) { buffer, count in
      count = bytes.copyBytes(to: buffer) / 4
    }
  }

  private func failed(_ reason: String) -> BenchmarkError {
    .failed(peer: names.joined(separator: ", "), reason: reason)
  }

  /// - Throws: ``BenchmarkError/failed(peer:reason:)`` with the peer's own words, or that it ended.
  private func ask(_ request: JSONValue) throws -> JSONValue {
    // A process that has ended may have left its reason to be read.
    withoutBrokenPipeSignal {
      try? requests.fileHandleForWriting.write(contentsOf: Data((request.encoded + "\n").utf8))
    }
    let answer = try JSONValue(parsing: nextLine(), file: "the peer's answer")
    if let reason = answer["error"]?.string { throw failed(reason) }
    return answer
  }

  private func nextLine() throws -> [UInt8] {
    while true {
      if let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
        defer { unread.removeSubrange(...end) }
        return Array(unread[..<end])
      }
      let more = answers.fileHandleForReading.availableData
      guard !more.isEmpty else {
        process.waitUntilExit()
        throw failed("it ended with status \(process.terminationStatus)")
      }
      unread += more
    }
  }
}

/// Lets a write to a process that has ended fail with EPIPE, where the signal would end this one.
private func withoutBrokenPipeSignal(_ write: () -> Void) {
  var brokenPipe = sigset_t()
  var before = sigset_t()
  sigemptyset(&brokenPipe)
  sigaddset(&brokenPipe, SIGPIPE)
  pthread_sigmask(SIG_BLOCK, &brokenPipe, &before)
  defer {
    var now = timespec()
    while sigtimedwait(&brokenPipe, nil, &now) == SIGPIPE {}
    pthread_sigmask(SIG_SETMASK, &before, nil)
  }
  write()
}
