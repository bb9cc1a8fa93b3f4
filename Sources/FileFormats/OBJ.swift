/// OBJ: polygons in plain text, as almost every program for shapes reads and writes them.
///
/// Vertices (`v`) and polygons (`f`) make the mesh. Texture coordinates, normals, groups, objects,
/// smoothing, materials, lines and points carry nothing that a ``Mesh`` has and are passed over, as
/// is every statement of another name.
///
/// - SeeAlso: "Object Files (.obj)", appendix B1 of the manual of Wavefront's Advanced Visualizer.
public enum OBJ {
  /// Largest file that is read, in bytes (256 MiB; the mesh takes up to eight times that in memory).
  public static let maximumBytes = 1 << 28

  /// Reads a model.
  public static func read(path: String) throws(FileFormatError) -> Mesh {
    try decode(try ByteSource(path: path).readAll(limit: maximumBytes), file: path)
  }

  /// Reads a model.
  ///
  /// Corners may be written `a`, `a/b`, `a//c` or `a/b/c`, count from 1 or, negative, back from the
  /// vertex before the line, and may name vertices further down. Numbers after a vertex's third (a
  /// weight, a colour) are passed over. A backslash at the end of a line joins the next one to it.
  ///
  /// - Parameters:
  ///   - bytes: The whole file.
  ///   - file: The name that errors carry.
  /// - Returns: Vertices and polygons in the order of the file; polygons keep their corners.
  /// - Throws: With the line number, for a coordinate that is no finite number, a polygon of fewer
  ///   than three corners, and a corner that is no vertex; and for a file without vertices.
  public static func decode(_ bytes: [UInt8], file: String) throws(FileFormatError) -> Mesh {
    let type = ContentType(sniffing: Array(bytes.prefix(16)))
    guard type == .text else {
      throw .wrongFormat(file, expected: "a Wavefront OBJ model", found: type)
    }
    guard bytes.count <= maximumBytes else {
      throw .tooLarge(
        file, part: "a file", limit: count(maximumBytes, "byte"), found: "\(bytes.count)")
    }
    var parser = OBJParser(bytes, file: file)
    return try parser.mesh()
  }

  /// Writes a model: polygons keep their corners, and coordinates read back as the same bits.
  ///
  /// - Parameters:
  ///   - mesh: The model.
  ///   - comments: Lines for people at the top of the file; one that has line breaks becomes
  ///     several.
  /// - Returns: The whole file.
  /// - Precondition: Coordinates are finite, and there is at least one vertex.
  public static func encode(_ mesh: Mesh, comments: [String] = []) -> [UInt8] {
    precondition(!mesh.positions.isEmpty, "OBJ.encode: no vertices")
    var bytes: [UInt8] = []
    for line in comments.flatMap({
      $0.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    }) {
      bytes += Array("# \(line)\n".utf8)
    }
    for (index, position) in mesh.positions.enumerated() {
      precondition(
        position.x.isFinite && position.y.isFinite && position.z.isFinite,
        "OBJ.encode: vertex \(index) is \(position)")
      bytes += Array("v \(position.x) \(position.y) \(position.z)\n".utf8)
    }
    for face in mesh.faces {
      bytes += Array("f".utf8)
      for corner in face { bytes += Array(" \(corner + 1)".utf8) }
      bytes.append(0x0A)
    }
    return bytes
  }
}
