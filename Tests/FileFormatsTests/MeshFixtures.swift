import Testing

@testable import FileFormats

/// Models made by other programs, and what these hold true of them.
///
/// `Tests/Fixtures/make_mesh_fixtures.py` makes both.
enum MeshFixture {
  /// Positions, [frame][vertex].
  static func frames(_ name: String) throws -> [[SIMD3<Float>]] {
    let array = try NPY.read(path: Fixture.path("\(name).npy"))
    let (floats, vertexCount) = (array.floats, array.shape[1])
    return (0..<array.shape[0]).map { frame in
      (0..<vertexCount).map { vertex in
        let start = 3 * (frame * vertexCount + vertex)
        return SIMD3(floats[start], floats[start + 1], floats[start + 2])
      }
    }
  }

  static func faces(_ name: String) throws -> [[Int]] {
    let numbers = try NPY.read(path: Fixture.path("\(name)_faces.npy")).floats.map { Int($0) }
    return stride(from: 0, to: numbers.count, by: 3).map { Array(numbers[$0..<$0 + 3]) }
  }

  static func times(_ name: String) throws -> [Float] {
    try NPY.read(path: Fixture.path("\(name)_times.npy")).floats
  }

  /// A sheet of quads that bends over three frames; the model of `sheet.*` among the fixtures.
  static let sheet: MeshSequence = {
    let (rows, columns) = (4, 5)
    let frames = (0..<3).map { frame in
      (0..<rows * columns).map { vertex in
        let (r, c) = (vertex / columns, vertex % columns)
        return SIMD3(
          Float(c) / 4 + Float(frame * r * 7 % 5) / 64, Float(r) / 3,
          Float((r * 37 + c * 11 + frame * 71 + r * c * 5) % 16) / 50)
      }
    }
    let faces = (0..<(rows - 1) * (columns - 1)).map { face in
      let corner = face / (columns - 1) * columns + face % (columns - 1)
      return [corner, corner + 1, corner + columns + 1, corner + columns]
    }
    return MeshSequence(name: "sheet", faces: faces, frames: frames, times: [0, 0.5, 1.25])
  }()

  /// Any sequence of this size; the same seed gives the same one.
  static func random(vertices: Int, frames: Int, seed: UInt64) -> MeshSequence {
    var generator = SeededGenerator(seed: seed)
    func coordinate() -> Float { .random(in: -1...1, using: &generator) }
    let positions = (0..<frames).map { _ in
      (0..<vertices).map { _ in SIMD3(coordinate(), coordinate(), coordinate()) }
    }
    let faces = (0..<vertices / 2 + 1).map { _ in
      (0..<Int.random(in: 3...6, using: &generator)).map { _ in
        Int.random(in: 0..<vertices, using: &generator)
      }
    }
    return MeshSequence(
      name: "seed \(seed)", faces: faces, frames: positions,
      times: (0..<frames).map { Float($0) * 0.75 + 0.25 })
  }
}

/// Frames agree within `tolerance` in every coordinate; says where they first do not.
func expectClose(
  _ frames: [[SIMD3<Float>]], _ truth: [[SIMD3<Float>]], within tolerance: Float,
  _ comment: String = "", sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(frames.count == truth.count, "frames \(comment)", sourceLocation: sourceLocation)
  for (frame, pair) in zip(frames, truth).enumerated() {
    #expect(
      pair.0.count == pair.1.count, "vertices of frame \(frame) \(comment)",
      sourceLocation: sourceLocation)
    let first = zip(pair.0, pair.1).enumerated().first { _, pair in
      let difference = pair.0 - pair.1
      return !(max(abs(difference.x), abs(difference.y), abs(difference.z)) <= tolerance)
    }
    #expect(
      first == nil,
      "frame \(frame) first at vertex \(first?.offset ?? 0): \(first?.element.0 ?? .zero), truth \(first?.element.1 ?? .zero) \(comment)",
      sourceLocation: sourceLocation)
  }
}

/// The corners' positions of every triangle, in an order that does not depend on how vertices are
/// numbered or which corner comes first.
func triangles(_ mesh: Mesh) -> [[SIMD3<Float>]] {
  func precedes(_ a: SIMD3<Float>, _ b: SIMD3<Float>) -> Bool {
    (a.x, a.y, a.z) < (b.x, b.y, b.z)
  }
  // Rounded, so that what another program wrote in other digits is sorted the same way.
  let rounded = mesh.positions.map { ($0 * 10000).rounded(.toNearestOrEven) / 10000 }
  let turned = mesh.faces.map { face in
    let corners = face.map { rounded[$0] }
    let least = corners.indices.min { precedes(corners[$0], corners[$1]) }!
    return Array(corners[least...] + corners[..<least])
  }
  return turned.sorted { a, b in
    let difference = zip(a, b).first { $0 != $1 }
    return difference.map { precedes($0.0, $0.1) } ?? (a.count < b.count)
  }
}
