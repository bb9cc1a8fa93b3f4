import FileFormats
import RelationalContext

/// `--path FILE`: a path through design space in a table, as `export` writes one.
enum ContextFile {
  /// A shape for every time, in the order of the lines; where one time has several, each begins at
  /// the place where the first began.
  ///
  /// - Throws: ``UsageError`` for shapes that do not go together, a `FileFormatError` for a file that
  ///   cannot be read or lacks a column, `DeviceError`.
  static func frames(
    _ path: String, _ affine: AffineMap?, _ fit: FittedContext
  ) throws -> [ShapeFrame] {
    let set = fit.templates
    let paths = try split(points(path, fit))
    guard let first = paths.first?.count else {
      throw UsageError.wrongValue(
        path, place: "--path", expected: "a line for each row below the names, found none")
    }
    if let other = paths.first(where: { $0.count != first }) {
      throw UsageError.wrongValue(
        path, place: "--path",
        expected: "as many lines for every \(set.timeAxis.name), found \(first) for"
          + " \(set.timeAxis.value(paths[0][0].place.time)) and \(other.count) for"
          + " \(set.timeAxis.value(other[0].place.time))")
    }
    if set.rows.count == 1, first != 1 {
      throw UsageError.wrongValue(
        path, place: "--path",
        expected: "one line for every \(set.timeAxis.name), since these templates are no grids,"
          + " found \(first)")
    }
    return try paths.map { points in
      let path = ContextPath(points)
      return try fit.frame(affine.map { $0(path) } ?? path, at: points[0].place.time)
    }
  }

  private static func points(_ path: String, _ fit: FittedContext) throws -> [DesignPoint] {
    let (set, size) = (fit.templates, fit.model.contextSize)
    let table = try CSV.read(path: path)
    let contexts = size == 1 ? ["context"] : (0..<size).map { "context \($0 + 1)" }
    let columns = try ([set.timeAxis.name, set.rowAxis.name] + contexts).map {
      try table.numbers(in: $0).map { Float($0) }
    }
    return table.rows.indices.map { row in
      DesignPoint(
        MapPlace(
          time: set.timeAxis.share(columns[0][row]), row: set.rowAxis.share(columns[1][row])),
        context: columns.dropFirst(2).map { $0[row] })
    }
  }

  private static func split(_ points: [DesignPoint]) -> [[DesignPoint]] {
    var paths: [[DesignPoint]] = []
    for point in points {
      if let first = paths.last?.first, first.place.time == point.place.time,
        first.place != point.place
      {
        paths[paths.count - 1].append(point)
      } else {
        paths.append([point])
      }
    }
    return paths
  }
}
