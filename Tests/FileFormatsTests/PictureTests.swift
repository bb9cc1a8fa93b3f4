import Testing

@testable import FileFormats

@Suite struct PictureTests {
  // Pillow rounds to 8 bits after each of its two passes and works in fixed point: at most one
  // level.
  @Test(
    "resizing agrees with Pillow's antialiased BILINEAR",
    arguments: [(8, 9), (50, 61), (37, 5), (1, 1)])
  func resizing(size: (Int, Int)) throws {
    let picture = Fixture.pattern(37, 23, 3).resized(height: size.0, width: size.1)
    expectClose(picture, try Fixture.picture("resized_\(size.0)x\(size.1).npy"), within: 1)
  }

  @Test("alpha weighs colours while resizing, so that hidden colours do not bleed")
  func resizingAlpha() throws {
    let half = Picture(height: 1, width: 2, channels: 4, pixels: [255, 0, 0, 255, 0, 255, 0, 0])
    #expect(half.resized(height: 1, width: 1).pixels == [255, 0, 0, 128])
    // Pillow premultiplies in 8 bits, which costs colours of small alpha several levels: compare
    // what is seen on black and on white instead.
    let ours = Fixture.pattern(37, 23, 4).resized(height: 8, width: 9)
    let truth = try Fixture.picture("resized_rgba_8x9.npy")
    for ground in [Color.black, .white] {
      expectClose(ours.composed(on: ground), truth.composed(on: ground), within: 3)
    }
  }

  @Test("a flat picture stays flat at any size", arguments: [1, 3, 4])
  func flat(channels: Int) {
    let color = Color(red: 10, green: 200, blue: 77, alpha: 31)
    let picture = Picture(height: 17, width: 5, channels: channels, filledWith: color)
    let resized = picture.resized(height: 4, width: 11)
    #expect(resized == Picture(height: 4, width: 11, channels: channels, filledWith: color))
  }

  @Test(
    "fitting keeps proportions and the middle", arguments: [(10, 30), (30, 10), (7, 7), (1, 99)])
  func fitting(size: (Int, Int)) {
    let fitted = Fixture.pattern(size.0, size.1, 1).fitted(height: 8, width: 8)
    #expect(fitted.shape == PictureShape(height: 8, width: 8, channels: 1))
    // A vertical stripe in the middle of a wide picture is still in the middle.
    var pixels = [UInt8](repeating: 0, count: 8 * 24)
    for row in 0..<8 { for column in 11...12 { pixels[row * 24 + column] = 255 } }
    let stripe = Picture(height: 8, width: 24, channels: 1, pixels: pixels).fitted(
      height: 8, width: 8)
    #expect(stripe.pixels[..<8] == [0, 0, 0, 255, 255, 0, 0, 0])
  }

  @Test("grey is BT.601 luma, as Pillow's L")
  func luma() throws {
    expectClose(Fixture.pattern(37, 23, 3).grayscale, try Fixture.picture("luma.npy"), within: 0)
    #expect(Picture(height: 1, width: 1, channels: 3, filledWith: .white).grayscale.pixels == [255])
  }

  @Test("alpha is composed on the colour that is named")
  func composing() {
    let picture = Picture(
      height: 1, width: 3, channels: 4, pixels: [9, 9, 9, 0, 100, 200, 0, 255, 100, 200, 0, 51])
    let pixels = picture.composed(on: Color(red: 255, green: 0, blue: 50)).pixels
    #expect(pixels == [255, 0, 50, 100, 200, 0, 224, 40, 40])
  }

  @Test("conversions between grey, RGB and RGBA")
  func conversions() {
    let gray = Picture(height: 1, width: 2, channels: 1, pixels: [3, 4])
    #expect(gray.rgb.pixels == [3, 3, 3, 4, 4, 4])
    #expect(gray.rgba.pixels == [3, 3, 3, 255, 4, 4, 4, 255])
    #expect(Fixture.pattern(5, 3, 3).rgba.rgb == Fixture.pattern(5, 3, 3))
  }

  @Test("cropping and mirroring move pixels without changing them")
  func cropping() {
    let picture = Fixture.pattern(5, 4, 3)
    #expect(picture.cropped(top: 0, left: 0, height: 5, width: 4) == picture)
    let corner = picture.cropped(top: 4, left: 3, height: 1, width: 1)
    #expect(corner.pixels == Array(picture.pixels.suffix(3)))
    #expect(picture.mirrored.mirrored == picture)
    #expect(Array(picture.mirrored.pixels.prefix(3)) == Array(picture.pixels[9..<12]))
  }

  @Test("a grid puts pictures of mixed sizes into equal cells, in reading order")
  func grid() {
    let small = Picture(height: 1, width: 1, channels: 1, pixels: [200])
    let large = Picture(height: 3, width: 3, channels: 1, pixels: Array(1...9))
    let sheet = PictureGrid(columns: 2, padding: 1).composed([large, small, small])
    #expect(sheet.shape == PictureShape(height: 9, width: 9, channels: 1))
    func row(_ index: Int) -> [UInt8] { Array(sheet.pixels[index * 9..<index * 9 + 9]) }
    #expect(row(0) == [0, 0, 0, 0, 0, 0, 0, 0, 0])
    #expect(row(1) == [0, 1, 2, 3, 0, 0, 0, 0, 0])
    #expect(row(2) == [0, 4, 5, 6, 0, 0, 200, 0, 0])
    #expect(row(6) == [0, 0, 200, 0, 0, 0, 0, 0, 0])
  }

  @Test("one coloured picture makes the whole grid RGB; alpha lies on the background")
  func mixedGrid() {
    let gray = Picture(height: 1, width: 1, channels: 1, pixels: [9])
    let clear = Picture(height: 1, width: 1, channels: 4, pixels: [1, 2, 3, 0])
    let sheet = PictureGrid(columns: 9, padding: 0, background: .white).composed([gray, clear])
    #expect(sheet.shape == PictureShape(height: 1, width: 2, channels: 3))
    #expect(sheet.pixels == [9, 9, 9, 255, 255, 255])
    #expect(PictureGrid.squarish(count: 10).columns == 4)
  }

  @Test(
    "the header alone gives the shape of the whole picture",
    arguments: [
      "rgb.png", "gray_alpha.png", "palette.png", "gray.jpg", "baseline.jpg", "orientation6.jpg",
    ])
  func shapes(name: String) throws {
    let bytes = try Fixture.bytes(name)
    #expect(try Picture.shape(of: bytes, file: name) == Picture(decoding: bytes, file: name).shape)
  }
}
