import CFreeType
import FileFormats

/// The bytes of a font file, shared by its faces, which only read them.
package final class FontBytes: @unchecked Sendable {
  /// The name that errors carry.
  package let file: String
  fileprivate let bytes: UnsafeBufferPointer<UInt8>

  /// Keeps a copy of the bytes.
  package init(_ bytes: [UInt8], file: String) {
    self.file = file
    let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
    _ = copy.initialize(from: bytes)
    self.bytes = UnsafeBufferPointer(copy)
  }

  deinit { bytes.deallocate() }
}

/// One face of a font: what its tables say of it, and what it draws.
///
/// Whatever the file's bytes are, a face is opened or refused and a glyph is drawn or missing.
/// One thread at a time may use a face; different faces know nothing of one another.
package final class FontFace {
  /// Such as `DejaVu Sans`, the typographic family where the font has one; may be empty.
  package let family: String
  /// Such as `Bold Oblique`; may be empty.
  package let style: String
  /// 1…1000, 400 being regular.
  package let weight: Int
  /// 1…9, 5 being neither condensed nor expanded.
  package let width: Int
  /// Whether the face slants.
  package let isItalic: Bool
  /// Whether all glyphs are equally wide (`post`).
  package let isFixedPitch: Bool
  /// The class in the high byte of OS/2's `sFamilyClass`, 0 for none.
  package let familyClass: Int
  /// OS/2's PANOSE, ten numbers, all of them 0 where the font has none.
  package let panose: [UInt8]
  /// Faces in the file.
  package let faceCount: Int
  /// Glyphs of the face.
  package let glyphCount: Int
  /// Whether glyphs are outlines.
  package let hasOutlines: Bool
  /// Whether glyphs are pictures in colour.
  package let hasColorBitmaps: Bool

  private let source: FontBytes
  private let freeType: FreeType
  private let face: FT_Face
  private let unitsPerEm: Double

  /// Opens face `index` of a file.
  package init(_ source: FontBytes, index: Int = 0) throws(DrawingError) {
    let freeType = try FreeType()
    var opened: FT_Face?
    let code = FT_New_Memory_Face(
      freeType.library, source.bytes.baseAddress, FT_Long(source.bytes.count), FT_Long(index),
      &opened)
    guard code == 0, let face = opened else {
      throw .unreadableFont(file: source.file, found: "what FreeType calls error \(code)")
    }
    self.source = source
    self.freeType = freeType
    self.face = face
    let record = face.pointee
    unitsPerEm = Double(record.units_per_EM)
    func has(_ flag: Int) -> Bool { record.face_flags & flag != 0 }
    hasOutlines = has(FT_FACE_FLAG_SCALABLE) && record.units_per_EM > 0
    hasColorBitmaps = has(FT_FACE_FLAG_COLOR) && record.num_fixed_sizes > 0
    isFixedPitch = has(FT_FACE_FLAG_FIXED_WIDTH)
    faceCount = max(1, record.num_faces)
    glyphCount = max(0, record.num_glyphs)
    isItalic = record.style_flags & FT_Long(FT_STYLE_FLAG_ITALIC) != 0
    style = record.style_name.map { String(cString: $0) } ?? ""
    family = Self.family(face)
    let isBold = record.style_flags & FT_Long(FT_STYLE_FLAG_BOLD) != 0
    guard let table = FT_Get_Sfnt_Table(face, FT_SFNT_OS2)?.assumingMemoryBound(to: TT_OS2.self),
      table.pointee.version != 0xFFFF
    else {
      (weight, width, familyClass) = (isBold ? 700 : 400, 5, 0)
      panose = [UInt8](repeating: 0, count: 10)
      return
    }
    // Some old fonts count weights from 1 to 9.
    let stored = Int(table.pointee.usWeightClass)
    weight = stored == 0 ? (isBold ? 700 : 400) : stored < 10 ? 100 * stored : stored
    width = table.pointee.usWidthClass == 0 ? 5 : Int(table.pointee.usWidthClass)
    familyClass = Int(table.pointee.sFamilyClass) >> 8 & 0xFF
    panose = withUnsafeBytes(of: table.pointee.panose) { Array($0) }
  }

  deinit { FT_Done_Face(face) }

  /// FreeType spells names in ASCII, with a question mark for every other character, so that all
  /// Japanese names of four characters are one; the PostScript name tells them apart.
  private static func family(_ face: FT_Face) -> String {
    let family = face.pointee.family_name.map { String(cString: $0) } ?? ""
    guard family.isEmpty || family.contains("?"), let name = FT_Get_Postscript_Name(face) else {
      return family
    }
    return String(cString: name)
  }

  /// The glyph of a character; `nil` where the font has none.
  package func glyph(for character: Unicode.Scalar) -> Int? {
    let index = FT_Get_Char_Index(face, FT_ULong(character.value))
    return index == 0 ? nil : Int(index)
  }

  /// A glyph's outline without hinting, in ems, y down; `nil` where there is none.
  ///
  /// `bolder` widens every stroke by a part of an em, or thins it where negative.
  package func outline(of glyph: Int, bolder: Double = 0) -> Path? {
    guard hasOutlines, FT_Load_Glyph(face, FT_UInt(glyph), Int32(FT_LOAD_NO_SCALE)) == 0,
      face.pointee.glyph.pointee.format == FT_GLYPH_FORMAT_OUTLINE
    else { return nil }
    let strength = FT_Pos((bolder * unitsPerEm).rounded())
    if strength != 0 { FT_Outline_Embolden(&face.pointee.glyph.pointee.outline, strength) }
    var path = Path()
    let unitsPerEm = unitsPerEm
    GlyphReader.read(&face.pointee.glyph.pointee.outline, into: &path) { x, y in
      Point(x, -y) / unitsPerEm
    }
    return path.elements.isEmpty ? nil : path
  }

  /// A glyph's picture in the font's largest size, four channels; `nil` where there is none.
  package func bitmap(of glyph: Int) -> Picture? {
    let sizes = UnsafeBufferPointer(
      start: face.pointee.available_sizes, count: Int(face.pointee.num_fixed_sizes))
    guard hasColorBitmaps,
      let largest = sizes.indices.max(by: { sizes[$0].y_ppem < sizes[$1].y_ppem }),
      FT_Select_Size(face, FT_Int(largest)) == 0,
      FT_Load_Glyph(face, FT_UInt(glyph), Int32(FT_LOAD_COLOR)) == 0
    else { return nil }
    return Self.picture(face.pointee.glyph.pointee.bitmap)
  }

  /// FreeType's blue, green, red and alpha, premultiplied, as a picture's straight colours.
  private static func picture(_ bitmap: FT_Bitmap) -> Picture? {
    let (height, width, pitch) = (Int(bitmap.rows), Int(bitmap.width), Int(bitmap.pitch))
    guard Int(bitmap.pixel_mode) == Int(FT_PIXEL_MODE_BGRA.rawValue), let buffer = bitmap.buffer,
      height > 0, width > 0, pitch >= 4 * width,
      PictureShape(height: height, width: width, channels: 4).isWithinLimits
    else { return nil }
    var pixels: [UInt8] = []
    pixels.reserveCapacity(height * width * 4)
    for row in 0..<height {
      for column in 0..<width {
        let pixel = buffer + row * pitch + 4 * column
        let alpha = Int(pixel[3])
        for channel in [2, 1, 0] {
          let straight = alpha == 0 ? 0 : (Int(pixel[channel]) * 255 + alpha / 2) / alpha
          pixels.append(UInt8(min(255, straight)))
        }
        pixels.append(pixel[3])
      }
    }
    return Picture(height: height, width: width, channels: 4, pixels: pixels)
  }
}
