import Foundation

/// The bytes behind a model's numbers: in the file itself, in `data:` URIs, or in files beside it.
struct GLTFBuffers {
  /// The bytes of each buffer that the file describes.
  let contents: [[UInt8]]

  /// Loads every buffer; files that the model names are opened in `folder` and below it alone.
  init(_ document: GLTFDocument, folder: String?) throws(FileFormatError) {
    var contents: [[UInt8]] = []
    var total = 0
    for (index, place) in document.buffers.enumerated() {
      let length = try place.member("byteLength").integer(in: 0...GLTF.maximumBytes)
      total += length
      guard total <= GLTF.maximumBytes else {
        throw .tooLarge(
          document.file, part: "the buffers of a model",
          limit: count(GLTF.maximumBytes, "byte"), found: "more")
      }
      let bytes: [UInt8]
      if let uri = place.optional("uri") {
        bytes = try Self.load(uri, count: length, folder: folder)
      } else if index == 0, let binary = document.binary {
        bytes = binary
      } else {
        throw place.unexpected("a buffer with \"uri\"")
      }
      guard bytes.count >= length else {
        throw .truncated(
          document.file, part: place.path, expected: length, found: bytes.count, at: 0)
      }
      contents.append(bytes.count == length ? bytes : Array(bytes[..<length]))
    }
    self.contents = contents
  }

  private static func load(
    _ place: JSONPlace, count: Int, folder: String?
  ) throws(FileFormatError) -> [UInt8] {
    let uri = try place.string()
    guard uri.prefix(5).lowercased() == "data:" else {
      let path = try path(uri, place, folder: folder)
      return try ByteSource(path: path).read(at: 0, count: count, part: place.path)
    }
    guard let comma = uri.utf8.firstIndex(of: UInt8(ascii: ",")),
      uri[..<comma].lowercased().hasSuffix(";base64"),
      let data = Data(base64Encoded: String(uri[uri.index(after: comma)...]))
    else { throw place.unexpected("a data: URI in base64", found: excerpt(uri.utf8)) }
    return Array(data)
  }

  /// A URI is a path from the model's folder downwards; a link must not lead out of it either.
  private static func path(
    _ uri: String, _ place: JSONPlace, folder: String?
  ) throws(FileFormatError) -> String {
    guard let folder else {
      throw .unsupported(
        place.file, supported: "a model in one file",
        found: "one whose numbers are in \(excerpt(uri.utf8))", advice: "read it by its path")
    }
    let parts = uri.removingPercentEncoding?.split(
      separator: "/", omittingEmptySubsequences: false)
    guard let parts, parts.allSatisfy({ !$0.isEmpty && $0 != ".." }),
      !parts.contains(where: { $0.contains { ":\\\0".contains($0) } })
    else { throw outside(uri, place) }
    let path = (folder.hasSuffix("/") ? folder : folder + "/") + parts.joined(separator: "/")
    if let inner = resolved(path), let outer = resolved(folder),
      !inner.hasPrefix(outer.hasSuffix("/") ? outer : outer + "/")
    {
      throw outside(uri, place)
    }
    return path
  }

  private static func outside(_ uri: String, _ place: JSONPlace) -> FileFormatError {
    .unsupported(
      place.file, supported: "a file in the model's folder at \(place.path)",
      found: excerpt(uri.utf8), advice: "put all files of the model in one folder")
  }

  /// The path without links, or `nil` where nothing is there.
  private static func resolved(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}
