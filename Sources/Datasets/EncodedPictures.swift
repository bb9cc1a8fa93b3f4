import FileFormats
import Foundation

/// PNG and JPEG files that are examples: where they are, and what they are called.
struct EncodedPictures: Sendable {
  /// Path within the folder or archive, sorted by bytes.
  let names: [String]
  /// Name of each one's class; `nil` where it has none.
  let classes: [String?]
  /// Files beside them that may say whose they are, sorted by bytes; see ``isDocument(_:)``.
  let documents: [String]
  /// The bytes of a file, by its path within.
  let content: @Sendable (String) throws(FileFormatError) -> [UInt8]
  /// The folder or archive, as errors name it.
  let root: String

  /// The bytes of a picture.
  func read(_ index: Int) throws(FileFormatError) -> [UInt8] { try content(names[index]) }

  /// The name of a picture that errors carry.
  func place(_ index: Int) -> String { "\(root)/\(names[index])" }

  /// Opens a folder or a zip.
  ///
  /// - Throws: Where it is neither, or holds nothing that is named like a picture.
  static func open(_ path: String) throws(FileFormatError) -> EncodedPictures {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw .system(
        path, could: "open the pictures", code: ENOENT, advice: "name a folder or zip of pictures")
    }
    let pictures: EncodedPictures
    if isFolder.boolValue {
      pictures = try .folder(path)
    } else {
      let file = try ByteSource(path: path)
      let start = try file.read(at: 0, count: min(16, file.count), part: "its first bytes")
      let type = ContentType(sniffing: start)
      guard type == .zip else {
        throw .wrongFormat(path, expected: "a folder or zip of pictures", found: type)
      }
      pictures = try .archive(try ZIPArchive(path: path))
    }
    guard !pictures.names.isEmpty else { throw none(path) }
    return pictures
  }

  static func none(_ path: String) -> FileFormatError {
    .mismatch(
      path, expected: "PNG or JPEG pictures", found: "none",
      advice: "name the folder that holds the pictures or their sub-folders")
  }

  /// Reads every picture's file on all cores; results in the order of the files.
  func forEach<Value: Sendable>(
    _ progress: @Sendable (_ done: Int) -> Void,
    _ body: @Sendable (_ index: Int, _ bytes: [UInt8]) throws(FileFormatError) -> Value
  ) -> [Result<Value, FileFormatError>] {
    concurrentMap(names.count, progress: progress) { index in
      Result { () throws(FileFormatError) in try body(index, try read(index)) }
    }
  }

  private static let extensions: Set = [
    "png", "jpg", "jpeg", "gif", "webp", "bmp", "tif", "tiff", "heic", "avif",
  ]

  /// Everything in a folder that is named like a picture; the first sub-folder is the label.
  ///
  /// Hidden files are passed over.
  static func folder(_ folder: String) throws(FileFormatError) -> EncodedPictures {
    let root = URL(filePath: folder).resolvingSymlinksInPath().path
    guard let all = FileManager.default.enumerator(atPath: root) else {
      throw .system(folder, could: "list the folder", code: EACCES)
    }
    let files = sorted(all.compactMap { $0 as? String })
    let names = files.filter(isPicture)
    return EncodedPictures(
      names: names, classes: names.map(folderLabel), documents: files.filter(isDocument),
      content: { name throws(FileFormatError) in try read("\(folder)/\(name)") }, root: folder)
  }

  /// Reads a file of the folder.
  ///
  /// Bytes of a name that are no UTF-8 come as U+FFFD out of the listing: then no such file is there.
  private static func read(_ path: String) throws(FileFormatError) -> [UInt8] {
    do throws(FileFormatError) {
      return try ByteSource(path: path).readAll(limit: Picture.maximumBytes)
    } catch {
      guard error.isMissingFile, path.unicodeScalars.contains("\u{FFFD}") else { throw error }
      throw .mismatch(
        path, expected: "a file name in UTF-8", found: "other bytes", advice: "rename the file")
    }
  }

  /// Pictures in an archive; labels are those of `dataset.json` (as StyleGAN writes it:
  /// `{"labels": [["00000/img00000000.png", 5], …]}`), or the folders.
  static func archive(_ archive: ZIPArchive) throws(FileFormatError) -> EncodedPictures {
    let names = sorted(archive.entries.map(\.name).filter(isPicture))
    var labels = names.map(folderLabel)
    if let entry = archive["dataset.json"] {
      let text = try archive.read(entry, limit: 1 << 28)
      let file = "\(archive.file)/dataset.json"
      let json = try JSONValue(parsing: text, file: file)
      if let listed = try listedLabels(json, file) {
        labels = names.map { listed[$0].map(String.init) }
      }
    }
    return EncodedPictures(
      names: names, classes: labels,
      documents: sorted(archive.entries.map(\.name).filter(isDocument)),
      content: { name throws(FileFormatError) in
        try archive.read(archive[name]!, limit: Picture.maximumBytes)
      }, root: archive.file)
  }

  private static func isPicture(_ name: String) -> Bool {
    !isHidden(name) && extensions.contains(name.split(separator: ".").last?.lowercased() ?? "")
  }

  /// Whether a file is called as those are that say whose the pictures are.
  ///
  /// Such are `LICENSE`, `copying.txt` and `README.md`.
  private static func isDocument(_ name: String) -> Bool {
    let words = [
      "license", "licence", "copying", "copyright", "readme", "notice", "credits", "attribution",
      "consent",
    ]
    let file = name.lastPathComponent.lowercased()
    return !isHidden(name) && !isPicture(name) && !name.hasSuffix("/")
      && words.contains(where: file.hasPrefix)
  }

  private static func isHidden(_ name: String) -> Bool {
    name.split(separator: "/").contains { $0.hasPrefix(".") || $0 == "__MACOSX" }
  }

  private static func sorted(_ names: [String]) -> [String] {
    names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  static func folderLabel(_ name: String) -> String? {
    name.contains("/") ? name.split(separator: "/").first.map(String.init) : nil
  }

  private static func listedLabels(
    _ json: JSONValue, _ file: String
  ) throws(FileFormatError) -> [String: Int]? {
    guard let list = json["labels"], list != .null else { return nil }
    var labels: [String: Int] = [:]
    for row in list.array ?? [.null] {
      guard let pair = row.array, pair.count == 2, let name = pair[0].string,
        let label = pair[1].integer, (0..<DatasetSource.maximumClasses).contains(label)
      else {
        throw .mismatch(
          file, expected: "\"labels\": [[\"name\", number], …]", found: row.encoded,
          advice: "write each label as one whole number")
      }
      labels[name] = label
    }
    return labels
  }
}
