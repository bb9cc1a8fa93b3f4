import CZlib

/// CRC-32 as PNG, gzip and zip use it (polynomial 0x04C11DB7, reflected), by zlib.
package enum CRC32 {
  /// Continues `seed` over more bytes; start from 0.
  package static func of(_ bytes: some Collection<UInt8>, continuing seed: UInt32 = 0) -> UInt32 {
    func update(_ buffer: UnsafeBufferPointer<UInt8>) -> UInt32 {
      UInt32(truncatingIfNeeded: crc32_z(uLong(seed), buffer.baseAddress, buffer.count))
    }
    if bytes.isEmpty { return seed }
    return bytes.withContiguousStorageIfAvailable(update)
      ?? Array(bytes).withUnsafeBufferPointer(update)
  }
}

/// CRC-32C (Castagnoli, polynomial 0x1EDC6F41, reflected) and the mask TFRecord puts over it.
enum CRC32C {
  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { crc, _ in crc & 1 == 1 ? crc >> 1 ^ 0x82F6_3B78 : crc >> 1 }
  }

  static func of(_ bytes: some Sequence<UInt8>) -> UInt32 {
    ~bytes.reduce(~0) { crc, byte in table[Int((crc ^ UInt32(byte)) & 0xFF)] ^ crc >> 8 }
  }

  /// The stored form: rotated right by 15, plus a constant, so that a CRC of a CRC is no fixed
  /// point.
  static func masked(_ bytes: some Sequence<UInt8>) -> UInt32 {
    let crc = of(bytes)
    return (crc >> 15 | crc << 17) &+ 0xA282_EAD8
  }
}
