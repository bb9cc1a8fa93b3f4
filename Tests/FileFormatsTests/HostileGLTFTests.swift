import Foundation
import Testing

@testable import FileFormats

/// Models that say what cannot be, or ask for more than they bring.
@Suite struct HostileGLTFTests {
  /// A triangle with one morph target and an animation; each mistake changes one thing in it.
  static let triangle = """
    {"asset":{"version":"2.0"},"scene":0,"scenes":[{"nodes":[0]}],
    "nodes":[{"mesh":0,"name":"petal"}],
    "meshes":[{"primitives":[{"attributes":{"POSITION":0},"targets":[{"POSITION":1}]}]}],
    "animations":[{"samplers":[{"input":2,"output":3}],
    "channels":[{"sampler":0,"target":{"node":0,"path":"weights"}}]}],
    "accessors":[{"bufferView":0,"componentType":5126,"count":3,"type":"VEC3"},
    {"componentType":5126,"count":3,"type":"VEC3"},
    {"bufferView":1,"componentType":5121,"count":2,"type":"SCALAR"},
    {"bufferView":1,"componentType":5121,"count":2,"type":"SCALAR","normalized":true}],
    "bufferViews":[{"buffer":0,"byteLength":36},{"buffer":1,"byteLength":2}],
    "buffers":[{"byteLength":36,"uri":"\(uri)"},
    {"byteLength":2,"uri":"data:;base64,AAE="}]}
    """
  static let uri =
    "data:application/octet-stream;base64," + Data(count: 36).base64EncodedString()

  private func decode(_ text: String) throws(FileFormatError) -> MeshSequence {
    try GLTF.decode(Array(text.utf8), file: "a.gltf")
  }

  @Test("the model that the mistakes are made in is well")
  func well() throws {
    let sequence = try decode(Self.triangle)
    #expect(sequence.frames == [[.zero, .zero, .zero], [.zero, .zero, .zero]])
    #expect(sequence.times == [0, 1] && sequence.faces == [[0, 1, 2]])
  }

  private static let again = "export the model again as glTF 2.0"

