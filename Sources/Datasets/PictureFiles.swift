import FileFormats

/// A data set of PNG and JPEG files, in a folder or a zip archive, brought to one shape.
///
/// Every file is read once while opening. Those that cannot be read are named in ``skipped`` and
/// left out. The pictures are then kept in memory as far as ``memoryLimit`` allows; beyond it they
/// are decoded again each time.
public struct PictureFiles: Dataset {
  public let name: String
  public let shape: PictureShape
  public let classNames: [String]
  public let skipped: [FileFormatError]
  public var testRange: Range<Int> { 0..<0 }

  /// Most bytes of pixels that are kept in memory (1 GiB).
  public static let memoryLimit = 1 << 30

  private let files: EncodedPictures
  private let options: DatasetOptions
  private let examples: [Example]
  private let decoded: [[UInt8]]?

  private struct Example {
    let file: Int
    let label: Int?
    let hash: UInt64
  }

  public var count: Int { examples.count }

  public func label(at index: Int) -> Int? { examples[index].label }

  public func hash(at index: Int) -> UInt64 { examples[index].hash }

  public func picture(at index: Int) throws(FileFormatError) -> Picture {
    if let decoded { return Picture(shape, pixels: decoded[index]) }
    let file = examples[index].file
    let picture = try Picture(decoding: try files.read(file), file: files.place(file))
    return options.prepare(picture, shape)
  }

  init(
    _ files: EncodedPictures, name: String, at path: String, _ options: DatasetOptions,
    memoryLimit: Int = memoryLimit, progress: ReadingProgress = { _, _ in }
  ) throws(FileFormatError) {
    guard !files.names.isEmpty else { throw EncodedPictures.none(path) }
    let total = 2 * files.names.count
    let shapes = files.forEach({ progress($0, total) }) { index, bytes throws(FileFormatError) in
      try Picture.shape(of: bytes, file: files.place(index))
    }
    let good = shapes.compactMap { try? $0.get() }
    guard !good.isEmpty else { throw Self.noneReadable(path, shapes) }
    let shape = options.shape(for: good)
    let isKept = good.count <= memoryLimit / shape.count
    let contents = files.forEach({ progress(files.names.count + $0, total) }) {
      index, bytes throws(FileFormatError) in
      let picture = try Picture(decoding: bytes, file: files.place(index))
      let pixels = options.prepare(picture, shape).pixels
      return (pixels: isKept ? pixels : [], hash: ExampleHash.of(bytes))
    }

    let names = Set(files.classes.compactMap(\.self)).sorted(by: Self.precedes)
    let labels = Dictionary(uniqueKeysWithValues: zip(names, names.indices))
    var examples: [Example] = []
    var decoded: [[UInt8]] = []
    var skipped: [FileFormatError] = []
    for (index, content) in contents.enumerated() {
      switch content {
      case .success(let content):
        let label = files.classes[index].flatMap { labels[$0] }
        examples.append(Example(file: index, label: label, hash: content.hash))
        if isKept { decoded.append(content.pixels) }
      case .failure(let error): skipped.append(error)
      }
    }
    guard !examples.isEmpty else { throw Self.noneReadable(path, contents) }
    self.name = name
    self.shape = shape
    self.files = files
    self.options = options
    self.examples = examples
    self.decoded = isKept ? decoded : nil
    self.skipped = skipped
    classNames = names
  }

  /// Numbers by value (labels of `dataset.json`), then all else; equals by bytes.
  private static func precedes(_ first: String, _ second: String) -> Bool {
    switch (Int(first), Int(second)) {
    case (let first?, let second?) where first != second: first < second
    case (_?, nil): true
    case (nil, _?): false
    default: first.utf8.lexicographicallyPrecedes(second.utf8)
    }
  }

  private static func noneReadable<Value>(
    _ path: String, _ results: [Result<Value, FileFormatError>]
  ) -> FileFormatError {
    var reason = ""
    if case .failure(let error)? = results.first { reason = ", the first being: \(error)" }
    return .mismatch(
      path, expected: "at least one readable picture",
      found: "\(FileFormats.count(results.count, "file")) that cannot be read\(reason)",
      advice: "save the pictures again as PNG or JPEG")
  }
}
