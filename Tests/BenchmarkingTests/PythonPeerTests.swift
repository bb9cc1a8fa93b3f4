import Foundation
import Testing

@testable import Benchmarking

/// The protocol with the other program, spoken by a shell in Python's place.
@Suite struct PythonPeerTests {
  private func peer(
    _ script: String, device: String? = nil, isCancelled: @escaping () -> Bool = { false }
  ) throws -> PythonPeer {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent(
      "peer-\(UUID().uuidString).sh")
    try Data(script.utf8).write(to: path)
    defer { try? FileManager.default.removeItem(at: path) }
    return try PythonPeer(
      ["pytorch"], python: "/bin/sh", script: path.path, device: device,
      isCancelled: isCancelled)
  }

  private static let greeting = #"read -r line; echo '{"description": "a shell"}'"# + "\n"
  private let row = KernelRow.product("row", .init(m: 1, n: 2, k: 1))

  @Test("a contender's results and weights come from its files, its times from its answers")
  func answers() throws {
    let files = FileManager.default.temporaryDirectory
    let file = files.appendingPathComponent("results-\(UUID().uuidString)")
    try [Float(1.5), -2].withUnsafeBytes { try Data($0).write(to: file) }
    let peer = try peer(
      Self.greeting + """
        read -r line
        case $line in
          *'"shape":[1,2]'*'"operation":"gemm"'*) ;;
          *) echo '{"error": "another request was expected"}' ;;
        esac
        cp \(file.path) \(file.path)-2
        echo '{"contenders": [{"peer": "pytorch", "variant": "v", "results": ["\(file.path)"],'\
        '"weights": {"0.bias": "\(file.path)-2"}}]}'
        read -r line; echo '{"milliseconds": 4.5}'
        read -r line; echo '{}'
        """)
    #expect(peer.description == "a shell")
    let contender = try #require(peer.prepare(row, []).first)
    #expect(contender.variant == "v" && contender.results == [[1.5, -2]])
    #expect(contender.weights == ["0.bias": [1.5, -2]])
    #expect(try contender.turn(0.01) == 4.5)
    try peer.release()
    #expect(!FileManager.default.fileExists(atPath: file.path), "results are cleared away")
  }

  @Test(
    "a Python, a script or a module that is not here is named",
    arguments: [
      ("no-such-python", "/bin/sh", "ended with status 127"),
      ("/bin/sh", "/nowhere/kernels.py", "no /nowhere/kernels.py"),
    ])
  func missing(python: String, script: String, words: String) {
    #expect {
      _ = try PythonPeer(["pytorch", "onednn"], python: python, script: script)
    } throws: {
      guard case .missing("pytorch, onednn", let reason) = $0 as? BenchmarkError else {
        return false
      }
      return reason.contains(words)
    }
  }

  @Test("what the script cannot import is why it is missing")
  func noModule() {
    #expect {
      _ = try peer(#"echo '{"error": "No module named torch"}'"#)
    } throws: {
      $0 as? BenchmarkError
        == .missing(peer: "pytorch", reason: "/bin/sh: No module named torch")
    }
  }

  @Test("the script is told which device it is to compute on", arguments: [nil, "gpu"])
  func device(name: String?) throws {
    let peer = try peer(
      #"read -r line; echo "{\"description\": \"$ATELIER_PEER_DEVICE\"}""#, device: name)
    #expect(peer.description == name ?? "cpu")
  }

  @Test("a peer that ends in the middle says so")
  func ends() throws {
    let peer = try peer(Self.greeting + "read -r line; exit 3")
    #expect {
      _ = try peer.prepare(row, [])
    } throws: {
      $0 as? BenchmarkError == .failed(peer: "pytorch", reason: "it ended with status 3")
    }
  }

  @Test("a peer that computes for minutes is not waited for when nobody wants it, and is gone")
  func interrupted() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("p-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    var isCancelled = false
    var one: PythonPeer? = try peer(
      """
      read -r line; echo '{"description": "'$$'", "folder": "\(folder.path)"}'
      read -r line; exec sleep 600
      """, isCancelled: { isCancelled })
    let id = try #require(pid_t(one?.description ?? ""))
    isCancelled = true
    for _ in 0..<2 {
      #expect {
        _ = try one?.prepare(row, [])
      } throws: {
        let error = $0 as? BenchmarkError
        return error == .interrupted
          || error == .failed(peer: "pytorch", reason: "it ended with signal 9")
      }
    }
    one = nil
    #expect(kill(id, 0) != 0, "waited for, so that its number is nobody's")
    #expect(!FileManager.default.fileExists(atPath: folder.path), "its files are cleared away")
  }

  @Test("an error of the peer's comes in its own words")
  func error() throws {
    let peer = try peer(Self.greeting + #"read -r line; echo '{"error": "out of memory"}'"#)
    #expect {
      _ = try peer.prepare(row, [])
    } throws: {
      $0 as? BenchmarkError == .failed(peer: "pytorch", reason: "out of memory")
    }
  }
}
