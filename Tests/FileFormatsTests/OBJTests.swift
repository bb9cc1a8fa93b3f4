import Foundation
import Testing

@testable import FileFormats

@Suite struct OBJTests {
  private func decode(_ text: String) throws(FileFormatError) -> Mesh {
    try OBJ.decode(Array(text.utf8), file: "a.obj")
  }

  @Test("a model by trimesh has its vertices and faces")
  func trimesh() throws {
    let mesh = try OBJ.read(path: Fixture.path("trimesh.obj"))
    // Eight decimals are written of numbers up to 1.3.
    expectClose([mesh.positions], try MeshFixture.frames("trimesh"), within: 1.2e-7)
    #expect(mesh.faces == (try MeshFixture.faces("trimesh")))
  }

  @Test("a model by assimp has the triangles that trimesh gave it")
  func assimp() throws {
    let mesh = try OBJ.read(path: Fixture.path("assimp.obj"))
    let truth = Mesh(
      positions: try MeshFixture.frames("trimesh")[0], faces: try MeshFixture.faces("trimesh"))
    #expect(triangles(mesh) == triangles(truth))
  }

  @Test("a model by Blender keeps its quads")
  func blender() throws {
    let mesh = try OBJ.read(path: Fixture.path("blender.obj"))
    // Six decimals are written.
    expectClose([mesh.positions], [try MeshFixture.frames("blender")[5]], within: 1.1e-6)
    #expect(mesh.faces.count == 12 && mesh.faces.allSatisfy { $0.count == 4 })
    #expect(mesh.faces[0] == [0, 1, 6, 5])
  }

  @Test("every way to write a corner names the same vertex")
  func corners() throws {
    let vertices = "v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\n"
    for face in [
      "f 1 2 3 4", "f 1/1 2/2 3/3 4/4", "f 1//9 2//9 3//9 4//9", "f 1/1/1 2/1/1 3/1/1 4/1/1",
      "f -4 -3 -2 -1", "f -4/-1/-1 2 3//1 -1/7", "f 1 2 \\\n 3 \\\r\n 4", "f\t1\t2  3 4 # corners",
      "f 1 2 3 4#",
    ] {
      #expect(try decode(vertices + face).faces == [[0, 1, 2, 3]], "\(face)")
    }
    #expect(try decode("f 3 2 1\n" + vertices).faces == [[2, 1, 0]], "vertices further down")
    #expect(try decode(vertices + "f 1 1 1").faces == [[0, 0, 0]], "a degenerate face")
  }

  @Test("what is no vertex and no face is passed over")
  func ignored() throws {
    let text = """
      \u{FEFF}# a comment \\
      mtllib a.mtl
      o petal
      g left right
      v 1 2 3
      v -1.5e-1 +.5 2. 1.0
      vt 0.5 1
      vn 0 0 1
      v 4 5 6 0.1 0.2 0.3

      s off
      usemtl red
      vp 0.1 0.2
      l 1 2
      p 1
      f 1 2 3
      something else
      """
    for lineBreak in ["\n", "\r\n", "\r"] {
      let mesh = try decode(text.replacingOccurrences(of: "\n", with: lineBreak))
      #expect(mesh.positions == [SIMD3(1, 2, 3), SIMD3(-0.15, 0.5, 2), SIMD3(4, 5, 6)])
      #expect(mesh.faces == [[0, 1, 2]])
    }
  }

  @Test("a model comes back bit for bit", arguments: 0..<20 as Range<UInt64>)
  func roundTrip(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    func coordinate() -> Float {
      while true {
        let number = Float(bitPattern: UInt32.random(in: 0 ... .max, using: &generator))
        if number.isFinite { return number }
      }
    }
    let positions = (0...Int(seed) * 3).map { _ in
      SIMD3(coordinate(), coordinate(), coordinate())
    }
    let faces = (0..<Int(seed)).map { face in
      (0..<3 + face % 5).map { _ in Int.random(in: positions.indices, using: &generator) }
    }
    let mesh = Mesh(positions: positions, faces: faces)
    let bytes = OBJ.encode(mesh, comments: ["seed \(seed)\nv 1 2 3", "", "ends with \\"])
    #expect(String(decoding: bytes, as: UTF8.self).hasPrefix("# seed \(seed)\n# v 1 2 3\n# \n"))
    let again = try OBJ.decode(bytes, file: "again.obj")
    #expect(again.faces == faces, "seed \(seed)")
    #expect(again.positions.map(bits) == positions.map(bits), "seed \(seed)")
  }

