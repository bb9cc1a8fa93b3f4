import FileFormats

extension Drawing {
  /// What becomes of words in a picture.
  public enum Words: Hashable, Sendable {
    /// They are drawn, from a font on this machine: DejaVu Sans, another common one, or the file
    /// that the environment's `ATELIER_FONT` names.
    case drawn
    /// They are left out, so that no font is needed.
    case omitted
  }

  /// The drawing as pixels, with antialiased edges.
  ///
  /// The same drawing, scale and font give the same pixels. Lines thinner than a pixel are paler in
  /// proportion.
  ///
  /// - Parameters:
  ///   - scale: Pixels to a point. The default 2 suits screens of high density.
  ///   - words: Whether words are drawn.
  /// - Returns: Three channels where every pixel is opaque, as it is on an opaque ``paper``, else
  ///   four; sides rounded up to whole pixels.
  /// - Throws: Where a font is needed and none is found, or the picture would have more than 16,384
  ///   pixels a side or 2²⁵ in all.
  /// - Precondition: `scale` is positive and finite.
  public func picture(scale: Double = 2, words: Words = .drawn) throws(DrawingError) -> Picture {
    try picture(scale: scale, fonts: words == .drawn ? .standard : nil)
  }

  func picture(scale: Double, fonts: FontPlaces?) throws(DrawingError) -> Picture {
    precondition(scale > 0 && scale.isFinite, "Drawing.picture: a scale of \(scale)")
    // A hair less, so that 3 points of 1/3 pixel are one pixel and not two.
    let sides = (Point(width, height) * scale - 1e-6).rounded(.up)
    guard sides.max() <= Double(Canvas.maximumSide),
      sides.x * sides.y <= Double(Canvas.maximumPixels)
    else { throw .tooLarge(width: sides.x, height: sides.y) }
    let canvas = Canvas(width: max(1, Int(sides.x)), height: max(1, Int(sides.y)), color: paper)
    var painter = try Painter(canvas, scale: scale, fonts: fonts)
    for shape in shapes { try painter.paint(shape) }
    return painter.canvas.picture
  }
}

/// Paints shapes one by one.
private struct Painter {
  private(set) var canvas: Canvas
  private let scale: Double
  private let fontPlaces: FontPlaces?
  private let freeType: FreeType
  private let rasterizer: Rasterizer
  private var fonts: [Text.Weight: Font] = [:]

  init(_ canvas: Canvas, scale: Double, fonts: FontPlaces?) throws(DrawingError) {
    self.canvas = canvas
    self.scale = scale
    fontPlaces = fonts
    freeType = try FreeType()
    rasterizer = try Rasterizer(freeType)
  }

  mutating func paint(_ shape: Drawing.Shape) throws(DrawingError) {
    switch shape {
    case .fill(let path, let fill):
      let contours = path.contours(scale: scale)
      try rasterizer.fill(
        contours.map(\.points), rule: fill.rule, color: fill.color, on: &canvas)
      if fill.closesSeams && fill.color.alpha == 255 {
        let closed = contours.map { Contour(points: $0.points, isClosed: true) }
        try draw(closed, Stroke(fill.color, width: Fill.hairlineWidth))
      }
    case .stroke(let path, let stroke):
      try draw(path.contours(scale: scale), stroke)
    case .text(let text):
      guard let font = try font(text.weight) else { return }
      try rasterizer.fill(
        font.path(of: text).contours(scale: scale).map(\.points), rule: .nonzero,
        color: text.color, on: &canvas)
    }
  }

  private mutating func draw(_ contours: [Contour], _ stroke: Stroke) throws(DrawingError) {
    var contours = contours
    let width = stroke.width * scale
    if !stroke.dash.isEmpty {
      let dashes = Dashes(
        pattern: stroke.dash.map { $0 * scale }, low: Point(repeating: -width),
        high: Point(Double(canvas.width), Double(canvas.height)) + width)
      contours = contours.flatMap(dashes.cut)
    }
    let outline = StrokeOutline(contours, width: width, cap: stroke.cap)
    try rasterizer.fill(outline.polygons, rule: .nonzero, color: stroke.color, on: &canvas)
  }

  private mutating func font(_ weight: Text.Weight) throws(DrawingError) -> Font? {
    guard let fontPlaces else { return nil }
    if let font = fonts[weight] { return font }
    let font = try Font(freeType, file: fontPlaces.file(weight))
    fonts[weight] = font
    return font
  }
}
