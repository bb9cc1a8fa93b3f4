import FileFormats
import Foundation
import Testing

@testable import Datasets

@Suite struct GlyphTests {
  // Areas and boxes in ems by fontTools: Tests/Fixtures/measure_glyphs.py. The M is the one that
  // decides the scale: 56 of 64 pixels for the larger of its sides.
  @Test("glyphs of a font cover the areas their outlines have, at one scale")
  func areas() throws {
    try withTemporaryFolder { folder in
      try write([DejaVu.sans: DejaVu.bytes(DejaVu.sans)], in: folder)
      let dataset = try glyphs("glyphs:MOi8", folder, size: (64, 64))
      let scale = 56 / 0.759766
      for (index, (character, area, width, height)) in [
        ("M", 0.233134, 0.666992, 0.729004), ("O", 0.187328, 0.674805, 0.756348),
        ("i", 0.059355, 0.089844, 0.759766), ("8", 0.183618, 0.500000, 0.756348),
      ].enumerated() {
        let picture = try dataset.picture(at: index)
        #expect(dataset.character(at: index) == Character(character))
        let covered = picture.pixels.reduce(0.0) { $0 + Double($1) / 255 }
        // FreeType cuts coverage to 8 bits: less than 1/255 at each of at most 400 edge pixels.
        #expect(abs(covered - area * scale * scale) < 1.6, "\(character): \(covered)")
        let box = try #require(inkBox(picture))
        #expect((0...2).contains(Double(box.columns.count) - width * scale), "\(character)")
        #expect((0...2).contains(Double(box.rows.count) - height * scale), "\(character)")
      }
    }
  }

  @Test(
    "ink is in the middle, inside the margin, whatever the size and the variation",
    arguments: [(32, 32), (48, 64), (64, 20), (9, 31)])
  func centred(size: (Int, Int)) throws {
    let dataset = try glyphs(
      "glyphs:A-Za-z0-9.,|_@-", DejaVu.folder, size: size, variations: 3)
    let margin = Double(min(size.0, size.1)) / 16
    for index in 0..<dataset.count {
      let box = try #require(inkBox(try dataset.picture(at: index)))
      let place: Comment =
        "\(dataset.character(at: index)) of \(dataset.family(at: index)), \(index)"
      for (range, side) in [(box.rows, size.0), (box.columns, size.1)] {
        #expect(abs(range.lowerBound - (side - 1 - range.upperBound)) <= 1, place)
        // A pixel that the edge of the room passes through belongs to it.
        #expect(Double(range.lowerBound) > margin - 1, place)
      }
    }
  }

  @Test("a glyph far larger than the middle one does not make the others small")
  func scale() throws {
    try withTemporaryFolder { folder in
      try write([DejaVu.sans: DejaVu.bytes(DejaVu.sans)], in: folder)
      let alone = try glyphs("glyphs:.,:", folder, size: (64, 64))
      let beside = try glyphs("glyphs:.,:—", folder, size: (64, 64))
      let (small, large) = (
        try #require(inkBox(try beside.picture(at: 0))),
        try #require(inkBox(try alone.picture(at: 0)))
      )
      #expect(small.rows.count * 3 > large.rows.count)
      let dash = try #require(inkBox(try beside.picture(at: 3)))
      #expect((55...57).contains(dash.columns.count), "it fills the room")
    }
  }

  @Test("black on white is white on black turned round, and colour is three times grey")
  func colors() throws {
    let black = try glyphs("glyphs:g8", DejaVu.folder)
    let white = try glyphs("glyphs:g8", DejaVu.folder, background: .white)
    let options = DatasetOptions(channels: 3, background: .black, fonts: DejaVu.folder)
    let rgb = try DatasetSource.open("glyphs:g8", options: options)
    for index in 0..<black.count {
      let pixels = try black.picture(at: index).pixels
      #expect(try white.picture(at: index).pixels == pixels.map { 255 - $0 })
      #expect(try rgb.picture(at: index).pixels == pixels.flatMap { [$0, $0, $0] })
      #expect(pixels.contains(255) && pixels.contains { (1...254).contains($0) })
    }
  }

