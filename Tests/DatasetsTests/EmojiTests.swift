import FileFormats
import Foundation
import Testing

@testable import Datasets

@Suite struct EmojiTests {
  static let font = "/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf"
  static let isThere = FileManager.default.fileExists(atPath: font)

  /// The pictures in the font's file, found by the signature of PNG and read by libpng.
  static func pictures() throws -> [Picture] {
    let bytes = Array(try Data(contentsOf: URL(filePath: font)))
    let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    let starts = bytes.indices.dropLast(8).filter {
      bytes[$0] == 0x89 && Array(bytes[$0..<$0 + 8]) == signature
    }
    let ends = starts.dropFirst() + [bytes.count]
    return try zip(starts, ends).map { start, end in
      try PNG.decode(Array(bytes[start..<end]), file: "glyph").rgba
    }
  }

  @Test(
    "every picture of the font, once, transparent parts showing the background",
    .enabled(if: isThere, "needs the package fonts-noto-color-emoji"),
    arguments: [Color.white, .black])
  func pictures(background: Color) throws {
    let dataset = try DatasetSource.open(
      "glyphs:emoji",
      options: DatasetOptions(
        background: background, fonts: URL(filePath: Self.font).deletingLastPathComponent().path))
    let stored = try Self.pictures()
    #expect(dataset.count == Set(stored.map(\.pixels)).count && dataset.count > 3000)
    #expect(dataset.shape == PictureShape(height: 128, width: 136, channels: 3))
    // By their mean colour in order, as the font stores pictures by glyph.
    var seen: Set<[UInt8]> = []
    let distinct = stored.filter { seen.insert($0.pixels).inserted }
    for index in stride(from: 0, to: dataset.count, by: 37) {
      let picture = try dataset.picture(at: index).pixels.reduce(0.0) { $0 + Double($1) }
      let expected = distinct[index].composed(on: background).pixels.reduce(0.0) { $0 + Double($1) }
      // FreeType multiplies by alpha and rounds, so that half-transparent colours are off by one.
      let tolerance = 0.5 * Double(distinct[index].pixels.count)
      #expect(abs(picture - expected) < tolerance, "glyph \(index): \(picture), \(expected)")
    }
  }
}
