import Drawing
import FileFormats

/// All pictures of a colour font: emoji, their combinations, flags.
///
/// Every glyph that is a picture is taken, sequences included, and copies of the same picture once.
/// The ink is in the middle; one scale serves all.
enum Emoji {
  /// Glyphs that one task decodes.
  private static let chunk = 64

  /// Opens the colour font of a folder, or of the system; of several, the first by name.
  static func open(
    _ options: DatasetOptions, environment: [String: String],
    progress: @escaping ReadingProgress
  ) throws(FileFormatError) -> PictureArray {
    let files = try FontFiles(folder: options.fonts, environment: environment, progress: progress)
    let fonts = files.faces.filter(\.hasColorBitmaps)
    guard let font = fonts.min(by: { $0.precedes($1) }) else {
      throw .mismatch(
        files.place, expected: "a font of pictures in colour", found: "none",
        advice: "install the package fonts-noto-color-emoji, or name a font's folder by --fonts")
    }
    let pictures = try pictures(of: font, progress)
    return try array(pictures, options)
  }

  /// The different pictures of a font, in the order of its glyphs.
  private static func pictures(
    of font: FontFaceRecord, _ progress: @escaping ReadingProgress
  ) throws(FileFormatError) -> [Picture] {
    let bytes = try font.bytes()
    let count = try font.face(in: bytes).glyphCount
    let chunks = (count + chunk - 1) / chunk
    let results = concurrentMap(chunks, progress: { progress($0 * count / chunks, count) }) {
      place in
      Result { () throws(FileFormatError) in
        // A face serves one thread at a time.
        let face = try font.face(in: bytes)
        return (place * chunk..<min(count, (place + 1) * chunk)).compactMap(face.bitmap)
      }
    }
    var pictures: [Picture] = []
    var seen: Set<UInt64> = []
    for result in results {
      for picture in try result.get() where picture.ink != nil {
        if seen.insert(ExampleHash.of(picture.pixels)).inserted { pictures.append(picture) }
      }
    }
    guard !pictures.isEmpty else {
      throw .mismatch(
        bytes.file, expected: "pictures in colour", found: "none that can be read",
        advice: "install its package again")
    }
    return pictures
  }

  private static func array(
    _ pictures: [Picture], _ options: DatasetOptions
  ) throws(FileFormatError) -> PictureArray {
    let (height, width) = (pictures.map(\.height).max()!, pictures.map(\.width).max()!)
    var options = options
    options.channels = options.channels ?? 3
    let shape = options.shape(
      for: CollectionOfOne(PictureShape(height: height, width: width, channels: 3)))
    guard pictures.count <= PictureFiles.memoryLimit / shape.count else {
      throw .tooLarge(
        "glyphs:emoji", part: "\(pictures.count) pictures",
        limit: "\(PictureFiles.memoryLimit >> 20) MiB",
        found: "\(pictures.count * shape.count >> 20) MiB with pictures of \(shape)")
    }
    let prepared = concurrentMap(pictures.count) { [options] place in
      options.prepare(
        pictures[place].inkCentered(height: height, width: width, inShapeOf: shape), shape
      ).pixels
    }
    return PictureArray(
      name: "emoji", shape: shape, pixels: Array(prepared.joined()),
      hashes: pictures.map { ExampleHash.of($0.pixels) })
  }
}

extension Picture {
  /// The rectangle of all that is not transparent, ends excluded; `nil` where everything is.
  fileprivate var ink: (rows: Range<Int>, columns: Range<Int>)? {
    var (top, bottom, left, right) = (height, 0, width, 0)
    for row in 0..<height {
      for column in 0..<width where pixels[(row * width + column) * 4 + 3] > 0 {
        (top, bottom) = (min(top, row), row + 1)
        (left, right) = (min(left, column), max(right, column + 1))
      }
    }
    return top < bottom ? (top..<bottom, left..<right) : nil
  }

  /// The ink in the middle of a transparent picture of a shape's proportions, large enough for any
  /// picture of this height and width.
  fileprivate func inkCentered(height: Int, width: Int, inShapeOf shape: PictureShape) -> Picture {
    let scale = max(
      Double(height) / Double(shape.height), Double(width) / Double(shape.width))
    let high = max(height, Int((Double(shape.height) * scale).rounded()))
    let wide = max(width, Int((Double(shape.width) * scale).rounded()))
    guard let ink else { return self }
    var pixels = [UInt8](repeating: 0, count: high * wide * 4)
    let (top, left) = ((high - ink.rows.count) / 2, (wide - ink.columns.count) / 2)
    for (place, row) in ink.rows.enumerated() {
      let source = (row * self.width + ink.columns.lowerBound) * 4
      let target = ((top + place) * wide + left) * 4
      let length = ink.columns.count * 4
      pixels.replaceSubrange(
        target..<target + length, with: self.pixels[source..<source + length])
    }
    return Picture(height: high, width: wide, channels: 4, pixels: pixels)
  }
}
