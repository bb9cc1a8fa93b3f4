import FileFormats

/// A figure as a value: shapes on a page in the order in which they are painted.
///
/// The page is measured in points with y **down**; a point is one user unit of ``svg`` and `scale`
/// pixels of ``picture(scale:words:)``. Colours are sRGB and lie over one another on sRGB values, as
/// browsers compose them.
public struct Drawing: Hashable, Sendable {
  /// One thing that is painted.
  public enum Shape: Hashable, Sendable {
    /// The inside of a path.
    case fill(Path, Fill)
    /// A line along a path.
    case stroke(Path, Stroke)
    /// Words on one line.
    case text(Text)
  }

  /// Width of the page in points.
  public let width: Double
  /// Height of the page in points.
  public let height: Double
  /// The colour under all shapes; nothing where its alpha is 0.
  public let paper: Color
  /// What the figure is, in a few words, for people who do not see it.
  public var title: String
  /// What the figure shows, in a few sentences, for people who do not see it.
  public var description: String
  /// What made the figure, for programs; SVG has it as its metadata, where it is not empty.
  public var provenance = ""
  /// What is painted, later shapes over earlier ones.
  public private(set) var shapes: [Shape] = []

  /// An empty page.
  ///
  /// - Precondition: both sides are positive and finite.
  public init(
    width: Double, height: Double, title: String, description: String, paper: Color = .white
  ) {
    precondition(
      width > 0 && height > 0 && width.isFinite && height.isFinite,
      "Drawing: a page of \(width)×\(height) has no room")
    self.width = width
    self.height = height
    self.title = title
    self.description = description
    self.paper = paper
  }

  /// The whole page.
  public var page: Rectangle { Rectangle(x: 0, y: 0, width: width, height: height) }

  /// Paints the inside of a path.
  public mutating func fill(_ path: Path, _ fill: Fill) {
    if !path.elements.isEmpty { shapes.append(.fill(path, fill)) }
  }

  /// Paints the inside of a path in one colour.
  public mutating func fill(_ path: Path, _ color: Color) { fill(path, Fill(color)) }

  /// Draws a line along a path.
  public mutating func stroke(_ path: Path, _ stroke: Stroke) {
    if !path.elements.isEmpty { shapes.append(.stroke(path, stroke)) }
  }

  /// Writes words.
  public mutating func write(_ text: Text) {
    if !text.string.isEmpty { shapes.append(.text(text)) }
  }

  /// Writes words in the usual black.
  public mutating func write(
    _ string: String, at place: Point, size: Double = 10, anchor: Text.Anchor = .start,
    weight: Text.Weight = .regular, rotation: Double = 0, color: Color = .ink
  ) {
    write(
      Text(
        string, at: place, size: size, anchor: anchor, weight: weight, rotation: rotation,
        color: color))
  }
}
