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
