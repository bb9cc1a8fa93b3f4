import FileFormats
import Foundation
import Testing

@testable import Datasets

@Suite struct GlyphSourceTests {
  @Test(
    "lists of characters",
    arguments: [
      ("0-9", "0123456789"), ("A-Ca-c", "ABCabc"), ("あいう", "あいう"), ("-", "-"), ("0-2-", "012-"),
      ("-a-c", "-abc"), ("+--", "+,-"), ("abca-d", "abcd"), ("Ξ-Σ", "ΞΟΠΡΣ"), ("e\u{301}", "é"),
      (":,", ":,"), ("--", "-"), ("a-", "a-"),
    ])
  func lists(list: String, characters: String) throws {
    #expect(try GlyphCharacters.parse(list, source: "s") == Array(characters.unicodeScalars))
  }

  @Test(
    "lists that cannot be meant",
    arguments: [
      (
        "",
        "s: expected 1 to 65536 characters, found 0; name some, such as glyphs:0-9 or glyphs:A-Za-z"
      ),
      ("z-a", "s: expected ranges that rise, found z-a; write a-z"),
      (
        "a-c-e",
        "s: expected two characters round each -, found one that follows a range; "
          + "write a - that stands for itself first or last"
      ),
      ("a b", "s: expected characters that are drawn, found U+0020; leave it out"),
      (
        "👨‍👩‍👧",
        "s: expected characters of one code point each, found 👨‍👩‍👧; "
          + "leave it out; glyphs:emoji takes all pictures of a colour font"
      ),
    ])
  func badLists(list: String, sentence: String) {
    let error = failure { () throws(FileFormatError) in
      try GlyphCharacters.parse(list, source: "s")
    }
    #expect(error?.description == sentence)
  }

  @Test("what is missing is said in one sentence")
  func missing() throws {
    try withTemporaryFolder { folder in
      func sentence(_ source: String, _ folder: String) -> String? {
        failure { () throws(FileFormatError) in
          try DatasetSource.open(source, options: DatasetOptions(fonts: folder))
        }?.description
      }
      for source in ["glyphs:a", "glyphs:emoji"] {
        #expect(
          sentence(source, folder)
            == "\(folder): expected fonts (.ttf, .otf, .ttc and the like), found none; install some, "
            + "such as the package fonts-dejavu-core, or name their folder")
        #expect(
          sentence(source, "\(folder)/x")
            == "\(folder)/x: expected to list the folder of fonts, found no such file or directory; "
            + "check the spelling of the path, or leave it to the system's fonts")
      }
      try write(["a.ttf": DejaVu.bytes(DejaVu.sans)], in: folder)
      #expect(
        sentence("glyphs:aあb", folder)
          == "glyphs:aあb: expected a font that draws あ (U+3042), found none in \(folder); "
          + "install one that does, name its folder by --fonts, or leave the character out")
      #expect(
        sentence("glyphs:emoji", folder)
          == "\(folder): expected a font of pictures in colour, found none; "
          + "install the package fonts-noto-color-emoji, or name a font's folder by --fonts")
      #expect(
        sentence("glyphs", folder)?.hasPrefix("glyphs: expected 1 to 65536 characters") == true)
    }
  }

  @Test("a damaged font is left out with its reason; folders and other files are no fonts")
  func damaged() throws {
    try withTemporaryFolder { folder in
      try write(
        [
          "good.ttf": DejaVu.bytes(DejaVu.sans), "bad.ttf": Array("no font".utf8), "empty.otf": [],
          "ttf/readme.txt": [1], ".hidden.ttf": [2], ".folder/x.ttf": [3],
        ], in: folder)
      let dataset = try glyphs("glyphs:a", folder)
      #expect(dataset.count == 1)
      let sentence = try #require(dataset.skipped.first?.description)
      // Releases of FreeType number the reason differently.
      #expect(
        sentence.hasPrefix(
          "\(folder)/bad.ttf: expected a font file, found what FreeType calls error ")
          && sentence.hasSuffix("; install its package again, or take it away"), "\(sentence)")
      #expect(dataset.skipped.map { $0.file.lastPathComponent } == ["bad.ttf", "empty.otf"])
    }
  }

  @Test("fonts cut short or with wild bytes never stop the program", arguments: 0..<6)
  func wild(part: Int) throws {
    let whole = try DejaVu.bytes([DejaVu.sans, DejaVu.mono][part % 2])
    var state = UInt64(part)
    func draw(below count: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(count))
    }
    // Tables that say how the others are read; the outlines are most of the rest.
    let font = TrueTypeFile(whole)
    let starts = ["head", "maxp", "loca", "cmap", "OS/2", "post", "name", "hhea"].map(font.table)
    try withTemporaryFolder { folder in
      try write(["good.ttf": DejaVu.bytes(DejaVu.serif)], in: folder)
      for _ in 0..<40 {
        var bytes = whole
        if draw(below: 3) == 0 { bytes.removeLast(draw(below: bytes.count)) }
        for _ in 0..<draw(below: 60) {
          let place =
            draw(below: 2) == 0
            ? draw(below: 12 + 16 * 20)
            : starts[draw(below: starts.count)] + draw(below: 200)
          if place < bytes.count { bytes[place] = UInt8(draw(below: 256)) }
        }
        for _ in 0..<draw(below: 400) where !bytes.isEmpty {
          bytes[draw(below: bytes.count)] = UInt8(draw(below: 256))
        }
        try write(["wild.ttf": bytes], in: folder)
        let dataset = try glyphs("glyphs:!-~À-ÿ", folder, size: (16, 16), variations: 2)
        #expect(dataset.count >= 2 * 150)
      }
    }
  }
}
