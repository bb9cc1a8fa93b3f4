import FileFormats

/// Labelled pictures of one shape, reached by index.
///
/// An index means the same example for ever: shuffling, splitting and augmentation are decided
/// outside, from the index. Reading is safe from several threads at once.
public protocol Dataset: Sendable {
  /// Short name for run folders: `fashion-mnist`, the name of a folder, `shapes`.
  var name: String { get }
  /// Height, width and channels (1 or 3) of every picture.
  var shape: PictureShape { get }
  /// Number of examples, the data's own test part included.
  var count: Int { get }
  /// Examples that the data itself sets aside for testing; empty where it has none.
  var testRange: Range<Int> { get }
  /// Name of each class; empty where the data has no labels.
  var classNames: [String] { get }
  /// Files that could not be read and were left out, each with its reason.
  var skipped: [FileFormatError] { get }
  /// What else is to be known about the data, a sentence each; none by default.
  var notes: [String] { get }

  /// The class of an example, an index into ``classNames``; `nil` where it has none.
  func label(at index: Int) -> Int?
  /// The picture of an example.
  func picture(at index: Int) throws(FileFormatError) -> Picture
  /// A hash of the example's stored bytes; see ``ExampleHash``.
  func hash(at index: Int) -> UInt64
}

extension Dataset {
  public var notes: [String] { [] }
}

/// How pictures are brought to one shape while a source is opened.
public struct DatasetOptions: Hashable, Sendable {
  /// Height and width in pixels; `nil` keeps the size that all pictures share, or takes
  /// ``defaultSide`` where they differ.
  public var size: (height: Int, width: Int)? {
    get { height.map { ($0, width!) } }
    set { (height, width) = (newValue?.height, newValue?.width) }
  }
  /// 1 (grey) or 3 (RGB); `nil` is grey where all pictures are, otherwise RGB.
  public var channels: Int?
  /// What transparent pictures lie on.
  public var background: Color
  /// Seed of generated examples (`shapes`) and of variations.
  public var generatedSeed: UInt64
  /// Number of generated examples (`shapes`).
  public var generatedCount: Int
  /// Folder of the fonts that glyphs are drawn from, those within it included; `nil` for the system's.
  public var fonts: String?
  /// How often each glyph is drawn, the first time as it is and then deformed.
  public var variations: Int

  /// Side of the square that pictures of mixed or large sizes are brought to.
  public static let defaultSide = 64
  /// Pictures that share a size of at most this many pixels a side keep it.
  public static let largestKeptSide = 256

  private var height: Int?
  private var width: Int?

  /// Options with everything left to the data; pictures lie on white.
  public init(
    size: (height: Int, width: Int)? = nil, channels: Int? = nil, background: Color = .white,
    generatedSeed: UInt64 = 0, generatedCount: Int = 4096, fonts: String? = nil,
    variations: Int = 1
  ) {
    precondition(
      size.map { $0.height > 0 && $0.width > 0 } ?? true && [nil, 1, 3].contains(channels),
      "DatasetOptions: size \(String(describing: size)), channels \(String(describing: channels))")
    precondition(variations > 0, "DatasetOptions: \(variations) variations")
    (height, width) = (size?.height, size?.width)
    self.channels = channels
    self.background = background
    self.generatedSeed = generatedSeed
    self.generatedCount = generatedCount
    self.fonts = fonts
    self.variations = variations
  }

  /// The shape that examples of these shapes are brought to.
  func shape(for shapes: some Collection<PictureShape>) -> PictureShape {
    let channels = channels ?? (shapes.allSatisfy { $0.channels == 1 } ? 1 : 3)
    if let size { return PictureShape(height: size.height, width: size.width, channels: channels) }
    let first = shapes.first!
    let isKept =
      shapes.allSatisfy { $0.height == first.height && $0.width == first.width }
      && max(first.height, first.width) <= Self.largestKeptSide
    return PictureShape(
      height: isKept ? first.height : Self.defaultSide,
      width: isKept ? first.width : Self.defaultSide, channels: channels)
  }

  /// A picture in that shape: resized over its shorter side, the middle cropped, alpha composed.
  func prepare(_ picture: Picture, _ shape: PictureShape) -> Picture {
    let opaque = picture.composed(on: background)
    let colored = shape.channels == 1 ? opaque.grayscale : opaque.rgb
    return colored.fitted(height: shape.height, width: shape.width)
  }
}
