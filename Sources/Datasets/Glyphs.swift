import Drawing
import FileFormats
import Locks

/// Characters as the fonts on the machine draw them: every character of a list by every family that
/// has it.
///
/// A family is seen by its regular upright face. Ink is in the middle of the picture; one scale
/// serves all glyphs of a font, as far as they fit (``GlyphFamily/scale(toFit:)``). A tenth of the
/// families of each category is set aside for testing, at least one of two: no family is on both
/// sides. The order of the examples, and so their indices, depends on the fonts alone, wherever
/// their files lie.
public struct Glyphs: Dataset {
  /// What an example's class is.
  public enum Labelling: Sendable {
    /// Its character.
    case characters
    /// The category of its font.
    case categories
  }

  public let name: String
  public let shape: PictureShape
  public let testRange: Range<Int>
  public let classNames: [String]
  public let skipped: [FileFormatError]
  public let notes: [String]

  private let labelling: Labelling
  private let characters: [Unicode.Scalar]
  /// In the order of the examples: those to train on first, then by name.
  private let families: [GlyphFamily]
  private let categories: [FontCategory]
  /// Every family's glyphs, family by family; each is drawn `variations` times, one after the other.
  private let glyphs: [(family: Int, glyph: GlyphFamily.Glyph)]
  private let scales: [Double]
  private let options: DatasetOptions
  private let painter = CoveragePainter()
  private var pixels: [[UInt8]]?

  /// Of the shorter side, left free on every side.
  private static let margin = 1.0 / 16

  public var count: Int { glyphs.count * options.variations }

  /// The character of an example.
  public func character(at index: Int) -> Character {
    Character(characters[glyph(index).character])
  }

  /// The family of an example's font.
  public func family(at index: Int) -> String { family(index).name }

  /// The category of an example's font.
  public func category(at index: Int) -> FontCategory { family(index).category }

  public func label(at index: Int) -> Int? {
    switch labelling {
    case .characters: glyph(index).character
    case .categories: categories.firstIndex(of: category(at: index))
    }
  }

  /// Of family, character, outline and variation.
  public func hash(at index: Int) -> UInt64 {
    let variation = index % options.variations
    let numbers = [
      UInt64(characters[glyph(index).character].value), glyph(index).hash, UInt64(variation),
      variation == 0 ? 0 : options.generatedSeed,
    ]
    let bytes = numbers.flatMap { withUnsafeBytes(of: $0.littleEndian) { Array($0) } }
    return ExampleHash.of(bytes + family(at: index).utf8)
  }

  public func picture(at index: Int) throws(FileFormatError) -> Picture {
    if let pixels { return Picture(shape, pixels: pixels[index]) }
    return try drawing(of: index)
  }

  private func glyph(_ index: Int) -> GlyphFamily.Glyph { glyphs[index / options.variations].glyph }

  private func family(_ index: Int) -> GlyphFamily {
    families[glyphs[index / options.variations].family]
  }

  private func drawing(of index: Int) throws(FileFormatError) -> Picture {
    let (family, glyph) = glyphs[index / options.variations]
    let variation =
      index % options.variations == 0
      ? nil : GlyphVariation(seed: options.generatedSeed, example: index)
    var outline = families[family].outline(glyph, variation)
    if let (low, high) = outline.inkBox {
      let scale = min(scales[family], (Self.room(shape) / (high - low)).min())
      let middle = Point(Double(shape.width), Double(shape.height)) / 2
      outline = outline.moved { ($0 - (low + high) / 2) * scale + middle }
    }
    do throws(DrawingError) {
      return inked(try painter.picture(of: outline, height: shape.height, width: shape.width))
    } catch {
      throw .mismatch(
        "\(families[family].name), \(characters[glyph.character])", expected: "a glyph to draw",
        found: "\(error)", advice: "leave out the character or the font")
    }
  }

  /// Coverage as white ink on a dark background, or black on a light one.
  private func inked(_ coverage: Picture) -> Picture {
    let ground = Picture(
      height: 1, width: 1, channels: shape.channels, filledWith: options.background
    )
    .pixels.map(Int.init)
    let isDark =
      Picture(height: 1, width: 1, channels: 1, filledWith: options.background).pixels[0] < 128
    let ink = isDark ? 255 : 0
    var pixels: [UInt8] = []
    pixels.reserveCapacity(shape.count)
    for covered in coverage.pixels {
      for ground in ground {
        pixels.append(UInt8((ink * Int(covered) + ground * (255 - Int(covered)) + 127) / 255))
      }
    }
    return Picture(shape, pixels: pixels)
  }

  private static func room(_ shape: PictureShape) -> Point {
    Point(Double(shape.width), Double(shape.height))
      - 2 * margin * Double(min(shape.height, shape.width))
  }

