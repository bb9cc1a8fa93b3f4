import ArgumentParser
import Datasets
import FileFormats
import Training

/// Which pictures, and how they are brought to one shape: the same in every command.
struct DataOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Height and width such as 64 or 48x64; default: the data's own where all agree on at most \(DatasetOptions.largestKeptSide) a side, else \(DatasetOptions.defaultSide).",
      valueName: "pixels"))
  var size: String?

  @Flag(
    exclusivity: .exclusive,
    help: "Bring pictures to grey, or to colour; default: grey where all are.")
  var color: PictureColor?

  @Option(
    help: ArgumentHelp(
      "What transparent pictures lie on, and padded ones in: white or black. (default: white)",
      valueName: "color"),
    transform: { try choice($0, "--background") })
  var background = Background.white

  @Option(
    help: ArgumentHelp(
      "Put every picture in the middle of one of this size, such as 32 or 32x48.",
      valueName: "pixels"))
  var pad: String?

  @Option(
    help: ArgumentHelp(
      "Where the fonts of glyphs lie, folders within included; those called serif, sans, mono, script, blackletter or other say the category. (default: the system's fonts)",
      valueName: "folder"))
  var fonts: String?

  @Option(
    help: ArgumentHelp(
      "Draw each glyph this often: once as it is, then turned, sheared, bent, thinner or bolder.",
      valueName: "times"))
  var variations = 1

  enum PictureColor: String, EnumerableFlag {
    case grey, rgb
  }

  enum Background: String, CaseIterable {
    case white, black

    var color: Color { self == .white ? .white : .black }
  }

  /// Opens a source; `place` is where it was named.
  ///
  /// - Throws: ``UsageError``, or the `FileFormatError` of what cannot be read.
  func open(_ source: String, place: String) throws -> any Dataset {
    let words = ["fashion-mnist", "shapes", "glyphs:0-9", "glyphs:emoji", "glyph-styles:A-Z"]
    if source.isEmpty {
      throw UsageError.wrongValue(
        source, place: place, expected: "\(words.joined(separator: ", ")) or a path")
    }
    let display = ReadingDisplay()
    defer { display.close() }
    do {
      let dataset = try DatasetSource.open(
        source, options: try options(source), progress: display.receive)
      return try padded(dataset)
    } catch let error as FileFormatError where error.isMissingFile {
      // A misspelt word looks like a path that is not there.
      guard let meant = nearMiss(source, among: words), meant != source else { throw error }
      throw UsageError.unknownWord(source, place: place, expected: words)
    }
  }

  private func padded(_ dataset: any Dataset) throws(UsageError) -> any Dataset {
    guard let pad else { return dataset }
    let shape = dataset.shape
    guard let (height, width) = Self.sides(pad), (shape.height...4096).contains(height),
      (shape.width...4096).contains(width)
    else {
      throw .wrongValue(
        pad, place: "--pad",
        expected:
          "pixels such as 64 or 48x64, at least the pictures' own \(shape.height)x\(shape.width)")
    }
    return PaddedDataset(dataset, height: height, width: width, background: background.color)
  }

  /// Height and width of `48x64`, or of `64` both.
  static func sides(_ text: String) -> (height: Int, width: Int)? {
    let sides = text.lowercased().split(separator: "x", omittingEmptySubsequences: false).map {
      Int($0)
    }
    guard sides.count <= 2, let height = sides[0], let width = sides.last! else { return nil }
    return (height, width)
  }

  private func options(_ source: String) throws(UsageError) -> DatasetOptions {
    var options = DatasetOptions(
      channels: color.map { $0 == .grey ? 1 : 3 },
      background: background.color, fonts: fonts)
    options.variations = try checkedVariations(source)
    guard let size else { return options }
    let least = source == "shapes" || DatasetSource.isGlyphs(source) ? 8 : 1
    guard let (height, width) = Self.sides(size), (least...4096).contains(height),
      (least...4096).contains(width)
    else {
      throw .wrongValue(
        size, place: "--size", expected: "pixels such as 64 or 48x64, \(least) to 4096")
    }
    options.size = (height, width)
    return options
  }

  /// Fonts and variations are of glyphs alone.
  private func checkedVariations(_ source: String) throws(UsageError) -> Int {
    let isGlyphs = DatasetSource.isGlyphs(source)
    if let fonts, !isGlyphs {
      throw .wrongValue(fonts, place: "--fonts", expected: "a source such as glyphs:0-9 with it")
    }
    let most = isGlyphs && source != "glyphs:emoji" ? 1000 : 1
    guard (1...most).contains(variations) else {
      throw .wrongValue(
        "\(variations)", place: "--variations",
        expected: most == 1 ? "a source such as glyphs:0-9 with it" : "1 to \(most)")
    }
    return variations
  }

  /// What decides the pixels beyond source and shape, for checkpoints.
  func preparation(of dataset: any Dataset) -> JSONValue {
    var members: [String: JSONValue] = ["background": .string(background.rawValue)]
    if let padded = dataset as? PaddedDataset {
      let inner = padded.innerShape
      members["paddedFrom"] = [.integer(inner.height), .integer(inner.width)]
    }
    if variations > 1 { members["variations"] = .integer(variations) }
    return .object(members)
  }
}

/// The options of data that is trained on.
struct TrainingDataOptions: ParsableArguments {
  @Option(
    name: .customLong("data"),
    help: ArgumentHelp(
      "fashion-mnist, shapes, glyphs:0-9, glyphs:emoji, a folder of pictures, an IDX file or pair (a,b), an .npz or a .zip.",
      valueName: "source"))
  var source: String

  @OptionGroup var preparation: DataOptions

  @Flag(help: "Exchange left and right of every second training picture.")
  var mirror = false

  @Option(
    help: ArgumentHelp("Move training pictures by up to this many pixels.", valueName: "pixels"))
  var shift = 0

  @Option(
    help: ArgumentHelp(
      "Turn, zoom, shear, bend, lighten and darken training pictures, from 0 to 1: what is learnt of it is made,"
        + " too. (default: 0)", valueName: "amount"))
  var warp: Float = 0

  /// The pictures as they are.
  ///
  /// - Throws: ``UsageError``, or the `FileFormatError` of what cannot be read.
  func open() throws -> any Dataset {
    guard (0...1).contains(warp) else {
      throw UsageError.wrongValue("\(warp)", place: "--warp", expected: "a number from 0 to 1")
    }
    guard (0...1024).contains(shift) else {
      throw UsageError.wrongValue("\(shift)", place: "--shift", expected: "pixels from 0 to 1024")
    }
    return try preparation.open(source, place: "--data")
  }

  /// The batches that are made of them.
  func batches(
    of dataset: any Dataset, _ split: DatasetSplit, size: Int, seed: UInt64
  ) -> TrainingData {
    TrainingData(
      dataset, split: split, batchSize: size, seed: seed,
      augmentation: Augmentation(mirrors: mirror, maximumShift: shift, warp: warp),
      preparation: preparation.preparation(of: dataset))
  }
}
