/// Builds a zip archive in memory; the same entries give the same bytes, as no time is stored.
public struct ZIPWriter {
  /// How an entry is packed.
  public enum Compression: Sendable {
    case stored, deflated
  }

  private var bytes: [UInt8] = []
  private var directory: [UInt8] = []
  private var names: Set<String> = []

  /// An empty archive.
  public init() {}

  /// Appends one file.
  ///
  /// - Precondition: the name is new, and the archive stays below 4 GiB and 65,535 entries.
  public mutating func add(
    _ name: String, _ content: [UInt8], compression: Compression = .deflated
  ) {
    precondition(names.insert(name).inserted, "ZIPWriter: \"\(name)\" twice")
    let packed =
      compression == .stored ? content : Deflate.deflate(content, container: .raw)
    precondition(
      names.count < 0xFFFF && name.utf8.count <= 0xFFFF
        && bytes.count + packed.count + content.count < 0xFFFF_0000,
      "ZIPWriter: the archive grows beyond 4 GiB or 65,535 entries")
    let start = UInt32(bytes.count)
    let common = Self.commonFields(name, content, packed, compression)
    bytes += UInt32(0x0403_4B50).littleEndianBytes + common + Array(name.utf8) + packed
    directory += UInt32(0x0201_4B50).littleEndianBytes + UInt16(20).littleEndianBytes + common
    // No comment, first disk, no attributes.
    directory += [UInt8](repeating: 0, count: 10) + start.littleEndianBytes + Array(name.utf8)
  }

  /// The whole archive.
  public func finished() -> [UInt8] {
    let count = UInt16(names.count).littleEndianBytes
    let end =
      UInt32(0x0605_4B50).littleEndianBytes + [0, 0, 0, 0] + count + count
      + UInt32(directory.count).littleEndianBytes + UInt32(bytes.count).littleEndianBytes + [0, 0]
    return bytes + directory + end
  }

  /// The 26 bytes that an entry's header and its directory record share.
  private static func commonFields(
    _ name: String, _ content: [UInt8], _ packed: [UInt8], _ compression: Compression
  ) -> [UInt8] {
    let version: UInt16 = 20
    let utf8Names: UInt16 = 1 << 11
    let method: UInt16 = compression == .stored ? 0 : 8
    let midnight: UInt16 = 0
    let firstOfJanuary1980: UInt16 = 1 << 5 | 1
    let numbers = [version, utf8Names, method, midnight, firstOfJanuary1980]
    let sizes = [CRC32.of(content), UInt32(packed.count), UInt32(content.count)]
    let lengths = [UInt16(name.utf8.count), 0]
    return numbers.flatMap(\.littleEndianBytes) + sizes.flatMap(\.littleEndianBytes)
      + lengths.flatMap(\.littleEndianBytes)
  }
}
