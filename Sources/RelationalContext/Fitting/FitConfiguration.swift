import FileFormats
import Models

/// Everything that decides a fit, apart from the templates.
public struct FitConfiguration: Sendable, Hashable, Codable {
  /// Where the rows of an epoch lie on the map.
  public enum Sampling: String, Sendable, Hashable, Codable, CaseIterable {
    /// On the templates' own grid.
    case grid
    /// Anywhere between its first and last times and rows, drawn anew every epoch.
    case continuous
  }

  /// How templates are mixed in an epoch.
  public enum Mixing: String, Sendable, Hashable, Codable, CaseIterable {
    /// All rows by the same weights.
    case epoch
    /// Each row by weights of its own.
    case row
  }

  /// Passes of the fit of the relational and generative networks.
  public var epochs = 100_000
  /// Decides first parameters, weights and places.
  @SeedInJSON public var seed: UInt64 = 0
  /// Where the rows of an epoch lie.
  public var sampling = Sampling.grid
  /// How templates are mixed.
  public var mixing = Mixing.row
  /// The power of the weights, above 0: 1 for mixes that are uniform on the simplex, more for mixes
  /// nearer to single templates; nil for the number of templates.
  public var mixingPower: Float?
  /// How far mixes go beyond the templates: a weight may be as much as this below 0.
  ///
  /// So templates do not lie at the edge of what is learnt. The article does the same along time,
  /// where its data go on a tenth beyond the shapes that were modelled.
  public var mixingMargin: Float = 0.15
  /// Rows of an epoch where they lie anywhere; 49 is as many as the petals' grid has.
  public var rowsPerEpoch = 49
  /// Adam's rate of the relational network.
  public var relationalRate: Float = 1e-4
  /// Adam's rate of the generative network.
  public var generativeRate: Float = 2e-4
  /// Units of the template models' hidden layers.
  public var templateHidden = [10, 15]
  /// Updates of a template model.
  public var templateSteps = 100_000
  /// Adam's rate at the first of these; it falls along a half cosine to 0.
  public var templateRate: Float = 0.03
  /// The largest distance of a point from its template with which a template model is taken at once.
  public var templateBound: Float = 0.005
  /// How often a template model is fitted, each time from other first parameters, until one comes
  /// within the bound; else the best is taken.
  public var templateAttempts = 3

  /// As the article has it, and where it is silent, what served best: see `docs/adr/0012`.
  public init() {}

  /// Sizes of a template model: [2, 10, 15, 21].
  func templateSizes(rowSize: Int) -> [Int] {
    [RelationalContextConfiguration.mapSize] + templateHidden + [rowSize]
  }

  /// Why nothing can be fitted so, or nil.
  public var problem: String? {
    let counts = [
      ("epochs", epochs), ("rowsPerEpoch", rowsPerEpoch), ("templateSteps", templateSteps),
      ("templateAttempts", templateAttempts),
    ]
    for (name, value) in counts where !(1...Int(Int32.max)).contains(value) {
      return "\(name) \(value), expected a whole number from 1 on"
    }
    if templateAttempts > 1000 {
      return "templateAttempts \(templateAttempts), expected at most 1000"
    }
    let rates = [
      ("relationalRate", relationalRate), ("generativeRate", generativeRate),
      ("templateRate", templateRate),
    ]
    for (name, value) in rates where !(value > 0 && value.isFinite) {
      return "\(name) \(value), expected more than 0"
    }
    if let mixingPower, !(mixingPower > 0 && mixingPower <= 1000) {
      return "mixingPower \(mixingPower), expected more than 0 and at most 1000"
    }
    if !(mixingMargin >= 0 && mixingMargin <= 1) {
      return "mixingMargin \(mixingMargin), expected from 0 to 1"
    }
    if templateBound.isNaN || templateBound < 0 {
      return "templateBound \(templateBound), expected at least 0"
    }
    return sizesProblem("templateHidden", templateHidden)
  }
}

/// Why these cannot be sizes of layers, or nil.
func sizesProblem(_ name: String, _ sizes: [Int]) -> String? {
  if let wrong = sizes.first(where: { !(1...65_536).contains($0) }) {
    return "\(name) \(wrong), expected sizes from 1 to 65536"
  }
  return nil
}

extension RelationalContextConfiguration {
  /// Why no networks can be made of this, or nil.
  public var problem: String? {
    if !(1...1 << 20).contains(rowSize) { return "rows of \(rowSize) numbers" }
    if !(0...1024).contains(contextSize) {
      return "contextSize \(contextSize), expected from 0 to 1024"
    }
    if !contextTarget.isFinite { return "contextTarget \(contextTarget), expected a number" }
    if !(contextShare >= 0 && contextShare.isFinite) {
      return "contextShare \(contextShare), expected at least 0"
    }
    return sizesProblem("relationalHidden", relationalHidden)
      ?? sizesProblem("generativeHidden", generativeHidden)
  }
}

/// A seed that JSON holds exactly: a number, or text from 2^63 on, where a number would be rounded.
@propertyWrapper
public struct SeedInJSON: Sendable, Hashable, Codable {
  public var wrappedValue: UInt64

  public init(wrappedValue: UInt64) { self.wrappedValue = wrappedValue }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let text = try? container.decode(String.self), let seed = UInt64(text) {
      wrappedValue = seed
    } else {
      wrappedValue = try container.decode(UInt64.self)
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if let seed = Int(exactly: wrappedValue) {
      try container.encode(seed)
    } else {
      try container.encode("\(wrappedValue)")
    }
  }
}
