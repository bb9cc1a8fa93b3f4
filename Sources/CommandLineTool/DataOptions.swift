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
      "What transparent pictures lie on: white or black. (default: white)", valueName: "color"),
    transform: { try choice($0, "--background") })
  var background = Background.white

  enum PictureColor: String, EnumerableFlag {
    case grey, rgb
  }

  enum Background: String, CaseIterable {
    case white, black
  }

  /// Opens a source; `place` is where it was named.
  ///
  /// - Throws: ``UsageError``, or the `FileFormatError` of what cannot be read.
  func open(_ source: String, place: String) throws -> any Dataset {
    let words = ["fashion-mnist", "shapes"]
    if source.isEmpty {
      throw UsageError.wrongValue(
        source, place: place, expected: "\(words.joined(separator: ", ")) or a path")
    }
    let display = ReadingDisplay()
    defer { display.close() }
    do {
      return try DatasetSource.open(
        source, options: try options(source), progress: display.receive)
    } catch let error as FileFormatError where error.isMissingFile {
      // A misspelt word looks like a path that is not there.
      guard let meant = nearMiss(source, among: words), meant != source else { throw error }
      throw UsageError.unknownWord(source, place: place, expected: words)
    }
  }

  private func options(_ source: String) throws(UsageError) -> DatasetOptions {
    var options = DatasetOptions(
      channels: color.map { $0 == .grey ? 1 : 3 },
      background: background == .white ? .white : .black)
    guard let size else { return options }
    let sides = size.lowercased().split(separator: "x", omittingEmptySubsequences: false).map {
      Int($0)
    }
    let least = source == "shapes" ? 8 : 1
    guard let height = sides[0], let width = sides[sides.count - 1], sides.count <= 2,
      (least...4096).contains(height), (least...4096).contains(width)
    else {
      throw .wrongValue(
        size, place: "--size", expected: "pixels such as 64 or 48x64, \(least) to 4096")
    }
    options.size = (height, width)
    return options
  }

  /// What decides the pixels beyond source and shape, for checkpoints.
  var preparation: JSONValue { ["background": .string(background.rawValue)] }
}

/// The options of data that is trained on.
struct TrainingDataOptions: ParsableArguments {
  @Option(
    name: .customLong("data"),
    help: ArgumentHelp(
      "fashion-mnist, shapes, a folder of pictures, an IDX file or pair (a,b), an .npz or a .zip.",
      valueName: "source"))
  var source: String

  @OptionGroup var preparation: DataOptions

  @Flag(help: "Exchange left and right of every second training picture.")
  var mirror = false

  @Option(
    help: ArgumentHelp("Move training pictures by up to this many pixels.", valueName: "pixels"))
  var shift = 0

  /// - Throws: ``UsageError``, or the `FileFormatError` of what cannot be read.
  func open(batch: Int, seed: UInt64) throws -> TrainingData {
    guard (0...1024).contains(shift) else {
      throw UsageError.wrongValue("\(shift)", place: "--shift", expected: "pixels from 0 to 1024")
    }
    return TrainingData(
      try preparation.open(source, place: "--data"), batchSize: batch, seed: seed,
      augmentation: Augmentation(mirrors: mirror, maximumShift: shift),
      preparation: preparation.preparation)
  }
}
