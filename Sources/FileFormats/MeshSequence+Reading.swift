import Foundation

extension MeshSequence {
  /// Reads a mesh over time from whatever holds one.
  ///
  /// - A folder: its OBJ files in natural order (`frame2.obj` before `frame10.obj`), a frame each at
  ///   times 0, 1, 2, …; they must have the same number of vertices and the same faces.
  /// - A glTF model, `.glb` or `.gltf`: see ``GLTF/decode(_:file:folder:mesh:)``.
  /// - Any other file: one frame, read as OBJ.
  ///
  /// Which of them a file is shows in its content, not in its name.
  public static func read(path: String) throws(FileFormatError) -> MeshSequence {
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
      return try readFolder(path)
    }
    let source = try ByteSource(path: path)
    let start = try source.read(at: 0, count: min(64, source.count), part: "its first bytes")
    if start.starts(with: GLB.magic) || looksLikeJSON(start) { return try GLTF.read(path: path) }
    let mesh = try OBJ.decode(try source.readAll(limit: OBJ.maximumBytes), file: path)
    return MeshSequence(name: stem(path), mesh)
  }

  private static func readFolder(_ folder: String) throws(FileFormatError) -> MeshSequence {
    let paths = try NaturalOrder.files(in: folder, extensions: ["obj"])
    guard let first = paths.first else {
      throw .mismatch(
        folder, expected: "a folder of OBJ files", found: "none in it",
        advice: "name a folder that has a file for each frame, or a glTF file")
    }
    var meshes: [Mesh] = []
    for path in paths {
      let mesh = try OBJ.read(path: path)
      let model = meshes.first ?? mesh
      guard mesh.positions.count == model.positions.count else {
        throw .mismatch(
          path, expected: "\(count(model.positions.count, "vertex", "vertices")), as \(first) has",
          found: "\(mesh.positions.count)", advice: "export all frames from one mesh")
      }
      guard mesh.faces == model.faces else {
        throw .mismatch(
          path, expected: "the faces of \(first)", found: "others",
          advice: "export all frames from one mesh, without changing its faces")
      }
      meshes.append(mesh)
    }
    return MeshSequence(
      name: stem(folder), faces: meshes[0].faces, frames: meshes.map(\.positions),
      times: meshes.indices.map { Float($0) })
  }

  private static func looksLikeJSON(_ start: [UInt8]) -> Bool {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let text = start.starts(with: mark) ? start.dropFirst(mark.count) : start[...]
    return text.first { $0 > 0x20 } == UInt8(ascii: "{")
  }

  private static func stem(_ path: String) -> String {
    URL(filePath: path).deletingPathExtension().lastPathComponent
  }
}
