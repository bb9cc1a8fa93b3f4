import CFreeType

/// Turns FreeType's outlines into paths.
struct GlyphReader {
  private var path: Path
  private var last = Point.zero
  private let place: (Double, Double) -> Point

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
