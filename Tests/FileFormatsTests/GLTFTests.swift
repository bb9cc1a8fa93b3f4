import Foundation
import Testing

@testable import FileFormats

@Suite struct GLTFTests {
  @Test(
    "a model has the frames that its maker computed",
    arguments: [
      "morph_linear.gltf", "morph_step.glb", "morph_cubic.glb", "joined.glb", "quantized.glb",
      "trimesh.glb",
    ])
  func frames(file: String) throws {
    let name = String(file.prefix { $0 != "." })
    let sequence = try GLTF.read(path: Fixture.path(file))
    let truth = try MeshFixture.frames(name)
    let size = truth.joined().reduce(1) { max($0, abs($1.x), abs($1.y), abs($1.z)) }
    expectClose(sequence.frames, truth, within: 1e-6 * size)
    #expect(sequence.faces == (try MeshFixture.faces(name)))
    let times = try? MeshFixture.times(name)
    #expect(sequence.times == times ?? truth.indices.map { Float($0) })
  }

  @Test("a model by assimp has the triangles that trimesh gave it", arguments: ["glb", "gltf"])
  func assimp(form: String) throws {
    let sequence = try GLTF.read(path: Fixture.path("assimp.\(form)"))
    let truth = Mesh(
      positions: try MeshFixture.frames("trimesh")[0], faces: try MeshFixture.faces("trimesh"))
    #expect(triangles(sequence.mesh(frame: 0)) == triangles(truth))
  }

  @Test("shape keys move as Blender shows them, at every frame")
  func blender() throws {
    let sequence = try GLTF.read(path: Fixture.path("blender.glb"))
    let truth = try MeshFixture.frames("blender")
    #expect(sequence.name == "petal" && sequence.faces.count == 24)
    #expect(sequence.times.count == 6)
    for (time, expected) in zip(sequence.times, try MeshFixture.times("blender")) {
      #expect(abs(time - expected) <= 1e-6)
    }
    // Blender splits and sorts vertices: each is one of its own, over all frames.
    var met = Set<Int>()
    for vertex in 0..<sequence.vertexCount {
      let original = truth[0].indices.first { candidate in
        truth.indices.allSatisfy { frame in
          let difference = truth[frame][candidate] - sequence.frames[frame][vertex]
          return max(abs(difference.x), abs(difference.y), abs(difference.z)) <= 3e-6
        }
      }
      #expect(original != nil, "vertex \(vertex)")
      if let original { met.insert(original) }
    }
    #expect(met.count == truth[0].count)
  }

  @Test("of several meshes one is read by its name")
  func severalMeshes() throws {
    let path = Fixture.path("two_meshes.glb")
    let error = failure { () throws(FileFormatError) in try GLTF.read(path: path) }
    #expect(
      error?.description
        == "\(path): expected one mesh, found \"bud\", \"stalk\"; name one of these, or export it alone"
    )
    for (name, found) in [("bud", "bud"), ("stalk", "stalk"), ("leaf", "stalk")] {
      #expect(try GLTF.read(path: path, mesh: name).name == found)
    }
    let other = failure { () throws(FileFormatError) in try GLTF.read(path: path, mesh: "root") }
    #expect(
      other?.description
        == "\(path): expected a mesh \"root\", found \"bud\", \"stalk\"; name one of these")
  }

  @Test("what a model names outside its folder is not opened")
  func escape() throws {
    try withTemporaryFolder { folder in
      let inner = "\(folder)/model"
      try FileManager.default.createDirectory(
        atPath: "\(inner)/below", withIntermediateDirectories: true)
      let numbers = [UInt8](repeating: 0, count: 36)
      try AtomicFile.write(numbers, to: "\(folder)/secret.bin")
      try AtomicFile.write(numbers, to: "\(inner)/here.bin")
      try AtomicFile.write(numbers, to: "\(inner)/below/there.bin")
      try FileManager.default.createSymbolicLink(
        atPath: "\(inner)/link.bin", withDestinationPath: "../secret.bin")
      func read(_ uri: String) throws(FileFormatError) -> MeshSequence {
        let text = HostileGLTFTests.triangle.replacingOccurrences(
          of: HostileGLTFTests.uri, with: uri)
        try AtomicFile.write(text, to: "\(inner)/model.gltf")
        return try GLTF.read(path: "\(inner)/model.gltf")
      }
      for uri in ["here.bin", "./here.bin", "below/there.bin", "below%2Fthere.bin"] {
        #expect(try read(uri).vertexCount == 3, "\(uri)")
      }
      for uri in [
        "../secret.bin", "below/../../secret.bin", "%2e%2e/secret.bin", "\(folder)/secret.bin",
        "file://\(folder)/secret.bin", "http://host/secret.bin", "link.bin", "", "below//there.bin",
        "..%2Fsecret.bin", "here.bin%00",
      ] {
        let error = failure("\(uri)") { () throws(FileFormatError) in try read(uri) }
        #expect(error?.advice == "put all files of the model in one folder", "\(uri)")
      }
      let missing = failure { () throws(FileFormatError) in try read("nothing.bin") }
      #expect(missing?.isMissingFile == true)
      let bytes = Array(
        HostileGLTFTests.triangle
          .replacingOccurrences(of: HostileGLTFTests.uri, with: "here.bin").utf8)
      let error = failure { () throws(FileFormatError) in
        try GLTF.decode(bytes, file: "model.gltf")
      }
      #expect(
        error?.description
          == "model.gltf: expected a model in one file, found one whose numbers are in \"here.bin\"; read it by its path"
      )
    }
  }
}

