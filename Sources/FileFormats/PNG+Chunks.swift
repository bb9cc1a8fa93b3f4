extension PNG {
  /// One piece of a PNG: four letters and what they stand for.
  struct Chunk {
    let type: String
    /// Where type and content lie; the checksum is over these.
    let checked: Range<Int>
    let checksum: UInt32

    var content: Range<Int> { checked.dropFirst(4) }
  }

  /// The chunks from the first to `IEND`.
  ///
  /// Every length is held against the file before libpng sees it, for libpng would first allocate
  /// what a lying chunk promises, up to 2 GiB.
  static func chunks(in bytes: [UInt8], file: String) throws(FileFormatError) -> [Chunk] {
    guard bytes.starts(with: signature) else {
      throw .wrongFormat(file, expected: "a PNG picture", found: ContentType(sniffing: bytes))
    }
    var reader = ByteReader(bytes, file: file)
    _ = try reader.take(signature.count, "PNG signature")
    var chunks: [Chunk] = []
    while chunks.last?.type != "IEND" {
      let length = Int(try reader.integer(UInt32.self, bigEndian: true, "PNG chunk length"))
      let start = reader.offset
      let type = String(decoding: try reader.array(4, "PNG chunk type"), as: UTF8.self)
      _ = try reader.take(length, "PNG chunk \(type.debugDescription)")
      let end = reader.offset
      let checksum = try reader.integer(UInt32.self, bigEndian: true, "PNG chunk checksum")
      chunks.append(Chunk(type: type, checked: start..<end, checksum: checksum))
    }
    return chunks
  }

  /// The bytes of a chunk.
  static func chunk(_ type: String, _ content: [UInt8]) -> [UInt8] {
    let checked = Array(type.utf8) + content
    return UInt32(content.count).bigEndianBytes + checked + CRC32.of(checked).bigEndianBytes
  }
}
