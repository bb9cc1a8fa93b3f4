import FileFormats
import Foundation

/// A folder or zip of messy pictures, looked through: which become training pictures, and which do not
/// and why.
///
/// Everything is decided before anything is written, from the pictures and the options alone: the same
/// ones give the same record and the same results, byte for byte, in any folder, on any number of
/// threads.
public struct Preparation: Sendable {
  /// Name of the source.
  public let name: String
  /// What was asked for.
  public let options: PreparationOptions
  /// Every picture of the source, sorted by the bytes of its path.
  public let pictures: [PreparedPicture]
  /// What is known of whose they are.
  public let rights: SourceRights

  let source: String
  let files: EncodedPictures
  /// Pixels of each picture's results, as far as there is room.
  private let pixels: [[Picture]?]

  /// Most bytes of results that are kept between looking and writing; beyond it they are made again.
  public static let memoryLimit = PictureFiles.memoryLimit

  /// Looks through a source; nothing is written.
  ///
  /// - Parameters:
  ///   - source: A folder or zip of PNG and JPEG; sub-folders are labels.
  ///   - options: What to do with them.
  ///   - memoryLimit: Most bytes of results that are kept until they are written.
  ///   - progress: Is told of every picture twice, as it is read and as it is compared.
  /// - Throws: ``PreparationError``, or the `FileFormatError` of a source that cannot be read.
  public init(
    _ source: String, _ options: PreparationOptions, memoryLimit: Int = memoryLimit,
    progress: @escaping ReadingProgress = { _, _ in }
  ) throws {
    let files = try EncodedPictures.open(source)
    try Self.check(options.kept, are: files.names, in: source)
    let total = 2 * files.names.count
    let keepsPixels =
      options.fit != .tiles
      && files.names.count <= memoryLimit / (options.height * options.width * 3)
    let examined = files.forEach({ progress($0, total) }) { index, bytes throws(FileFormatError) in
      try Examined(
        bytes, file: files.place(index), options, keepsPixels: keepsPixels)
    }
    let names = ResultNames(files)
    var pictures = examined.enumerated().map { index, result in
      PreparedPicture(result, index, files, names, options)
    }
    for (picture, result) in zip(pictures, examined) where picture.isKeptByRequest {
      if case .failure(let error) = result { throw PreparationError.cannotKeep(error) }
    }
    let good = examined.map { try? $0.get() }
    pictures.findExactDuplicates()
    pictures.findNearDuplicates(good.map { $0?.fingerprint }, options) {
      progress(files.names.count + $0, total)
    }
    pictures.balance(options)
    self.source = source
    name = URL(filePath: source).lastPathComponent
    self.options = options
    self.files = files
    self.pictures = pictures
    pixels = good.map { $0?.results }
    rights = SourceRights(options, files, credits: good.compactMap { $0?.credits })
    guard pictures.contains(where: { !$0.results.isEmpty }) else {
      throw PreparationError.nothingLeft(source: source, counts: counts)
    }
  }

  /// How many pictures are left out for each reason; those that stay by request do not count.
  public var counts: [Finding.Reason: Int] {
    Dictionary(
      pictures.compactMap { $0.isUsed ? nil : $0.finding.map { ($0.reason, 1) } },
      uniquingKeysWith: +)
  }

  /// Pictures that are left out, in order.
  public var removed: [PreparedPicture] { pictures.filter { !$0.isUsed } }

  /// Results that will be written.
  public var resultCount: Int { pictures.reduce(0) { $0 + $1.results.count } }

  /// The classes by name; then, where there are classes, the pictures without one.
  public var classes: [ClassCount] {
    let byClass = Dictionary(grouping: pictures, by: \.className)
    let names = byClass.keys.compactMap(\.self).sorted {
      $0.utf8.lexicographicallyPrecedes($1.utf8)
    }
    guard !names.isEmpty else { return [] }
    return (names.map(Optional.some) + [nil]).compactMap { name in
      byClass[name].map { members in
        ClassCount(
          name: name, pictures: members.count,
          results: members.reduce(0) { $0 + $1.results.count })
      }
    }
  }

  /// What a person should know, a sentence each.
  public var warnings: [String] {
    let byName = Dictionary(pictures.map { ($0.name, $0) }) { first, _ in first }
    let strays = pictures.count { picture in
      !picture.isUsed
        && picture.finding?.original.map { byName[$0]!.className != picture.className } ?? false
    }
    let strayWarning =
      strays == 0
      ? nil
      : "\(FileFormats.count(strays, "duplicate lies", "duplicates lie")) in another class than the"
        + " picture repeated: look whether the labels are right"
    return [ClassBalance.warning(classes), likenessWarning, strayWarning, rights.warning]
      .compactMap(\.self)
  }

  /// A series of pictures that are merely alike has many near-duplicates.
  private var likenessWarning: String? {
    let near = counts[.nearDuplicate] ?? 0
    guard 10 * near > pictures.count else { return nil }
    return "\(near) of \(pictures.count) pictures are near-duplicates: look whether they are copies"
      + " or merely alike, and lower --near (0.1, or none) for a series"
  }

