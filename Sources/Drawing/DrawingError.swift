import Foundation

/// Why a drawing could not become a picture.
public enum DrawingError: Error, Hashable, Sendable {
  /// There is no font at any of the places where one is looked for.
  case noFont(places: [String])
  /// A font file that is there, or was asked for by `ATELIER_FONT`, cannot be used.
  case unreadableFont(file: String, found: String)
  /// The picture would have more pixels than can be drawn.
  case tooLarge(width: Double, height: Double)
  /// A shape has more points within one pixel than FreeType takes.
  case tooDetailed(points: Int)
  /// FreeType failed where only a lack of memory explains it.
  case exhausted(code: Int)
}

extension DrawingError: CustomStringConvertible, LocalizedError {
  /// One sentence: what was expected, what was found, what to try.
  public var description: String {
    switch self {
    case .noFont(let places):
      "words of a picture: expected a font at one of \(places.joined(separator: ", ")), found none; "
        + "install the package fonts-dejavu-core, name a font file in ATELIER_FONT, "
        + "or write SVG, which needs none"
    case .unreadableFont(let file, let found):
      "\(file): expected a font file with outlines (TrueType or OpenType), found \(found); "
        + "name another in ATELIER_FONT, or install the package fonts-dejavu-core"
    case .tooLarge(let width, let height):
      "picture of \(Int(width.rounded(.up)))×\(Int(height.rounded(.up))): expected at most "
        + "\(Canvas.maximumSide) pixels a side and \(Canvas.maximumPixels) in all; "
        + "use a smaller scale, or write SVG"
    case .tooDetailed(let points):
      "shape: expected at most \(Rasterizer.maximumPoints) points within a pixel, found \(points); "
        + "draw it with fewer points"
    case .exhausted(let code):
      "picture: expected memory for FreeType, which gave error \(code); "
        + "use a smaller scale, or close other programs"
    }
  }

  /// The same sentence, for code that knows only `Error`.
  public var errorDescription: String? { description }
}
