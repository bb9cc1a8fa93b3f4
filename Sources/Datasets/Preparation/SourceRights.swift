import FileFormats

/// What is known of whose the pictures are, and who may use them.
public struct SourceRights: Sendable {
  /// A file beside the pictures, such as `LICENSE`, with its first line that is not empty.
  public struct Document: Hashable, Sendable {
    public let name: String
    public let firstLine: String
  }

  /// As told to the preparation.
  public let license: String?
  /// As told to the preparation.
  public let consent: String?
  /// Found in the source.
  public let documents: [Document]
  /// Pictures whose own file names their rights.
  public let creditedPictures: Int
  /// Pictures that could be read.
  public let readablePictures: Int

  init(_ options: PreparationOptions, _ files: EncodedPictures, credits: [[PictureCredit]]) {
    license = options.license
    consent = options.consent
    documents = files.documents.map { name in
      Document(name: name, firstLine: Self.firstLine((try? files.content(name)) ?? []))
    }
    creditedPictures = credits.count { $0.contains(where: \.isAboutRights) }
    readablePictures = credits.count
  }

  /// What is missing, in one sentence; `nil` where something covers every picture.
  ///
  /// A README may or may not speak of rights: it is listed, and does not count.
  var warning: String? {
    let isCovered =
      license != nil || consent != nil
      || documents.contains { !$0.name.lastPathComponent.lowercased().hasPrefix("readme") }
    if isCovered || creditedPictures == readablePictures { return nil }
    let advice = "say so by --license and --consent if you know"
    return creditedPictures == 0
      ? "nothing here says who made these pictures and who may use them: \(advice)"
      : "only \(creditedPictures) of \(readablePictures) pictures say whose they are: \(advice)"
  }

  /// For the record's header.
  var json: [String: JSONValue] {
    [
      "license": license.map { .string($0) } ?? .null,
      "consent": consent.map { .string($0) } ?? .null,
      "documents": .array(
        documents.map { ["file": .string($0.name), "firstLine": .string($0.firstLine)] }),
      "creditedPictures": .integer(creditedPictures),
    ]
  }

  /// The first line with something on it, at most 200 characters.
  private static func firstLine(_ bytes: [UInt8]) -> String {
    let lines = bytes.prefix(4096).split { $0 == 0x0A || $0 == 0x0D }
    let text = lines.lazy.map { String(decoding: $0, as: UTF8.self) }.first {
      $0.contains { $0.isLetter || $0.isNumber }
    }
    return PictureCredit(field: "", text: String((text ?? "").prefix(200))).text
  }
}
