import Testing

@testable import FileFormats

@Suite struct PictureCreditTests {
  /// A TIFF directory of an orientation, an artist inside its entry and a copyright in two parts behind.
  private static func tiff(bigEndian: Bool) -> [UInt8] {
    func bytes(_ value: Int, _ size: Int) -> [UInt8] {
      let little = (0..<size).map { UInt8(value >> (8 * $0) & 0xFF) }
      return bigEndian ? little.reversed() : little
    }
    let rights = Array("Ada \0 Ltd.\0".utf8)
    var tiff = Array((bigEndian ? "MM" : "II").utf8) + bytes(42, 2) + bytes(8, 4) + bytes(3, 2)
    tiff += bytes(0x0112, 2) + bytes(3, 2) + bytes(1, 4) + bytes(6, 2) + [0, 0]
    tiff +=
      bytes(0x013B, 2) + bytes(2, 2) + bytes(4, 4)
      + Array("Bo\u{E9}".unicodeScalars).map {
        UInt8($0.value)
      } + [0]
    tiff += bytes(0x8298, 2) + bytes(2, 2) + bytes(rights.count, 4) + bytes(50, 4)
    return tiff + bytes(0, 4) + rights
  }

  private static func jpeg(_ tiff: [UInt8]) -> [UInt8] {
    let picture = JPEG.encode(
      Picture(height: 8, width: 16, channels: 1, filledWith: .black))
    let body = Array("Exif\0\0".utf8) + tiff
    let length = body.count + 2
    return picture.prefix(2) + [0xFF, 0xE1, UInt8(length >> 8), UInt8(length & 0xFF)] + body
      + picture.dropFirst(2)
  }

  @Test("artist and copyright of EXIF are read in both byte orders", arguments: [false, true])
  func exif(bigEndian: Bool) throws {
    let bytes = Self.jpeg(Self.tiff(bigEndian: bigEndian))
    #expect(
      PictureCredit.all(in: bytes) == [
        PictureCredit(field: "Artist", text: "Bo\u{E9}"),
        PictureCredit(field: "Copyright", text: "Ada; Ltd."),
      ])
    #expect(try JPEG.decode(bytes, file: "").height == 16)
  }

  @Test("EXIF that is cut anywhere, or lies in any byte, ends nothing")
  func hostile() {
    for bigEndian in [false, true] {
      let tiff = Self.tiff(bigEndian: bigEndian)
      for end in tiff.indices { _ = EXIF(tiff: Array(tiff[..<end])) }
      for place in tiff.indices {
        for value: UInt8 in [0, 1, 0x7F, 0xFF] {
          var changed = tiff
          changed[place] = value
          _ = PictureCredit.all(in: Self.jpeg(changed))
        }
      }
    }
  }

  @Test("PNG texts about rights are read, in any case of their keyword, others are not")
  func png() {
    let picture = Picture(height: 2, width: 2, channels: 1, filledWith: .white)
    let bytes = PNG.encode(
      picture,
      texts: [
        PNGText(keyword: "Title", text: "Spring"), PNGText(keyword: "author", text: "Ada"),
        PNGText(keyword: "Copyright", text: "all\nrights"), PNGText(keyword: "License", text: " "),
      ])
    let credits = PictureCredit.all(in: bytes)
    #expect(credits.map(\.field) == ["Author", "Copyright"])
    #expect(credits.map(\.text) == ["Ada", "all rights"])
    #expect(credits.map(\.isAboutRights) == [false, true])
    #expect(PictureCredit.all(in: Array(bytes.prefix(60))).isEmpty)
    #expect(PictureCredit.all(in: []).isEmpty)
  }
}
