import FileFormats

/// Why a picture is left out.
public enum Finding: Hashable, Sendable {
  /// Its file is damaged, cut short, or no PNG or JPEG.
  case unreadable(FileFormatError)
  /// It would have to be enlarged by this factor.
  case tooSmall(enlargement: Double)
  /// It shows almost nothing: the largest standard deviation of its channels, in levels of 255.
  case blank(deviation: Double)
  /// Another file has the same bytes.
  case exactDuplicate(of: String)
  /// Another picture shows the same; see ``Fingerprint`` for the distance.
  case nearDuplicate(of: String, distance: Double)
  /// Its class had more than this many results.
  case beyondBalance(limit: Int)

  /// The name in the record and in counts.
  public var reason: Reason {
    switch self {
    case .unreadable: .unreadable
    case .tooSmall: .tooSmall
    case .blank: .blank
    case .exactDuplicate: .exactDuplicate
    case .nearDuplicate: .nearDuplicate
    case .beyondBalance: .balance
    }
  }

  /// The kinds of findings, in the order in which pictures are examined.
  public enum Reason: String, CaseIterable, Sendable {
    case unreadable
    case tooSmall = "too-small"
    case blank
    case exactDuplicate = "exact-duplicate"
    case nearDuplicate = "near-duplicate"
    case balance
  }

  /// The picture that this one repeats.
  public var original: String? {
    switch self {
    case .exactDuplicate(let original), .nearDuplicate(let original, _): original
    default: nil
    }
  }

  /// What was found, for people, without the picture's name.
  public var sentence: String {
    switch self {
    case .unreadable(let error):
      "unreadable: expected \(error.expected), found \(error.found); \(error.advice)"
    case .tooSmall(let factor): "too small: it would be enlarged \(Self.decimal(factor)) times"
    case .blank(let deviation):
      "blank: its standard deviation is \(Self.decimal(deviation)) of 255 levels"
    case .exactDuplicate(let original): "an exact duplicate: the same file as \(original)"
    case .nearDuplicate(let original, let distance):
      "a near-duplicate of \(original), at a distance of \(Self.decimal(distance))"
    case .beyondBalance(let limit): "balance: its class is cut to \(limit)"
    }
  }

  /// The members of the record's line.
  var json: [String: JSONValue] {
    var members: [String: JSONValue] = ["reason": .string(reason.rawValue)]
    switch self {
    case .unreadable(let error):
      members["detail"] = .string("expected \(error.expected), found \(error.found)")
    case .tooSmall(let factor): members["enlargement"] = .number(Self.rounded(factor))
    case .blank(let deviation): members["deviation"] = .number(Self.rounded(deviation))
    case .exactDuplicate(let original): members["of"] = .string(original)
    case .nearDuplicate(let original, let distance):
      members["of"] = .string(original)
      members["distance"] = .number(Self.rounded(distance))
    case .beyondBalance(let limit): members["limit"] = .integer(limit)
    }
    return members
  }

  /// To four digits behind the point.
  private static func rounded(_ value: Double) -> Double { (value * 1e4).rounded() / 1e4 }

  /// Such as "2.75".
  private static func decimal(_ value: Double) -> String {
    let hundredths = Int((min(value, 1e9) * 100).rounded())
    let digits = String(hundredths % 100)
    return "\(hundredths / 100).\(digits.count < 2 ? "0" : "")\(digits)"
  }
}
