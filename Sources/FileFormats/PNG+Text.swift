/// A keyword and its text inside a PNG.
public struct PNGText: Hashable, Sendable {
  /// 1 to 79 Latin-1 characters; `parameters` and `atelier` are ours.
  public let keyword: String
  /// Any text; it is stored as Latin-1 (`tEXt`) where that is enough for it, otherwise as UTF-8
  /// (`iTXt`).
  public let text: String

  /// Pairs a keyword with a text.
  ///
  /// - Precondition: the keyword is 1 to 79 printable ASCII characters without space at either end.
  public init(keyword: String, text: String) {
    let bytes = Array(keyword.utf8)
    precondition(
      (1...79).contains(bytes.count) && bytes.allSatisfy { (0x20..<0x7F).contains($0) }
        && bytes.first != 0x20 && bytes.last != 0x20,
      "PNGText: \"\(keyword)\" is not 1 to 79 printable ASCII characters")
    self.keyword = keyword
    self.text = text
  }

  init(unchecked keyword: String, _ text: String) {
    self.keyword = keyword
    self.text = text
  }
}

extension PNG {
  /// Keyword of the recipe that made a picture: a JSON object, always stored as UTF-8 (`iTXt`).
  public static let recipeKeyword = "atelier"
  /// Keyword of the same in one line for people; other picture tools show it too.
  public static let parametersKeyword = "parameters"
  /// Longest text that is read, in bytes (16 MiB).
  public static let maximumTextBytes = 1 << 24

  /// A picture with its recipe and the line that sums it up.
  public static func encode(
    _ picture: Picture, recipe: JSONValue, parameters: String
  ) -> [UInt8] {
    encode(picture, texts: texts(recipe: recipe, parameters: parameters))
  }

  /// A recipe, and the line that sums it up.
  public static func texts(recipe: JSONValue, parameters: String) -> [PNGText] {
    [
      PNGText(keyword: recipeKeyword, text: recipe.encoded),
      PNGText(keyword: parametersKeyword, text: parameters),
    ]
  }

  /// The recipe inside a PNG, or `nil` where it has none.
  public static func recipe(in bytes: [UInt8], file: String) throws(FileFormatError) -> JSONValue? {
    guard let text = try texts(in: bytes, file: file).first(where: { $0.keyword == recipeKeyword })
    else { return nil }
    return try JSONValue(parsing: Array(text.text.utf8), file: "\(file) (recipe)")
  }

  /// All texts inside a PNG (`tEXt`, `zTXt` and `iTXt`), in the order of the file.
  ///
  /// - Throws: For a file that is no PNG, ends early, or has a damaged text.
  public static func texts(in bytes: [UInt8], file: String) throws(FileFormatError) -> [PNGText] {
    var texts: [PNGText] = []
    for chunk in try chunks(in: bytes, file: file)
    where ["tEXt", "zTXt", "iTXt"].contains(chunk.type) {
      let computed = CRC32.of(bytes[chunk.checked])
      guard computed == chunk.checksum else {
        throw .wrongChecksum(
          file, part: "PNG chunk \(chunk.type)", stored: chunk.checksum, computed: computed,
          at: chunk.checked.lowerBound)
      }
      let content = Array(bytes[chunk.content])
      texts.append(
        try text(chunk.type, ByteReader(content, file: file, base: chunk.content.lowerBound)))
    }
    return texts
  }

  static func inserting(_ texts: [PNGText], into png: [UInt8]) -> [UInt8] {
    // Right after IHDR (8 bytes of signature, 25 of header), where a reader finds them first.
    let place = 33
    return png[..<place] + texts.flatMap(chunk) + png[place...]
  }

  private static func text(
    _ type: String, _ reader: ByteReader
  ) throws(FileFormatError) -> PNGText {
    var reader = reader
    let keyword = latin1(try field(&reader, "keyword"))
    var isCompressed = type == "zTXt"
    if type == "iTXt" {
      isCompressed = try reader.integer(UInt8.self, "iTXt compression flag") == 1
    }
    if type != "tEXt" {
      _ = try reader.integer(UInt8.self, "compression method")
    }
    if type == "iTXt" {
      _ = try field(&reader, "iTXt language")
      _ = try field(&reader, "iTXt translated keyword")
    }
    var body = try reader.array(reader.remaining, "text")
    if isCompressed {
      body = try Deflate.inflate(
        body, container: .zlib, limit: maximumTextBytes, file: reader.file)
    }
    return PNGText(
      unchecked: keyword, type == "iTXt" ? String(decoding: body, as: UTF8.self) : latin1(body))
  }

  /// The bytes up to a zero, which is stepped over.
  private static func field(
    _ reader: inout ByteReader, _ part: String
  ) throws(FileFormatError) -> [UInt8] {
    guard let end = reader.bytes[reader.offset...].firstIndex(of: 0) else {
      throw .mismatch(
        reader.file, expected: "a zero byte after the \(part)", found: "none", at: reader.position)
    }
    let bytes = try reader.array(end - reader.offset, part)
    _ = try reader.take(1, part)
    return bytes
  }

  private static func latin1(_ bytes: [UInt8]) -> String {
    var text = ""
    text.unicodeScalars.append(contentsOf: bytes.map { Unicode.Scalar($0) })
    return text
  }

  private static func chunk(_ text: PNGText) -> [UInt8] {
    let scalars = text.text.unicodeScalars
    let isPlain =
      text.keyword != recipeKeyword
      && scalars.allSatisfy {
        $0.value == 10 || (0x20..<0x7F).contains($0.value) || (0xA1...0xFF).contains($0.value)
      }
    let keyword = Array(text.keyword.utf8) + [0]
    return isPlain
      ? chunk("tEXt", keyword + scalars.map { UInt8($0.value) })
      : chunk("iTXt", keyword + [0, 0, 0, 0] + Array(text.text.utf8))
  }
}