  @Test(
    "the same bits from the same fonts under any names and folders, drawn at once or one by one")
  func order() throws {
    try withTemporaryFolder { folder in
      let names = [DejaVu.mono, DejaVu.serif, DejaVu.sans, DejaVu.bold]
      for (index, name) in names.enumerated() {
        let bytes = try DejaVu.bytes(name)
        try write(["a/\(name)": bytes, "b/\(9 - index)/x/\(9 - index).ttf": bytes], in: folder)
      }
      let first = try glyphs("glyphs:a-f", "\(folder)/a", seed: 3, variations: 4)
      let second = try glyphs(
        "glyphs:a-f", "\(folder)/b", seed: 3, variations: 4, memoryLimit: 0)
      #expect(first.identity == second.identity && first.testRange == second.testRange)
      #expect(first.count == 3 * 6 * 4)
      for index in (0..<first.count).reversed() {
        #expect(try first.picture(at: index) == second.picture(at: index), "example \(index)")
      }
    }
  }

  @Test("one face stands for a family, the regular one; copies and repetitions are left out")
  func families() throws {
    try withTemporaryFolder { folder in
      var other = TrueTypeFile(try DejaVu.bytes(DejaVu.mono))
      other.rename("DejaVu Sans Mono", to: "DejaVu Sans Copy")
      try write(
        [
          "1.ttf": DejaVu.bytes(DejaVu.bold), "2.ttf": DejaVu.bytes(DejaVu.sans),
          "3.ttf": DejaVu.bytes(DejaVu.sans), "4.ttf": DejaVu.bytes(DejaVu.mono),
          "5.ttf": other.bytes,
        ], in: folder)
      let dataset = try glyphs("glyphs:A", folder)
      #expect(
        (0..<dataset.count).map { dataset.family(at: $0) }.sorted()
          == ["DejaVu Sans", "DejaVu Sans Copy"])
      #expect(
        dataset.notes.contains {
          $0.hasPrefix("1 family left out")
            && $0.hasSuffix("DejaVu Sans Mono (as DejaVu Sans Copy)")
        }, "\(dataset.notes)")
      try write(["a/2.ttf": DejaVu.bytes(DejaVu.sans)], in: folder)
      let regular = try glyphs("glyphs:A", "\(folder)/a")
      let index = try #require((0..<2).first { dataset.family(at: $0) == "DejaVu Sans" })
      #expect(try regular.picture(at: 0) == dataset.picture(at: index))
    }
  }

  @Test("no family is on both sides, and each category of two families has one held out")
  func split() throws {
    try withTemporaryFolder { folder in
      for index in 0..<30 {
        for (category, name) in [("serif", "Serif"), ("script", "Sans"), ("other", "Sans Mono")] {
          var font = TrueTypeFile(
            try DejaVu.bytes("DejaVu\(name.filter { $0 != " " }).ttf"))
          let letters = String(UnicodeScalar(65 + index % 26)!) + (index < 26 ? "a" : "b")
          font.rename("DejaVu \(name)", to: "\(letters)\(category.prefix(2))Vu \(name)")
          // Another glyph for the dot, which is the 17th, makes a family of its own.
          font.redraw(17, as: 36 + index)
          if category == "script" && index > 1 { continue }
          try write(["\(category)/\(index).ttf": font.bytes], in: folder)
        }
      }
      let dataset = try glyphs("glyph-styles:.A-C", folder, size: (8, 8), variations: 2)
      let split = DatasetSplit(dataset)
      #expect(split.name == "test")
      let training = Set(split.training.map { dataset.family(at: $0) })
      let heldOut = Set(split.heldOut.map { dataset.family(at: $0) })
      #expect(training.isDisjoint(with: heldOut), "\(training.intersection(heldOut))")
      #expect(training.count + heldOut.count == 62)
      let note = try #require(dataset.notes.first { $0.hasPrefix("held out: ") })
      #expect(Set(note.dropFirst(10).components(separatedBy: ", ")) == heldOut)
      #expect(dataset.classNames == ["serif", "script", "other"])
      for (label, category) in dataset.classNames.enumerated() {
        let labels = split.heldOut.map { dataset.label(at: $0) }
        #expect(labels.contains(label), "\(category)")
        #expect(Set(split.training.map { dataset.label(at: $0) }).contains(label), "\(category)")
      }
    }
  }

  @Test("a font that lacks a character, or draws nothing or its empty box for it, is passed over")
  func missing() throws {
    try withTemporaryFolder { folder in
      let regular = try DejaVu.bytes(DejaVu.sans)
      let mono = try DejaVu.bytes(DejaVu.mono)
      // A is the 36th glyph of DejaVu Sans, the box for what it lacks its first.
      for (name, outline) in [("blank", nil), ("box", 0), ("plain", 36)] {
        var font = TrueTypeFile(regular)
        font.redraw(36, as: outline)
        try write(["\(name)/sans.ttf": font.bytes, "\(name)/mono.ttf": mono], in: folder)
        let dataset = try glyphs("glyphs:AZ", "\(folder)/\(name)")
        let drawn = (0..<dataset.count).map {
          "\(dataset.family(at: $0)) \(dataset.character(at: $0))"
        }
        let others = ["DejaVu Sans Mono A", "DejaVu Sans Mono Z", "DejaVu Sans Z"]
        let all = name == "plain" ? ["DejaVu Sans A"] + others : others
        #expect(drawn.sorted() == all, "\(name)")
      }
    }
  }

  @Test("variations: the first is plain, the others differ and depend on seed and index alone")
  func variations() throws {
    let plain = try glyphs("glyphs:aR", DejaVu.folder)
    let varied = try glyphs("glyphs:aR", DejaVu.folder, seed: 1, variations: 5)
    let other = try glyphs("glyphs:aR", DejaVu.folder, seed: 2, variations: 5)
    #expect(varied.count == 5 * plain.count && varied.identity != other.identity)
    for index in 0..<plain.count {
      let copies = try (0..<5).map { try varied.picture(at: 5 * index + $0) }
      #expect(try copies[0] == plain.picture(at: index))
      #expect(Set(copies).count == 5)
      #expect(try other.picture(at: 5 * index) == copies[0])
      #expect(try other.picture(at: 5 * index + 1) != copies[1])
      let ink = copies.map { $0.pixels.reduce(0.0) { $0 + Double($1) } }
      // Strokes have 0.85 to 1.5 of their thickness, and outlines may shrink to fit.
      #expect(ink.allSatisfy { (0.5...1.8).contains($0 / ink[0]) }, "\(ink)")
      #expect((0..<5).allSatisfy { varied.label(at: 5 * index + $0) == plain.label(at: index) })
    }
  }

  @Test("labels are characters in the order named, or categories in the order of the table")
  func labels() throws {
    let characters = try glyphs("glyphs:ZA", DejaVu.folder)
    #expect(characters.name == "glyphs" && characters.classNames == ["Z", "A"])
    let styles = try glyphs("glyph-styles:ZA", DejaVu.folder)
    #expect(styles.name == "glyph-styles")
    #expect(styles.classNames.prefix(3) == ["serif", "sans", "mono"])
    for (family, category) in [
      ("DejaVu Serif", "serif"), ("DejaVu Sans", "sans"), ("DejaVu Sans Mono", "mono"),
    ] {
      for index in 0..<styles.count where styles.family(at: index) == family {
        #expect(styles.label(at: index).map { styles.classNames[$0] } == category)
        #expect(
          characters.label(at: index).map { characters.classNames[$0] }
            == String(styles.character(at: index)))
      }
    }
  }

  @Test(
    "without numbers in its tables a font is known by the words of its name",
    arguments: [
      ("Old Fraktur", FontCategory.blackletter), ("Brush Go", .script), ("Caslon Pro", .serif),
      ("XyzGrotesk", .sans), ("Handle Abc", .other), ("Code Abcde", .mono),
    ])
  func words(name: String, category: FontCategory) throws {
    try withTemporaryFolder { folder in
      var font = TrueTypeFile(try DejaVu.bytes(DejaVu.sans))
      font.rename("DejaVu Sans", to: name + String(repeating: "q", count: 11 - name.count))
      if name.count < 11 {
        font = TrueTypeFile(try DejaVu.bytes(DejaVu.sans))
        font.rename("DejaVu Sans", to: name + " " + String(repeating: "q", count: 10 - name.count))
      }
      let table = font.table("OS/2")
      for byte in table + 30..<table + 42 { font.bytes[byte] = 0 }
      try write(["x/1.ttf": font.bytes, "y/serif/sans/1.ttf": font.bytes], in: folder)
      #expect(try glyphs("glyphs:A", "\(folder)/x").category(at: 0) == category)
      #expect(try glyphs("glyphs:A", "\(folder)/y").category(at: 0) == .sans, "the folder wins")
    }
  }
}
