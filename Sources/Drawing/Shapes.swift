import FileFormats

/// How the inside of a path is painted.
public struct Fill: Hashable, Sendable {
  /// Which places are inside a path that crosses itself or has several contours.
  public enum Rule: Hashable, Sendable {
    /// Where the contours wind around a place a number of times that is not zero.
    case nonzero
    /// Where a way out crosses the contours an odd number of times.
    case evenOdd
  }

  /// The colour.
  public var color: Color
  /// Which places are inside.
  public var rule: Rule
  /// Whether a hairline in the same colour goes round the path.
  ///
  /// So the ground does not shine through between neighbours that share an edge. It is for opaque
  /// colours alone: two layers of a translucent one would show.
  public var closesSeams: Bool

  /// Width in points of the line that closes seams.
  public static let hairlineWidth = 0.5

  /// A way of painting.
  public init(_ color: Color, rule: Rule = .nonzero, closesSeams: Bool = false) {
    self.color = color
    self.rule = rule
    self.closesSeams = closesSeams
  }
}

/// How a line along a path is drawn: round joins, and round or flat ends.
public struct Stroke: Hashable, Sendable {
  /// How a contour that is not closed, or a dash, ends.
  public enum Cap: Hashable, Sendable {
    /// Cut off at the last point.
    case butt
    /// A half circle beyond the last point.
    case round
  }

  /// The colour.
  public var color: Color
  /// Width in points.
  public var width: Double
  /// Lengths of dashes and gaps in turn, in points; an empty list draws the whole line.
  public var dash: [Double]
  /// The shape of the ends.
  public var cap: Cap

  /// A way of drawing.
  ///
  /// - Precondition: `width` is positive; `dash` has an even number of finite lengths, each at least
  ///   0.01.
  public init(_ color: Color, width: Double = 1, dash: [Double] = [], cap: Cap = .butt) {
    precondition(width > 0 && width.isFinite, "Stroke: a width of \(width) draws nothing")
    precondition(
      dash.count.isMultiple(of: 2) && dash.allSatisfy { $0 >= 0.01 && $0.isFinite },
      "Stroke: \(dash) are not lengths of dashes and gaps in turn")
    self.color = color
    self.width = width
    self.dash = dash
    self.cap = cap
  }
}

/// Words on one line.
public struct Text: Hashable, Sendable {
  /// Which part of the words lies at their place.
  public enum Anchor: Hashable, Sendable { case start, middle, end }

  /// How strong the letters are.
  public enum Weight: Hashable, Sendable { case regular, bold }

  /// The words.
  public var string: String
  /// The start, middle or end of the base line, by ``anchor``.
  public var place: Point
  /// Size of the font in points.
  public var size: Double
  /// Which part of the words lies at ``place``.
  public var anchor: Anchor
  /// How strong the letters are.
  public var weight: Weight
  /// Turn about ``place`` in degrees, clockwise on the page.
  public var rotation: Double
  /// The colour.
  public var color: Color

  /// Words from their parts.
  ///
  /// - Precondition: place, size and rotation are finite, the size is positive.
  public init(
    _ string: String, at place: Point, size: Double = 10, anchor: Anchor = .start,
    weight: Weight = .regular, rotation: Double = 0, color: Color = .ink
  ) {
    precondition(
      place.isFinite && size.isFinite && size > 0 && rotation.isFinite,
      "Text: size \(size) at (\(place.x), \(place.y)), turned by \(rotation), cannot be written")
    self.string = string
    self.place = place
    self.size = size
    self.anchor = anchor
    self.weight = weight
    self.rotation = rotation
    self.color = color
  }
}
