/// From a sequence of meshes to a glTF file.
struct GLTFWriter {
  private let sequence: MeshSequence
  private let triangles: [Int]
  private let baseColor: SIMD4<Float>
  private let extras: JSONValue?

  /// Where the numbers go: part of the array of vertices, or of indices.
  private enum Target: Int {
    case vertices = 34962
    case indices = 34963
  }

  init(_ sequence: MeshSequence, baseColor: SIMD4<Float>, extras: JSONValue?) {
    precondition(sequence.vertexCount > 0, "GLTF.encode: no vertices")
    precondition(sequence.times[0] >= 0, "GLTF.encode: times start at \(sequence.times[0])")
    for (index, frame) in sequence.frames.enumerated() {
      precondition(
        frame.allSatisfy { max(abs($0.x), abs($0.y), abs($0.z)) <= 1e38 && $0.sum().isFinite },
        "GLTF.encode: frame \(index) has coordinates that are not finite, or beyond 1e38")
    }
    for part in 0..<4 {
      precondition(
        (0...1).contains(baseColor[part]), "GLTF.encode: colour \(baseColor) is not in 0…1")
    }
    self.sequence = sequence
    self.baseColor = baseColor
    self.extras = extras
    triangles = Triangulation.corners(of: sequence.faces, positions: sequence.frames[0])
  }

  func file(_ form: GLTF.Form) -> [UInt8] {
    var data = GLTFData()
    let primitive = primitive(&data)
    let animation = animation(&data)
    var root: [String: JSONValue] = [
      "asset": asset, "scene": 0, "scenes": [["nodes": [0]]],
      "nodes": [["mesh": 0, "name": .string(sequence.name)]],
      "meshes": [mesh(primitive)], "materials": [material],
      "accessors": .array(data.accessors), "bufferViews": .array(data.views),
    ]
    if let animation { root["animations"] = [animation] }
    var buffer: [String: JSONValue] = ["byteLength": .integer(data.bytes.count)]
    if form == .text {
      buffer["uri"] = .string("data:application/octet-stream;base64," + data.base64)
    }
    root["buffers"] = [.object(buffer)]
    let json = JSONValue.object(root)
    return switch form {
    case .binary: GLB.encode(json: Array(json.encoded.utf8), binary: data.bytes)
    case .text: Array(json.prettyEncoded.utf8)
    }
  }

  private var asset: JSONValue {
    var asset: [String: JSONValue] = ["version": "2.0", "generator": "Atelier"]
    asset["extras"] = extras
    return .object(asset)
  }

  /// A surface that shines neither like metal nor like glass, seen from both sides.
  private var material: JSONValue {
    var material: [String: JSONValue] = [
      "doubleSided": true,
      "pbrMetallicRoughness": [
        "baseColorFactor": .array((0..<4).map { .number(Double(baseColor[$0])) }),
        "metallicFactor": 0, "roughnessFactor": 0.75,
      ],
    ]
    if baseColor.w < 1 { material["alphaMode"] = "BLEND" }
    return .object(material)
  }

  private func mesh(_ primitive: JSONValue) -> JSONValue {
    var mesh: [String: JSONValue] = ["name": .string(sequence.name), "primitives": [primitive]]
    let targets = sequence.frames.indices.dropFirst()
    if !targets.isEmpty {
      mesh["weights"] = .array(targets.map { _ in 0 })
      // Not in the specification, but where programs look for the names of shape keys.
      mesh["extras"] = ["targetNames": .array(targets.map { .string("frame \($0)") })]
    }
    return .object(mesh)
  }

  private func primitive(_ data: inout GLTFData) -> JSONValue {
    let frames = sequence.frames
    var primitive: [String: JSONValue] = ["material": 0]
    var attributes: [String: JSONValue] = [
      "POSITION": data.add(vectors: frames[0], target: Target.vertices.rawValue, hasBounds: true)
    ]
    let normals = triangles.isEmpty ? [] : SmoothNormals.of(sequence.faces, frames[0])
    if triangles.isEmpty {
      primitive["mode"] = 0
    } else {
      attributes["NORMAL"] = data.add(vectors: normals, target: Target.vertices.rawValue)
      primitive["indices"] = data.add(
        indices: triangles, vertexCount: sequence.vertexCount, target: Target.indices.rawValue)
    }
    primitive["attributes"] = .object(attributes)
    var targets: [JSONValue] = []
    for frame in frames.dropFirst() {
      var target: [String: JSONValue] = [
        "POSITION": data.add(
          vectors: zip(frame, frames[0]).map { $0 - $1 }, target: Target.vertices.rawValue,
          hasBounds: true)
      ]
      if !triangles.isEmpty {
        let turned = SmoothNormals.of(sequence.faces, frame)
        target["NORMAL"] = data.add(
          vectors: zip(turned, normals).map { $0 - $1 }, target: Target.vertices.rawValue)
      }
      targets.append(.object(target))
    }
    if !targets.isEmpty { primitive["targets"] = .array(targets) }
    return .object(primitive)
  }

  /// Weights that are 1 for the target of the frame whose time it is, and 0 for all others; none
  /// for the first frame, which is the base.
  private func animation(_ data: inout GLTFData) -> JSONValue? {
    let count = sequence.frames.count
    guard count > 1 else { return nil }
    let input = data.add(scalars: sequence.times, hasBounds: true)
    var weights = [Float](repeating: 0, count: count * (count - 1))
    for frame in 1..<count { weights[frame * (count - 1) + frame - 1] = 1 }
    let output = data.add(scalars: weights)
    return [
      // Not the node's name: assimp 5.2 writes no model whose animation is called like a node.
      "name": "frames",
      "samplers": [["input": input, "output": output, "interpolation": "LINEAR"]],
      "channels": [["sampler": 0, "target": ["node": 0, "path": "weights"]]],
    ]
  }
}
