import CFreeType
import FileFormats

/// Paints polygons with antialiased edges: how much of each pixel they cover comes from FreeType's
/// smooth rasteriser, which computes exact areas of polygons on a grid of 1/64 pixel.
final class Rasterizer {
  /// Points that one call of FreeType takes, with a reserve: releases before 2.13.3 count in 16-bit
  /// integers with sign.
  static let maximumPoints = 30_000

  private let freeType: FreeType
  /// Room for a shape, filled anew for each.
  private var outline = FT_Outline()

  init(_ freeType: FreeType) throws(DrawingError) {
    self.freeType = freeType
    let room = Self.maximumPoints
    let code = FT_Outline_New(freeType.library, FT_UInt(room), FT_Int(room), &outline)
    guard code == 0 else { throw .exhausted(code: Int(code)) }
  }

  deinit { FT_Outline_Done(freeType.library, &outline) }

  /// Lays a colour over the inside of polygons, which are in pixels.
  func fill(
    _ polygons: [[Point]], rule: Fill.Rule, color: Color, on canvas: inout Canvas
  ) throws(DrawingError) {
    let (width, height) = (canvas.width, canvas.height)
    let premultiplied = Canvas.premultiplied(color)
    guard color.alpha > 0 else { return }
    try canvas.pixels.withUnsafeMutableBufferPointer { (pixels) throws(DrawingError) in
      guard let start = pixels.baseAddress else { return }
      var painter = SpanPainter(pixels: start, width: width, color: premultiplied)
      try paint(
        polygons, rule, within: PixelBox(left: 0, top: 0, right: width, bottom: height), &painter)
    }
  }

  /// Paints the part within a box of pixels; halves the box where there are too many points.
  private func paint(
    _ polygons: [[Point]], _ rule: Fill.Rule, within box: PixelBox, _ painter: inout SpanPainter
  ) throws(DrawingError) {
    // A pixel more on every side: edges that clipping adds never lie inside the box.
    let low = Point(Double(box.left) - 1, Double(box.top) - 1)
    let high = Point(Double(box.right) + 1, Double(box.bottom) + 1)
    let clipped = polygons.compactMap { polygon in
      polygon.count < 3 ? nil : Contour.clip(polygon, from: low, to: high)
    }.filter { $0.count >= 3 }
    let points = clipped.reduce(0) { $0 + $1.count }
    if points == 0 { return }
    if points > Self.maximumPoints {
      guard let (first, second) = box.halves else { throw .tooDetailed(points: points) }
      try paint(clipped, rule, within: first, &painter)
      try paint(clipped, rule, within: second, &painter)
    } else {
      load(clipped, rule)
      try render(within: box, &painter)
    }
  }

  private func load(_ polygons: [[Point]], _ rule: Fill.Rule) {
    var count = 0
    for (index, polygon) in polygons.enumerated() {
      for point in polygon {
        let place = (point * 64).rounded(.toNearestOrAwayFromZero)
        outline.points[count] = FT_Vector(x: FT_Pos(place.x), y: FT_Pos(place.y))
        // Releases differ in the types of tags and contours.
        outline.tags[count] = .init(FT_CURVE_TAG_ON)
        count += 1
      }
      outline.contours[index] = .init(count - 1)
    }
    outline.n_points = .init(count)
    outline.n_contours = .init(polygons.count)
    outline.flags = rule == .evenOdd ? outline.flags | evenOdd : outline.flags & ~evenOdd
  }

  private let evenOdd = Int32(FT_OUTLINE_EVEN_ODD_FILL)

  private func render(
    within box: PixelBox, _ painter: inout SpanPainter
  ) throws(DrawingError) {
    let code = withUnsafeMutablePointer(to: &painter) { painter in
      var parameters = FT_Raster_Params()
      parameters.flags = FT_RASTER_FLAG_AA | FT_RASTER_FLAG_DIRECT | FT_RASTER_FLAG_CLIP
      parameters.clip_box = FT_BBox(
        xMin: FT_Pos(box.left), yMin: FT_Pos(box.top), xMax: FT_Pos(box.right),
        yMax: FT_Pos(box.bottom))
      parameters.user = UnsafeMutableRawPointer(painter)
      parameters.gray_spans = { row, count, spans, user in
        guard let spans, let user else { return }
        user.assumingMemoryBound(to: SpanPainter.self).pointee.paint(
          UnsafeBufferPointer(start: spans, count: Int(count)), row: Int(row))
      }
      return FT_Outline_Render(freeType.library, &outline, &parameters)
    }
    guard code == 0 else { throw .exhausted(code: Int(code)) }
  }
}

/// Whole pixels, the right and lower ends excluded.
private struct PixelBox {
  var left, top, right, bottom: Int

  /// The two halves across the longer side; none for a single pixel.
  var halves: (PixelBox, PixelBox)? {
    var (first, second) = (self, self)
    if right - left >= bottom - top {
      guard right - left > 1 else { return nil }
      first.right = (left + right) / 2
      second.left = first.right
    } else {
      first.bottom = (top + bottom) / 2
      second.top = first.bottom
    }
    return (first, second)
  }
}

/// What FreeType's spans of coverage are painted with, and where.
private struct SpanPainter {
  let pixels: UnsafeMutablePointer<SIMD4<Float>>
  let width: Int
  /// Premultiplied.
  let color: SIMD4<Float>

  func paint(_ spans: UnsafeBufferPointer<FT_Span>, row: Int) {
    for span in spans {
      let layer = color * (Float(span.coverage) / 255)
      let start = row * width + Int(span.x)
      for pixel in start..<start + Int(span.len) {
        pixels[pixel] = layer + pixels[pixel] * (1 - layer.w)
      }
    }
  }
}
