/// The EXIF fields of a picture that matter here: how the camera was held, and whose it is.
///
/// Nothing throws: a picture with broken EXIF is still a picture, and a field that cannot be
/// understood is not there.
///
/// - SeeAlso: CIPA DC-008 (Exif 2.32), 4.6; TIFF 6.0, section 2.
struct EXIF {
  /// Tag 0x0112, 1…8.
  private(set) var orientation: Int?
  /// Tag 0x013B.
  private(set) var artist: String?
  /// Tag 0x8298; the photographer's and the editor's, joined by "; ".
  private(set) var copyright: String?

  /// Reads the first directory of a TIFF.
  init?(tiff: [UInt8]) {
    let reader = TIFFReader(bytes: tiff)
    guard tiff.count >= 8, let directory = reader.integer(UInt32.self, at: 4),
      let entries = reader.integer(UInt16.self, at: directory)
    else { return nil }
    for entry in 0..<entries {
      let start = directory + 2 + entry * 12
      guard let tag = reader.integer(UInt16.self, at: start) else { return }
      switch tag {
      case 0x0112 where orientation == nil:
        orientation = reader.integer(UInt16.self, at: start + 8).flatMap {
          (1...8).contains($0) ? $0 : nil
        }
      case 0x013B: artist = reader.text(entryAt: start)
      case 0x8298: copyright = reader.text(entryAt: start)
      default: break
      }
    }
  }
}

/// Numbers and texts of a TIFF, which says its own byte order.
private struct TIFFReader {
  let bytes: [UInt8]

  func integer<T: FixedWidthInteger>(_ type: T.Type, at offset: Int) -> Int? {
    let size = T.bitWidth / 8
    guard offset >= 0, offset + size <= bytes.count else { return nil }
    let isBigEndian = bytes[0] == UInt8(ascii: "M")
    return Int(T(bytes: bytes[offset..<offset + size], bigEndian: isBigEndian))
  }

  /// The value of an entry of type ASCII (2): inside the entry where it has at most four bytes.
  func text(entryAt start: Int) -> String? {
    guard integer(UInt16.self, at: start + 2) == 2,
      let length = integer(UInt32.self, at: start + 4),
      let place = length <= 4 ? start + 8 : integer(UInt32.self, at: start + 8),
      length <= bytes.count, place <= bytes.count - length
    else { return nil }
    let parts = bytes[place..<place + length].split(separator: 0).map { part in
      String(validating: part, as: UTF8.self)
        ?? String(String.UnicodeScalarView(part.map { Unicode.Scalar($0) }))
    }
    let text = parts.map(\.trimmed).filter { !$0.isEmpty }.joined(separator: "; ")
    return text.isEmpty ? nil : text
  }
}

extension String {
  /// Without white space at either end.
  fileprivate var trimmed: String {
    let isInk = { (character: Character) in !character.isWhitespace }
    guard let first = firstIndex(where: isInk), let last = lastIndex(where: isInk) else {
      return ""
    }
    return String(self[first...last])
  }
}
