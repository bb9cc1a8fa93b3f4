/// A zip archive, read entry by entry (stored and deflated; zip64 included).
///
/// The central directory is believed only as far as it can be checked: entries may not overlap,
/// leave the file or share a name, and what is read must have the promised size and checksum.
///
/// - SeeAlso: PKWARE APPNOTE 6.3.10; Fifield 2019, "A better zip bomb", on overlapping entries.
public struct ZIPArchive: Sendable {
  /// One file inside the archive.
  public struct Entry: Hashable, Sendable {
    /// Its path, with `/` between folders.
    public let name: String
    /// Bytes when unpacked.
    public let size: Int

    let compressedSize: Int
    let checksum: UInt32
    let method: UInt16
    let start: Int
    /// Where the next entry, or the directory, begins.
    var end: Int
  }

  /// Largest entry that is read unless the caller says otherwise (4 GiB).
  public static let maximumEntryBytes = 1 << 32
  /// Largest directory that is read (256 MiB).
  public static let maximumDirectoryBytes = 1 << 28

  /// The files in the order of the archive's directory; folders are left out.
  public let entries: [Entry]
  /// The path, or the name given for bytes in memory.
  public var file: String { source.name }

  private let source: ByteSource
  private let indices: [String: Int]

  /// Opens an archive on disk.
  public init(path: String) throws(FileFormatError) {
    try self.init(ByteSource(path: path))
  }

  /// Opens an archive and reads its directory.
  public init(_ source: ByteSource) throws(FileFormatError) {
    self.source = source
    let directory = try ZIPDirectory(source)
    entries = try Self.checkingOverlaps(directory.entries, directory.start, source.name)
    var indices: [String: Int] = [:]
    for (index, entry) in entries.enumerated() {
      if indices.updateValue(index, forKey: entry.name) != nil {
        throw .mismatch(
          source.name, expected: "every name once in the zip directory",
          found: "\"\(entry.name)\" again", at: directory.start)
      }
    }
    self.indices = indices
  }

  /// The entry of that name.
  public subscript(name: String) -> Entry? { indices[name].map { entries[$0] } }

  /// Unpacks one entry and checks its size and checksum.
  ///
  /// - Parameters:
  ///   - entry: One of ``entries``.
  ///   - limit: Most bytes allowed; a larger entry is refused unread.
  /// - Returns: The unpacked bytes.
  /// - Throws: For damage, encryption, a method other than stored and deflate, or a wrong checksum.
  public func read(
    _ entry: Entry, limit: Int = maximumEntryBytes
  ) throws(FileFormatError) -> [UInt8] {
    let name = "\(file)/\(entry.name)"
    guard entry.size <= limit else {
      throw .tooLarge(name, part: "an entry", limit: count(limit, "byte"), found: "\(entry.size)")
    }
    let packed = try packedBytes(entry, name)
    let bytes: [UInt8]
    switch entry.method {
    case 0: bytes = packed
    case 8: bytes = try Deflate.inflate(packed, container: .raw, limit: entry.size, file: name)
    default:
      throw .unsupported(
        name, supported: "stored or deflated data", found: "compression method \(entry.method)",
        at: entry.start, advice: "pack it again with ordinary zip compression")
    }
    guard bytes.count == entry.size else {
      throw .truncated(
        name, part: "unpacked data", expected: entry.size, found: bytes.count, at: entry.start)
    }
    let computed = CRC32.of(bytes)
    guard computed == entry.checksum else {
      throw .wrongChecksum(
        name, part: "the unpacked data", stored: entry.checksum, computed: computed,
        at: entry.start)
    }
    return bytes
  }

  private func packedBytes(_ entry: Entry, _ name: String) throws(FileFormatError) -> [UInt8] {
    var header = ByteReader(
      try source.read(at: entry.start, count: 30, part: "zip entry header"), file: name,
      base: entry.start)
    let signature = try header.integer(UInt32.self, "zip entry header")
    guard signature == 0x0403_4B50 else {
      throw .mismatch(name, expected: "a zip entry", found: "other bytes", at: entry.start)
    }
    _ = try header.take(2, "zip entry version")
    let flags = try header.integer(UInt16.self, "zip entry flags")
    guard flags & 1 == 0 else {
      throw .unsupported(
        name, supported: "an open zip entry", found: "an encrypted one", at: entry.start,
        advice: "unpack it with its password first")
    }
    _ = try header.take(18, "zip entry header")
    let nameLength = Int(try header.integer(UInt16.self, "zip entry name length"))
    let extraLength = Int(try header.integer(UInt16.self, "zip entry extra length"))
    let start = entry.start + 30 + nameLength + extraLength
    guard start + entry.compressedSize <= entry.end else {
      throw .mismatch(
        name,
        expected: "\(count(entry.compressedSize, "byte")) of packed data before the next entry",
        found: "\(max(0, entry.end - start))", at: start)
    }
    return try source.read(at: start, count: entry.compressedSize, part: "packed data")
  }

  /// Sets every entry's `end`, refusing entries that share bytes.
  private static func checkingOverlaps(
    _ entries: [Entry], _ directoryStart: Int, _ file: String
  ) throws(FileFormatError) -> [Entry] {
    var entries = entries
    let order = entries.indices.sorted {
      (entries[$0].start, $0) < (entries[$1].start, $1)
    }
    for (position, index) in order.enumerated() {
      let end = position + 1 < order.count ? entries[order[position + 1]].start : directoryStart
      let entry = entries[index]
      guard entry.start + 30 + entry.compressedSize <= end else {
        throw .mismatch(
          file, expected: "zip entries that do not overlap",
          found: "\"\(entry.name)\" reaching into what follows", at: entry.start)
      }
      entries[index].end = end
    }
    return entries.filter { !$0.name.hasSuffix("/") }
  }
}
