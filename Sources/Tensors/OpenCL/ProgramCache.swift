import Foundation

/// Compiled programs on disk, so that a second run starts without a compiler.
///
/// An entry is a file that holds its whole key (the source, the options, the device and its
/// driver), so nothing but an exact match is ever used; a checksum guards the rest. Whatever is
/// wrong with the folder or an entry, the program is built anew: the cache never fails.
struct ProgramCache: Sendable {
  /// Where the entries lie, or nil to keep none.
  let folder: URL?
  /// The most bytes that all entries may take together; the least recently used go first.
  let capacity: Int

  /// 256 MiB in `$ATELIER_CACHE/opencl`, `$XDG_CACHE_HOME/atelier/opencl` or
  /// `~/.cache/atelier/opencl`.
  static let standard = ProgramCache(
    folder: CacheFolder.named("opencl"), capacity: 256 << 20)

  /// The standard one, or none where the driver has its own.
  static func standard(for device: OpenCLDevice) -> ProgramCache {
    device.keepsProgramsItself ? ProgramCache(folder: nil, capacity: 0) : standard
  }

  /// The binary stored for a key, or nil.
  func binary(for key: String) -> [UInt8]? {
    guard let file = file(for: key), let data = try? Data(contentsOf: file) else { return nil }
    guard let binary = Entry.binary(in: [UInt8](data), key: Array(key.utf8)) else { return nil }
    try? FileManager.default.setAttributes([.modificationDate: Date()], ofItemAtPath: file.path)
    return binary
  }

  /// Stores a binary, replacing what the key had, then removes entries until the capacity holds.
  func store(_ binary: [UInt8], for key: String) {
    let entry = Data(Entry.bytes(of: binary, key: Array(key.utf8)))
    guard let folder, let file = file(for: key), entry.count <= capacity else { return }
    let files = FileManager.default
    try? files.createDirectory(at: folder, withIntermediateDirectories: true)
    // Written aside and renamed, so that no reader meets half an entry.
    guard (try? entry.write(to: file, options: .atomic)) != nil else { return }
    trim(keeping: file)
  }

  private func file(for key: String) -> URL? {
    let name = String(fnv1a(key.utf8), radix: 16) + String(fnv1a(key.utf8.reversed()), radix: 16)
    return folder?.appendingPathComponent(name + ".program")
  }

  private func trim(keeping newest: URL) {
    let keys: Set<URLResourceKey> = [.contentModificationDateKey, .fileSizeKey]
    guard
      let folder,
      let files = try? FileManager.default.contentsOfDirectory(
        at: folder, includingPropertiesForKeys: Array(keys))
    else { return }
    var entries: [(file: URL, used: Date, size: Int)] = []
    for file in files where file.pathExtension == "program" {
      guard let values = try? file.resourceValues(forKeys: keys) else { continue }
      entries.append((file, values.contentModificationDate ?? .distantPast, values.fileSize ?? 0))
    }
    var total = entries.reduce(0) { $0 + $1.size }
    for entry in entries.sorted(by: { ($0.used, $0.file.path) < ($1.used, $1.file.path) })
    where total > capacity && entry.file.lastPathComponent != newest.lastPathComponent {
      if (try? FileManager.default.removeItem(at: entry.file)) != nil { total -= entry.size }
    }
  }
}

/// The bytes of a cache entry: magic, length of the key, key, checksum of the binary, binary.
private enum Entry {
  static let magic = Array("ATELIER1".utf8)

  static func bytes(of binary: [UInt8], key: [UInt8]) -> [UInt8] {
    magic + word(UInt64(key.count)) + key + word(fnv1a(binary)) + binary
  }

  static func binary(in entry: [UInt8], key: [UInt8]) -> [UInt8]? {
    let head = magic + word(UInt64(key.count)) + key
    guard entry.count > head.count + 8, entry.starts(with: head) else { return nil }
    let binary = Array(entry[(head.count + 8)...])
    return entry[head.count..<(head.count + 8)].elementsEqual(word(fnv1a(binary))) ? binary : nil
  }

  private static func word(_ value: UInt64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) }
  }
}

/// The 64-bit hash of Fowler, Noll and Vo, variant 1a.
struct FNV1a {
  private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

  mutating func add(_ byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }

  mutating func add(_ text: String) {
    var text = text
    text.withUTF8 { for byte in $0 { add(byte) } }
  }
}

private func fnv1a(_ bytes: some Sequence<UInt8>) -> UInt64 {
  bytes.reduce(into: FNV1a()) { $0.add($1) }.value
}
