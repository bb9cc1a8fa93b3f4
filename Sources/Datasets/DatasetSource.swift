import FileFormats
import Foundation

/// Is told how many pictures have been read of how many in all, in rising order, on any thread.
///
/// Reading decodes every picture after it has looked at every header, so each counts twice.
public typealias ReadingProgress = @Sendable (_ done: Int, _ total: Int) -> Void

/// The one place that understands a `SOURCE` of the command line.
///
/// | source | what it is |
/// | --- | --- |
/// | `fashion-mnist` | the Debian package dataset-fashion-mnist, or the folder in `ATELIER_DATA` |
/// | `shapes` | generated, needs nothing |
/// | `glyphs:0-9` | characters drawn from the fonts on the machine; see ``Glyphs`` |
/// | `glyph-styles:0-9` | the same, labelled by the font's ``FontCategory`` |
/// | `glyphs:emoji` | the pictures of a colour font |
/// | a folder with `train-images-idx3-ubyte` | a data set laid out like MNIST |
/// | any other folder | PNG and JPEG of any sizes; sub-folders are labels |
/// | `images.idx` or `images.idx,labels.idx` | an IDX pair, `.gz` or not |
/// | an `.npz` or `.npy` | arrays of pictures and labels |
/// | a `.zip` | PNG and JPEG, labelled by `dataset.json` or by folders |
///
/// Files are told apart by their content, not by their names.
public enum DatasetSource {
  /// Where Debian puts Fashion-MNIST.
  public static let fashionMNISTFolder = "/usr/share/datasets/fashion-mnist"
  /// Most classes that labels may name.
  public static let maximumClasses = 1_000_000
  /// Xiao, Rasul and Vollgraf 2017, arXiv:1708.07747, table 2.
  public static let fashionMNISTClasses = [
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag",
    "Ankle boot",
  ]

  /// Opens a source.
  ///
  /// Folders and zips of pictures, and glyphs, tell how far they are; everything else is read at
  /// once.
  ///
  /// - Parameters:
  ///   - source: As in the table above.
  ///   - options: Size and colours to bring the pictures to.
  ///   - environment: Where `ATELIER_DATA` and `HOME` are looked up.
  ///   - progress: Is told of every picture.
  /// - Returns: The examples, at least one.
  /// - Throws: When nothing is there, or nothing in it can be read.
  public static func open(
    _ source: String, options: DatasetOptions = DatasetOptions(),
    environment: [String: String] = ProcessInfo.processInfo.environment,
    progress: @escaping ReadingProgress = { _, _ in }
  ) throws(FileFormatError) -> any Dataset {
    switch source {
    case "shapes":
      let shape = options.shape(
        for: CollectionOfOne(PictureShape(height: 32, width: 32, channels: 1)))
      return Shapes(
        count: options.generatedCount, shape: shape, seed: options.generatedSeed)
    case "fashion-mnist": return try fashionMNIST(options, environment)
    default: break
    }
    if let glyphs = try glyphs(source, options, environment, progress) { return glyphs }
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: source, isDirectory: &isFolder) {
      let dataset =
        isFolder.boolValue
        ? try folder(source, options, progress) : try file(source, options, progress)
      guard dataset.count > 0 else {
        throw .mismatch(
          source, expected: "at least one picture", found: "none", advice: "name another source")
      }
      return dataset
    }
    let pair = source.split(separator: ",").map(String.init)
    if pair.count == 2, pair.allSatisfy(FileManager.default.fileExists) {
      return try PictureArray.idx(images: pair[0], labels: pair[1], options)
    }
    throw .system(
      source, could: "open the data source", code: ENOENT,
      advice:
        "name fashion-mnist, shapes, glyphs:0-9, a folder of pictures, an IDX file, an .npz or a .zip"
    )
  }

  /// Whether a source is drawn from fonts.
  public static func isGlyphs(_ source: String) -> Bool {
    ["glyphs", "glyph-styles"].contains(source.split(separator: ":", maxSplits: 1).first)
  }

  private static func glyphs(
    _ source: String, _ options: DatasetOptions, _ environment: [String: String],
    _ progress: @escaping ReadingProgress
  ) throws(FileFormatError) -> (any Dataset)? {
    guard isGlyphs(source), !FileManager.default.fileExists(atPath: source) else { return nil }
    if source == "glyphs:emoji" {
      return try Emoji.open(options, environment: environment, progress: progress)
    }
    let parts = source.split(separator: ":", maxSplits: 1)
    return try Glyphs(
      parts.count < 2 ? "" : String(parts[1]),
      labelling: parts[0] == "glyphs" ? .characters : .categories, source: source, options,
      environment: environment, progress: progress)
  }

  private static func fashionMNIST(
    _ options: DatasetOptions, _ environment: [String: String]
  ) throws(FileFormatError) -> any Dataset {
    let folder = environment["ATELIER_DATA"] ?? fashionMNISTFolder
    let candidates = [folder, "\(folder)/fashion-mnist"]
    guard let folder = candidates.first(where: PictureArray.isMNISTFolder) else {
      throw .system(
        folder, could: "find train-images-idx3-ubyte", code: ENOENT,
        advice: "install the package dataset-fashion-mnist, name the folder of its IDX files in "
          + "ATELIER_DATA, or use the generated `shapes`")
    }
    return try PictureArray.mnist(
      folder: folder, name: "fashion-mnist", classNames: fashionMNISTClasses, options)
  }

  private static func folder(
    _ path: String, _ options: DatasetOptions, _ progress: ReadingProgress
  ) throws(FileFormatError) -> any Dataset {
    let name = path.lastPathComponent
    if PictureArray.isMNISTFolder(path) {
      return try PictureArray.mnist(folder: path, name: name, classNames: nil, options)
    }
    try PreparedFolder.checkIsWhole(path)
    return try PictureFiles(try .folder(path), name: name, at: path, options, progress: progress)
  }

  private static func file(
    _ path: String, _ options: DatasetOptions, _ progress: ReadingProgress
  ) throws(FileFormatError) -> any Dataset {
    let source = try ByteSource(path: path)
    let start = try source.read(at: 0, count: min(16, source.count), part: "its first bytes")
    let type = ContentType(sniffing: start)
    switch type {
    case .idx, .gzip: return try PictureArray.idx(images: path, labels: nil, options)
    case .npy: return try PictureArray.npy(path: path, options)
    case .zip:
      let archive = try ZIPArchive(path: path)
      if archive.entries.contains(where: { $0.name.hasSuffix(".npy") }) {
        return try PictureArray.npz(path: path, options)
      }
      return try PictureFiles(
        try .archive(archive), name: path.stem, at: path, options, progress: progress)
    default:
      throw .wrongFormat(
        path, expected: "a folder, an IDX file, an .npz or a .zip of pictures", found: type)
    }
  }
}
