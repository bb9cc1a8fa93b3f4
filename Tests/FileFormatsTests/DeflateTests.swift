import Testing

@testable import FileFormats

@Suite struct DeflateTests {
  static let text = Array(String(repeating: "the quick brown fox ", count: 20).utf8)

  @Test(
    "what is compressed is decompressed", arguments: [Deflate.Container.raw, .zlib, .gzip],
    [0, 1, 1000, 300_000])
  func roundTrip(container: Deflate.Container, count: Int) throws {
    var generator = SeededGenerator(seed: 1)
    let bytes = (0..<count).map { _ in UInt8.random(in: 0..<16, using: &generator) }
    let packed = Deflate.deflate(bytes, container: container)
    #expect(
      try Deflate.inflate(packed, container: container, limit: count, file: "memory") == bytes)
  }

  @Test("gzip files of other programs, several members included")
  func foreign() throws {
    let one = try Fixture.bytes("text.gz")
    let two = try Fixture.bytes("two_members.gz")
    #expect(try Deflate.inflate(one, container: .gzip, limit: 400, file: "a") == Self.text)
    let both = try Deflate.inflate(two, container: .gzip, limit: 403, file: "a")
    #expect(both == Self.text + Array("end".utf8))
  }

  @Test("output beyond the limit is refused, and not made first")
  func bomb() {
    let bomb = Deflate.deflate(
      [UInt8](repeating: 0, count: 100_000_000), container: .gzip, level: 9)
    #expect(bomb.count < 100_000)
    let error = failure { () throws(FileFormatError) in
      try Deflate.inflate(bomb, container: .gzip, limit: 1000, file: "bomb.gz")
    }
    #expect(
      error?.description
        == "bomb.gz: expected decompressed data of at most 1000 bytes, found more; "
        + "use a smaller file, or check that its header is not damaged")
  }

  @Test("bytes after the end are refused, but for gzip's padding of zeros")
  func trailing() throws {
    let packed = Deflate.deflate(Self.text, container: .gzip)
    let padded = packed + [0, 0, 0]
    #expect(try Deflate.inflate(padded, container: .gzip, limit: 400, file: "a") == Self.text)
    let error = failure { () throws(FileFormatError) in
      try Deflate.inflate(packed + [1], container: .gzip, limit: 400, file: "a")
    }
    #expect(error?.found == "1 byte more" && error?.offset == packed.count)
  }

  @Test("CRC-32 and CRC-32C give the catalogue's check values")
  func checkValues() {
    let digits = Array("123456789".utf8)
    #expect(CRC32.of(digits) == 0xCBF4_3926)
    #expect(CRC32C.of(digits) == 0xE306_9283)
    #expect(CRC32.of(digits[4...], continuing: CRC32.of(digits[..<4])) == 0xCBF4_3926)
  }
}
