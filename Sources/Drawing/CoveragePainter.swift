import FileFormats
import Locks

/// Paints how much of each pixel the inside of a path covers; safe from several threads at once.
package final class CoveragePainter: Sendable {
  /// Those that no thread is using.
  private let idle = Locked<[Rasterizer]>([])

  package init() {}

  /// A picture of one channel, 255 where the path (in pixels, filled by the nonzero rule) covers
  /// all of a pixel.
  package func picture(
    of path: Path, height: Int, width: Int
  ) throws(DrawingError) -> Picture {
    let rasterizer = try takeRasterizer()
    defer { idle.withLock { $0.append(rasterizer) } }
    var canvas = Canvas(width: width, height: height, color: .black)
    try rasterizer.fill(
      path.contours(scale: 1).map(\.points), rule: .nonzero, color: .white, on: &canvas)
    return Picture(
      height: height, width: width, channels: 1,
      pixels: canvas.pixels.map { UInt8(($0.x * 255).rounded()) })
  }

  private func takeRasterizer() throws(DrawingError) -> Rasterizer {
    if let rasterizer = idle.withLock({ $0.popLast() }) { return rasterizer }
    return try Rasterizer(try FreeType())
  }
}
