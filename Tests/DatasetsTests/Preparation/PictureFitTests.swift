import FileFormats
import Testing

@testable import Datasets

@Suite struct PictureFitTests {
  /// Red is the row, green the column.
  private func ruler(_ height: Int, _ width: Int) -> Picture {
    Picture(
      height: height, width: width, channels: 3,
      pixels: (0..<height * width).flatMap { [UInt8($0 / width), UInt8($0 % width), 0] })
  }

  @Test("crop takes the middle of the right proportions, and does not smear what lies outside")
  func crop() {
    let cropped = PictureFit.crop.apply(ruler(10, 40), height: 10, width: 10, background: .white)
    #expect(cropped == [ruler(10, 40).centerCropped(height: 10, width: 10)])
    let half = PictureFit.crop.apply(ruler(20, 80), height: 10, width: 20, background: .white)[0]
    #expect(half.height == 10 && half.width == 20)
    // Linear ramps stay linear away from the edges: the mean of columns 20…59 is 39.5.
    let middle = (half.pixels[(5 * 20 + 9) * 3 + 1], half.pixels[(5 * 20 + 10) * 3 + 1])
    #expect(abs(Int(middle.0) + Int(middle.1) - 79) <= 1)
  }

  @Test("pad shows all of the picture, in the middle of the background")
  func pad() {
    let padded = PictureFit.pad.apply(flat(10, 40, 3, 0), height: 20, width: 20, background: .white)
    let column = (0..<20).map { padded[0].pixels[($0 * 20 + 7) * 3] }
    #expect(column == [UInt8](repeating: 255, count: 7) + [0, 0, 0, 0, 0] + column.suffix(8))
    #expect(column.suffix(8).allSatisfy { $0 == 255 })
    let grey = PictureFit.pad.apply(flat(4, 2, 1, 9), height: 4, width: 4, background: .black)[0]
    #expect(grey.channels == 1 && Array(grey.pixels.prefix(4)) == [0, 9, 9, 0])
  }

  @Test("tiles lie side by side, are not resized, and their block is in the middle")
  func tiles() {
    let picture = ruler(21, 35)
    let tiles = PictureFit.tiles.apply(picture, height: 10, width: 10, background: .white)
    #expect(tiles.count == 6)
    #expect(tiles[0] == picture.cropped(top: 0, left: 2, height: 10, width: 10))
    #expect(tiles[5] == picture.cropped(top: 10, left: 22, height: 10, width: 10))
    let small = PictureFit.tiles.apply(ruler(5, 30), height: 10, width: 10, background: .white)
    #expect(small == PictureFit.crop.apply(ruler(5, 30), height: 10, width: 10, background: .white))
  }

  @Test("how far a picture is enlarged, by each fit")
  func enlargement() {
    let shape = PictureShape(height: 16, width: 64, channels: 3)
    #expect(PictureFit.crop.enlargement(of: shape, height: 32, width: 32) == 2)
    #expect(PictureFit.pad.enlargement(of: shape, height: 32, width: 32) == 0.5)
    #expect(PictureFit.tiles.enlargement(of: shape, height: 8, width: 8) == 1)
  }

  @Test("any shape comes out in the size asked for", arguments: PictureFit.allCases)
  func shapes(fit: PictureFit) {
    for (height, width) in [(1, 1), (1, 300), (300, 1), (7, 5), (64, 64), (33, 31)] {
      for channels in [1, 3] {
        for picture in fit.apply(
          flat(height, width, channels, 100), height: 12, width: 9, background: .white)
        {
          #expect(picture.shape == PictureShape(height: 12, width: 9, channels: channels))
        }
      }
    }
  }

  @Test("the deviation is that of all pixels, of the channel that varies most")
  func deviation() {
    #expect(flat(5, 7, 3, 200).deviation == 0)
    // Half 0, half 100: a standard deviation of 50, whatever the order.
    let pixels = (0..<16).flatMap { place -> [UInt8] in [7, place % 2 == 0 ? 0 : 100, 9] }
    #expect(Picture(height: 4, width: 4, channels: 3, pixels: pixels).deviation == 50)
  }
}
