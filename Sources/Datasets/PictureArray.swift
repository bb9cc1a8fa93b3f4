import FileFormats

/// A data set that lies in memory as one array of pixels [N, height, width, channels].
public struct PictureArray: Dataset {
  public let name: String
  public let shape: PictureShape
  public let testRange: Range<Int>
  public let classNames: [String]
  public let skipped: [FileFormatError]

  private let pixels: [UInt8]
  private let labels: [Int]
  private let hashes: [UInt64]?

  /// Wraps pixels that are already in order.
  ///
  /// - Parameters:
  ///   - name: Short name for run folders.
  ///   - shape: Shape of each picture, of 1 or 3 channels.
  ///   - pixels: `N * shape.count` values.
  ///   - labels: N indices into `classNames`, −1 for no label; or none at all.
  ///   - classNames: Name of each class.
  ///   - testRange: Examples that the data itself sets aside.
  ///   - skipped: Files that were left out.
  ///   - hashes: Of each example's stored bytes, where those are not its pixels.
  public init(
    name: String, shape: PictureShape, pixels: [UInt8], labels: [Int] = [],
    classNames: [String] = [], testRange: Range<Int> = 0..<0, skipped: [FileFormatError] = [],
    hashes: [UInt64]? = nil
  ) {
    let count = pixels.count / shape.count
    precondition(
      pixels.count == count * shape.count && [1, 3].contains(shape.channels),
      "PictureArray: \(pixels.count) values are no pictures of \(shape)")
    precondition(
      labels.isEmpty || labels.count == count, "PictureArray: \(labels.count) labels for \(count)")
    precondition(
      labels.allSatisfy { (-1..<classNames.count).contains($0) },
      "PictureArray: a label is not one of the \(classNames.count) classes")
    precondition(testRange.isEmpty || testRange.upperBound <= count)
    precondition(hashes.map { $0.count == count } ?? true)
    self.name = name
    self.shape = shape
    self.pixels = pixels
    self.labels = labels
    self.classNames = classNames
    self.testRange = testRange
    self.skipped = skipped
    self.hashes = hashes
  }

  public var count: Int { pixels.count / shape.count }

  public func label(at index: Int) -> Int? {
    labels.isEmpty || labels[index] < 0 ? nil : labels[index]
  }

  public func picture(at index: Int) -> Picture { Picture(shape, pixels: Array(row(index))) }

  public func hash(at index: Int) -> UInt64 { hashes?[index] ?? ExampleHash.of(row(index)) }

  private func row(_ index: Int) -> ArraySlice<UInt8> {
    pixels[index * shape.count..<(index + 1) * shape.count]
  }

  /// The same examples in the shape that the options ask for; hashes stay those of the stored
  /// bytes.
  func prepared(_ options: DatasetOptions) -> PictureArray {
    let target = options.shape(for: CollectionOfOne(shape))
    if target == shape { return self }
    var pixels: [UInt8] = []
    pixels.reserveCapacity(count * target.count)
    for index in 0..<count { pixels += options.prepare(picture(at: index), target).pixels }
    return PictureArray(
      name: name, shape: target, pixels: pixels, labels: labels, classNames: classNames,
      testRange: testRange, skipped: skipped, hashes: (0..<count).map { hash(at: $0) })
  }
}
