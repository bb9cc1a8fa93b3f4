import FileFormats
import Foundation
import Tensors

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

  private let process: ChildProcess
  private let isCancelled: () -> Bool
  /// For files that go either way; the process removes it when it ends by itself.
  private var folder = ""

  /// Seconds that it may take to end once nothing is left to do.
  private static let patience = 10.0

  /// - Parameters:
  ///   - names: `pytorch`, `onednn` or both, or `tinygrad`.
  ///   - python: Path or name of a Python that has them.
  ///   - script: `Benchmarks/peers/kernels.py`, `training.py` or `tinygrad_kernels.py`.
  ///   - device: What the script is to compute on: `gpu` of PyTorch, an OpenCL device's own name of
  ///     tinygrad; nil for the processor.
  ///   - isCancelled: Asked while it computes, which may take minutes; then it is killed.
  /// - Throws: ``BenchmarkError/missing(peer:reason:)`` where one of them is not there, with what
  ///   Python said.
  package init(
    _ names: [String], python: String, script: String, device: String? = nil,
    isCancelled: @escaping () -> Bool = { false }
  ) throws {
    (self.names, self.isCancelled) = (names, isCancelled)
    func missing(_ reason: String) -> BenchmarkError {
      .missing(peer: names.joined(separator: ", "), reason: reason)
    }
    guard FileManager.default.fileExists(atPath: script) else {
      throw missing("no \(script): run in the project's folder")
    }
    // Results would take fresh pages from the system at every call. PyTorch is spared most of what
    // that costs by an allocator that keeps memory, up to the largest block that it can keep (32 MiB),
    // and by large pages beyond.
    let environment = [
      "THP_MEM_ALLOC_ENABLE": "1", "MALLOC_MMAP_THRESHOLD_": "\(32 << 20)",
      "MALLOC_TRIM_THRESHOLD_": "\(1 << 40)", "ATELIER_PEER_DEVICE": device ?? "cpu",
    ]
    do {
      process = try ChildProcess(["/usr/bin/env", python, script], environment: environment)
    } catch { throw missing("\(python): \(error)") }
    do {
      let answer = try ask(["ask": "hello"])
      description = answer["description"]?.string ?? ""
      folder = answer["folder"]?.string ?? ""
    } catch let error as BenchmarkError {
      if case .failed(_, let reason) = error { throw missing("\(python): \(reason)") }
      throw error
    } catch { throw missing("\(python): \(error.localizedDescription)") }
  }

  /// The process ends with its input.
  deinit {
    process.end(within: Self.patience)
    clearAway()
  }

  /// What it left, where it was killed.
  private func clearAway() {
    if !folder.isEmpty { try? FileManager.default.removeItem(atPath: folder) }
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

  /// - Throws: ``BenchmarkError/failed(peer:reason:)`` with the peer's own words, or that it ended;
  ///   ``BenchmarkError/interrupted``.
  private func ask(_ request: JSONValue) throws -> JSONValue {
    // A process that has ended may have left its reason to be read.
    process.send(request.encoded.utf8)
    switch process.answer(unless: isCancelled) {
    case .line(let line):
      let answer = try JSONValue(parsing: line, file: "the peer's answer")
      if let reason = answer["error"]?.string { throw failed(reason) }
      return answer
    case .ended(let ending): throw failed("it ended with \(ending)")
    case .givenUp:
      process.kill()
      clearAway()
      throw BenchmarkError.interrupted
    }
  }
}