  /// The results of a picture, of those that are used.
  func results(of index: Int) throws(FileFormatError) -> [Picture] {
    let used = pictures[index].usedResults
    if let kept = pixels[index] { return used.map { kept[$0] } }
    let picture = try Picture(decoding: try files.read(index), file: files.place(index))
    let made = Examined.results(of: picture, options)
    return used.map { made[$0] }
  }

  private static func check(
    _ kept: Set<String>, are names: [String], in source: String
  ) throws(PreparationError) {
    let known = Set(names)
    guard let unknown = kept.subtracting(known).min() else { return }
    let similar = names.first { $0.lastPathComponent == unknown.lastPathComponent }
    throw .unknownPicture(unknown, source: source, similar: similar)
  }
}

/// What reading a picture once tells.
struct Examined: Sendable {
  let hash: UInt64
  let shape: PictureShape
  let credits: [PictureCredit]
  let fingerprint: Fingerprint
  /// Standard deviation of each result; see ``Picture/deviation``.
  let deviations: [Double]
  let results: [Picture]?

  init(
    _ bytes: [UInt8], file: String, _ options: PreparationOptions, keepsPixels: Bool
  ) throws(FileFormatError) {
    let picture = try Picture(decoding: bytes, file: file)
    let results = Self.results(of: picture, options)
    hash = ExampleHash.of(bytes)
    shape = picture.shape
    credits = PictureCredit.all(in: bytes)
    fingerprint = Fingerprint(picture.composed(on: options.background))
    deviations = results.map(\.deviation)
    self.results = keepsPixels ? results : nil
  }

  static func results(of picture: Picture, _ options: PreparationOptions) -> [Picture] {
    let opaque = picture.composed(on: options.background)
    let colored = options.channels.map { $0 == 1 ? opaque.grayscale : opaque.rgb } ?? opaque
    return options.fit.apply(
      colored, height: options.height, width: options.width, background: options.background)
  }
}

extension PreparedPicture {
  /// What a picture is found to be by itself.
  init(
    _ examined: Result<Examined, FileFormatError>, _ index: Int, _ files: EncodedPictures,
    _ names: ResultNames, _ options: PreparationOptions
  ) {
    name = files.names[index]
    className = files.classes[index]
    isKeptByRequest = options.kept.contains(name)
    switch examined {
    case .failure(let error):
      (hash, shape, credits) = (nil, nil, [])
      (plannedResults, blankResults) = ([], [])
      finding = .unreadable(error)
    case .success(let found):
      let (height, width) = (options.height, options.width)
      hash = found.hash
      shape = found.shape
      credits = found.credits
      plannedResults = names.results(
        index, options.fit.tiling(of: found.shape, height: height, width: width))
      blankResults = found.deviations.map { $0 < options.leastDeviation }
      let enlargement = options.fit.enlargement(of: found.shape, height: height, width: width)
      finding =
        enlargement > options.greatestEnlargement
        ? .tooSmall(enlargement: enlargement)
        : !blankResults.contains(false) ? .blank(deviation: found.deviations.max()!) : nil
    }
  }
}

extension [PreparedPicture] {
  /// Files with the bytes of an earlier one that stays.
  fileprivate mutating func findExactDuplicates() {
    var first: [UInt64: String] = [:]
    for index in indices where isUsed(index) {
      guard let hash = self[index].hash else { continue }
      if let original = first[hash], self[index].finding == nil {
        self[index].finding = .exactDuplicate(of: original)
      }
      if first[hash] == nil { first[hash] = self[index].name }
    }
  }

  /// Pictures that look like an earlier one that stays.
  fileprivate mutating func findNearDuplicates(
    _ fingerprints: [Fingerprint?], _ options: PreparationOptions, progress: (Int) -> Void
  ) {
    guard let limit = options.nearDistance else { return }
    let search = DuplicateSearch(
      indices.map { isUsed($0) ? fingerprints[$0] : nil }, stays: map(\.isKeptByRequest),
      limit: limit, progress: progress)
    for (index, match) in search.originals.enumerated() where self[index].finding == nil {
      guard let match else { continue }
      self[index].finding = .nearDuplicate(of: self[match.index].name, distance: match.distance)
    }
  }

  /// Cuts each class to the size that is asked for.
  fileprivate mutating func balance(_ options: PreparationOptions) {
    guard let balance = options.balance else { return }
    let byClass = Dictionary(
      grouping: indices.filter { self[$0].className != nil && isUsed($0) },
      by: { self[$0].className! })
    let sizes = byClass.mapValues { $0.reduce(0) { $0 + self[$1].results.count } }
    guard let smallest = sizes.values.min() else { return }
    let limit = if case .count(let count) = balance { count } else { smallest }
    for members in byClass.values {
      let cut = ClassBalance.cut(
        members.map {
          let picture = self[$0]
          return ($0, picture.name, picture.results.count, picture.isKeptByRequest)
        }, to: limit, seed: options.seed)
      for index in cut { self[index].finding = .beyondBalance(limit: limit) }
    }
  }

  private func isUsed(_ index: Int) -> Bool { self[index].isUsed }
}