  private func bits(_ vector: SIMD3<Float>) -> [UInt32] {
    [vector.x.bitPattern, vector.y.bitPattern, vector.z.bitPattern]
  }

  @Test("what is written stays as trimesh, assimp and Blender have read it")
  func golden() throws {
    let bytes = OBJ.encode(MeshFixture.sheet.mesh(frame: 0), comments: ["a sheet"])
    #expect(bytes == (try Fixture.bytes("sheet.obj")))
  }

  @Test(
    "a wrong line is named",
    arguments: [
      (
        "v 0 0 0\nv 1 0 0\nf 1 2 3\nv 1 1",
        "expected a vertex of 3 coordinates, found 2 on line 4; correct that line"
      ),
      (
        "v 0 0 0\n# two\nf 1 1 2",
        "expected a corner from 1 to 1, found 2 on line 3; correct that line"
      ),
      (
        "v 0 0 0\nf 1 -2 1",
        "expected a corner among the 1 vertex before it, found -2 on line 2; correct that line"
      ),
      (
        "f -1 -1 -1\nv 0 0 0",
        "expected a corner among the 0 vertices before it, found -1 on line 1; correct that line"
      ),
      (
        "v 0 0 0\nf 0 1 1",
        "expected a corner among the 1 vertex before it, found 0 on line 2; correct that line"
      ),
      (
        "v 0 0 0\nf 1 1",
        "expected a face of 3 corners or more, found 2 on line 2; correct that line"
      ),
      ("v 0 0 zero", "expected a finite coordinate, found \"zero\" on line 1; correct that line"),
      (
        "v 0 0 \\\n0\nv nan 0 0",
        "expected a finite coordinate, found \"nan\" on line 3; correct that line"
      ),
      ("v 0 inf 0", "expected a finite coordinate, found \"inf\" on line 1; correct that line"),
      ("v 0 1e39 0", "expected a finite coordinate, found \"1e39\" on line 1; correct that line"),
      ("v 0 0x1p3 0", "expected a finite coordinate, found \"0x1p3\" on line 1; correct that line"),
      (
        "v 0 0 0\r\nf 1/ 1 1",
        "expected a corner such as 7, 7/1, 7//1 or 7/1/1, found \"1/\" on line 2; correct that line"
      ),
      (
        "v 0 0 0\nf 1 1 1//",
        "expected a corner such as 7, 7/1, 7//1 or 7/1/1, found \"1//\" on line 2; correct that line"
      ),
      (
        "v 0 0 0\nf 1 1 99999999999999999999",
        "expected a corner such as 7, 7/1, 7//1 or 7/1/1, found \"99999999999999999999\" on line 2; correct that line"
      ),
      (
        "hello\nworld",
        "expected vertices (lines such as \"v 0 1 0.5\"), found none; check that this is the file you meant"
      ),
    ])
  func mistakes(text: String, sentence: String) {
    let error = failure { () throws(FileFormatError) in try decode(text) }
    #expect(error?.description == "a.obj: \(sentence)")
  }

  @Test("other files are told from models")
  func otherFormats() {
    for (fixture, name) in [("gray.png", "a PNG picture"), ("trimesh.glb", "a binary glTF model")] {
      let error = failure { () throws(FileFormatError) in
        try OBJ.read(path: Fixture.path(fixture))
      }
      #expect(error?.expected == "a Wavefront OBJ model" && error?.found == name)
    }
    #expect(failure { () throws(FileFormatError) in try decode("") }?.found == "an empty file")
  }
}
