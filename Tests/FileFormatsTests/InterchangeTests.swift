import Foundation
import Testing

@testable import FileFormats

private enum Interchange {
  static let folder = ProcessInfo.processInfo.environment["ATELIER_WRITE_FORMATS"]
}

/// Writes files for other programs to read:
/// `ATELIER_WRITE_FORMATS=D swift test --filter Interchange`, then
/// `make_format_fixtures.py --check D` and `make_mesh_fixtures.py --check D`.
@Suite(.enabled(if: Interchange.folder != nil, "set ATELIER_WRITE_FORMATS to a folder"))
struct InterchangeTests {
  @Test("files for other programs are written")
  func write() throws {
    let folder = try #require(Interchange.folder)
    for (channels, name) in [(1, "L"), (3, "RGB"), (4, "RGBA")] {
      let bytes = PNG.encode(
        Fixture.pattern(7, 5, channels), recipe: ["seed": 7, "title": "größe"], parameters: "seed 7"
      )
      try AtomicFile.write(bytes, to: "\(folder)/\(name).png")
    }
    let smooth = Fixture.smooth(19, 27)
    try AtomicFile.write(JPEG.encode(smooth), to: "\(folder)/rgb.jpg")
    try AtomicFile.write(JPEG.encode(smooth.grayscale), to: "\(folder)/gray.jpg")
    let arrays = [
      "f4": NumericArray(shape: [2, 3], (-3..<3).map(Float.init)),
      "u1": NumericArray(shape: [2, 3], (0..<6).map(UInt8.init)),
    ]
    try AtomicFile.write(NPZ.encode(arrays), to: "\(folder)/arrays.npz")
    try AtomicFile.write(
      Safetensors.encode(arrays, metadata: ["model": "größe \"x\""]),
      to: "\(folder)/arrays.safetensors")
    try AtomicFile.write(
      Deflate.deflate(DeflateTests.text, container: .gzip), to: "\(folder)/text.gz")
    let events = try EventFile(path: "\(folder)/events.out.tfevents.1", wallTime: 1000)
    let png = PNG.encode(Fixture.pattern(7, 5, 3))
    try events.append(
      TensorBoardEvent(
        wallTime: 1001, step: 0, values: [.init(tag: "loss", content: .scalar(1))]))
    try events.append(
      TensorBoardEvent(
        wallTime: 1002, step: 5,
        values: [
          .init(tag: "loss", content: .scalar(0.5)),
          .init(
            tag: "sample", content: .image(height: 7, width: 5, channels: 3, encoded: png)),
        ]))
    try events.synchronize()
  }

  @Test("models and tables for other programs are written")
  func writeModels() throws {
    let folder = try #require(Interchange.folder)
    let sheet = MeshFixture.sheet
    for (form, name) in [(GLTF.Form.binary, "sheet.glb"), (.text, "sheet.gltf")] {
      let bytes = GLTF.encode(
        sheet, as: form, baseColor: SIMD4(0.9, 0.2, 0.4, 1), extras: ["seed": 7])
      try AtomicFile.write(bytes, to: "\(folder)/\(name)")
    }
    try AtomicFile.write(
      OBJ.encode(sheet.mesh(frame: 0), comments: ["a sheet"]), to: "\(folder)/sheet.obj")
    func numbers(_ vector: SIMD3<Float>) -> JSONValue {
      .array([vector.x, vector.y, vector.z].map { .number(Double($0)) })
    }
    let truth: JSONValue = [
      "frames": .array(sheet.frames.map { .array($0.map(numbers)) }),
      "times": .array(sheet.times.map { .number(Double($0)) }),
      "faces": .array(sheet.faces.map { .array($0.map { .integer($0) }) }),
    ]
    try AtomicFile.write(truth.encoded, to: "\(folder)/sheet.json")
    let table = try CSV.read(path: Fixture.path("all_quoted.csv"))
    try AtomicFile.write(CSV.encode(table), to: "\(folder)/table.csv")
  }
}
