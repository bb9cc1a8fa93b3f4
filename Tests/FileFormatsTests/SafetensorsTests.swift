import Testing

@testable import FileFormats

@Suite struct SafetensorsTests {
  static let example = Safetensors.encode(
    [
      "layer.weight": NumericArray(shape: [2, 3], (0..<6).map(Float.init)),
      "layer.bias": NumericArray(shape: [3], [1, 2, 3] as [UInt8]),
      "scale": NumericArray(shape: [], [0.5]), "none": NumericArray(shape: [0, 4], [Float]()),
    ], metadata: ["step": "500", "model": "{\"latent\":16}"])

  @Test("a file of the reference library, every element type", arguments: NumPyTypes.all)
  func foreign(code: String, type: NumericArray.ElementType) throws {
    let file = try Safetensors(path: Fixture.path("arrays.safetensors"))
    let truth = try NPY.decode(try Fixture.bytes("\(code).npy"), file: code)
    #expect(try file.array(named: code) == truth)
    #expect(file.metadata == ["format": "np", "note": "größe \"x\"\n"])
    #expect(!file.hasChecksum)
    try file.verify()
  }

  @Test("scalars, empty arrays and bfloat16 of the reference library")
  func foreignShapes() throws {
    let file = try Safetensors(path: Fixture.path("arrays.safetensors"))
    #expect(try file.array(named: "scalar") == NumericArray(shape: [], [Float(2.5)]))
    #expect(try file.array(named: "empty").shape == [0, 4])
    let bfloat16 = try Safetensors(path: Fixture.path("bfloat16.safetensors")).array(named: "b")
    #expect(bfloat16.elementType == .bfloat16 && bfloat16.floats == [1, -2.5, 3])
  }

  @Test("what is written is read back, sorted, aligned and verified")
  func roundTrip() throws {
    let file = try Safetensors(ByteSource(Self.example, name: "memory"))
    try file.verify()
    #expect(file.entries.map(\.name) == ["layer.bias", "layer.weight", "none", "scale"])
    #expect(file.metadata["step"] == "500" && file.metadata["model"] == "{\"latent\":16}")
    #expect(try file.array(named: "scale") == NumericArray(shape: [], [0.5]))
    #expect(try file.array(named: "layer.weight").floats == [0, 1, 2, 3, 4, 5])
    #expect(try file.array(named: "layer.bias").bytes == [1, 2, 3])
    let headerLength = Int(UInt64(bytes: Self.example[..<8]))
    #expect(headerLength % 8 == 0)
    for entry in file.entries {
      #expect(entry.range.lowerBound % entry.elementType.size == 0, "\(entry.name) is aligned")
    }
    let again = Safetensors.encode(
      Dictionary(
        uniqueKeysWithValues: try file.entries.reversed().map { ($0.name, try file.array($0)) }),
      metadata: file.metadata.filter { $0.key != Safetensors.checksumKey })
    #expect(again == Self.example, "the same content gives the same bytes")
  }

  @Test("any flipped bit is found")
  func flippedBits() {
    for index in Self.example.indices {
      var bytes = Self.example
      bytes[index] ^= 1 << UInt8(index % 8)
      // White space at the end of the header is not content; everything else is.
      let isPadding = Self.example[index] == 0x20
      do throws(FileFormatError) {
        try Safetensors(ByteSource(bytes, name: "memory")).verify()
        // A flip in the name of the checksum itself leaves a file that has none.
        let isUnsigned = (try? Safetensors(ByteSource(bytes, name: ""))).map { !$0.hasChecksum }
        #expect(isPadding || isUnsigned == true, "byte \(index) was changed and nobody saw it")
      } catch {
        #expect(error.kind == .badData)
      }
    }
  }

  static func file(_ header: String, dataCount: Int) -> [UInt8] {
    UInt64(header.utf8.count).littleEndianBytes + Array(header.utf8)
      + [UInt8](repeating: 0, count: dataCount)
  }

  @Test(
    "headers that lie are refused",
    arguments: [
      (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, 7, "8 bytes of arrays"),
      (
        #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, 9,
        "the end of the file after 8 bytes of arrays"
      ),
      (
        #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,7]}}"#, 7,
        "data_offsets of array \"a\" that hold F32 [2]"
      ),
      (
        #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#, 8,
        "data_offsets of array \"a\" that hold F32 [2]"
      ),
      (
        #"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}"#,
        3, "array \"b\" to start at 2, where the one before ends"
      ),
      (
        #"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[3,5]}}"#,
        5, "array \"b\" to start at 2, where the one before ends"
      ),
      (
        #"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"a":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}"#,
        4, "every JSON key once"
      ),
      (
        #"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}"#, 0,
        "data_offsets of array \"a\" that hold F32 [4611686018427387904, 4]"
      ),
      (
        #"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#, 4,
        "data_offsets of array \"a\" that hold F32 [-1]"
      ),
      (
        #"{"a":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1]}}"#, 1,
        "a plain number type for array \"a\""
      ),
      (
        #"{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}"#, 4,
        "\"dtype\", \"shape\" and \"data_offsets\" for array \"a\""
      ),
      (#"{"__metadata__":{"x":1}}"#, 0, "texts in \"__metadata__\""),
      (#"[]"#, 0, "a safetensors header ('{')"),
      (#"{"a":"#, 0, "a value in JSON"),
    ] as [(String, Int, String)])
  func lying(header: String, dataCount: Int, expected: String) {
    let bytes = Self.file(header, dataCount: dataCount)
    let error = failure { () throws(FileFormatError) in
      try Safetensors(ByteSource(bytes, name: "a.safetensors"))
    }
    #expect(error?.expected == expected)
  }

  @Test("a header length beyond the limit is refused before it is read")
  func hugeHeader() {
    let bytes = UInt64(1 << 24 + 1).littleEndianBytes + [0x7B, 0x7D]
    let error = failure { () throws(FileFormatError) in
      try Safetensors(ByteSource(bytes, name: "a.safetensors"))
    }
    #expect(error?.expected == "a safetensors header of at most 16777216 bytes")
    let absurd = ByteSource([UInt8](repeating: 0xFF, count: 16), name: "a.safetensors")
    #expect(failure { () throws(FileFormatError) in try Safetensors(absurd) } != nil)
  }

  @Test("a picture or a pickle in its place is called what it is")
  func otherFormats() throws {
    let png = try Fixture.source("rgb.png")
    #expect(
      failure { () throws(FileFormatError) in try Safetensors(png) }?.found == "a PNG picture")
    let pickle = ByteSource([0x80, 2, 0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9], name: "model.pt")
    let error = failure { () throws(FileFormatError) in try Safetensors(pickle) }
    #expect(error?.found == "a Python pickle")
    #expect(
      error?.advice == "pickles can run code and are never read: save it as .npz or .safetensors")
  }
}
