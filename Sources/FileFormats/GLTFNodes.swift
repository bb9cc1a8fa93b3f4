/// The tree of a model's nodes: who is shown, and where.
///
/// - SeeAlso: glTF 2.0 specification, section 3.5 "Scenes and Nodes".
struct GLTFNodes {
  private let document: GLTFDocument
  private let parents: [Int?]
  /// The root above each node.
  private let roots: [Int]

  init(_ document: GLTFDocument) throws(FileFormatError) {
    var parents = [Int?](repeating: nil, count: document.nodes.count)
    var children = [[Int]](repeating: [], count: document.nodes.count)
    for (parent, node) in document.nodes.enumerated() {
      for child in try node.list("children") {
        let index = try child.index(below: parents.count, of: "node")
        guard parents[index] == nil else {
          throw child.unexpected("a node that has no other parent", found: "nodes[\(index)]")
        }
        parents[index] = parent
        children[parent].append(index)
      }
    }
    var roots = [Int?](repeating: nil, count: parents.count)
    var next = parents.indices.filter { parents[$0] == nil }
    for root in next { roots[root] = root }
    while let node = next.popLast() {
      for child in children[node] { roots[child] = roots[node] }
      next += children[node]
    }
    // Whoever hangs from no root goes round in a circle.
    if let lost = roots.firstIndex(of: nil) {
      throw document.nodes[lost].unexpected("a tree of nodes", found: "a circle")
    }
    self.document = document
    self.parents = parents
    self.roots = roots.compactMap(\.self)
  }

  /// The node and those above it, up to the root.
  private func lineage(of node: Int) -> [Int] {
    var lineage = [node]
    while let parent = parents[lineage.last!] { lineage.append(parent) }
    return lineage
  }

  /// A mesh and the node that shows it; a model may have meshes and no nodes.
  struct Shown {
    let mesh: JSONPlace
    let node: Int?
    let name: String
  }

  /// All that the model shows: in its scene, or in the first where none is named, or, without
  /// scenes, anywhere.
  func shown() throws(FileFormatError) -> [Shown] {
    let shownRoots = try shownRoots()
    var shown: [Shown] = []
    for index in document.nodes.indices {
      let node = document.nodes[index]
      guard let reference = node.optional("mesh") else { continue }
      if let shownRoots, !shownRoots.contains(roots[index]) { continue }
      let mesh = try reference.index(below: document.meshes.count, of: "mesh")
      shown.append(Shown(mesh: document.meshes[mesh], node: index, name: try name(node, mesh)))
    }
    guard document.nodes.isEmpty else { return shown }
    for (index, mesh) in document.meshes.enumerated() {
      shown.append(Shown(mesh: mesh, node: nil, name: try name(nil, index)))
    }
    return shown
  }

  private func name(_ node: JSONPlace?, _ mesh: Int) throws(FileFormatError) -> String {
    let name = node?.optional("name") ?? document.meshes[mesh].optional("name")
    return try name?.string() ?? "mesh \(mesh)"
  }

  private func shownRoots() throws(FileFormatError) -> Set<Int>? {
    let scenes = try document.root.list("scenes")
    guard !scenes.isEmpty else { return nil }
    let index = try document.root.optional("scene")?.index(below: scenes.count, of: "scene") ?? 0
    var roots: Set<Int> = []
    for root in try scenes[index].list("nodes") {
      roots.insert(try root.index(below: document.nodes.count, of: "node"))
    }
    return roots
  }

  /// Whether a node or one above it is among these.
  func isBelow(_ node: Int, _ others: Set<Int>) -> Bool {
    lineage(of: node).contains(where: others.contains)
  }

  /// From the node's own coordinates to the scene's.
  func transform(of node: Int) throws(FileFormatError) -> NodeTransform {
    var transform = NodeTransform.identity
    for index in lineage(of: node) {
      transform = try NodeTransform(document.nodes[index]).after(transform)
    }
    return transform
  }
}

/// An affine map of space: three columns and an origin.
struct NodeTransform {
  var x: SIMD3<Double>
  var y: SIMD3<Double>
  var z: SIMD3<Double>
  var origin: SIMD3<Double>

  static let identity = Self(
    x: SIMD3(1, 0, 0), y: SIMD3(0, 1, 0), z: SIMD3(0, 0, 1), origin: SIMD3(0, 0, 0))

  func callAsFunction(_ point: SIMD3<Double>) -> SIMD3<Double> {
    linear(point) + origin
  }

  private func linear(_ vector: SIMD3<Double>) -> SIMD3<Double> {
    x * vector.x + y * vector.y + z * vector.z
  }

  /// This map, done after another one.
  func after(_ first: Self) -> Self {
    Self(x: linear(first.x), y: linear(first.y), z: linear(first.z), origin: self(first.origin))
  }

  /// Whether it turns a right hand into a left one, and so faces inside out.
  var isMirror: Bool { (x * cross(y, z)).sum() < 0 }
}

extension NodeTransform {
  /// A node's own transform: a matrix by columns, or scale, then rotation, then translation.
  init(_ node: JSONPlace) throws(FileFormatError) {
    if let matrix = node.optional("matrix") {
      let m = try matrix.numbers(16)
      guard m[3] == 0, m[7] == 0, m[11] == 0, m[15] == 1 else {
        throw matrix.unexpected("a matrix whose last row is 0, 0, 0, 1", found: "another")
      }
      self.init(
        x: SIMD3(m[0], m[1], m[2]), y: SIMD3(m[4], m[5], m[6]), z: SIMD3(m[8], m[9], m[10]),
        origin: SIMD3(m[12], m[13], m[14]))
      return
    }
    let t = try node.optional("translation")?.numbers(3) ?? [0, 0, 0]
    let q = try node.optional("rotation")?.numbers(4) ?? [0, 0, 0, 1]
    let s = try node.optional("scale")?.numbers(3) ?? [1, 1, 1]
    let rotation = Self.rotation(SIMD4(q[0], q[1], q[2], q[3]))
    self.init(
      x: rotation.x * s[0], y: rotation.y * s[1], z: rotation.z * s[2],
      origin: SIMD3(t[0], t[1], t[2]))
  }

  /// The rotation of a unit quaternion (x, y, z, w).
  private static func rotation(_ q: SIMD4<Double>) -> Self {
    let (x, y, z, w) = (q.x, q.y, q.z, q.w)
    return Self(
      x: SIMD3(1 - 2 * (y * y + z * z), 2 * (x * y + z * w), 2 * (x * z - y * w)),
      y: SIMD3(2 * (x * y - z * w), 1 - 2 * (x * x + z * z), 2 * (y * z + x * w)),
      z: SIMD3(2 * (x * z + y * w), 2 * (y * z - x * w), 1 - 2 * (x * x + y * y)),
      origin: SIMD3(0, 0, 0))
  }
}

func cross(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> SIMD3<Double> {
  SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
}
