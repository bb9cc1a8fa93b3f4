import FileFormats
import Foundation

/// PNG and JPEG files that are examples: where they are, and what they are called.
struct EncodedPictures: Sendable {
  /// Path within the folder or archive, sorted by bytes.
  let names: [String]
  /// Name of each one's class; `nil` where it has none.
  let classes: [String?]
  let read: @Sendable (Int) throws(FileFormatError) -> [UInt8]
  /// The name that errors carry.
  let place: @Sendable (Int) -> String

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
    let names = sorted(all.compactMap { $0 as? String }.filter(isPicture))
    return EncodedPictures(
      names: names, classes: names.map(folderLabel),
      read: { index throws(FileFormatError) in try read("\(folder)/\(names[index])") },
      place: { "\(folder)/\(names[$0])" })
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
      read: { index throws(FileFormatError) in
        try archive.read(archive[names[index]]!, limit: Picture.maximumBytes)
      },
      place: { "\(archive.file)/\(names[$0])" })
  }

  private static func isPicture(_ name: String) -> Bool {
    !name.split(separator: "/").contains { $0.hasPrefix(".") || $0 == "__MACOSX" }
      && extensions.contains(name.split(separator: ".").last?.lowercased() ?? "")
  }

  private static func sorted(_ names: [String]) -> [String] {
    names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  private static func folderLabel(_ name: String) -> String? {
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
