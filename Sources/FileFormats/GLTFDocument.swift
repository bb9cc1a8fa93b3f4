/// The JSON of a glTF file: which lists it has, and what of glTF 2.0 it asks for.
struct GLTFDocument {
  let file: String
  let root: JSONPlace
  /// The second chunk of a binary file.
  let binary: [UInt8]?
  let accessors: [JSONPlace]
  let bufferViews: [JSONPlace]
  let buffers: [JSONPlace]
  let meshes: [JSONPlace]
  let nodes: [JSONPlace]

  init(_ bytes: [UInt8], file: String) throws(FileFormatError) {
    let chunks = try Self.chunks(bytes, file: file)
    let json = try JSONValue(parsing: chunks.json, file: file, base: chunks.jsonOffset)
    let root = JSONPlace(json, file: file)
    try Self.checkVersion(root)
    try Self.checkExtensions(root)
    self.file = file
    self.root = root
    binary = chunks.binary
    accessors = try root.list("accessors")
    bufferViews = try root.list("bufferViews")
    buffers = try root.list("buffers")
    meshes = try root.list("meshes")
    nodes = try root.list("nodes")
  }

  private static func chunks(_ bytes: [UInt8], file: String) throws(FileFormatError) -> GLB.Chunks {
    guard bytes.count <= GLTF.maximumBytes else {
      throw .tooLarge(
        file, part: "a file", limit: count(GLTF.maximumBytes, "byte"), found: "\(bytes.count)")
    }
    if bytes.starts(with: GLB.magic) { return try GLB.decode(bytes, file: file) }
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let start = bytes.starts(with: mark) ? mark.count : 0
    let first = bytes[start...].first { $0 != 0x20 && $0 != 0x09 && $0 != 0x0A && $0 != 0x0D }
    guard first == UInt8(ascii: "{") else {
      throw .wrongFormat(
        file, expected: "a glTF model", found: ContentType(sniffing: Array(bytes.prefix(16))))
    }
    return GLB.Chunks(json: Array(bytes[start...]), jsonOffset: start, binary: nil)
  }

  private static func checkVersion(_ root: JSONPlace) throws(FileFormatError) {
    let asset = try root.member("asset")
    let version = try asset.member("version").string()
    let needed = try asset.optional("minVersion")?.string() ?? "2.0"
    guard version.hasPrefix("2."), needed == "2.0" else {
      throw .unsupported(
        root.file, supported: "glTF 2.0",
        found: "version \(excerpt((needed == "2.0" ? version : needed).utf8))",
        advice: "export the model again as glTF 2.0")
    }
  }

  /// Extensions that leave positions alone, by the start of their names, and the one that allows
  /// positions as short integers, which are read anyway.
  private static let harmlessExtensions = [
    "KHR_materials_", "KHR_texture_", "EXT_texture_", "KHR_lights_", "KHR_xmp",
    "KHR_mesh_quantization",
  ]

  private static func checkExtensions(_ root: JSONPlace) throws(FileFormatError) {
    for place in try root.list("extensionsRequired") {
      let name = try place.string()
      guard !harmlessExtensions.contains(where: name.hasPrefix) else { continue }
      throw .unsupported(
        root.file, supported: "a model that needs no extension of glTF",
        found: "one that needs \(excerpt(name.utf8))",
        advice: "export it again without compression")
    }
  }
}
