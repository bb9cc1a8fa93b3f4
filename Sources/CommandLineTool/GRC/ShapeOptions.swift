import ArgumentParser
import FileFormats
import RelationalContext

/// Which shapes: the same in `explore` and `export`.
struct ShapeOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      Part of the way from the first template to the second: 0 to 1; less or more is beyond. \
      (default: 0.5)
      """, valueName: "share"))
  var between: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      Beyond the second template, away from the first, along the normal of its context: by so \
      many gaps between the two.
      """, valueName: "gaps"))
  var beyond: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The context itself, the same at every row: a number for each that it has.",
      valueName: "numbers"))
  var context: String?

  @Option(
    help: ArgumentHelp(
      """
      A CSV of your own path: columns of time, row and context, a line for each row, as export \
      writes them.
      """, valueName: "file"))
  var path: String?

  @OptionGroup var pairOption: PairOption

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      Where on the time axis: \(NumberList.form); or a table's words, such as mild,severe. \
      Default: the templates' own times.
      """, valueName: "numbers"))
  var time: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Where on the row axis, likewise, rising. Default: the templates' own rows.",
      valueName: "numbers"))
  var rows: String?

  @Option(
    help: ArgumentHelp(
      "exact, or own: places as the relational network finds the templates'. (default: exact)",
      valueName: "map"))
  var map: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      An affine map of design space: a row of numbers for each of time, row and context, the last \
      of them added; rows apart by ';'.
      """, valueName: "matrix"))
  var affine: String?

  private var pair: String? { pairOption.pair }

  /// The name of an option that was given, or nil.
  var given: String? {
    [
      ("--between", between), ("--beyond", beyond), ("--context", context), ("--path", path),
      ("--pair", pair), ("--time", time), ("--rows", rows), ("--map", map), ("--affine", affine),
    ].first { $0.1 != nil }?.0
  }

  /// The shapes.
  ///
  /// - Throws: ``UsageError`` for options that cannot be meant, `DeviceError`, a `FileFormatError`
  ///   of the path's file.
  func shapes(of fit: FittedContext) throws -> [AskedShape] {
    try refuseConflicts()
    let affine = try affine.map { try self.affine($0, size: 2 + fit.model.contextSize) }
    let shapes: [AskedShape]
    if let path {
      shapes = try ContextFile.frames(path, affine, fit).map { AskedShape(frame: $0) }
    } else {
      shapes = try self.shapes(of: fit, affine)
    }
    guard shapes.allSatisfy(\.isFinite) else {
      let (name, value) =
        [
          ("--between", between), ("--beyond", beyond), ("--context", context), ("--path", path),
          ("--time", time), ("--rows", rows), ("--affine", affine.map { _ in self.affine! }),
        ].lazy.compactMap { name, value in value.map { (name, $0) } }.first ?? ("--between", "0.5")
      throw UsageError.wrongValue(
        value, place: name,
        expected: "a place nearer to the templates: numbers overflow so far beyond them")
    }
    return shapes
  }

  private func shapes(of fit: FittedContext, _ affine: AffineMap?) throws -> [AskedShape] {
    let contexts = try contexts(fit)
    let set = fit.templates
    let times = try time.map { try NumberList.places($0, "--time", on: set.timeAxis) } ?? set.times
    let rows = try rows.map { try self.rows($0, set) }
    try refuseTooMany(contexts.count * times.count, rows?.count ?? set.rows.count, set)
    var shapes: [AskedShape] = []
    for (share, context) in contexts {
      var request = ShapeRequest(context, times: times, rows: rows)
      request.hasExactMap = map != "own"
      request.map = affine
      shapes += try fit.shapes(request).map { AskedShape(share: share, frame: $0) }
    }
    return shapes
  }

  private func refuseConflicts() throws(UsageError) {
    let ways = [
      ("--between", between), ("--beyond", beyond), ("--context", context), ("--path", path),
    ].filter { $0.1 != nil }
    if ways.count > 1 { throw .conflict(ways[0].0, ways[1].0) }
    // What comes from a file, or is said outright, is not looked for in the templates.
    let idle =
      path != nil
      ? [("--pair", pair), ("--map", map), ("--time", time), ("--rows", rows)]
      : context != nil ? [("--pair", pair), ("--map", map)] : []
    if let way = ways.first, let (name, _) = idle.first(where: { $0.1 != nil }) {
      throw .conflict(way.0, name)
    }
    if let map, !["exact", "own"].contains(map) {
      throw .unknownWord(map, place: "--map", expected: ["exact", "own"])
    }
  }

  private func rows(_ text: String, _ set: TemplateSet) throws(UsageError) -> [Float] {
    let places = try NumberList.places(text, "--rows", on: set.rowAxis)
    guard zip(places, places.dropFirst()).allSatisfy({ $0 < $1 }) else {
      throw .wrongValue(text, place: "--rows", expected: "numbers that rise")
    }
    if set.rows.count == 1, places.count != 1 {
      throw .wrongValue(
        text, place: "--rows",
        expected: "one number: these templates are no grids, a frame is one row")
    }
    return places
  }

  /// Refuses what would not fit into memory.
  private func refuseTooMany(
    _ shapes: Int, _ rows: Int, _ set: TemplateSet
  ) throws(UsageError) {
    let most = min(NumberList.limit, max(1, (1 << 26) / (rows * set.rowSize)))
    if shapes > most {
      throw .wrongValue(
        time ?? between ?? beyond ?? "", place: time == nil ? "--between" : "--time",
        expected: "at most \(most) shapes of \(rows) rows, these are \(shapes)")
    }
  }

  private func contexts(
    _ fit: FittedContext
  ) throws(UsageError) -> [(share: AskedShape.Share?, context: ShapeRequest.Context)] {
    if let context { return [(nil, .constant(try numbers(context, fit.model.contextSize)))] }
    let count = fit.templates.templates.count
    if count < 2 {
      let asked = [("--between", between), ("--beyond", beyond), ("--pair", pair)]
      for (name, value) in asked {
        if let value {
          throw .wrongValue(
            value, place: name,
            expected: "a fit of two templates or more; this has one, ask for its --context")
        }
      }
      return [(nil, .between(first: 0, second: 0, share: 0))]
    }
    let (first, second) = try pairOption.parse(templates: count)
    if fit.model.contextSize == 0, map != "own", let text = between ?? beyond {
      throw .wrongValue(
        text, place: between == nil ? "--beyond" : "--between",
        expected: "a fit with a context; this has none (contextSize=0), its templates differ only"
          + " by --map own")
    }
    if let beyond {
      return try NumberList.parse(beyond, "--beyond").map {
        (.init(way: "beyond", amount: $0), .beyond(first: first, second: second, gaps: $0))
      }
    }
    return try NumberList.parse(between ?? "0.5", "--between").map {
      (.init(way: "between", amount: $0), .between(first: first, second: second, share: $0))
    }
  }

  private func numbers(_ text: String, _ size: Int) throws(UsageError) -> [Float] {
    if size == 0 {
      throw .wrongValue(
        text, place: "--context", expected: "nothing: this fit has no context (contextSize=0)")
    }
    let numbers = try NumberList.parse(text, "--context")
    guard numbers.count == size else {
      throw .wrongValue(
        text, place: "--context",
        expected: size == 1
          ? "1 number, as this fit's context has one" : "\(size) numbers, as its context has")
    }
    return numbers
  }

  private func affine(_ text: String, size: Int) throws(UsageError) -> AffineMap {
    let wrong = UsageError.wrongValue(
      text, place: "--affine", expected: "\(size) rows of \(size + 1) numbers, apart by ';'")
    var matrix: [[Float]] = []
    for row in text.split(separator: ";", omittingEmptySubsequences: false) {
      guard let numbers = try? NumberList.parse(String(row), "--affine") else { throw wrong }
      matrix.append(numbers)
    }
    guard matrix.count == size, matrix.allSatisfy({ $0.count == size + 1 }) else { throw wrong }
    return AffineMap(matrix: matrix.map { Array($0.dropLast()) }, offset: matrix.map { $0.last! })
  }
}

/// A shape, and how it was asked for.
struct AskedShape {
  /// `--between` or `--beyond`, and by how much.
  struct Share {
    let way: String
    let amount: Float
  }

  var share: Share?
  let frame: ShapeFrame

  /// Whether every number is one that files and people can read.
  var isFinite: Bool {
    frame.rows.allSatisfy { abs($0) < 1e30 } && frame.regenerationError.isFinite
      && frame.path.points.allSatisfy { $0.numbers.allSatisfy(\.isFinite) }
  }
}
