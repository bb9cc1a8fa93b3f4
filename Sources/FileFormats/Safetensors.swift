/// A safetensors file: named arrays and text metadata, checked before any array is read.
///
/// Layout: eight bytes with the length of a JSON header, the header, then the arrays end to end.
/// The header is read strictly: every array must fit its shape, and together they must cover the
/// rest of the file without gap or overlap.
///
/// - SeeAlso: The safetensors README of Hugging Face, section "Format".
public struct Safetensors: Sendable {
  /// One array in the file.
  public struct Entry: Hashable, Sendable {
    /// Its name, for instance `encoder.0.weight`.
    public let name: String
    /// Type of its numbers.
    public let elementType: NumericArray.ElementType
    /// Length of each axis.
    public let shape: [Int]
    /// Bytes from the end of the header.
    let range: Range<Int>
  }

  /// Longest header that is read, in bytes (16 MiB).
  public static let maximumHeaderBytes = 1 << 24
  /// Metadata key of the checksum; see ``verify()``.
  public static let checksumKey = "crc32"

  /// Text beside the arrays: the model's configuration, the step, and so on.
  public let metadata: [String: String]
  /// The arrays, sorted by name.
  public let entries: [Entry]

  private let source: ByteSource
  private let dataStart: Int
  private let indices: [String: Int]

  /// The path, or the name given for bytes in memory.
  public var file: String { source.name }

  /// Opens a file and checks its header.
  public init(path: String) throws(FileFormatError) {
    try self.init(ByteSource(path: path))
  }

  /// Opens a source and checks its header.
  public init(_ source: ByteSource) throws(FileFormatError) {
    let header = try SafetensorsHeader(source)
    self.source = source
    dataStart = header.dataStart
    metadata = header.metadata
    entries = header.entries.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    indices = Dictionary(
      uniqueKeysWithValues: entries.enumerated().map { ($0.element.name, $0.offset) })
  }

  /// The entry of that name.
  public subscript(name: String) -> Entry? { indices[name].map { entries[$0] } }

  /// Reads one array.
  public func array(_ entry: Entry) throws(FileFormatError) -> NumericArray {
    let bytes = try source.read(
      at: dataStart + entry.range.lowerBound, count: entry.range.count,
      part: "array \"\(entry.name)\"")
    return NumericArray(entry.elementType, shape: entry.shape, bytes: bytes)
  }

  /// Reads the array of that name, or says that there is none.
  public func array(named name: String) throws(FileFormatError) -> NumericArray {
    guard let entry = self[name] else {
      throw .mismatch(
        file, expected: "an array named \"\(name)\"",
        found: "\(count(entries.count, "array")) of other names",
        advice: "check that the file belongs to this model")
    }
    return try array(entry)
  }

  /// The whole file; reads on where its name is gone.
  package func bytes() throws(FileFormatError) -> [UInt8] {
    try source.read(at: 0, count: source.count, part: "the file")
  }

  /// Whether the file carries a checksum; those of other programs do not.
  public var hasChecksum: Bool { metadata[Self.checksumKey] != nil }

  /// Reads the whole file once and compares it with its checksum.
  ///
  /// The checksum is the CRC-32, in eight hexadecimal digits, of the header as it would be without
  /// this entry (sorted keys, no padding) followed by the bytes of all arrays: so a flipped bit
  /// anywhere shows. A file without a checksum passes.
  public func verify() throws(FileFormatError) {
    guard let stored = metadata[Self.checksumKey] else { return }
    guard stored.utf8.count == 8, let stored = UInt32(stored, radix: 16) else {
      throw .mismatch(
        file, expected: "eight hexadecimal digits in \"\(Self.checksumKey)\"",
        found: "\"\(stored)\"", at: 8)
    }
    var unsigned = metadata
    unsigned[Self.checksumKey] = nil
    var computed = CRC32.of(Array(Self.header(entries, unsigned).utf8))
    var offset = dataStart
    while offset < source.count {
      let piece = try source.read(
        at: offset, count: min(1 << 20, source.count - offset), part: "the arrays")
      computed = CRC32.of(piece, continuing: computed)
      offset += piece.count
    }
    guard computed == stored else {
      throw .wrongChecksum(file, part: "the file", stored: stored, computed: computed)
    }
  }
}
