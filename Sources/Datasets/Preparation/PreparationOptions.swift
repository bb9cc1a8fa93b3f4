import FileFormats

/// What a preparation is asked to do; `docs/data.md` says why the thresholds are what they are.
public struct PreparationOptions: Sendable {
  /// Height of the results in pixels.
  public var height: Int
  /// Width of the results in pixels.
  public var width: Int
  /// How pictures are brought to that size.
  public var fit = PictureFit.crop
  /// 1 (grey) or 3 (RGB); `nil` leaves grey pictures grey.
  public var channels: Int?
  /// What transparent pictures lie on, and padded ones in.
  public var background = Color.white
  /// Pictures whose ``Fingerprint`` distance is at most this are near-duplicates; `nil` removes exact
  /// ones alone.
  public var nearDistance: Double? = defaultNearDistance
  /// Results are blank when every channel's standard deviation is below this, in levels of 255.
  public var leastDeviation = 2.0
  /// Pictures that would be enlarged by more than this are too small.
  public var greatestEnlargement = 2.0
  /// To how many results each class is cut; `nil` cuts none.
  public var balance: Balance?
  /// Decides which pictures of a class are cut.
  public var seed: UInt64 = 0
  /// Under which licence the pictures are used.
  public var license: String?
  /// Who agreed to their use, or why nobody has to.
  public var consent: String?
  /// Pictures, by their path in the source, that are used whatever is found.
  public var kept: Set<String> = []

  /// Separates copies from pictures that are merely alike; measured in `docs/data.md`.
  public static let defaultNearDistance = 0.2

  /// The size of a class after cutting.
  public enum Balance: Hashable, Sendable {
    /// As many as the smallest class has.
    case smallest
    /// At most so many.
    case count(Int)
  }

  /// Options with every threshold at its default.
  public init(height: Int = 64, width: Int = 64) {
    precondition(height > 0 && width > 0, "PreparationOptions: \(height)×\(width)")
    (self.height, self.width) = (height, width)
  }

  /// Everything that decides the results, for the record.
  var json: JSONValue {
    [
      "height": .integer(height), "width": .integer(width), "fit": .string(fit.rawValue),
      "channels": channels.map { .integer($0) } ?? .null,
      "background": [
        .integer(Int(background.red)), .integer(Int(background.green)),
        .integer(Int(background.blue)),
      ],
      "nearDistance": nearDistance.map { .number($0) } ?? .null,
      "leastDeviation": .number(leastDeviation),
      "greatestEnlargement": .number(greatestEnlargement),
      "balance": balanceJSON, "seed": .string(String(seed)),
      "kept": .array(
        kept.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.map { .string($0) }),
      "resize": .string(Picture.resizeName),
    ]
  }

  private var balanceJSON: JSONValue {
    switch balance {
    case nil: .null
    case .smallest: "smallest"
    case .count(let count): .integer(count)
    }
  }
}
