/// The vertices, triangles and morph targets of a mesh, all its primitives joined.
///
/// - SeeAlso: glTF 2.0 specification, section 3.7 "Geometry".
struct GLTFGeometry {
  /// Positions without any target: x, y, z of each vertex.
  private(set) var base: [Double] = []
  /// What each target adds to them at weight 1.
  private(set) var targets: [[Double]] = []
  private(set) var faces: [[Int]] = []

  init(_ mesh: JSONPlace, _ accessors: GLTFAccessors) throws(FileFormatError) {
    let primitives = try mesh.member("primitives").elements()
    guard let first = primitives.first else { throw mesh.unexpected("a primitive", found: "none") }
    targets = Array(repeating: [], count: try first.list("targets").count)
    for primitive in primitives { try add(primitive, accessors) }
  }

  private mutating func add(
    _ primitive: JSONPlace, _ accessors: GLTFAccessors
  ) throws(FileFormatError) {
    let start = base.count / 3
    let positions = try accessors.numbers(
      try primitive.member("attributes").member("POSITION"), type: "VEC3")
    let vertexCount = positions.count / 3
    try Self.check(start + vertexCount, "vertices", GLTF.maximumVertices, primitive)
    base += positions

    let list = try primitive.list("targets")
    guard list.count == targets.count else {
      throw primitive.unexpected(
        "as many morph targets as the first primitive has, \(targets.count),",
        found: "\(list.count)")
    }
    try Self.check(
      list.count * base.count / 3, "positions of morph targets", GLTF.maximumPositions, primitive)
    for (index, target) in list.enumerated() {
      // A target may change normals or colours alone.
      guard let reference = target.optional("POSITION") else {
        targets[index] += [Double](repeating: 0, count: positions.count)
        continue
      }
      let offsets = try accessors.numbers(reference, type: "VEC3")
      guard offsets.count == positions.count else {
        throw reference.unexpected(
          "\(count(vertexCount, "position")), as the mesh has,", found: "\(offsets.count / 3)")
      }
      targets[index] += offsets
    }

    let corners =
      if let reference = primitive.optional("indices") {
        try accessors.indices(reference, below: vertexCount)
      } else {
        Array(0..<vertexCount)
      }
    let triangles = try Self.triangles(corners, primitive)
    try Self.check(faces.count + triangles.count, "triangles", GLTF.maximumVertices, primitive)
    faces += triangles.map { $0.map { $0 + start } }
  }

  private static func check(
    _ number: Int, _ noun: String, _ limit: Int, _ place: JSONPlace
  ) throws(FileFormatError) {
    if number > limit {
      throw .tooLarge(place.file, part: "\(noun) of a model", limit: "\(limit)", found: "\(number)")
    }
  }

  private static func triangles(
    _ corners: [Int], _ primitive: JSONPlace
  ) throws(FileFormatError) -> [[Int]] {
    let mode = try primitive.optional("mode")?.integer(in: 0...6) ?? 4
    switch mode {
    case 0: return []
    case 4:
      guard corners.count % 3 == 0 else {
        throw primitive.unexpected("three corners for each triangle", found: "\(corners.count)")
      }
      return stride(from: 0, to: corners.count, by: 3).map { Array(corners[$0..<$0 + 3]) }
    case 5:
      // Every second triangle of a strip would face backwards if its corners were kept in order.
      return (0..<max(0, corners.count - 2)).map { index in
        [corners[index], corners[index + 1 + index % 2], corners[index + 2 - index % 2]]
      }
    case 6:
      return (0..<max(0, corners.count - 2)).map { index in
        [corners[index + 1], corners[index + 2], corners[0]]
      }
    default:
      throw .unsupported(
        primitive.file, supported: "triangles or points", found: "lines at \(primitive.path)",
        advice: "export the surface without lines")
    }
  }
}
