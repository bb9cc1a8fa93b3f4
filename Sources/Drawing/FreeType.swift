import CFreeType

/// FreeType's library, from which rasteriser and fonts are made; released with the last of them.
final class FreeType {
  let library: FT_Library

  init() throws(DrawingError) {
    var library: FT_Library?
    let code = FT_Init_FreeType(&library)
    guard code == 0, let library else { throw .exhausted(code: Int(code)) }
    self.library = library
  }

  deinit { FT_Done_FreeType(library) }
}
