import Testing

@testable import FileFormats

@Suite struct PNGTests {
  @Test(
    "every kind of PNG comes in with the pixels that were put into it",
    arguments: [
      ("gray.png", 1), ("rgb.png", 3), ("rgba.png", 4), ("rgb16.png", 3), ("interlaced.png", 1),
    ])
  func pixels(name: String, channels: Int) throws {
    let picture = try PNG.decode(try Fixture.bytes(name), file: name)
    expectClose(picture, Fixture.pattern(7, 5, channels), within: 0)
  }

  @Test("a palette is looked up")
  func palette() throws {
    let picture = try PNG.decode(try Fixture.bytes("palette.png"), file: "palette.png")
    expectClose(picture, try Fixture.picture("palette.npy"), within: 0)
  }

  @Test("one bit a pixel becomes 0 and 255")
  func bilevel() throws {
    let picture = try PNG.decode(try Fixture.bytes("bilevel.png"), file: "bilevel.png")
    #expect(picture.pixels == Fixture.pattern(7, 5, 1).pixels.map { $0 >= 128 ? 255 : 0 })
  }

  @Test("grey with alpha keeps both")
  func grayAlpha() throws {
    let picture = try PNG.decode(try Fixture.bytes("gray_alpha.png"), file: "gray_alpha.png")
    let expected = Fixture.pattern(7, 5, 1).pixels.flatMap { [$0, $0, $0, 255 - $0] }
    #expect(picture.channels == 4 && picture.pixels == expected)
  }

  @Test(
    "what is written is read back, for odd sizes", arguments: [1, 3, 4],
    [(1, 1), (1, 9), (13, 1), (31, 17)])
  func roundTrip(channels: Int, size: (Int, Int)) throws {
    let picture = Fixture.pattern(size.0, size.1, channels)
    let bytes = PNG.encode(picture)
    #expect(try PNG.decode(bytes, file: "memory") == picture)
    #expect(PNG.encode(picture) == bytes, "the same picture gives the same bytes")
    #expect(bytes.contains(Array("sRGB".utf8)), "marked as sRGB")
  }

  @Test("a recipe and its line come back, in UTF-8 and in Latin-1")
  func recipe() throws {
    let recipe: JSONValue = ["seed": 7, "title": "Käthe 画 🎨", "nested": ["a": [1, 2.5, nil]]]
    let bytes = PNG.encode(
      Fixture.pattern(3, 4, 3), recipe: recipe, parameters: "seed 7, größe\n2 lines")
    #expect(try PNG.recipe(in: bytes, file: "memory") == recipe)
    #expect(try PNG.decode(bytes, file: "memory") == Fixture.pattern(3, 4, 3))
    let line = try PNG.texts(in: bytes, file: "memory").first { $0.keyword == "parameters" }
    #expect(line?.text == "seed 7, größe\n2 lines")
    #expect(
      bytes.contains(Array("tEXtparameters".utf8)) && bytes.contains(Array("iTXtatelier".utf8)))
  }

  @Test("texts of other programs are read, packed ones too")
  func foreignTexts() throws {
    let texts = try PNG.texts(in: try Fixture.bytes("texts.png"), file: "texts.png")
    #expect(
      texts.map(\.text) == [
        "a line\nand another", #"{"seed": 7, "name": "Käthe"}"#, String(repeating: "x", count: 100),
      ])
  }

  @Test("a picture without a recipe says so with nil")
  func noRecipe() throws {
    #expect(try PNG.recipe(in: try Fixture.bytes("rgb.png"), file: "rgb.png") == nil)
  }

  @Test("a damaged text is found by its checksum")
  func damagedText() throws {
    var bytes = PNG.encode(Fixture.pattern(3, 4, 1), recipe: ["seed": 7], parameters: "seed 7")
    bytes[60] ^= 1
    let error = failure { () throws(FileFormatError) in try PNG.texts(in: bytes, file: "a.png") }
    #expect(error?.expected.hasPrefix("checksum") == true && error?.offset == 37)
  }

  @Test("a header that promises a huge picture is refused before anything is allocated")
  func hugeHeader() throws {
    var bytes = try Fixture.bytes("rgb.png")
    bytes.replaceSubrange(
      16..<24, with: UInt32(32_000).bigEndianBytes + UInt32(32_000).bigEndianBytes)
    bytes.replaceSubrange(29..<33, with: CRC32.of(bytes[12..<29]).bigEndianBytes)
    let error = failure { () throws(FileFormatError) in try PNG.decode(bytes, file: "bomb.png") }
    #expect(
      error?.description
        == "bomb.png: expected a picture of at most 32768 pixels a side and 256 MiB of pixels, "
        + "found 32000×32000×3; use a smaller file, or check that its header is not damaged")
  }

  @Test(
    "a chunk that promises 2 GiB is refused before libpng would allocate them (found by fuzzing)")
  func hugeChunk() throws {
    var bytes = try Fixture.bytes("texts.png")
    bytes.replaceSubrange(33..<37, with: UInt32(0x78EE_F2E3).bigEndianBytes)
    let error = failure { () throws(FileFormatError) in try PNG.decode(bytes, file: "a.png") }
    #expect(error?.expected == "2028925667 bytes of PNG chunk \"tEXt\"" && error?.offset == 41)
  }

  @Test("a compressed text that swells without end is refused")
  func textBomb() throws {
    let packed = Deflate.deflate(
      [UInt8](repeating: 65, count: PNG.maximumTextBytes + 1), container: .zlib)
    let body = Array("zTXtbomb".utf8) + [0, 0] + packed
    let chunk = UInt32(body.count - 4).bigEndianBytes + body + CRC32.of(body).bigEndianBytes
    var bytes = try Fixture.bytes("rgb.png")
    bytes.insert(contentsOf: chunk, at: 33)
    let error = failure { () throws(FileFormatError) in try PNG.texts(in: bytes, file: "bomb.png") }
    #expect(error?.expected == "decompressed data of at most 16777216 bytes")
  }
}
