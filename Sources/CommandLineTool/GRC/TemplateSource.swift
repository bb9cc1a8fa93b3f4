import RelationalContext

/// Templates as they are named on the command line.
enum TemplateSource {
  /// What `atelier grc fit` says about its arguments.
  static let help = """
    petals (the default), petals:SEED for two other petals, or petals:SEED:COUNT
    """

  /// The templates of these names.
  ///
  /// - Throws: ``UsageError`` for words that name none.
  static func open(_ names: [String]) throws -> TemplateSet {
    if names.isEmpty || names == ["petals"] { return .petals }
    if names.count == 1, names[0].hasPrefix("petals:") { return try petals(names[0]) }
    throw UsageError.unknownWord(names[0], place: "templates", expected: ["petals"])
  }

  private static func petals(_ name: String) throws(UsageError) -> TemplateSet {
    let parts = name.split(separator: ":", omittingEmptySubsequences: false).dropFirst()
    let count = parts.count == 2 ? Int(parts.last!) : 2
    guard parts.count <= 2, let seed = UInt64(parts.first!), let count, (1...6).contains(count)
    else {
      throw .wrongValue(
        name, place: "templates", expected: "petals:SEED, or petals:SEED:COUNT with 1 to 6 petals")
    }
    return .petals(seed: seed, count: count)
  }
}
