import Testing

@testable import FileFormats

@Suite struct IDXTests {
  @Test(
    "every element type comes in with its numbers",
    arguments: [
      ("u1", NumericArray.ElementType.uint8), ("i1", .int8), ("i2", .int16), ("i4", .int32),
      ("f4", .float32), ("f8", .float64),
    ])
  func types(code: String, type: NumericArray.ElementType) throws {
    let array = try IDX.read(path: Fixture.path("\(code).idx"))
    #expect(array.elementType == type && array.shape == [2, 3])
    #expect(array.integers == (code == "u1" ? Array(0..<6) : Array(-3..<3)))
    #expect(IDX.encode(array) == (try Fixture.bytes("\(code).idx")))
  }

  @Test("gzip is seen by content")
  func compressed() throws {
    let array = try IDX.read(path: Fixture.path("u1.idx.gz"))
    #expect(array == (try IDX.read(path: Fixture.path("u1.idx"))))
  }

  @Test(
    "a header that lies about its sizes is refused, compressed or not", arguments: [false, true])
  func lying(isCompressed: Bool) throws {
    let honest = try Fixture.bytes("u1.idx")
    func error(_ change: (inout [UInt8]) -> Void) -> FileFormatError? {
      var bytes = honest
      change(&bytes)
      let file = isCompressed ? Deflate.deflate(bytes, container: .gzip) : bytes
      return failure { () throws(FileFormatError) in try IDX.decode(file, file: "a.idx") }
    }
    #expect(
      error { $0[7] = 200 }?.description
        == "a.idx: expected 600 bytes of numbers for uint8 [200, 3], found only 6 at byte 12; "
        + "the file is cut short: copy or download it again")
    #expect(
      error { $0.append(0) }?.description
        == "a.idx: expected 6 bytes of numbers for uint8 [2, 3], found more at byte 12; "
        + "the file is damaged: copy or download it again")
    #expect(
      error { $0.replaceSubrange(4..<12, with: [UInt8](repeating: 255, count: 8)) }?.offset == 4)
    #expect(error { $0[3] = 0 }?.expected == "1 to 8 axes")
    #expect(error { $0[3] = 9 }?.expected == "1 to 8 axes")
    #expect(error { $0[2] = 0x0A }?.expected == "an IDX file")
    #expect(error { $0 = [] } != nil)
  }

  @Test("a file that unpacks to far more than its header says stops at the header's size")
  func bomb() {
    let zeros = [UInt8](repeating: 0, count: 50_000_000)
    let bomb = Deflate.deflate([0, 0, 8, 1, 0, 0, 0, 10] + zeros, container: .gzip, level: 1)
    let error = failure { () throws(FileFormatError) in try IDX.decode(bomb, file: "bomb.gz") }
    #expect(error?.expected == "10 bytes of numbers for uint8 [10]")
  }

  @Test("an empty axis is an empty array")
  func empty() throws {
    let array = NumericArray(shape: [0, 28, 28], [UInt8]())
    #expect(try IDX.decode(IDX.encode(array), file: "memory") == array)
  }
}
