import Foundation
import Testing

@testable import FileFormats

@Suite struct GLTFWritingTests {
  private static let sizes = [(1, 1), (1, 3), (2, 2), (7, 1), (49, 7), (50, 13), (257, 2)]

  @Test("a sequence comes back within 1e-6, its faces as triangles", arguments: sizes)
  func roundTrip(vertices: Int, frames: Int) throws {
    let sequence = MeshFixture.random(
      vertices: vertices, frames: frames, seed: UInt64(vertices * 100 + frames))
    for form in GLTF.Form.allCases {
      let again = try GLTF.decode(GLTF.encode(sequence, as: form), file: "again")
      expectClose(again.frames, sequence.frames, within: 1e-6, "\(sequence.name), \(form)")
      #expect(again.name == sequence.name)
      #expect(again.times == (frames == 1 ? [0] : sequence.times))
      let corners = Triangulation.corners(of: sequence.faces, positions: sequence.frames[0])
      #expect(Array(again.faces.joined()) == corners)
      #expect(again.faces.count == sequence.faces.reduce(0) { $0 + $1.count - 2 })
    }
  }

  @Test("what is written stays as pygltflib, assimp, trimesh and Blender have read it")
  func golden() throws {
    for (form, file) in [(GLTF.Form.binary, "sheet.glb"), (.text, "sheet.gltf")] {
      let encoded = GLTF.encode(
        MeshFixture.sheet, as: form, baseColor: SIMD4(0.9, 0.2, 0.4, 1), extras: ["seed": 7])
      #expect(encoded == (try Fixture.bytes(file)), "\(file)")
      #expect(try GLTF.extras(in: encoded, file: file) == ["seed": 7])
    }
  }

  @Test("a mesh without faces comes back as points")
  func points() throws {
    let cloud = MeshSequence(
      name: "cloud", faces: [], frames: [[SIMD3(1, 2, 3)], [SIMD3(4, 5, 6)]], times: [1, 2])
    #expect(try GLTF.decode(GLTF.encode(cloud), file: "cloud") == cloud)
  }

  @Test("corners beyond two bytes", arguments: [65534, 65535, 65536])
  func manyVertices(count: Int) throws {
    var positions = [SIMD3<Float>](repeating: .zero, count: count)
    positions[count - 1] = SIMD3(0, 1, 0)
    let mesh = Mesh(positions: positions, faces: [[0, 1, count - 1]])
    let bytes = GLTF.encode(MeshSequence(name: "many", mesh))
    #expect(try GLTF.decode(bytes, file: "many").mesh(frame: 0) == mesh)
    // 65535, the largest number of two bytes, would restart a strip: it may not be a corner.
    let json = String(decoding: bytes, as: UTF8.self)
    #expect(json.contains("\"componentType\":\(count <= 65535 ? 5123 : 5125)"))
  }

  @Test("the farthest coordinates that are taken come back")
  func farAway() throws {
    let frames: [[SIMD3<Float>]] = [
      [SIMD3(1e38, -1e38, 0), SIMD3(-1e38, 1e38, 1e-30), SIMD3(0, 0, 0)],
      [SIMD3(-1e38, 1e38, 0), SIMD3(1e38, -1e38, 1e30), SIMD3(0, 0, .leastNonzeroMagnitude)],
    ]
    let sequence = MeshSequence(name: "far", faces: [[0, 1, 2]], frames: frames, times: [0, 1])
    let again = try GLTF.decode(GLTF.encode(sequence), file: "far")
    expectClose(again.frames, frames, within: 1e32)
  }

  @Test("a quad is cut along its shorter diagonal in the first frame")
  func quads() {
    func corners(_ last: SIMD3<Float>) -> [Int] {
      let square: [SIMD3<Float>] = [SIMD3(0, 0, 0), SIMD3(1, 0, 0), SIMD3(1, 1, 0), last]
      return Triangulation.corners(of: [[0, 1, 2, 3]], positions: square)
    }
    #expect(
      corners(SIMD3(0, 1, 0)) == [0, 1, 2, 0, 2, 3], "equal diagonals: from the first corner")
    #expect(corners(SIMD3(-1, 2, 0)) == [0, 1, 2, 0, 2, 3])
    #expect(corners(SIMD3(0.5, 0.5, 0)) == [1, 2, 3, 1, 3, 0])
    #expect(
      Triangulation.corners(of: [[4, 3, 2, 1, 0]], positions: .init(repeating: .zero, count: 5))
        == [4, 3, 2, 4, 2, 1, 4, 1, 0])
  }

  @Test("normals of a cube point from its middle through its corners")
  func cubeNormals() {
    let corners: [SIMD3<Float>] = (0..<8).map {
      SIMD3($0 & 1 == 0 ? -1 : 1, $0 & 2 == 0 ? -1 : 1, $0 & 4 == 0 ? -1 : 1)
    }
    let faces = [
      [0, 2, 3, 1], [4, 5, 7, 6], [0, 1, 5, 4], [2, 6, 7, 3], [0, 4, 6, 2], [1, 3, 7, 5],
    ]
    for (normal, corner) in zip(SmoothNormals.of(faces, corners), corners) {
      let difference = normal - corner / Float(3).squareRoot()
      #expect(max(abs(difference.x), abs(difference.y), abs(difference.z)) <= 1e-7, "\(corner)")
    }
  }

  @Test("normals are of length 1, also where there is nothing to have one")
  func degenerateNormals() {
    let positions: [SIMD3<Float>] = [
      SIMD3(0, 0, 0), SIMD3(1e-30, 0, 0), SIMD3(0, 0, 1e-30), SIMD3(1e38, 0, 0), SIMD3(0, 1e38, 0),
      SIMD3(5, 5, 5),
    ]
    let faces = [[0, 1, 2], [5, 5, 5]]
    let normals = SmoothNormals.of(faces, positions)
    #expect(normals[0] == SIMD3(0, -1, 0) && normals[5] == SIMD3(0, 0, 1))
    #expect(SmoothNormals.of([[0, 3, 4]], positions)[0] == SIMD3(0, 0, 1))
    for normal in normals { #expect(abs((normal * normal).sum() - 1) <= 1e-6) }
  }

  @Test("a transparent colour blends")
  func transparency() throws {
    func material(_ color: SIMD4<Float>) throws -> JSONValue? {
      let bytes = GLTF.encode(MeshFixture.sheet, as: .text, baseColor: color)
      return try JSONValue(parsing: bytes, file: "sheet.gltf")["materials"]?.array?[0]
    }
    #expect(try material(SIMD4(1, 0, 0, 1))?["alphaMode"] == nil)
    let clear = try material(SIMD4(1, 0, 0.5, 0.25))
    #expect(clear?["alphaMode"] == "BLEND" && clear?["doubleSided"] == true)
    let color = clear?["pbrMetallicRoughness"]?["baseColorFactor"]?.array?.map(\.number)
    #expect(color == [1, 0, 0.5, 0.25])
  }
}
