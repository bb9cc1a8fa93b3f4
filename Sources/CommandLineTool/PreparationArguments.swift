import ArgumentParser
import Datasets
import FileFormats

/// What `data prepare` does with pictures.
struct PreparationArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp("Height and width of the results, such as 64 or 48x64.", valueName: "pixels")
  )
  var size = "64"

  @Option(
    help: ArgumentHelp(
      "crop (the middle), pad (the whole, in the background) or tiles (as many as fit, not resized). (default: crop)",
      valueName: "how"),
    transform: { try choice($0, "--fit") })
  var fit = PictureFit.crop

  @Option(
    help: ArgumentHelp(
      "What transparent pictures lie on, and padded ones in: white or black. (default: white)",
      valueName: "color"),
    transform: { try choice($0, "--background") })
  var background = DataOptions.Background.white

  @Flag(exclusivity: .exclusive, help: "Bring pictures to grey, or to colour; default: as each is.")
  var color: DataOptions.PictureColor?

  @Option(
    help: ArgumentHelp(
      "Distance at which pictures are near-duplicates, or none to look for exact ones alone. (default: \(PreparationOptions.defaultNearDistance))",
      valueName: "distance"))
  var near = "\(PreparationOptions.defaultNearDistance)"

  @Option(
    help: ArgumentHelp(
      "Pictures that vary less than this are blank: standard deviation in levels of 255.",
      valueName: "levels"))
  var blank = 2.0

  @Option(
    help: ArgumentHelp(
      "Pictures that would be enlarged more than this are too small.", valueName: "times"))
  var enlarge = 2.0

  @Option(
    help: ArgumentHelp(
      "Cut each class to the smallest, or to a number.", valueName: "smallest|number"))
  var balance: String?

  @Option(help: "Decides which pictures --balance cuts.")
  var seed: UInt64 = 0

  @Option(
    help: ArgumentHelp(
      "Use this picture whatever is found; its path in the source. May be repeated.",
      valueName: "picture"))
  var keep: [String] = []

  @Option(
    help: ArgumentHelp("A text file of pictures to use, a line each.", valueName: "file"))
  var keepList: String?

  @Option(
    help: ArgumentHelp("Under which licence the pictures are used; is recorded.", valueName: "text")
  )
  var license: String?

  @Option(
    help: ArgumentHelp(
      "Who made the pictures and agreed to this use; is recorded.", valueName: "text"))
  var consent: String?

  /// - Throws: ``UsageError``, or the `FileFormatError` of a list that cannot be read.
  func preparationOptions() throws -> PreparationOptions {
    guard let (height, width) = DataOptions.sides(size), (1...4096).contains(height),
      (1...4096).contains(width)
    else {
      throw UsageError.wrongValue(
        size, place: "--size", expected: "pixels such as 64 or 48x64, 1 to 4096")
    }
    var options = PreparationOptions(height: height, width: width)
    options.fit = fit
    options.background = background.color
    options.channels = color.map { $0 == .grey ? 1 : 3 }
    options.nearDistance = try nearDistance()
    options.leastDeviation = try positive(blank, "--blank", "levels from 0 to 255", 0...255)
    options.greatestEnlargement = try positive(
      enlarge, "--enlarge", "a factor from 0.01 to 1000", 0.01...1000)
    options.balance = try classSize()
    options.seed = seed
    options.kept = Set(keep).union(try keepList.map(Self.lines) ?? [])
    (options.license, options.consent) = (license, consent)
    return options
  }

  private func nearDistance() throws(UsageError) -> Double? {
    if near == "none" { return nil }
    guard let distance = Double(near), (0...2).contains(distance) else {
      throw .wrongValue(near, place: "--near", expected: "a distance from 0 to 2, or none")
    }
    return distance
  }

  private func classSize() throws(UsageError) -> PreparationOptions.Balance? {
    guard let balance else { return nil }
    if balance == "smallest" { return .smallest }
    guard let count = Int(balance), count > 0 else {
      throw .wrongValue(
        balance, place: "--balance", expected: "smallest, or a number of pictures from 1 on")
    }
    return .count(count)
  }

  private func positive(
    _ value: Double, _ place: String, _ expected: String, _ range: ClosedRange<Double>
  ) throws(UsageError) -> Double {
    guard range.contains(value) else {
      throw .wrongValue("\(value)", place: place, expected: expected)
    }
    return value
  }

  /// The lines of a text file that are not empty.
  private static func lines(_ path: String) throws(FileFormatError) -> [String] {
    let bytes = try ByteSource(path: path).readAll(limit: 1 << 28)
    return bytes.split { $0 == 0x0A || $0 == 0x0D }.map { String(decoding: $0, as: UTF8.self) }
  }
}
