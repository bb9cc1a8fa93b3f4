import FileFormats
import Foundation
import Testing

@testable import Drawing

@Suite("words")
struct TextTests {
  /// The files of DejaVu Sans where they are installed.
  private static var dejaVu: FontPlaces.Family? {
    FontPlaces.common.first {
      $0.regular.contains("DejaVu") && FileManager.default.isReadableFile(atPath: $0.bold)
    }
  }

  @Test(
    "the widths that charts are laid out by are the font's",
    arguments: [Text.Weight.regular, .bold])
  func widths(_ weight: Text.Weight) throws {
    guard let family = Self.dejaVu else { return }
    let font = try Font(FreeType(), file: weight == .bold ? family.bold : family.regular)
    for code in UInt8(0x20)...0x7E {
      let letter = String(UnicodeScalar(code))
      let width = Text(letter, at: .zero, size: 1, weight: weight).width
      #expect(abs(width - font.width(of: letter)) < 0.0006, "\(letter)")
    }
  }

  /// Left, top, right and bottom of what is not paper, in pixels.
  private func inkBox(_ text: Text) throws -> [Int] {
    var drawing = page(100, 100)
    drawing.write(text)
    let gray = try drawing.picture(scale: 1).grayscale
    let dark = gray.pixels.indices.filter { gray.pixels[$0] < 128 }
    let (xs, ys) = (dark.map { $0 % 100 }, dark.map { $0 / 100 })
    return [xs.min() ?? -1, ys.min() ?? -1, xs.max() ?? -1, ys.max() ?? -1]
  }

  @Test("words stand on their base line, on the side of their place that the anchor says")
  func anchors() throws {
    // An H has no descender; its stems are a tenth of the size from its ends.
    let start = try inkBox(Text("HH", at: Point(50, 60), size: 20))
    let middle = try inkBox(Text("HH", at: Point(50, 60), size: 20, anchor: .middle))
    let end = try inkBox(Text("HH", at: Point(50, 60), size: 20, anchor: .end))
    #expect(start[3] == 59 && middle[3] == 59 && end[3] == 59)
    #expect((50...54).contains(start[0]) && start[2] > 70)
    #expect(abs((middle[0] + middle[2]) / 2 - 50) <= 1)
    #expect((46...50).contains(end[2]) && end[0] < 30)
    // Capitals are about 0.7 of the size tall in every sans-serif font.
    #expect((13...16).contains(start[3] - start[1] + 1))
  }

  @Test("words turn clockwise about their place")
  func rotation() throws {
    let down = try inkBox(Text("HHHH", at: Point(50, 20), size: 20, rotation: 90))
    #expect(down[0] >= 49 && down[2] <= 66 && down[1] >= 19 && down[3] > 70)
    let up = try inkBox(Text("HHHH", at: Point(50, 90), size: 20, rotation: -90))
    #expect(up[0] >= 34 && up[2] <= 50 && up[3] <= 90 && up[1] < 40)
  }

  @Test("bold letters have more ink than regular ones, and counters stay open")
  func weights() throws {
    func ink(_ string: String, _ weight: Text.Weight) throws -> Double {
      var drawing = page(100, 100)
      drawing.write(string, at: Point(10, 60), size: 30, weight: weight, color: .black)
      return try drawing.ink()
    }
    let regular = try ink("OOO", .regular)
    #expect(try ink("OOO", .bold) > 1.2 * regular)
    // A ring, not a disc: a disc of an O would have about 0.6 of the size squared.
    #expect(regular < 3 * 0.35 * 900)
  }

  @Test("without a font, words are an error that says what to install, or are left out")
  func noFont() throws {
    var drawing = page()
    drawing.fill(Path(Rectangle(x: 0, y: 0, width: 1, height: 1)), .black)
    drawing.write("a", at: Point(5, 5))
    let places = FontPlaces(
      chosen: nil, families: [FontPlaces.Family(regular: "/none/a.ttf", bold: "/none/b.ttf")])
    let error = #expect(throws: DrawingError.self) {
      try drawing.picture(scale: 1, fonts: places)
    }
    #expect(error == .noFont(places: ["/none/a.ttf"]))
    #expect(
      error?.description
        == "words of a picture: expected a font at one of /none/a.ttf, found none; install the "
        + "package fonts-dejavu-core, name a font file in ATELIER_FONT, or write SVG, which needs none"
    )
    #expect(try drawing.picture(scale: 1, words: .omitted)[0, 0] == [0, 0, 0])
    #expect(try page().picture(scale: 1, fonts: places).channels == 3)
  }

  @Test("a font that was chosen and cannot be used is told of, never replaced")
  func unreadableFonts() throws {
    var drawing = page()
    drawing.write("a", at: Point(5, 5))
    let file = FileManager.default.temporaryDirectory.appending(
      path: "not-a-font-\(UUID().uuidString).ttf"
    ).path
    try Data("not a font".utf8).write(to: URL(fileURLWithPath: file))
    defer { try? FileManager.default.removeItem(atPath: file) }
    for (name, found) in [
      ("/none/mine.ttf", "no file that can be read"), (file, "what FreeType calls error 2"),
    ] {
      let error = #expect(throws: DrawingError.self) {
        try drawing.picture(
          scale: 1, fonts: FontPlaces(chosen: name, families: FontPlaces.common))
      }
      #expect(
        error?.description
          == "\(name): expected a font file with outlines (TrueType or OpenType), found \(found); "
          + "name another in ATELIER_FONT, or install the package fonts-dejavu-core")
    }
  }

  @Test("the other sentences")
  func sentences() {
    #expect(
      DrawingError.tooLarge(width: 20_000, height: 9.5).description
        == "picture of 20000×10: expected at most 16384 pixels a side and 33554432 in all; "
        + "use a smaller scale, or write SVG")
    #expect(
      DrawingError.tooDetailed(points: 31_000).description
        == "shape: expected at most 30000 points within a pixel, found 31000; "
        + "draw it with fewer points")
    #expect(
      DrawingError.exhausted(code: 64).description
        == "picture: expected memory for FreeType, which gave error 64; "
        + "use a smaller scale, or close other programs")
  }
}
