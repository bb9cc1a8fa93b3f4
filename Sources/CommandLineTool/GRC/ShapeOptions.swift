import ArgumentParser
import FileFormats
import RelationalContext

/// Which shapes: the same in `explore` and `export`.
struct ShapeOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Part of the way from the first template to the second: 0 to 1, less or more is beyond. (default: 0.5)",
      valueName: "share"))
  var between: String?

  @Option(
    help: ArgumentHelp(
      "Beyond the second template, along the normal of its context, by so many gaps between the two.",
      valueName: "gaps"))
  var beyond: String?

  @Option(
    help: ArgumentHelp(
      "The context itself, the same at every row: a number for each that it has.",
      valueName: "numbers"))
  var context: String?

  @Option(
    help: ArgumentHelp(
      "A CSV of your own path: columns of time, row and context, a line for each row.",
      valueName: "file"))
  var path: String?

  @Option(help: ArgumentHelp("Which two templates, counted from 1.", valueName: "a,b"))
  var pair = "1,2"

  @Option(
    help: ArgumentHelp(
      "Where on the time axis: \(NumberList.form). Default: the templates' own times.",
      valueName: "numbers"))
  var time: String?

  @Option(
    help: ArgumentHelp("Where on the row axis. Default: the templates' own.", valueName: "numbers"))
  var rows: String?

  @Option(
    help: ArgumentHelp(
      "exact, or own: places as the relational network finds the templates'.", valueName: "map"))
  var map = "exact"

  @Option(
    help: ArgumentHelp(
      "An affine map of design space: a row of numbers for each of time, row and context, the last of them added; rows apart by ';'.",
      valueName: "matrix"))
  var affine: String?

  /// The shapes.
  ///
  /// - Throws: ``UsageError`` for options that cannot be meant, `DeviceError`.
  func frames(of fit: FittedContext) throws -> [ShapeFrame] {
    let given = [
      ("--between", between), ("--beyond", beyond), ("--context", context), ("--path", path),
    ].filter { $0.1 != nil }
    if given.count > 1 { throw UsageError.conflict(given[0].0, given[1].0) }
    guard ["exact", "own"].contains(map) else {
      throw UsageError.unknownWord(map, place: "--map", expected: ["exact", "own"])
    }
    let affine = try affine.map { try self.affine($0, size: 2 + fit.model.contextSize) }
    if let path { return try frames(ofPath: path, affine, fit) }
    let axis = fit.templates.timeAxis
    var request = ShapeRequest(
      .constant([]), times: try time.map { try NumberList.parse($0, "--time").map(axis.share) }
        ?? fit.templates.times)
    request.rows = try rows.map {
      try NumberList.parse($0, "--rows").map(fit.templates.rowAxis.share)
    }
    if let rows = request.rows, fit.templates.rows.count == 1, rows.count != 1 {
      throw UsageError.wrongValue(
        self.rows!, place: "--rows",
        expected: "one number: these templates are no grids, a frame is one row")
    }
    request.hasExactMap = map == "exact"
    request.map = affine
    var frames: [ShapeFrame] = []
    for context in try contexts(fit) {
      request.context = context
      frames += try fit.shapes(request)
    }
    return frames
  }

  private func contexts(_ fit: FittedContext) throws -> [ShapeRequest.Context] {
    if let context {
      let numbers = try NumberList.parse(context, "--context")
      guard numbers.count == fit.model.contextSize else {
        throw UsageError.wrongValue(
          context, place: "--context", expected: "\(fit.model.contextSize) numbers")
      }
      return [.constant(numbers)]
    }
    let (first, second) = try PairOption.parse(pair, templates: fit.templates.templates.count)
    if let beyond {
      return try NumberList.parse(beyond, "--beyond").map {
        .beyond(first: first, second: second, gaps: $0)
      }
    }
    return try NumberList.parse(between ?? "0.5", "--between").map {
      .between(first: first, second: second, share: $0)
    }
  }

  private func affine(_ text: String, size: Int) throws(UsageError) -> AffineMap {
    var matrix: [[Float]] = []
    for row in text.split(separator: ";", omittingEmptySubsequences: false) {
      matrix.append(try NumberList.parse(String(row), "--affine"))
    }
    guard matrix.count == size, matrix.allSatisfy({ $0.count == size + 1 }) else {
      throw .wrongValue(
        text, place: "--affine", expected: "\(size) rows of \(size + 1) numbers, apart by ';'")
    }
    return AffineMap(matrix: matrix.map { Array($0.dropLast()) }, offset: matrix.map { $0.last! })
  }

  /// A shape for every time of a path in a file, by the order of its lines.
  private func frames(
    ofPath path: String, _ affine: AffineMap?, _ fit: FittedContext
  ) throws -> [ShapeFrame] {
    let set = fit.templates
    let table = try CSV.read(path: path)
    let contexts = fit.model.contextSize == 1
      ? ["context"] : (0..<fit.model.contextSize).map { "context \($0 + 1)" }
    let columns = try ([set.timeAxis.name, set.rowAxis.name] + contexts).map {
      try table.numbers(in: $0).map { Float($0) }
    }
    var frames: [ShapeFrame] = []
    var points: [DesignPoint] = []
    for row in 0..<table.rows.count {
      let place = MapPlace(
        time: set.timeAxis.share(columns[0][row]), row: set.rowAxis.share(columns[1][row]))
      let point = DesignPoint(place, context: columns.dropFirst(2).map { $0[row] })
      if let last = points.last, last.place.time != place.time {
        frames.append(try frame(points, affine, fit))
        points = []
      }
      points.append(point)
    }
    if !points.isEmpty { frames.append(try frame(points, affine, fit)) }
    guard let first = frames.first, frames.allSatisfy({ $0.path.points.count == first.path.points.count })
    else {
      throw UsageError.wrongValue(
        path, place: "--path", expected: "as many lines for every \(set.timeAxis.name), at least one")
    }
    return frames
  }

  private func frame(
    _ points: [DesignPoint], _ affine: AffineMap?, _ fit: FittedContext
  ) throws -> ShapeFrame {
    let path = ContextPath(points)
    return try fit.frame(affine.map { $0(path) } ?? path, at: points[0].place.time)
  }
}