  @Test(
    "a mistake is named with its place",
    arguments: [
      (
        "\"version\":\"2.0\"", "\"version\":\"1.0\"",
        "expected glTF 2.0, found version \"1.0\"; \(again)"
      ),
      (
        "\"version\":\"2.0\"", "\"version\":\"2.9\",\"minVersion\":\"2.1\"",
        "expected glTF 2.0, found version \"2.1\"; \(again)"
      ),
      (
        "\"asset\":{\"version\":\"2.0\"},", "",
        "expected an object with \"asset\", found an object; \(again)"
      ),
      (
        "\"scene\":0", "\"scene\":1",
        "expected the number of one of 1 scene at scene, found 1; \(again)"
      ),
      (
        "\"nodes\":[0]", "\"nodes\":[-1]",
        "expected the number of one of 1 node at scenes[0].nodes[0], found -1; \(again)"
      ),
      (
        "\"mesh\":0", "\"mesh\":\"0\"",
        "expected the number of one of 1 mesh at nodes[0].mesh, found \"0\"; \(again)"
      ),
      (
        "\"mesh\":0,", "", "expected a model that shows a mesh, found none; check what was exported"
      ),
      (
        "\"mesh\":0,", "\"mesh\":0,\"children\":[0],",
        "expected a tree of nodes at nodes[0], found a circle; \(again)"
      ),
      (
        "\"mesh\":0,", "\"mesh\":0,\"skin\":0,",
        "expected a mesh without a skeleton, found one at nodes[0].skin; bake the movement into shape keys (morph targets)"
      ),
      (
        "\"mesh\":0,", "\"mesh\":0,\"scale\":[1,2],",
        "expected 3 numbers at nodes[0].scale, found an array; \(again)"
      ),
      (
        "\"mesh\":0,", "\"mesh\":0,\"matrix\":[1,0,0,1,0,1,0,0,0,0,1,0,0,0,0,1],",
        "expected a matrix whose last row is 0, 0, 0, 1 at nodes[0].matrix, found another; \(again)"
      ),
      (
        "\"path\":\"weights\"", "\"path\":\"scale\"",
        "expected a mesh whose node stands still, found \"petal\", which is moved; bake the movement into shape keys (morph targets)"
      ),
      (
        "\"input\":2,", "\"input\":2,\"interpolation\":\"SMOOTH\",",
        "expected LINEAR, STEP or CUBICSPLINE interpolation at animations[0].samplers[0], found \"SMOOTH\"; \(again)"
      ),
      (
        "\"input\":2,", "\"input\":2,\"interpolation\":\"CUBICSPLINE\",",
        "expected 3 numbers for each of 2 keyframes at animations[0].samplers[0].output, found 2; \(again)"
      ),
      (
        "AAE=", "AQA=",
        "expected times that start at 0 or later and increase at animations[0].samplers[0].input, found others; \(again)"
      ),
      (
        "\"targets\":[{\"POSITION\":1}]", "\"targets\":[]",
        "expected 0 numbers for each of 2 keyframes at animations[0].samplers[0].output, found 2; \(again)"
      ),
      (
        "{\"POSITION\":0}", "{\"COLOR_0\":0}",
        "expected an object with \"POSITION\" at meshes[0].primitives[0].attributes, found an object; \(again)"
      ),
      (
        "{\"POSITION\":1}", "{\"POSITION\":2}",
        "expected elements of type VEC3 at accessors[2], found \"SCALAR\"; \(again)"
      ),
      (
        "{\"componentType\":5126,\"count\":3", "{\"componentType\":5126,\"count\":4",
        "expected 3 positions, as the mesh has, at meshes[0].primitives[0].targets[0].POSITION, found 4; \(again)"
      ),
      (
        "{\"componentType\":5126,\"count\":3", "{\"componentType\":5126,\"count\":99999999999",
        "expected a whole number from 1 to 5592405 at accessors[1].count, found 99999999999; \(again)"
      ),
      (
        "{\"componentType\":5126", "{\"componentType\":5124",
        "expected a component type (5120 to 5123, 5125 or 5126) at accessors[1].componentType, found 5124; \(again)"
      ),
      (
        "\"attributes\":", "\"mode\":3,\"attributes\":",
        "expected triangles or points, found lines at meshes[0].primitives[0]; export the surface without lines"
      ),
      (
        "\"attributes\":", "\"indices\":2,\"attributes\":",
        "expected three corners for each triangle at meshes[0].primitives[0], found 2; \(again)"
      ),
      (
        "\"attributes\":", "\"indices\":0,\"attributes\":",
        "expected elements of type SCALAR at accessors[0], found \"VEC3\"; \(again)"
      ),
      (
        "\"byteLength\":36},{", "\"byteLength\":40},{",
        "expected a part of buffers[0], which has 36 bytes, at bufferViews[0], found bytes 0 ..< 40; \(again)"
      ),
      (
        "\"byteLength\":36},{", "\"byteLength\":35},{",
        "expected at most the 35 bytes of bufferViews[0] at accessors[0], found 36; \(again)"
      ),
      (
        "\"byteLength\":36},{", "\"byteLength\":36,\"byteStride\":16},{",
        "expected at most the 36 bytes of bufferViews[0] at accessors[0], found 44; \(again)"
      ),
      (
        "\"byteLength\":36},{", "\"byteLength\":36,\"byteOffset\":1099511627776},{",
        "expected a part of buffers[0], which has 36 bytes, at bufferViews[0], found bytes 1099511627776 ..< 1099511627812; \(again)"
      ),
      (
        "\"buffer\":1", "\"buffer\":2",
        "expected the number of one of 2 buffers at bufferViews[1].buffer, found 2; \(again)"
      ),
      (
        "\"byteLength\":2,\"uri\"", "\"byteLength\":3,\"uri\"",
        "expected 3 bytes of buffers[1], found only 2 at byte 0; the file is cut short: copy or download it again"
      ),
      (
        "data:;base64,AAE=", "data:;base64,AA!=",
        "expected a data: URI in base64 at buffers[1].uri, found \"data:;base64,AA!=\"; \(again)"
      ),
      (
        "\"uri\":\"data:;base64,AAE=\"", "\"name\":\"x\"",
        "expected a buffer with \"uri\" at buffers[1], found an object; \(again)"
      ),
      (
        "\"scene\":0", "\"extensionsRequired\":[\"KHR_draco_mesh_compression\"]",
        "expected a model that needs no extension of glTF, found one that needs \"KHR_draco_mesh_compression\"; export it again without compression"
      ),
      (
        "\"type\":\"VEC3\"},\n{\"componentType\":5126,\"count\":3,\"type\":\"VEC3\"",
        "\"type\":\"VEC3\"},\n{\"componentType\":5126,\"count\":3,\"type\":\"VEC3\",\"sparse\":{\"count\":2,\"indices\":{\"bufferView\":0,\"componentType\":5121},\"values\":{\"bufferView\":0}}",
        "expected increasing indices below 3 at accessors[1].sparse.indices, found 0.0; \(again)"
      ),
    ])
  func mistakes(part: String, change: String, sentence: String) throws {
    #expect(Self.triangle.contains(part))
    let text = Self.triangle.replacingOccurrences(of: part, with: change)
    let error = failure { () throws(FileFormatError) in try decode(text) }
    #expect(error?.description == "a.gltf: expected" + sentence.dropFirst("expected".count))
  }

