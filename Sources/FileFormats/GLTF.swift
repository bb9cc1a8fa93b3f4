/// glTF 2.0: a mesh and its morph targets, animated, in one file that viewers and 3D programs open.
///
/// A ``MeshSequence`` is stored as its first frame and, for each further frame, a morph target with
/// the differences to the first; an animation of the targets' weights passes through every frame at
/// its time.
///
/// - SeeAlso: Khronos Group, "glTF 2.0 Specification" (ISO/IEC 12113:2022).
public enum GLTF {
  /// Largest file, its buffers included, that is read, in bytes (256 MiB).
  public static let maximumBytes = 1 << 28
  /// Most vertices, and most triangles, that a mesh may have (4,194,304).
  public static let maximumVertices = 1 << 22
  /// Most positions in all frames or all morph targets together (16,777,216).
  public static let maximumPositions = 1 << 24

  /// The two forms of a file.
  public enum Form: Sendable, CaseIterable {
    /// `.glb`: JSON and numbers in one binary file.
    case binary
    /// `.gltf`: JSON alone, with the numbers as a `data:` URI in it; a third larger.
    case text
  }

  /// Reads the mesh of a model, `.glb` or `.gltf`, with buffers inside it or in files beside it.
  ///
  /// - Parameters:
  ///   - path: The file. Other files that it names must lie in its folder or below.
  ///   - mesh: The name of the node or mesh to read; needed only where several are shown.
  /// - Returns: The frames; see ``decode(_:file:folder:mesh:)``.
  /// - Throws: As that does, and where a file cannot be read.
  public static func read(
    path: String, mesh: String? = nil
  ) throws(FileFormatError) -> MeshSequence {
    let bytes = try ByteSource(path: path).readAll(limit: maximumBytes)
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    return try decode(bytes, file: path, folder: folder, mesh: mesh)
  }

  /// Reads the mesh of a model.
  ///
  /// What becomes of it:
  /// - with an animation of its weights (the first, where there are several), a frame for each
  ///   keyframe at the time in seconds; between keyframes nothing is sampled, so it does not matter
  ///   whether the file wants steps, lines or cubic curves there;
  /// - with morph targets but no animation, a frame for the base and one for each target alone;
  /// - without morph targets, one frame. Times are then 0, 1, 2, …
  ///
  /// The transforms of the node and those above it are applied. Triangles, strips and fans become
  /// triangles, also those that were larger polygons before they were written. Vertices stay as in
  /// the file: one that was split, to have several normals, is there several times. The primitives
  /// of a mesh are joined in their order; points become vertices without faces.
  ///
  /// - Parameters:
  ///   - bytes: The whole file; whether it is binary is seen from its first bytes.
  ///   - file: The name that errors carry.
  ///   - folder: Where files that the model names lie; without it such a model is an error.
  ///   - mesh: The name of the node or mesh to read; needed only where several are shown.
  /// - Returns: The frames of the mesh.
  /// - Throws: For damage, sizes beyond the limits above, no mesh, several meshes (the error names
  ///   them), lines, skins, a moving node, and required extensions that change positions (Draco and
  ///   meshopt compression).
  public static func decode(
    _ bytes: [UInt8], file: String, folder: String? = nil, mesh: String? = nil
  ) throws(FileFormatError) -> MeshSequence {
    let document = try GLTFDocument(bytes, file: file)
    let buffers = try GLTFBuffers(document, folder: folder)
    return try GLTFReader(document: document, buffers: buffers).sequence(named: mesh)
  }

  /// The remarks that ``encode(_:as:baseColor:extras:)`` was given, or `nil` where a file has none.
  public static func extras(in bytes: [UInt8], file: String) throws(FileFormatError) -> JSONValue? {
    try GLTFDocument(bytes, file: file).root.value["asset"]?["extras"]
  }

  /// Writes a sequence; the same sequence gives the same bytes.
  ///
  /// glTF knows triangles only: a quad is cut along its shorter diagonal in the first frame, larger
  /// polygons as a fan round their first corner, and both come back as triangles. Normals are
  /// smooth (means of the faces round a vertex, weighted by area) and follow every frame. Positions
  /// come back within 1e-6 of the largest coordinate. A mesh without faces is written as points,
  /// and of a single frame no time is kept.
  ///
  /// - Parameters:
  ///   - sequence: The mesh and its frames, times in seconds.
  ///   - form: One binary file, or JSON.
  ///   - baseColor: Red, green, blue and opacity of the surface, 0…1, linear as glTF has them (not
  ///     sRGB). It shows from both sides.
  ///   - extras: Anything about the model (its provenance), kept in the file as `asset.extras`.
  /// - Returns: The whole file.
  /// - Precondition: There is a vertex, coordinates are finite and at most 1e38, times do not start
  ///   before 0, and colours are in 0…1.
  public static func encode(
    _ sequence: MeshSequence, as form: Form = .binary,
    baseColor: SIMD4<Float> = SIMD4(0.8, 0.8, 0.8, 1), extras: JSONValue? = nil
  ) -> [UInt8] {
    let writer = GLTFWriter(sequence, baseColor: baseColor, extras: extras)
    return writer.file(form)
  }
}
