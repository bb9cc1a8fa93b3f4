import FileFormats

/// What the results of each picture are called: its own path, ending in `.png`.
///
/// Names depend on the source's names alone, not on what is left out, so that bringing a picture back
/// renames no other. Where two would be called the same (`a.jpg` and `a.png`, or `A.png` on disks that
/// do not tell them apart), later ones get `~2`, `~3`, …
struct ResultNames {
  /// Path without `.png`, for each picture.
  private let stems: [String]

  /// Longest file name without its ending, in bytes: 255 are allowed, and a hidden file beside it
  /// needs some more.
  private static let longest = 180

  init(_ pictures: EncodedPictures) {
    var taken: Set<String> = []
    stems = pictures.names.indices.map { index in
      let wanted = Self.wanted(pictures.names[index], pictures.classes[index])
      var stem = wanted
      var copy = 1
      while !taken.insert(stem.lowercased()).inserted {
        copy += 1
        stem = "\(wanted)~\(copy)"
      }
      return stem
    }
  }

  /// The results' paths; tiles are told apart by row and column: `a+0-1.png`.
  func results(_ index: Int, _ tiling: (rows: Int, columns: Int)?) -> [String] {
    guard let (rows, columns) = tiling else { return ["\(stems[index]).png"] }
    return (0..<rows * columns).map { "\(stems[index])+\($0 / columns)-\($0 % columns).png" }
  }

  /// A label that is no folder's (`dataset.json`) becomes one, so that it is read back as the label.
  private static func wanted(_ name: String, _ label: String?) -> String {
    let isFolderLabel = label == EncodedPictures.folderLabel(name)
    let path =
      isFolderLabel
      ? name : (label.map { "\($0)/" } ?? "") + name.split(separator: "/").joined(separator: "_")
    let folders = path.split(separator: "/").dropLast().map { $0 + "/" }.joined()
    return folders + shortened(path.stem)
  }

  private static func shortened(_ name: String) -> String {
    var name = name
    while name.utf8.count > longest { name.removeLast() }
    return name
  }
}
