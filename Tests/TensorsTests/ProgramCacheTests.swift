import Foundation
import Testing

@testable import Tensors

@Suite("Program cache") struct ProgramCacheTests {
  let folder = TemporaryFolder()

  func cache(capacity: Int = 1 << 20) -> ProgramCache {
    ProgramCache(folder: folder.url, capacity: capacity)
  }

  var entries: [URL] {
    let files = try? FileManager.default.contentsOfDirectory(
      at: folder.url, includingPropertiesForKeys: nil)
    return (files ?? []).sorted { $0.path < $1.path }
  }

  @Test("what was stored under a key comes back, and nothing under another")
  func hit() {
    cache().store([1, 2, 3], for: "key")
    #expect(cache().binary(for: "key") == [1, 2, 3])
    #expect(cache().binary(for: "key ") == nil)
    cache().store([4], for: "key")
    #expect(cache().binary(for: "key") == [4])
    #expect(entries.count == 1)
  }

  @Test("an entry with any one byte changed, or cut short anywhere, is a miss")
  func damage() throws {
    cache().store(Array("the binary".utf8), for: "the key")
    let file = try #require(entries.first)
    let whole = try Data(contentsOf: file)
    for at in whole.indices {
      var changed = whole
      changed[at] ^= 0x10
      try changed.write(to: file)
      #expect(cache().binary(for: "the key") == nil, "byte \(at) changed")
      try whole.prefix(at).write(to: file)
      #expect(cache().binary(for: "the key") == nil, "cut to \(at) bytes")
    }
    try whole.write(to: file)
    #expect(cache().binary(for: "the key") == Array("the binary".utf8))
  }

  @Test("beyond its capacity the cache drops what was used longest ago")
  func capacity() throws {
    let kilobyte = [UInt8](repeating: 7, count: 1024)
    var written: [String: URL] = [:]
    for (age, key) in ["a", "b", "c"].enumerated() {
      let before = Set(entries)
      cache().store(kilobyte, for: key)
      let file = try #require(entries.first { !before.contains($0) })
      written[key] = file
      try setAge(of: file, hours: 10 - age)
    }
    #expect(cache().binary(for: "a") == kilobyte)  // now the most recently used
    cache(capacity: 3500).store(kilobyte, for: "d")
    #expect(cache().binary(for: "b") == nil)
    for key in ["a", "c", "d"] { #expect(cache().binary(for: key) == kilobyte, "\(key)") }
  }

  @Test("an entry larger than the whole cache is not kept and drives nothing out")
  func oversized() {
    cache().store([1], for: "small")
    cache(capacity: 100).store([UInt8](repeating: 0, count: 200), for: "large")
    #expect(cache().binary(for: "large") == nil)
    #expect(cache().binary(for: "small") == [1])
  }

  @Test("a folder that cannot be made keeps nothing and fails nothing")
  func unwritable() throws {
    let file = folder.url.appendingPathComponent("file")
    try FileManager.default.createDirectory(at: folder.url, withIntermediateDirectories: true)
    try Data().write(to: file)
    let blocked = ProgramCache(folder: file.appendingPathComponent("below"), capacity: 1000)
    blocked.store([1], for: "key")
    #expect(blocked.binary(for: "key") == nil)
    let none = ProgramCache(folder: nil, capacity: 1000)
    none.store([1], for: "key")
    #expect(none.binary(for: "key") == nil)
  }

  @Test("the folder follows ATELIER_CACHE, then XDG_CACHE_HOME, then the home folder")
  func standardFolder() {
    func path(_ environment: [String: String]) -> String? {
      CacheFolder.named("opencl", environment)?.path
    }
    let all = ["ATELIER_CACHE": "/a", "XDG_CACHE_HOME": "/x", "HOME": "/h"]
    #expect(path(all) == "/a/opencl")
    #expect(path(all.filter { $0.key != "ATELIER_CACHE" }) == "/x/atelier/opencl")
    #expect(path(["HOME": "/h", "ATELIER_CACHE": ""]) == "/h/.cache/atelier/opencl")
    #expect(path([:]) == nil)
  }

  private func setAge(of file: URL, hours: Int) throws {
    let date = Date(timeIntervalSinceNow: -3600 * Double(hours))
    try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: file.path)
  }
}

/// A folder that goes when nothing refers to it any more; not made until something is written
/// there.
final class TemporaryFolder: Sendable {
  let url = FileManager.default.temporaryDirectory
    .appendingPathComponent("atelier-\(UUID().uuidString)", isDirectory: true)

  deinit { try? FileManager.default.removeItem(at: url) }
}
