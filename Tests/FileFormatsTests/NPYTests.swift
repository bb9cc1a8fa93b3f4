import Testing

@testable import FileFormats

/// NumPy's codes, which are also the names of the fixtures.
enum NumPyTypes {
  static let all: [(String, NumericArray.ElementType)] = [
    ("bool", .bool), ("u1", .uint8), ("i1", .int8), ("u2", .uint16), ("i2", .int16),
    ("u4", .uint32), ("i4", .int32), ("u8", .uint64), ("i8", .int64), ("f2", .float16),
    ("f4", .float32), ("f8", .float64),
  ]
}

@Suite struct NPYTests {
  @Test(
    "every element type comes in with its numbers and goes out as NumPy writes it",
    arguments: NumPyTypes.all
  )
  func types(code: String, type: NumericArray.ElementType) throws {
    let bytes = try Fixture.bytes("\(code).npy")
    let array = try NPY.decode(bytes, file: code)
    #expect(array.elementType == type && array.shape == [2, 3])
    let expected =
      switch code {
      case "bool": [0, 1, 1, 1, 1, 1]
      case "u1", "u2", "u4", "u8": Array(0..<6)
      default: Array(-3..<3)
      }
    #expect(array.integers == expected && array.doubles == expected.map(Double.init))
    #expect(array.floats == expected.map(Float.init))
    #expect(NPY.encode(array) == bytes, "byte for byte")
  }

  @Test("version 2, big-endian and column-major files", arguments: ["version2", "big_endian"])
  func variants(name: String) throws {
    let array = try NPY.decode(try Fixture.bytes("\(name).npy"), file: name)
    #expect(array == NumericArray(shape: [2, 3], (-3..<3).map(Float.init)))
  }

  @Test("column-major order is turned into row-major")
  func fortran() throws {
    let array = try NPY.decode(try Fixture.bytes("fortran.npy"), file: "fortran")
    #expect(array == NumericArray(shape: [2, 3, 4], (-3..<21).map(Int32.init)))
  }

  @Test("no axes, one axis, an empty axis")
  func shapes() throws {
    let scalar = try NPY.decode(try Fixture.bytes("scalar.npy"), file: "scalar")
    #expect(scalar == NumericArray(shape: [], [Float(2.5)]))
    #expect(NPY.encode(scalar) == (try Fixture.bytes("scalar.npy")))
    let line = try NPY.decode(try Fixture.bytes("line.npy"), file: "line")
    #expect(line.shape == [5])
    #expect(NPY.encode(line) == (try Fixture.bytes("line.npy")))
    let empty = try NPY.decode(try Fixture.bytes("empty.npy"), file: "empty")
    #expect(empty.shape == [0, 3] && empty.count == 0)
  }

  @Test("half precision is widened exactly: zeros, subnormals, largest, infinities")
  func halves() throws {
    let halves = try NPY.decode(try Fixture.bytes("halves.npy"), file: "halves")
    let truth = try NPY.decode(try Fixture.bytes("halves_as_f4.npy"), file: "truth")
    #expect(halves.floats.map(\.bitPattern) == truth.floats.map(\.bitPattern))
  }

  @Test("Python objects and structures are never loaded")
  func objects() throws {
    for (name, found) in [("objects", "Python objects"), ("structured", "a structured array")] {
      let bytes = try Fixture.bytes("\(name).npy")
      let error = failure { () throws(FileFormatError) in try NPY.decode(bytes, file: name) }
      #expect(error?.expected == "plain numbers" && error?.found == found)
    }
  }

  static func file(_ header: String, data: [UInt8] = [UInt8](repeating: 0, count: 24)) -> [UInt8] {
    NPY.magic + [1, 0] + UInt16(header.utf8.count).littleEndianBytes + Array(header.utf8) + data
  }

  @Test(
    "headers that are not the one allowed dictionary are refused",
    arguments: [
      "", "{}", "{'descr': '<f4'}", "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), } x",
      "{'descr': '<f4', 'fortran_order': 0, 'shape': (2, 3), }",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2, -3), }",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), 'extra': 1}",
      "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 2), }",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (0, 4611686018427387904, 4), }",
      "{'descr': '|f4', 'fortran_order': False, 'shape': (2, 3), }",
      "__import__('os').system('true')", "{'descr",
    ])
  func headers(header: String) {
    let bytes = Self.file(header)
    let error = failure("\(header)") { () throws(FileFormatError) in
      let array = try NPY.decode(bytes, file: "a.npy")
      // An empty axis makes any other length harmless: nothing is allocated.
      if array.count == 0 { throw .mismatch("a.npy", expected: "numbers", found: "none") }
    }
    #expect(error?.kind == .badData)
  }

  @Test("keys in any order, either quote, no space")
  func freedom() throws {
    let header = #"{"shape":(2,3),"fortran_order":False,"descr":"<f4"}"#
    #expect(try NPY.decode(Self.file(header), file: "a").shape == [2, 3])
  }

  @Test("too few and too many numbers are refused")
  func counts() {
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }"
    for (count, found) in [(23, "only 23"), (25, "1 byte more")] {
      let bytes = Self.file(header, data: [UInt8](repeating: 0, count: count))
      let error = failure { () throws(FileFormatError) in try NPY.decode(bytes, file: "a.npy") }
      #expect(error?.found == found)
    }
  }

  @Test("archives of arrays", arguments: ["stored.npz", "deflated.npz"])
  func npz(name: String) throws {
    let file = try NPZ(path: Fixture.path(name))
    #expect(file.names == ["x", "y"])
    #expect(try file.array(named: "x") == NumericArray(shape: [4, 3, 2], (0..<24).map(UInt8.init)))
    #expect(try file.array(named: "y") == NumericArray(shape: [4], [-3, -2, -1, 0] as [Int64]))
    let error = failure { () throws(FileFormatError) in try file.array(named: "z") }
    #expect(error?.found == "\"x\", \"y\"")
  }

  @Test("archives that are written are read back; bfloat16 is widened")
  func npzRoundTrip() throws {
    let arrays = [
      "b": NumericArray(shape: [2], [1.5, -2] as [Float]),
      "a": NumericArray(.bfloat16, shape: [2], bytes: [0x80, 0x3F, 0x20, 0xC0]),
    ]
    for isCompressed in [false, true] {
      let bytes = NPZ.encode(arrays, isCompressed: isCompressed)
      let file = try NPZ(ByteSource(bytes, name: "memory"))
      #expect(file.names == ["a", "b"])
      #expect(try file.array(named: "a") == NumericArray(shape: [2], [1, -2.5] as [Float]))
      #expect(try file.array(named: "b") == arrays["b"])
    }
  }
}
