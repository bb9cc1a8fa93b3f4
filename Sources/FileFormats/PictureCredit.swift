/// What a picture's file says about whose it is and who may use it.
public struct PictureCredit: Hashable, Sendable {
  /// The field, as its format names it: `Copyright`, `Author`, `Artist`, `License`, `Disclaimer`.
  public let field: String
  /// Its text on one line.
  public let text: String

  /// A field and its text, control characters and line breaks of which become spaces.
  public init(field: String, text: String) {
    self.field = field
    self.text = String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { $0.value < 0x20 || (0x7F..<0xA0).contains($0.value) ? " " : $0 }))
  }

  /// Whether it tells of rights, and not of a name alone.
  public var isAboutRights: Bool { !["Author", "Artist"].contains(field) }

  /// Longest text that is taken over, in characters.
  static let longest = 1000
  private static let pngKeywords = ["Author", "Copyright", "Disclaimer", "Licence", "License"]

  /// The credits inside a PNG (its texts, and `eXIf`) or JPEG (`Exif`), in the order of the file.
  ///
  /// What is damaged or cannot be understood is passed over. XMP and IPTC are not read.
  public static func all(in bytes: [UInt8]) -> [PictureCredit] {
    switch ContentType(sniffing: Array(bytes.prefix(16))) {
    case .png:
      let texts = (try? PNG.texts(in: bytes, file: "")) ?? []
      return texts.compactMap { credit($0.keyword, $0.text) } + all(in: PNG.exif(in: bytes))
    case .jpeg: return all(in: JPEG.exif(in: bytes))
    default: return []
    }
  }

  private static func all(in exif: EXIF?) -> [PictureCredit] {
    [
      exif?.artist.map { PictureCredit(field: "Artist", text: String($0.prefix(longest))) },
      exif?.copyright.map { PictureCredit(field: "Copyright", text: String($0.prefix(longest))) },
    ].compactMap(\.self)
  }

  private static func credit(_ keyword: String, _ text: String) -> PictureCredit? {
    guard let field = pngKeywords.first(where: { $0.lowercased() == keyword.lowercased() }),
      text.contains(where: { !$0.isWhitespace })
    else { return nil }
    return PictureCredit(field: field, text: String(text.prefix(longest)))
  }
}

extension PNG {
  /// The chunk `eXIf`, where there is one that can be understood.
  static func exif(in bytes: [UInt8]) -> EXIF? {
    let chunk = (try? chunks(in: bytes, file: ""))?.first { $0.type == "eXIf" }
    return chunk.flatMap { EXIF(tiff: Array(bytes[$0.content])) }
  }
}
