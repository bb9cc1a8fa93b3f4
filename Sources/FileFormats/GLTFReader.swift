/// From a glTF model to the frames of its one mesh.
struct GLTFReader {
  private let document: GLTFDocument
  private let accessors: GLTFAccessors

  init(document: GLTFDocument, buffers: GLTFBuffers) {
    self.document = document
    accessors = GLTFAccessors(document: document, buffers: buffers)
  }

  func sequence(named name: String?) throws(FileFormatError) -> MeshSequence {
    let nodes = try GLTFNodes(document)
    let shown = try choose(among: try nodes.shown(), name)
    let geometry = try GLTFGeometry(shown.mesh, accessors)
    var animation: GLTFWeights?
    var transform = NodeTransform.identity
    if let node = shown.node {
      if let skin = document.nodes[node].optional("skin") {
        throw unsupported(
          "a mesh without a skeleton", "one at \(skin.path)",
          "bake the movement into shape keys (morph targets)")
      }
      let animations = GLTFAnimations(document: document, accessors: accessors)
      if nodes.isBelow(node, try animations.movingNodes()) {
        throw unsupported(
          "a mesh whose node stands still", "\(excerpt(shown.name.utf8)), which is moved",
          "bake the movement into shape keys (morph targets)")
      }
      animation = try animations.weights(of: node, targetCount: geometry.targets.count)
      transform = try nodes.transform(of: node)
    }
    // Without an animation: the base, then each target alone.
    let alone: [GLTFBlend] = geometry.targets.indices.map { [($0, 1)] }
    let blends = animation?.blends ?? [[]] + alone
    let frames = try frames(geometry, blends, transform)
    return MeshSequence(
      name: shown.name,
      faces: transform.isMirror ? geometry.faces.map { $0.reversed() } : geometry.faces,
      frames: frames, times: animation?.times ?? frames.indices.map { Float($0) })
  }

  private func unsupported(_ supported: String, _ found: String, _ advice: String)
    -> FileFormatError
  {
    .unsupported(document.file, supported: supported, found: found, advice: advice)
  }

  private func choose(
    among shown: [GLTFNodes.Shown], _ name: String?
  ) throws(FileFormatError) -> GLTFNodes.Shown {
    func names(_ shown: [GLTFNodes.Shown]) -> String {
      shown.prefix(10).map { excerpt($0.name.utf8) }.joined(separator: ", ")
        + (shown.count > 10 ? ", …" : "")
    }
    guard !shown.isEmpty else {
      throw unsupported("a model that shows a mesh", "none", "check what was exported")
    }
    let chosen = shown.filter {
      name == nil || $0.name == name || $0.mesh.value["name"]?.string == name
    }
    if chosen.count == 1 { return chosen[0] }
    guard let name, !chosen.isEmpty else {
      let wanted = name.map { "a mesh \(excerpt($0.utf8))" } ?? "one mesh"
      throw unsupported(
        wanted, names(shown),
        name == nil ? "name one of these, or export it alone" : "name one of these")
    }
    throw unsupported(
      "one mesh \(excerpt(name.utf8))", "\(chosen.count)", "give them names that differ")
  }

  /// Positions of every frame: base + Σ weight · target, then moved to their place in the scene.
  private func frames(
    _ geometry: GLTFGeometry, _ blends: [GLTFBlend], _ transform: NodeTransform
  ) throws(FileFormatError) -> [[SIMD3<Float>]] {
    let vertexCount = geometry.base.count / 3
    let work = blends.reduce(0) { $0 + $1.count }
    guard blends.count <= GLTF.maximumPositions / vertexCount, work <= (1 << 31) / vertexCount
    else {
      throw .tooLarge(
        document.file, part: "frames × vertices of a model", limit: "\(GLTF.maximumPositions)",
        found: "\(blends.count) × \(vertexCount)")
    }
    var frames: [[SIMD3<Float>]] = []
    for blend in blends {
      var positions = geometry.base
      for (target, weight) in blend {
        let offsets = geometry.targets[target]
        for index in positions.indices { positions[index] += weight * offsets[index] }
      }
      let moved = (0..<vertexCount).map { vertex in
        let start = 3 * vertex
        return SIMD3<Float>(
          transform(SIMD3(positions[start], positions[start + 1], positions[start + 2])))
      }
      guard moved.allSatisfy({ $0.x.isFinite && $0.y.isFinite && $0.z.isFinite }) else {
        throw .tooLarge(
          document.file, part: "a coordinate of a frame", limit: "3.4e38", found: "more")
      }
      frames.append(moved)
    }
    return frames
  }
}
