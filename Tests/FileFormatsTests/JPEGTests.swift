import Testing

@testable import FileFormats

@Suite struct JPEGTests {
  // Both sides are libjpeg-turbo with the accurate DCT; a level of slack covers its versions.
  @Test("JPEGs look as another program sees them", arguments: ["baseline", "progressive", "gray"])
  func decoding(name: String) throws {
    let picture = try JPEG.decode(try Fixture.bytes("\(name).jpg"), file: "\(name).jpg")
    expectClose(picture, try Fixture.picture("\(name)_jpg.npy"), within: 1)
  }

  @Test("pictures are turned the way the camera was held", arguments: 1...8)
  func orientation(tag: Int) throws {
    let name = "orientation\(tag)"
    let picture = try JPEG.decode(try Fixture.bytes("\(name).jpg"), file: name)
    expectClose(picture, try Fixture.picture("\(name).npy"), within: 1)
  }

  @Test("CMYK is refused with advice")
  func cmyk() throws {
    let bytes = try Fixture.bytes("cmyk.jpg")
    let error = failure { () throws(FileFormatError) in try JPEG.decode(bytes, file: "cmyk.jpg") }
    #expect(
      error?.description
        == "cmyk.jpg: expected a grey or RGB JPEG, found CMYK; save it as sRGB first")
  }

  @Test("what is written is read back nearly the same", arguments: [1, 3])
  func roundTrip(channels: Int) throws {
    let smooth = Fixture.smooth(19, 27)
    let picture = channels == 1 ? smooth.grayscale : smooth
    // Quality 95 divides by up to 10 in the highest frequencies; a smooth ramp stays within 6
    // levels.
    expectClose(try JPEG.decode(JPEG.encode(picture), file: "memory"), picture, within: 6)
  }

  @Test("the content decides, not the name")
  func wrongExtension() throws {
    let picture = try Picture(path: Fixture.path("really_png.jpg"))
    expectClose(picture, Fixture.pattern(7, 5, 3), within: 0)
  }

  @Test("other pictures are refused by name with advice")
  func webp() {
    let error = failure { () throws(FileFormatError) in
      try Picture(path: Fixture.path("picture.webp"))
    }
    #expect(error?.expected == "a PNG or JPEG picture" && error?.found == "a WebP picture")
    #expect(error?.advice == "convert it to PNG or JPEG first")
  }

  @Test("stray bytes between segments, as cameras leave them, do no harm")
  func strayBytes() throws {
    var bytes = try Fixture.bytes("baseline.jpg")
    bytes.insert(contentsOf: [0, 0, 0], at: 2 + 2 + 16)  // after the JFIF segment
    let picture = try JPEG.decode(bytes, file: "stray.jpg")
    expectClose(picture, try Fixture.picture("baseline_jpg.npy"), within: 1)
  }
}
