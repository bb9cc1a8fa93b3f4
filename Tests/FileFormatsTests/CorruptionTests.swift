import Testing

@testable import FileFormats

/// Every reader, fed with files that were cut or changed, gives a typed error or a value; it never
/// traps.
@Suite struct CorruptionTests {
  struct Reader: CustomTestStringConvertible, Sendable {
    let fixture: String
    /// Whether a file that lacks its end must be an error.
    var mustFailWhenCut = true
    let read: @Sendable ([UInt8]) throws(FileFormatError) -> Void
    var testDescription: String { fixture }
  }

  static func readZip(_ bytes: [UInt8]) throws(FileFormatError) {
    let archive = try ZIPArchive(ByteSource(bytes, name: "a.zip"))
    for entry in archive.entries { _ = try archive.read(entry, limit: 1 << 20) }
  }

  static func readNPZ(_ bytes: [UInt8]) throws(FileFormatError) {
    let file = try NPZ(ByteSource(bytes, name: "a.npz"))
    for name in file.names { _ = try file.array(named: name) }
  }

  static func readSafetensors(_ bytes: [UInt8]) throws(FileFormatError) {
    let file = try Safetensors(ByteSource(bytes, name: "a.safetensors"))
    try file.verify()
    for entry in file.entries { _ = try file.array(entry) }
  }

  static let readers: [Reader] =
    ["gray.png", "rgba.png", "palette.png", "rgb16.png", "interlaced.png"].map { name in
      Reader(fixture: name) { bytes throws(FileFormatError) in
        _ = try PNG.texts(in: bytes, file: name)
        _ = try PNG.decode(bytes, file: name)
      }
    }
    + ["baseline.jpg", "progressive.jpg", "gray.jpg", "orientation6.jpg"].map { name in
      Reader(fixture: name) { bytes throws(FileFormatError) in
        _ = try JPEG.decode(bytes, file: name)
      }
    }
    + ["u1.idx", "f8.idx", "u1.idx.gz"].map { name in
      Reader(fixture: name) { bytes throws(FileFormatError) in _ = try IDX.decode(bytes, file: name)
      }
    }
    + ["f4.npy", "version2.npy", "fortran.npy", "big_endian.npy"].map { name in
      Reader(fixture: name) { bytes throws(FileFormatError) in _ = try NPY.decode(bytes, file: name)
      }
    }
    + ["archive.zip", "streamed.zip", "zip64_directory.zip"].map {
      Reader(fixture: $0, read: readZip)
    }
    + ["stored.npz", "deflated.npz"].map { Reader(fixture: $0, read: readNPZ) }
    + ["arrays.safetensors", "bfloat16.safetensors"].map {
      Reader(fixture: $0, read: readSafetensors)
    }
    + [
      Reader(fixture: "text.gz") { bytes throws(FileFormatError) in
        _ = try Deflate.inflate(bytes, container: .gzip, limit: 1 << 20, file: "a.gz")
      },
      Reader(fixture: "events.tfevents", mustFailWhenCut: false) { bytes throws(FileFormatError) in
        _ = try EventFile.decode(bytes, file: "events")
      },
    ]
    + ["morph_step.glb", "joined.glb", "blender.glb"].map { name in
      Reader(fixture: name) { bytes throws(FileFormatError) in
        _ = try GLTF.decode(bytes, file: name)
      }
    }
    + ["trimesh.obj", "blender.obj"].map { name in
      Reader(fixture: name, mustFailWhenCut: false) { bytes throws(FileFormatError) in
        _ = try OBJ.decode(bytes, file: name)
      }
    }
    + ["comma.csv", "all_quoted.csv"].map { name in
      Reader(fixture: name, mustFailWhenCut: false) { bytes throws(FileFormatError) in
        _ = try CSV.decode(bytes, file: name)
      }
    }

  @Test("every whole file is read", arguments: readers)
  func whole(reader: Reader) throws {
    try reader.read(try Fixture.bytes(reader.fixture))
  }

  @Test("a file cut at any length gives a typed error", arguments: readers)
  func truncated(reader: Reader) throws {
    let whole = try Fixture.bytes(reader.fixture)
    for length in 0..<whole.count {
      do throws(FileFormatError) {
        try reader.read(Array(whole[..<length]))
        // JPEG's end marker is two bytes that carry nothing.
        let isMarker = reader.fixture.hasSuffix(".jpg") && length >= whole.count - 2
        #expect(
          !reader.mustFailWhenCut || isMarker, "\(length) of \(whole.count) bytes were enough")
      } catch {
        #expect(error.kind == .badData && !error.found.isEmpty && !error.advice.isEmpty)
      }
    }
  }

  @Test("a file with any bytes changed gives a typed error or a value", arguments: readers)
  func changed(reader: Reader) throws {
    let whole = try Fixture.bytes(reader.fixture)
    for seed in 0..<400 as Range<UInt64> {
      var generator = SeededGenerator(seed: seed)
      var bytes = whole
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        let interesting: [UInt8] = [
          0, 1, 0x7F, 0x80, 0xFF, .random(in: 0...255, using: &generator),
        ]
        bytes[.random(in: bytes.indices, using: &generator)] = interesting.randomElement(
          using: &generator)!
      }
      do throws(FileFormatError) { try reader.read(bytes) } catch {
        #expect(error.kind == .badData, "seed \(seed): \(error)")
      }
    }
  }
}
