import FileFormats

/// The pictures of another data set, each in the middle of a larger one of a single colour.
///
/// Examples, labels and hashes stay what they were. Where the room round a picture is odd, the lower
/// and right side get the larger part.
public struct PaddedDataset: Dataset {
  /// The shape of the pictures in the middle.
  public var innerShape: PictureShape { inner.shape }

  private let inner: any Dataset
  private let background: Color
  public let shape: PictureShape

  /// - Parameters:
  ///   - inner: Pictures no larger than that.
  ///   - height: Of the larger pictures.
  ///   - width: Of the larger pictures.
  ///   - background: What lies round them; of grey pictures its grey.
  public init(_ inner: any Dataset, height: Int, width: Int, background: Color) {
    precondition(
      height >= inner.shape.height && width >= inner.shape.width,
      "pictures of \(inner.shape) padded to \(height)×\(width)")
    self.inner = inner
    self.background = background
    shape = PictureShape(height: height, width: width, channels: inner.shape.channels)
  }

  public var name: String { inner.name }
  public var count: Int { inner.count }
  public var testRange: Range<Int> { inner.testRange }
  public var classNames: [String] { inner.classNames }
  public var skipped: [FileFormatError] { inner.skipped }
  public var notes: [String] { inner.notes }

  public func label(at index: Int) -> Int? { inner.label(at: index) }
  public func hash(at index: Int) -> UInt64 { inner.hash(at: index) }

  public func picture(at index: Int) throws(FileFormatError) -> Picture {
    try inner.picture(at: index).padded(
      height: shape.height, width: shape.width, background: background)
  }
}
