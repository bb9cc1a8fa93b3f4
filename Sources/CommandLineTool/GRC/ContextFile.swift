import FileFormats
import RelationalContext

/// `--path FILE`: a path through design space in a table, as `export` writes one.
enum ContextFile {
  /// The shapes of the file, in its order.
  ///
  /// Lines with the same entry in the column that counts shapes are one. Where there is no such
  /// column lines with the same time are; where one time has several shapes, each begins at the place
  /// where the first began.
  ///
  /// - Throws: ``UsageError`` for shapes that do not go together, a `FileFormatError` for a file that
  ///   cannot be read or lacks a column, `DeviceError`.
  static func frames(
    _ path: String, _ affine: AffineMap?, _ fit: FittedContext
  ) throws -> [ShapeFrame] {
    let set = fit.templates
    let columns = ShapeColumns(of: set, contextSize: fit.model.contextSize)
    let table = try CSV.read(path: path)
    let points = try points(table, columns, fit)
    let isCounted = table.columns.contains(columns.shape)
    let shapes =
      isCounted
      ? split(
        points,
        by: try table.cells(in: columns.shape).map { $0.trimmingCharacters(in: .whitespaces) })
      : split(points, by: set.timeAxis)
    let kind = isCounted ? columns.shape : columns.time
    guard let first = shapes.first else {
      throw UsageError.wrongValue(
        path, place: "--path", expected: "a line for each row below the names, found none")
    }
    // Of a table a time may have any number of rows; a mesh has as many at all.
    let isMesh = set.pointsPerRow > 0
    if isMesh, let other = shapes.first(where: { $0.points.count != first.points.count }) {
      throw UsageError.wrongValue(
        path, place: "--path",
        expected: "as many lines for every \(kind), found \(first.points.count) for"
          + " \(first.name) and \(other.points.count) for \(other.name)")
    }
    if isMesh, set.rows.count == 1, first.points.count != 1 {
      throw UsageError.wrongValue(
        path, place: "--path",
        expected: "one line for every \(kind), since these templates are no grids,"
          + " found \(first.points.count)")
    }
    return try shapes.map { shape in
      let path = ContextPath(shape.points)
      return try fit.frame(affine.map { $0(path) } ?? path, at: shape.points[0].place.time)
    }
  }

  private static func points(
    _ table: Table, _ columns: ShapeColumns, _ fit: FittedContext
  ) throws -> [DesignPoint] {
    let times = try table.shares(in: columns.time, of: fit.templates.timeAxis)
    let rows = try table.shares(in: columns.row, of: fit.templates.rowAxis)
    let contexts = try columns.contexts.map { try table.numbers(in: $0).map { Float($0) } }
    return table.rows.indices.map { row in
      DesignPoint(MapPlace(time: times[row], row: rows[row]), context: contexts.map { $0[row] })
    }
  }

  /// The points of a shape, and what the file calls it.
  private typealias Shape = (name: String, points: [DesignPoint])

  private static func split(_ points: [DesignPoint], by names: [String]) -> [Shape] {
    var shapes: [Shape] = []
    var places: [String: Int] = [:]
    for (point, name) in zip(points, names) {
      if let place = places[name] {
        shapes[place].points.append(point)
      } else {
        places[name] = shapes.count
        shapes.append((name, [point]))
      }
    }
    return shapes
  }

  private static func split(_ points: [DesignPoint], by axis: MapAxis) -> [Shape] {
    var shapes: [Shape] = []
    for point in points {
      if let first = shapes.last?.points.first, first.place.time == point.place.time,
        first.place != point.place
      {
        shapes[shapes.count - 1].points.append(point)
      } else {
        shapes.append((axis.text(point.place.time), [point]))
      }
    }
    return shapes
  }
}