  @Test("coordinates that are no numbers, and those that blend to none")
  func notFinite() {
    var bytes = [UInt8](repeating: 0, count: 36)
    func replaced(_ bits: UInt32) -> String {
      bytes.replaceSubrange(8..<12, with: bits.littleEndianBytes)
      return Self.triangle.replacingOccurrences(
        of: Self.uri, with: "data:;base64,\(Data(bytes).base64EncodedString())")
    }
    for (bits, found) in [(Float.nan.bitPattern, "nan"), (Float.infinity.bitPattern, "inf")] {
      let error = failure { () throws(FileFormatError) in try decode(replaced(bits)) }
      #expect(error?.expected == "finite numbers at accessors[0]" && error?.found == found)
    }
    let huge = replaced(Float.greatestFiniteMagnitude.bitPattern)
      .replacingOccurrences(of: "\"mesh\":0,", with: "\"mesh\":0,\"scale\":[1,1,2],")
    let error = failure { () throws(FileFormatError) in try decode(huge) }
    #expect(error?.expected == "a coordinate of a frame of at most 3.4e38")
  }

  @Test("a small file that would fill the memory is refused")
  func amplification() {
    let many = 5_000_000
    let vertices = Self.triangle
      .replacingOccurrences(
        of: "{\"bufferView\":0,\"componentType\":5126,\"count\":3",
        with: "{\"componentType\":5126,\"count\":\(many)")
    let first = failure { () throws(FileFormatError) in try decode(vertices) }
    #expect(
      first?.expected == "vertices of a model of at most 4194304" && first?.found == "\(many)")
    let target = "{\"POSITION\":1}"
    let targets = Self.triangle
      .replacingOccurrences(of: "\"count\":3", with: "\"count\":1000000")
      .replacingOccurrences(
        of: "{\"bufferView\":0,\"componentType\":5126,", with: "{\"componentType\":5126,"
      )
      .replacingOccurrences(
        of: "[\(target)]", with: "[\(Array(repeating: target, count: 17).joined(separator: ","))]")
    let second = failure { () throws(FileFormatError) in try decode(targets) }
    #expect(second?.expected == "positions of morph targets of a model of at most 16777216")
    let buffers = Self.triangle
      .replacingOccurrences(of: "\"byteLength\":2,", with: "\"byteLength\":268435456,")
    let third = failure { () throws(FileFormatError) in try decode(buffers) }
    #expect(third?.expected == "the buffers of a model of at most 268435456 bytes")
  }

  @Test("what is no glTF is told apart")
  func otherFormats() {
    let cases: [([UInt8], String)] = [
      ([], "an empty file"), (Array("v 0 0 0".utf8), "text"), (PNG.signature, "a PNG picture"),
    ]
    for (bytes, found) in cases {
      let error = failure { () throws(FileFormatError) in try GLTF.decode(bytes, file: "a.glb") }
      #expect(error?.expected == "a glTF model" && error?.found == found)
    }
  }

  @Test("the container of a binary file")
  func container() throws {
    let whole = try Fixture.bytes("trimesh.glb")
    func error(_ change: (inout [UInt8]) -> Void) -> String? {
      var bytes = whole
      change(&bytes)
      return failure { () throws(FileFormatError) in
        try GLTF.decode(bytes, file: "a.glb")
      }?.description
    }
    #expect(
      error { $0[4] = 1 }
        == "a.glb: expected GLB version 2, found 1 at byte 4; export the model again as glTF 2.0")
    #expect(
      error { $0.append(0) }
        == "a.glb: expected 1044 bytes, as the GLB header says, found 1045 at byte 8; the file is damaged: copy or download it again"
    )
    #expect(
      error { $0.removeLast() }
        == "a.glb: expected 1044 bytes of the GLB file, found only 1043 at byte 0; the file is cut short: copy or download it again"
    )
    #expect(
      error { $0[16] = 0 }
        == "a.glb: expected a chunk of JSON first, found a chunk of type 4e4f5300 at byte 16; the file is damaged: copy or download it again"
    )
    #expect(error { $0[15] = 0x7F }?.contains("bytes of GLB chunk, found only") == true)
  }
}
