extension JPEG {
  /// The EXIF orientation, 1…8, or 1 where there is none or it cannot be understood.
  ///
  /// Walks the segments before the first scan; inside `Exif` it reads the first TIFF directory for
  /// tag 0x0112. Nothing here throws: a picture with broken EXIF is still a picture.
  static func orientation(in bytes: [UInt8]) -> Int {
    var offset = 2
    while offset + 4 <= bytes.count, bytes[offset] == 0xFF {
      let marker = bytes[offset + 1]
      let length = Int(bytes[offset + 2]) << 8 | Int(bytes[offset + 3])
      guard marker != 0xDA, length >= 2, offset + 2 + length <= bytes.count else { return 1 }
      let segment = bytes[offset + 4..<offset + 2 + length]
      if marker == 0xE1, segment.starts(with: Array("Exif\0\0".utf8)) {
        return orientation(inTIFF: Array(segment.dropFirst(6))) ?? 1
      }
      offset += 2 + length
    }
    return 1
  }

  private static func orientation(inTIFF tiff: [UInt8]) -> Int? {
    guard tiff.count >= 8 else { return nil }
    let isBigEndian = tiff[0] == UInt8(ascii: "M")
    func integer<T: FixedWidthInteger>(_ type: T.Type, at offset: Int) -> Int? {
      let size = T.bitWidth / 8
      guard offset >= 0, offset + size <= tiff.count else { return nil }
      return Int(T(bytes: tiff[offset..<offset + size], bigEndian: isBigEndian))
    }
    guard let directory = integer(UInt32.self, at: 4),
      let entries = integer(UInt16.self, at: directory)
    else { return nil }
    for entry in 0..<entries {
      let start = directory + 2 + entry * 12
      guard let tag = integer(UInt16.self, at: start) else { return nil }
      if tag == 0x0112 {
        return integer(UInt16.self, at: start + 8).flatMap { (1...8).contains($0) ? $0 : nil }
      }
    }
    return nil
  }
}

extension Picture {
  /// The picture turned upright, given how the camera was held (EXIF tag 0x0112, 1…8).
  func oriented(_ orientation: Int) -> Picture {
    switch orientation {
    case 2: mirrored
    case 3: turned { height, width, row, column in (height - 1 - row, width - 1 - column) }
    case 4: turned { height, _, row, column in (height - 1 - row, column) }
    case 5: transposed { _, _, row, column in (column, row) }
    case 6: transposed { height, _, row, column in (height - 1 - column, row) }
    case 7: transposed { height, width, row, column in (height - 1 - column, width - 1 - row) }
    case 8: transposed { _, width, row, column in (column, width - 1 - row) }
    default: self
    }
  }

  private typealias Source = (_ height: Int, _ width: Int, _ row: Int, _ column: Int) -> (Int, Int)

  private func turned(_ source: Source) -> Picture { moved(to: (height, width), source) }

  private func transposed(_ source: Source) -> Picture { moved(to: (width, height), source) }

  /// `source` says which pixel of this picture lands at a row and column of the new one.
  private func moved(to size: (height: Int, width: Int), _ source: Source) -> Picture {
    var result: [UInt8] = []
    result.reserveCapacity(pixels.count)
    for row in 0..<size.height {
      for column in 0..<size.width {
        let (fromRow, fromColumn) = source(height, width, row, column)
        let start = (fromRow * width + fromColumn) * channels
        result += pixels[start..<start + channels]
      }
    }
    return Picture(height: size.height, width: size.width, channels: channels, pixels: result)
  }
}