  /// Opens the fonts and draws.
  ///
  /// - Parameters:
  ///   - list: Characters, as ``GlyphCharacters`` reads them.
  ///   - labelling: What the classes are.
  ///   - source: The name that errors carry.
  ///   - options: Size, colours, fonts, variations.
  ///   - environment: Where `HOME` is looked up.
  ///   - memoryLimit: Most bytes of pixels that are kept; beyond, pictures are drawn when asked for.
  ///   - progress: Is told of files and pictures.
  /// - Throws: When the list cannot be meant, or no font is there for one of its characters.
  init(
    _ list: String, labelling: Labelling, source: String, _ options: DatasetOptions,
    environment: [String: String], memoryLimit: Int = PictureFiles.memoryLimit,
    progress: @escaping ReadingProgress
  ) throws(FileFormatError) {
    characters = try GlyphCharacters.parse(list, source: source)
    let files = try FontFiles(folder: options.fonts, environment: environment, progress: progress)
    let drawn = Self.families(files.faces, drawing: characters)
    let (kept, repeated) = drawn.families.withoutRepetitions()
    let order = Self.split(kept)
    families = (order.training + order.heldOut).map { kept[$0] }
    categories = FontCategory.allCases.filter { category in
      kept.contains { $0.category == category }
    }
    glyphs = families.enumerated().flatMap { place, family in
      family.glyphs.map { (place, $0) }
    }
    try Self.check(characters, glyphs.map(\.glyph.character), files, source)
    let heldOut = order.heldOut.reduce(0) { $0 + kept[$1].glyphs.count }
    testRange = (glyphs.count - heldOut) * options.variations..<glyphs.count * options.variations
    shape = options.shape(
      for: CollectionOfOne(PictureShape(height: 32, width: 32, channels: 1)))
    scales = families.map { [shape] in $0.scale(toFit: Self.room(shape)) }
    switch labelling {
    case .characters: (name, classNames) = ("glyphs", characters.map { String(Character($0)) })
    case .categories: (name, classNames) = ("glyph-styles", categories.map(\.rawValue))
    }
    self.labelling = labelling
    self.options = options
    skipped = files.damaged + drawn.damaged
    notes = Self.notes(
      kept, heldOut: order.heldOut.map { kept[$0].name }, repeated, others: drawn.others)
    if count <= memoryLimit / shape.count { pixels = try drawnAtOnce(progress) }
  }

  private func drawnAtOnce(_ progress: @escaping ReadingProgress) throws(FileFormatError)
    -> [[UInt8]]
  {
    let results = concurrentMap(count, progress: { [count] in progress($0, count) }) { index in
      Result { () throws(FileFormatError) in try drawing(of: index).pixels }
    }
    var pixels: [[UInt8]] = []
    for result in results { pixels.append(try result.get()) }
    return pixels
  }

  /// The families that draw something, by name; how many draw nothing of it; those that could not be
  /// read.
  private static func families(
    _ faces: [FontFaceRecord], drawing characters: [Unicode.Scalar]
  ) -> (families: [GlyphFamily], others: Int, damaged: [FileFormatError]) {
    let groups = Dictionary(grouping: faces, by: \.family).sorted { $0.key < $1.key }
    let results = concurrentMap(groups.count) { place in
      Result { () throws(FileFormatError) in
        try GlyphFamily(groups[place].value, drawing: characters)
      }
    }
    var (families, others, damaged): ([GlyphFamily], Int, [FileFormatError]) = ([], 0, [])
    for result in results {
      switch result {
      case .success(let family?): families.append(family)
      case .success(nil): others += 1
      case .failure(let error): damaged.append(error)
      }
    }
    return (families, others, damaged)
  }

  /// Places of the families to train on and of those held out, both rising.
  private static func split(_ families: [GlyphFamily]) -> (training: [Int], heldOut: [Int]) {
    let hashes = families.map { ExampleHash.of($0.name.utf8) }
    var heldOut: Set<Int> = []
    for category in FontCategory.allCases {
      let members = families.indices.filter { families[$0].category == category }
      let chosen = DatasetSplit.tenth(members.map { hashes[$0] })
      heldOut.formUnion(zip(members, chosen).filter(\.1).map(\.0))
    }
    if heldOut.isEmpty {
      heldOut.formUnion(zip(families.indices, DatasetSplit.tenth(hashes)).filter(\.1).map(\.0))
    }
    return (families.indices.filter { !heldOut.contains($0) }, heldOut.sorted())
  }

  /// Every character is drawn by some font, or else the first that is not is named.
  private static func check(
    _ characters: [Unicode.Scalar], _ drawn: [Int], _ files: FontFiles, _ source: String
  ) throws(FileFormatError) {
    let drawn = Set(drawn)
    guard let missing = characters.indices.first(where: { !drawn.contains($0) }) else { return }
    let character = characters[missing]
    throw .mismatch(
      source, expected: "a font that draws \(character) (\(GlyphCharacters.name(character)))",
      found: "none in \(files.place)",
      advice: "install one that does, name its folder by --fonts, or leave the character out")
  }

  private static func notes(
    _ families: [GlyphFamily], heldOut: [String], _ repeated: [(name: String, of: String)],
    others: Int
  ) -> [String] {
    var notes = [
      "\(FileFormats.count(families.count, "font family", "font families")), \(heldOut.count) held out"
    ]
    if !heldOut.isEmpty { notes.append("held out: \(heldOut.joined(separator: ", "))") }
    for category in FontCategory.allCases {
      let members = families.filter { $0.category == category }.map(\.name)
      if !members.isEmpty { notes.append("\(members.count) \(category): \(some(members))") }
    }
    if !repeated.isEmpty {
      notes.append(
        "\(FileFormats.count(repeated.count, "family", "families")) left out for repeating"
          + " another's glyphs: \(some(repeated.map { "\($0.name) (as \($0.of))" }))")
    }
    if others > 0 {
      notes.append(
        "\(FileFormats.count(others, "family", "families")) left out for drawing none of the characters"
      )
    }
    return notes
  }

  /// The first few of some names.
  private static func some(_ names: [String]) -> String {
    names.prefix(4).joined(separator: ", ") + (names.count > 4 ? ", …" : "")
  }
}
