import Foundation

// libFuzzer's way into every reader. `scripts/fuzz` compiles this file together with FileFormats.
//
// A reader passes when it throws its typed error or returns; and what it returned must survive
// being written and read again. A trap, a sanitizer report, a time-out or too much memory is a
// finding.

/// One reader each; the environment variable `ATELIER_FUZZ_READER` picks one by its name.
enum FuzzReader: String {
  case png, jpeg, idx, gzip, zip, npy, npz, safetensors, tfrecord, jsonlines
  case obj, gltf, csv, credits

  func read(_ bytes: [UInt8]) throws(FileFormatError) {
    switch self {
    case .png:
      _ = try? PNG.texts(in: bytes, file: "fuzz")
      _ = try? PNG.recipe(in: bytes, file: "fuzz")
      let picture = try PNG.decode(bytes, file: "fuzz")
      guard picture.pixels.count < 1 << 16 else { return }
      check(try PNG.decode(PNG.encode(picture), file: "again") == picture)
    case .jpeg: _ = try JPEG.decode(bytes, file: "fuzz")
    case .idx:
      let array = try IDX.decode(bytes, file: "fuzz")
      check(try IDX.decode(IDX.encode(array), file: "again") == array)
    case .gzip:
      for container in [Deflate.Container.raw, .zlib, .gzip] {
        _ = try? Deflate.inflate(bytes, container: container, limit: 1 << 20, file: "fuzz")
      }
    case .zip:
      let archive = try ZIPArchive(ByteSource(bytes, name: "fuzz"))
      for entry in archive.entries { _ = try? archive.read(entry, limit: 1 << 20) }
    case .npy:
      let array = try NPY.decode(bytes, file: "fuzz")
      check(array.doubles.count == array.count && array.floats.count == array.count)
      check(try NPY.decode(NPY.encode(array), file: "again").count == array.count)
    case .npz:
      let file = try NPZ(ByteSource(bytes, name: "fuzz"))
      for name in file.names { _ = try? file.array(named: name) }
    case .safetensors:
      let file = try Safetensors(ByteSource(bytes, name: "fuzz"))
      var arrays: [String: NumericArray] = [:]
      for entry in file.entries { arrays[entry.name] = try file.array(entry) }
      let metadata = file.metadata.filter { $0.key != Safetensors.checksumKey }
      let again = Safetensors.encode(arrays, metadata: metadata)
      try Safetensors(ByteSource(again, name: "again")).verify()
      try file.verify()
    case .tfrecord:
      for event in try EventFile.decode(bytes, file: "fuzz") {
        check(event.encoded.isEmpty == false)
      }
    case .jsonlines:
      for value in try JSONLinesFile.decode(bytes, file: "fuzz") {
        check(try JSONValue(parsing: Array(value.encoded.utf8), file: "again") == value)
      }
    case .obj:
      let mesh = try OBJ.decode(bytes, file: "fuzz")
      check(try OBJ.decode(OBJ.encode(mesh), file: "again") == mesh)
    case .gltf:
      _ = try? GLTF.extras(in: bytes, file: "fuzz")
      try checkModel(try GLTF.decode(bytes, file: "fuzz", mesh: nil))
    case .credits:
      // As they are, and as the fields of a photograph, where a mutation need not keep a checksum.
      let length = min(bytes.count, 60_000) + 8
      let exif =
        [0xFF, 0xD8, 0xFF, 0xE1, UInt8(length >> 8), UInt8(length & 255)] + "Exif\0\0".utf8
      for credit in PictureCredit.all(in: bytes)
        + PictureCredit.all(in: exif + bytes.prefix(60_000))
      {
        check(!credit.text.isEmpty && !credit.text.contains { $0.isNewline })
      }
    case .csv:
      for separator in [nil] + CSV.Separator.allCases {
        guard let table = try? CSV.decode(bytes, file: "fuzz", separator: separator) else {
          continue
        }
        let again = try CSV.decode(CSV.encode(table), file: "again")
        check(again.columns == table.columns && again.rows == table.rows)
        for column in table.columns { _ = try? table.numbers(in: column) }
      }
    }
  }

  /// Triangles stay as they are; positions move by rounding of the differences to the first frame.
  private func checkModel(_ sequence: MeshSequence) throws(FileFormatError) {
    let largest = sequence.frames.joined().reduce(0) { max($0, abs($1.x), abs($1.y), abs($1.z)) }
    guard largest <= 1e38, sequence.frames.count * sequence.vertexCount < 1 << 14 else { return }
    let again = try GLTF.decode(GLTF.encode(sequence), file: "again")
    check(again.faces == sequence.faces && again.frames.count == sequence.frames.count)
    for (frame, truth) in Swift.zip(again.frames.joined(), sequence.frames.joined()) {
      let difference = frame - truth
      let error = max(abs(difference.x), abs(difference.y), abs(difference.z))
      check(error <= max(1e-6 * largest, .leastNormalMagnitude))
    }
  }

  private func check(_ holds: Bool) { precondition(holds, "\(self) does not survive a round trip") }
}

private let reader: FuzzReader = {
  let name = ProcessInfo.processInfo.environment["ATELIER_FUZZ_READER"] ?? ""
  guard let reader = FuzzReader(rawValue: name) else {
    fatalError("ATELIER_FUZZ_READER: \"\(name)\" is no reader")
  }
  return reader
}()

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  try? reader.read(Array(UnsafeBufferPointer(start: start, count: count)))
  return 0
}
