import Drawing
import FileFormats
import Foundation

/// The font files of some folders, and what their faces say of themselves.
struct FontFiles {
  /// Every face that could be opened.
  private(set) var faces: [FontFaceRecord] = []
  /// Files that could not be read, each with its reason.
  private(set) var damaged: [FileFormatError] = []
  /// The folders as errors name them.
  let place: String

  /// What FreeType reads and is a font of outlines or colours.
  private static let extensions: Set = [
    "ttf", "otf", "ttc", "otc", "pfb", "pfa", "cff", "woff", "woff2",
  ]
  /// Most bytes of a font file (256 MiB); the largest collections take half of that.
  static let maximumBytes = 1 << 28

  /// Looks through a folder and those within, or through the system's where there is none.
  init(
    folder: String?, environment: [String: String], progress: @Sendable (Int, Int) -> Void
  ) throws(FileFormatError) {
    let folders = folder.map { [$0] } ?? Self.systemFolders(environment)
    place = folders.joined(separator: ", ")
    var isFolder: ObjCBool = false
    if let folder,
      !FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder)
        || !isFolder.boolValue
    {
      throw .system(
        folder, could: "list the folder of fonts", code: ENOENT,
        advice: "check the spelling of the path, or leave it to the system's fonts")
    }
    let files = folders.flatMap(Self.list)
    guard !files.isEmpty else {
      throw .mismatch(
        place, expected: "fonts (.ttf, .otf, .ttc and the like)", found: "none",
        advice: "install some, such as the package fonts-dejavu-core, or name their folder")
    }
    let read = concurrentMap(files.count, progress: { progress($0, files.count) }) { index in
      Result { () throws(FileFormatError) in try Self.faces(of: files[index]) }
    }
    for result in read {
      switch result {
      case .success(let found): faces += found
      case .failure(let error): damaged.append(error)
      }
    }
  }

  /// Where systems keep fonts, the user's own last.
  private static func systemFolders(_ environment: [String: String]) -> [String] {
    let shared = [
      "/usr/share/fonts", "/usr/local/share/fonts", "/System/Library/Fonts", "/Library/Fonts",
    ]
    let home = environment["HOME"].map { home in
      [".local/share/fonts", ".fonts", "Library/Fonts"].map { "\(home)/\($0)" }
    }
    let folders = (shared + (home ?? [])).filter(FileManager.default.fileExists)
    return folders.isEmpty ? [shared[0]] : folders
  }

  /// Files named like fonts, with the names of the folders that lead to them; hidden ones are passed
  /// over.
  private static func list(_ folder: String) -> [(path: String, folders: [Substring])] {
    let root = URL(filePath: folder).resolvingSymlinksInPath().path
    guard let all = FileManager.default.enumerator(atPath: root) else { return [] }
    return all.compactMap { $0 as? String }.sorted().compactMap { name in
      let parts = name.split(separator: "/")
      guard !parts.contains(where: { $0.hasPrefix(".") }),
        let dot = name.lastIndex(of: "."),
        extensions.contains(name[dot...].dropFirst().lowercased())
      else { return nil }
      return ("\(folder)/\(name)", parts.dropLast())
    }
  }

  private static func faces(
    of file: (path: String, folders: [Substring])
  ) throws(FileFormatError) -> [FontFaceRecord] {
    let bytes = try ByteSource(path: file.path).readAll(limit: maximumBytes)
    let hash = ExampleHash.of(bytes)
    let source = FontBytes(bytes, file: file.path)
    var records: [FontFaceRecord] = []
    var index = 0
    repeat {
      let face = try FontFace(opening: source, index)
      records.append(FontFaceRecord(face, file: file.path, index, hash, file.folders))
      index += 1
      if index >= face.faceCount { break }
    } while true
    return records
  }
}

/// What is known of a face without drawing anything.
struct FontFaceRecord: Sendable {
  let family: String
  let category: FontCategory
  let hasOutlines: Bool
  let hasColorBitmaps: Bool
  private let file: String
  private let index: Int
  /// How far from the upright, regular face of normal width; ties are decided by content alone.
  private let distance: [Int]
  private let style: String
  private let hash: UInt64

  init(
    _ face: FontFace, file: String, _ index: Int, _ hash: UInt64, _ folders: [Substring]
  ) {
    family = face.family.isEmpty ? file.stem : face.family
    category = FontCategory(face, folders: folders)
    hasOutlines = face.hasOutlines
    hasColorBitmaps = face.hasColorBitmaps
    self.file = file
    self.index = index
    distance = [face.isItalic ? 1 : 0, abs(face.weight - 400), abs(face.width - 5)]
    style = face.style
    self.hash = hash
  }

  /// Whether this face rather than another stands for the family of both.
  func isPreferred(to other: FontFaceRecord) -> Bool {
    if distance != other.distance { return distance.lexicographicallyPrecedes(other.distance) }
    return (style, index, hash) < (other.style, other.index, other.hash)
  }

  /// By name; faces of one family by which is preferred.
  func precedes(_ other: FontFaceRecord) -> Bool {
    family != other.family ? family < other.family : isPreferred(to: other)
  }

  func open() throws(FileFormatError) -> FontFace { try face(in: try bytes()) }

  func face(in bytes: FontBytes) throws(FileFormatError) -> FontFace {
    try FontFace(opening: bytes, index)
  }

  /// The file's bytes, for several faces at once.
  func bytes() throws(FileFormatError) -> FontBytes {
    FontBytes(try ByteSource(path: file).readAll(limit: FontFiles.maximumBytes), file: file)
  }
}

extension FontFace {
  convenience init(opening source: FontBytes, _ index: Int) throws(FileFormatError) {
    do throws(DrawingError) {
      try self.init(source, index: index)
    } catch {
      throw .mismatch(
        source.file, expected: "a font file", found: error.reason,
        advice: "install its package again, or take it away")
    }
  }
}

extension DrawingError {
  /// What was found, without the advice that belongs to figures.
  fileprivate var reason: String {
    if case .unreadableFont(_, let found) = self { found } else { description }
  }
}
