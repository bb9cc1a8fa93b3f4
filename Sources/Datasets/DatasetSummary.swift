import FileFormats

/// What `atelier data info` tells about a data set.
public struct DatasetSummary: Sendable {
  /// Name of the data set.
  public let name: String
  /// Shape of every picture.
  public let shape: PictureShape
  /// Examples in all.
  public let count: Int
  /// Examples to train on.
  public let trainingCount: Int
  /// Examples to measure with.
  public let heldOutCount: Int
  /// How the held-out examples were chosen.
  public let heldOutName: String
  /// Each class with the number of its examples; empty without labels.
  public let classes: [(name: String, count: Int)]
  /// Files that were left out, each with its reason.
  public let skipped: [FileFormatError]
  /// What else is to be known, a sentence each.
  public let notes: [String]
  /// Mean of each channel over the training examples, 0…1.
  public let mean: [Double]
  /// Standard deviation of each channel over the training examples, 0…1.
  public let standardDeviation: [Double]

  /// Reads every training example once.
  public init(_ dataset: some Dataset) throws(FileFormatError) {
    let split = DatasetSplit(dataset)
    var counts = [Int](repeating: 0, count: dataset.classNames.count)
    for index in 0..<dataset.count {
      if let label = dataset.label(at: index) { counts[label] += 1 }
    }
    let channels = dataset.shape.channels
    // How often each value occurs: sums over these are exact, whatever the order.
    var histogram = [[Int]](repeating: [Int](repeating: 0, count: 256), count: channels)
    for index in split.training {
      let pixels = try dataset.picture(at: index).pixels
      for channel in 0..<channels {
        for place in stride(from: channel, to: pixels.count, by: channels) {
          histogram[channel][Int(pixels[place])] += 1
        }
      }
    }
    name = dataset.name
    shape = dataset.shape
    count = dataset.count
    trainingCount = split.training.count
    heldOutCount = split.heldOut.count
    heldOutName = split.name
    classes = Array(zip(dataset.classNames, counts)).map { (name: $0.0, count: $0.1) }
    skipped = dataset.skipped
    notes = dataset.notes
    let moments = histogram.map(Self.moments)
    mean = moments.map(\.mean)
    standardDeviation = moments.map(\.deviation)
  }

  /// The same as JSON; skipped files as sentences.
  public var json: JSONValue {
    [
      "name": .string(name), "count": .integer(count), "trainingCount": .integer(trainingCount),
      "heldOutCount": .integer(heldOutCount), "heldOut": .string(heldOutName),
      "shape": [.integer(shape.height), .integer(shape.width), .integer(shape.channels)],
      "classes": .array(
        classes.map { ["name": .string($0.name), "count": .integer($0.count)] }),
      "skipped": .array(skipped.map { .string($0.description) }),
      "notes": .array(notes.map { .string($0) }),
      "mean": .array(mean.map { .number($0) }),
      "standardDeviation": .array(standardDeviation.map { .number($0) }),
    ]
  }

  private static func moments(_ histogram: [Int]) -> (mean: Double, deviation: Double) {
    let count = Double(histogram.reduce(0, +))
    let sum = Double(histogram.enumerated().reduce(0) { $0 + $1.offset * $1.element })
    let squares = Double(
      histogram.enumerated().reduce(0) { $0 + $1.offset * $1.offset * $1.element })
    let mean = sum / count
    return (mean / 255, max(0, squares / count - mean * mean).squareRoot() / 255)
  }
}

extension Dataset {
  /// A contact sheet: pictures from all over the data set, evenly spaced, in reading order; fewer
  /// than `most` where the sheet would be larger than any picture may be.
  public func contactSheet(of most: Int = 64) throws(FileFormatError) -> Picture {
    let shown =
      (1...min(most, count)).last {
        PictureGrid.squarish(count: $0).sheetShape(of: shape, count: $0).isWithinLimits
      } ?? 1
    var pictures: [Picture] = []
    for place in 0..<shown { pictures.append(try picture(at: place * count / shown)) }
    return PictureGrid.squarish(count: shown).composed(pictures)
  }
}
