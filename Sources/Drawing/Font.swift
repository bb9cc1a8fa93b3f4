import CFreeType
import Foundation

/// A font file, from which words become paths.
final class Font {
  private let freeType: FreeType
  private let face: FT_Face
  /// Font units in the size of the font.
  private let unitsPerSize: Double

  init(_ freeType: FreeType, file: String) throws(DrawingError) {
    guard FileManager.default.isReadableFile(atPath: file) else {
      throw .unreadableFont(file: file, found: "no file that can be read")
    }
    var face: FT_Face?
    let code = FT_New_Face(freeType.library, file, 0, &face)
    guard code == 0, let face else {
      throw .unreadableFont(file: file, found: "what FreeType calls error \(code)")
    }
    guard face.pointee.units_per_EM > 0 else {
      FT_Done_Face(face)
      throw .unreadableFont(file: file, found: "a font of pixels")
    }
    self.freeType = freeType
    self.face = face
    unitsPerSize = Double(face.pointee.units_per_EM)
  }

  deinit { FT_Done_Face(face) }

  /// From the start of words to their end, as a share of the font's size, kerning included.
  func width(of string: String) -> Double {
    layOut(string).width / unitsPerSize
  }

  /// The outlines of words, at their place and turned, in points.
  ///
  /// Characters that the font lacks are its empty box.
  func path(of text: Text) -> Path {
    let (glyphs, width) = layOut(text.string)
    let shift =
      switch text.anchor {
      case .start: 0.0
      case .middle: -width / 2
      case .end: -width
      }
    let scale = text.size / unitsPerSize
    let turn = text.rotation * .pi / 180
    let along = scale * Point(cos(turn), sin(turn))
    let up = scale * Point(sin(turn), -cos(turn))
    var path = Path()
    for glyph in glyphs where FT_Load_Glyph(face, glyph.index, Self.flags) == 0 {
      // Font units have y up.
      GlyphReader.read(&face.pointee.glyph.pointee.outline, into: &path) { x, y in
        text.place + (x + glyph.x + shift) * along + y * up
      }
    }
    return path
  }

  private static let flags = Int32(FT_LOAD_NO_SCALE)

  private func layOut(_ string: String) -> (glyphs: [(index: FT_UInt, x: Double)], width: Double) {
    var glyphs: [(index: FT_UInt, x: Double)] = []
    var x = 0.0
    for scalar in string.unicodeScalars {
      let index = FT_Get_Char_Index(face, FT_ULong(scalar.value))
      if let previous = glyphs.last {
        var kerning = FT_Vector()
        if FT_Get_Kerning(face, previous.index, index, FT_KERNING_UNSCALED.rawValue, &kerning) == 0
        {
          x += Double(kerning.x)
        }
      }
      glyphs.append((index, x))
      if FT_Load_Glyph(face, index, Self.flags) == 0 {
        x += Double(face.pointee.glyph.pointee.metrics.horiAdvance)
      }
    }
    return (glyphs, x)
  }
}

/// Turns FreeType's outlines into paths.
private struct GlyphReader {
  var path: Path
  var last = Point.zero
  let place: (Double, Double) -> Point

  /// Adds contours; `place` leads from coordinates of the outline to those of the path.
  static func read(
    _ outline: inout FT_Outline, into path: inout Path,
    place: @escaping (Double, Double) -> Point
  ) {
    var functions = FT_Outline_Funcs()
    functions.move_to = { to, reader in
      GlyphReader.add(reader, to) { reader, to in
        reader.path.close()
        reader.path.move(to: to)
      }
    }
    functions.line_to = { to, reader in
      GlyphReader.add(reader, to) { reader, to in reader.path.line(to: to) }
    }
    functions.conic_to = { control, to, reader in
      let control = GlyphReader.point(reader, control)
      return GlyphReader.add(reader, to) { reader, to in
        // A quadratic Bézier, raised to the third degree.
        reader.path.curve(
          to: to, reader.last + (control - reader.last) * (2.0 / 3),
          to + (control - to) * (2.0 / 3))
      }
    }
    functions.cubic_to = { control1, control2, to, reader in
      let (first, second) = (
        GlyphReader.point(reader, control1), GlyphReader.point(reader, control2)
      )
      return GlyphReader.add(reader, to) { reader, to in
        reader.path.curve(to: to, first, second)
      }
    }
    var reader = GlyphReader(path: path, place: place)
    let code = withUnsafeMutablePointer(to: &reader) {
      FT_Outline_Decompose(&outline, &functions, $0)
    }
    if code == 0 { path = reader.path }
    path.close()
  }

  private static func point(
    _ reader: UnsafeMutableRawPointer?, _ vector: UnsafePointer<FT_Vector>?
  ) -> Point {
    guard let reader, let vector = vector?.pointee else { return .zero }
    return reader.assumingMemoryBound(to: GlyphReader.self).pointee
      .place(Double(vector.x), Double(vector.y))
  }

  private static func add(
    _ reader: UnsafeMutableRawPointer?, _ to: UnsafePointer<FT_Vector>?,
    _ step: (inout GlyphReader, Point) -> Void
  ) -> Int32 {
    guard let reader else { return 1 }
    let end = point(reader, to)
    let bound = reader.assumingMemoryBound(to: GlyphReader.self)
    step(&bound.pointee, end)
    bound.pointee.last = end
    return 0
  }
}
