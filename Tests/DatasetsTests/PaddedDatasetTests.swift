import Datasets
import FileFormats
import Testing

@Suite("Padded pictures")
struct PaddedDatasetTests {
  @Test("lie in the middle of the background, and are themselves again when it is cropped")
  func middle() throws {
    let inner = Shapes(count: 5, shape: PictureShape(height: 9, width: 8, channels: 3), seed: 1)
    let padded = PaddedDataset(inner, height: 12, width: 11, background: .white)
    #expect(padded.shape == PictureShape(height: 12, width: 11, channels: 3))
    #expect(padded.count == 5 && padded.classNames == inner.classNames)
    for index in 0..<5 {
      let (picture, original) = (try padded.picture(at: index), try inner.picture(at: index))
      #expect(picture.centerCropped(height: 9, width: 8) == original)
      #expect(picture.pixels[..<33].allSatisfy { $0 == 255 }, "the first row")
      #expect(padded.hash(at: index) == inner.hash(at: index))
      #expect(padded.label(at: index) == inner.label(at: index))
    }
    let black = PaddedDataset(inner, height: 9, width: 20, background: .black)
    #expect(try black.picture(at: 0).pixels[..<18].allSatisfy { $0 == 0 })
  }
}
