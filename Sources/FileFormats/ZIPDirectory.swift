/// The central directory at the end of a zip archive.
struct ZIPDirectory {
  let start: Int
  let entries: [ZIPArchive.Entry]

  init(_ source: ByteSource) throws(FileFormatError) {
    let end = try ZIPEndRecord(source)
    let bytes = try source.read(at: end.start, count: end.size, part: "zip directory")
    var reader = ByteReader(bytes, file: source.name, base: end.start)
    var entries: [ZIPArchive.Entry] = []
    while !reader.isAtEnd { entries.append(try Self.entry(&reader, end.start)) }
    guard entries.count == end.count else {
      throw .mismatch(
        source.name, expected: "\(count(end.count, "zip entry record"))",
        found: "\(entries.count)", at: end.start)
    }
    start = end.start
    self.entries = entries
  }

  private static func entry(
    _ reader: inout ByteReader, _ directoryStart: Int
  ) throws(FileFormatError) -> ZIPArchive.Entry {
    let part = "zip directory entry"
    let position = reader.position
    guard try reader.integer(UInt32.self, part) == 0x0201_4B50 else {
      throw .mismatch(reader.file, expected: "a \(part)", found: "other bytes", at: position)
    }
    _ = try reader.take(6, part)
    let method = try reader.integer(UInt16.self, part)
    _ = try reader.take(4, part)
    let checksum = try reader.integer(UInt32.self, part)
    var compressedSize = UInt64(try reader.integer(UInt32.self, part))
    var size = UInt64(try reader.integer(UInt32.self, part))
    let nameLength = Int(try reader.integer(UInt16.self, part))
    let extraLength = Int(try reader.integer(UInt16.self, part))
    let commentLength = Int(try reader.integer(UInt16.self, part))
    _ = try reader.take(8, part)
    var start = UInt64(try reader.integer(UInt32.self, part))
    let name = try reader.array(nameLength, part)
    let extra = try reader.array(extraLength, part)
    _ = try reader.take(commentLength, part)
    try readZip64(
      ByteReader(extra, file: reader.file, base: reader.position), &size, &compressedSize, &start)
    guard start <= directoryStart, compressedSize <= directoryStart else {
      throw .mismatch(
        reader.file, expected: "zip entries before the directory", found: "one beyond it",
        at: position)
    }
    return ZIPArchive.Entry(
      name: String(validating: name, as: UTF8.self)
        ?? String(String.UnicodeScalarView(name.map { Unicode.Scalar($0) })),
      size: Int(clamping: size), compressedSize: Int(compressedSize), checksum: checksum,
      method: method, start: Int(start), end: 0)
  }

  /// Extra field 1 holds, in this order, the fields that are all ones in the entry itself.
  private static func readZip64(
    _ extra: ByteReader, _ size: inout UInt64, _ compressedSize: inout UInt64, _ start: inout UInt64
  ) throws(FileFormatError) {
    var extra = extra
    while extra.remaining >= 4 {
      let identifier = try extra.integer(UInt16.self, "zip extra field")
      let length = Int(try extra.integer(UInt16.self, "zip extra field"))
      let position = extra.position
      let field = try extra.array(length, "zip extra field")
      guard identifier == 1 else { continue }
      var reader = ByteReader(field, file: extra.file, base: position)
      if size == 0xFFFF_FFFF { size = try reader.integer(UInt64.self, "zip64 size") }
      if compressedSize == 0xFFFF_FFFF {
        compressedSize = try reader.integer(UInt64.self, "zip64 size")
      }
      if start == 0xFFFF_FFFF { start = try reader.integer(UInt64.self, "zip64 offset") }
    }
  }
}

/// The last record of a zip archive, which says where the directory is.
private struct ZIPEndRecord {
  let start: Int
  let size: Int
  let count: Int

  init(_ source: ByteSource) throws(FileFormatError) {
    let part = "end of the zip directory"
    let tailCount = min(source.count, 22 + 0xFFFF)
    let tailStart = source.count - tailCount
    let tail = try source.read(at: tailStart, count: tailCount, part: part)
    guard let place = Self.find(in: tail) else {
      let type = ContentType(
        sniffing: try source.read(at: 0, count: min(16, source.count), part: part))
      if type == .zip {
        throw .mismatch(
          source.name, expected: "a zip directory at the end", found: "none", at: source.count,
          advice: "the file is cut short: copy or download it again")
      }
      throw .wrongFormat(source.name, expected: "a zip archive", found: type)
    }
    var reader = ByteReader(tail, file: source.name, base: tailStart)
    _ = try reader.take(place + 4, part)
    let disks = try reader.integer(UInt32.self, part)
    _ = try reader.take(2, part)
    var count = UInt64(try reader.integer(UInt16.self, part))
    var size = UInt64(try reader.integer(UInt32.self, part))
    var start = UInt64(try reader.integer(UInt32.self, part))
    var end = tailStart + place
    if count == 0xFFFF || size == 0xFFFF_FFFF || start == 0xFFFF_FFFF,
      let zip64 = try Self.zip64(source, before: end)
    {
      (count, size, start, end) = zip64
    }
    guard disks == 0 || disks == 0xFFFF_FFFF else {
      throw .unsupported(
        source.name, supported: "a zip archive in one piece", found: "one of several", at: end,
        advice: "join the pieces with `zip -s 0` first")
    }
    guard size <= ZIPArchive.maximumDirectoryBytes else {
      throw .tooLarge(
        source.name, part: "a zip directory",
        limit: FileFormats.count(ZIPArchive.maximumDirectoryBytes, "byte"), found: "\(size)",
        at: end)
    }
    guard start <= end, size == UInt64(end) - start else {
      throw .mismatch(
        source.name, expected: "a zip directory that ends at byte \(end)",
        found: "\(size) bytes from \(start)", at: end)
    }
    self.start = Int(start)
    self.size = Int(size)
    self.count = Int(clamping: count)
  }

  /// The record is 22 bytes and a comment that reaches to the very end.
  private static func find(in tail: [UInt8]) -> Int? {
    var place = tail.count - 22
    while place >= 0 {
      if tail[place...].starts(with: [0x50, 0x4B, 0x05, 0x06]) {
        let comment = Int(UInt16(bytes: tail[place + 20..<place + 22]))
        if place + 22 + comment == tail.count { return place }
      }
      place -= 1
    }
    return nil
  }

  private static func zip64(
    _ source: ByteSource, before end: Int
  ) throws(FileFormatError) -> (count: UInt64, size: UInt64, start: UInt64, end: Int)? {
    let part = "zip64 end of the directory"
    guard end >= 20 else { return nil }
    var locator = ByteReader(
      try source.read(at: end - 20, count: 20, part: part), file: source.name, base: end - 20)
    guard try locator.integer(UInt32.self, part) == 0x0706_4B50 else { return nil }
    _ = try locator.take(4, part)
    let place = Int(clamping: try locator.integer(UInt64.self, part))
    var record = ByteReader(
      try source.read(at: place, count: 56, part: part), file: source.name, base: place)
    guard try record.integer(UInt32.self, part) == 0x0606_4B50 else {
      throw .mismatch(source.name, expected: "the \(part)", found: "other bytes", at: place)
    }
    _ = try record.take(28, part)
    let count = try record.integer(UInt64.self, part)
    return (
      count, try record.integer(UInt64.self, part), try record.integer(UInt64.self, part), place
    )
  }
}