/// A mesh over time from any file or folder.
@Suite struct MeshSequenceReadingTests {
  @Test("a folder of OBJ files is a frame each, in natural order")
  func folder() throws {
    try withTemporaryFolder { folder in
      let sheet = MeshFixture.sheet
      for (frame, name) in ["frame2.obj", "frame10.OBJ", "frame11.obj"].enumerated() {
        try AtomicFile.write(OBJ.encode(sheet.mesh(frame: frame)), to: "\(folder)/\(name)")
      }
      try AtomicFile.write("nothing", to: "\(folder)/frame3.txt")
      let sequence = try MeshSequence.read(path: folder)
      #expect(sequence.frames == sheet.frames && sequence.faces == sheet.faces)
      #expect(sequence.times == [0, 1, 2])

      let odd = "\(folder)/frame12.obj"
      try AtomicFile.write("v 0 0 0\nf 1 1 1", to: odd)
      let error = failure { () throws(FileFormatError) in try MeshSequence.read(path: folder) }
      #expect(
        error?.description
          == "\(odd): expected 20 vertices, as \(folder)/frame2.obj has, found 1; export all frames from one mesh"
      )
      let turned = Mesh(positions: sheet.frames[0], faces: sheet.faces.map { $0.reversed() })
      try AtomicFile.write(OBJ.encode(turned), to: odd)
      let other = failure { () throws(FileFormatError) in try MeshSequence.read(path: folder) }
      #expect(other?.expected == "the faces of \(folder)/frame2.obj")
    }
  }

  @Test("the content decides what a file is, not its name")
  func sniffing() throws {
    try withTemporaryFolder { folder in
      let sheet = MeshFixture.sheet
      for form in GLTF.Form.allCases {
        try AtomicFile.write(GLTF.encode(sheet, as: form), to: "\(folder)/model.obj")
        #expect(try MeshSequence.read(path: "\(folder)/model.obj").times == sheet.times)
      }
      try AtomicFile.write(OBJ.encode(sheet.mesh(frame: 1)), to: "\(folder)/bud.glb")
      let still = try MeshSequence.read(path: "\(folder)/bud.glb")
      #expect(still.frames == [sheet.frames[1]] && still.name == "bud")
      let error = failure { () throws(FileFormatError) in
        try MeshSequence.read(path: Fixture.path("gray.png"))
      }
      #expect(error?.found == "a PNG picture")
    }
  }

  @Test("a folder without models, and none at all")
  func nothing() throws {
    try withTemporaryFolder { folder in
      let empty = failure { () throws(FileFormatError) in try MeshSequence.read(path: folder) }
      #expect(
        empty?.description
          == "\(folder): expected a folder of OBJ files, found none in it; name a folder that has a file for each frame, or a glTF file"
      )
      let missing = failure { () throws(FileFormatError) in
        try MeshSequence.read(path: "\(folder)/nowhere")
      }
      #expect(missing?.isMissingFile == true)
    }
  }
}
