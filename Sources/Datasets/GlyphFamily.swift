import Drawing
import FileFormats
import Locks

/// A family of fonts by the face that stands for it, and those of the characters that it draws.
struct GlyphFamily: Sendable {
  struct Glyph: Sendable {
    /// Place among the characters that were asked for.
    let character: Int
    /// Place in the font.
    let glyph: Int
    /// Of the outline.
    let hash: UInt64
    /// Width and height of the ink in ems.
    let size: Point
  }

  let name: String
  let category: FontCategory
  let glyphs: [Glyph]
  private let face: Locked<FontFace>

  /// Outlines of more pieces are taken for damage; a letter has some 30, the finest ornaments
  /// hundreds.
  private static let maximumPieces = 10_000

  /// The regular upright face of a family or, where that has none of the characters, the next.
  ///
  /// - Returns: `nil` where no face draws any of them.
  init?(
    _ records: [FontFaceRecord], drawing characters: [Unicode.Scalar]
  ) throws(FileFormatError) {
    for record in records.sorted(by: { $0.isPreferred(to: $1) }) where record.hasOutlines {
      let face = try record.open()
      let glyphs = Self.glyphs(of: face, for: characters)
      if glyphs.isEmpty { continue }
      name = record.family
      category = record.category
      self.glyphs = glyphs
      self.face = Locked(face)
      return
    }
    return nil
  }

  /// Characters that the font lacks, leaves blank, or shows as it shows missing ones are left out.
  private static func glyphs(of face: FontFace, for characters: [Unicode.Scalar]) -> [Glyph] {
    let missing = face.outline(of: 0).map(hash)
    return characters.enumerated().compactMap { place, character in
      guard let glyph = face.glyph(for: character), let outline = face.outline(of: glyph),
        outline.elements.count <= maximumPieces, let (low, high) = outline.inkBox
      else { return nil }
      let hash = hash(outline)
      if hash == missing { return nil }
      return Glyph(character: place, glyph: glyph, hash: hash, size: high - low)
    }
  }

  /// Of the pieces, each by its kind and its points, which count from the first in 65,536ths of an
  /// em: side bearings move the outlines of some copies.
  private static func hash(_ path: Path) -> UInt64 {
    guard case .move(let start)? = path.elements.first else { return 0 }
    var bytes: [UInt8] = []
    func add(_ kind: UInt8, _ points: Point...) {
      bytes.append(kind)
      for value in points.map({ ($0 - start) * 65_536 }).flatMap({ [$0.x, $0.y] }) {
        withUnsafeBytes(of: Int64(value.rounded()).littleEndian) { bytes += $0 }
      }
    }
    for element in path.elements {
      switch element {
      case .move(let point): add(0, point)
      case .line(let point): add(1, point)
      case .curve(let control1, let control2, let end): add(2, control1, control2, end)
      case .close: add(3)
      }
    }
    return ExampleHash.of(bytes)
  }

  /// A glyph's outline in ems, as it is or varied.
  func outline(_ glyph: Glyph, _ variation: GlyphVariation?) -> Path {
    let plain = face.withLock { $0.outline(of: glyph.glyph) } ?? Path()
    guard let variation else { return plain }
    let bolder = variation.boldness * plain.strokeThickness
    let outline = face.withLock { $0.outline(of: glyph.glyph, bolder: bolder) } ?? Path()
    guard let (low, high) = outline.inkBox else { return plain }
    return variation.applied(to: outline, low: low, high: high)
  }

  /// Pixels to an em in pictures that leave room for ink of this width and height.
  ///
  /// All glyphs fit, except those more than 2½ times as large as the middle one: they would make
  /// all others small, and are made to fit one by one.
  func scale(toFit room: Point) -> Double {
    let scales = glyphs.map { (room / $0.size).min() }.sorted()
    return max(scales[0], 0.4 * scales[scales.count / 2])
  }
}

extension [GlyphFamily] {
  /// Without the families all of whose glyphs another has, too: of several alike, the first by name
  /// stays.
  func withoutRepetitions() -> (kept: [GlyphFamily], repeated: [(name: String, of: String)]) {
    func key(_ glyph: GlyphFamily.Glyph) -> GlyphKey {
      GlyphKey(character: glyph.character, hash: glyph.hash)
    }
    var owners: [GlyphKey: Set<Int>] = [:]
    var isKept = [Bool](repeating: false, count: count)
    var repeated: [(name: String, of: String)] = []
    for place in indices.sorted(by: { (-self[$0].glyphs.count, $0) < (-self[$1].glyphs.count, $1) })
    {
      let keys = self[place].glyphs.map(key)
      let owning = keys.dropFirst().reduce(owners[keys[0]] ?? []) {
        $0.intersection(owners[$1] ?? [])
      }
      if let owner = owning.min() {
        repeated.append((self[place].name, self[owner].name))
      } else {
        isKept[place] = true
        for key in keys { owners[key, default: []].insert(place) }
      }
    }
    return (indices.filter { isKept[$0] }.map { self[$0] }, repeated)
  }
}

/// A character as it is drawn.
private struct GlyphKey: Hashable {
  let character: Int
  let hash: UInt64
}
