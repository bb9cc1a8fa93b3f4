import Foundation
import Testing

@testable import Tensors

@Suite struct ControlGroupTests {
  /// Files below a new folder, the membership among them.
  private func limit(_ membership: String, _ files: [String: String]) throws -> Double? {
    try read(membership, files, { ControlGroup.processors(root: $0, membership: $1) })
  }

  private func read<Limit>(
    _ membership: String, _ files: [String: String],
    _ limit: (_ root: String, _ membership: String) -> Limit?
  ) throws -> Limit? {
    let root = NSTemporaryDirectory() + "cgroup-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: root) }
    for (name, text) in files.merging(["membership": membership], uniquingKeysWith: { $1 }) {
      let path = "\(root)/\(name)"
      try FileManager.default.createDirectory(
        atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
      try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }
    return limit(root, "\(root)/membership")
  }

  @Test("memory is limited by the smallest group too, in both versions; what is no limit is none")
  func memory() throws {
    func bytes(_ membership: String, _ files: [String: String]) throws -> Int? {
      try read(membership, files, { ControlGroup.memoryBytes(root: $0, membership: $1) })
    }
    #expect(
      try bytes(
        "0::/user/job\n", ["user/memory.max": "4096000\n", "user/job/memory.max": "8192000\n"])
        == 4_096_000)
    #expect(
      try bytes("3:memory:/a\n4:cpu:/b\n", ["memory/a/memory.limit_in_bytes": "1234567\n"])
        == 1_234_567)
    for none in ["max\n", "", "-1", "9223372036854771712"] {
      #expect(try bytes("0::/a\n", ["a/memory.max": none]) == nil, "\(none)")
    }
  }

  @Test("the smallest limit of a group and those above it counts")
  func version2() throws {
    #expect(
      try limit(
        "0::/user/job\n",
        [
          "user/cpu.max": "150000 100000\n", "user/job/cpu.max": "400000 100000\n",
        ]) == 1.5)
    #expect(try limit("0::/\n", ["cpu.max": "50000 100000\n"]) == 0.5)
  }

  @Test("the older kind of group has its limit in two files")
  func version1() throws {
    let files = ["cpu/a/cpu.cfs_quota_us": "300000\n", "cpu/a/cpu.cfs_period_us": "100000\n"]
    #expect(try limit("4:cpu,cpuacct:/a\n3:memory:/b\n", files) == 3)
    #expect(
      try limit(
        "4:cpu,cpuacct:/a\n",
        files.merging(["cpu/a/cpu.cfs_quota_us": "-1\n"], uniquingKeysWith: { $1 })) == nil)
  }

  @Test(
    "what sets no limit, or is no limit, is none",
    arguments: ["max 100000\n", "", "100000", "x y", "100000 0", "-5 100000"])
  func none(text: String) throws {
    #expect(try limit("0::/a\n", ["a/cpu.max": text]) == nil)
    #expect(try limit("", ["cpu.max": "1 1"]) == nil)
  }
}
