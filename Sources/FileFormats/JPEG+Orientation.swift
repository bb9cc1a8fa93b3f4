extension JPEG {
  /// The EXIF orientation, 1…8, or 1 where there is none or it cannot be understood.
  static func orientation(in bytes: [UInt8]) -> Int { exif(in: bytes)?.orientation ?? 1 }

  /// The first segment `Exif` before the first scan.
  static func exif(in bytes: [UInt8]) -> EXIF? {
    var offset = 2
    while offset + 4 <= bytes.count, bytes[offset] == 0xFF {
      let marker = bytes[offset + 1]
      let length = Int(bytes[offset + 2]) << 8 | Int(bytes[offset + 3])
      guard marker != 0xDA, length >= 2, offset + 2 + length <= bytes.count else { return nil }
      let segment = bytes[offset + 4..<offset + 2 + length]
      if marker == 0xE1, segment.starts(with: Array("Exif\0\0".utf8)) {
        return EXIF(tiff: Array(segment.dropFirst(6)))
      }
      offset += 2 + length
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
