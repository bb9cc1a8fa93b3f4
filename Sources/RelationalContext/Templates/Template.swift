/// A place on the relational map, in shares of its axes: what all templates have in common.
public struct MapPlace: Sendable, Hashable {
  /// Of the petals, time: 0 a closed bud, 1 open.
  public var time: Float
  /// Of the petals, morphology: 0 the base, 1 the tip.
  public var row: Float

  /// The place at these two; they may lie a little outside 0…1, as the article's offsets do.
  public init(time: Float, row: Float) { (self.time, self.row) = (time, row) }
}

/// What an artist brings: rows of numbers, each at a place of the relational map.
public struct Template: Sendable, Hashable {
  /// For people.
  public var name: String
  /// Where each row lies.
  public var places: [MapPlace]
  /// The rows, one after another: `places.count` of them, all of the same length.
  public var values: [Float]

  /// A template of rows of `values.count / places.count` numbers.
  public init(name: String, places: [MapPlace], values: [Float]) {
    precondition(
      !places.isEmpty && !values.isEmpty && values.count % places.count == 0,
      "a template of \(values.count) numbers at \(places.count) places")
    (self.name, self.places, self.values) = (name, places, values)
  }

  /// Numbers of a row.
  public var rowSize: Int { values.count / places.count }

  /// One row's numbers.
  public func row(_ index: Int) -> ArraySlice<Float> {
    values[index * rowSize..<(index + 1) * rowSize]
  }

  /// The rows at this time, by rising row, one after another.
  public func rows(at time: Float) -> [Float] { indices(at: time).flatMap { row($0) } }

  /// Where these rows lie.
  func rowPlaces(at time: Float) -> [MapPlace] { indices(at: time).map { places[$0] } }

  /// The times that rows have, rising, and which rows each has, by rising row.
  var frames: [(time: Float, rows: [Int])] {
    let groups = Dictionary(grouping: places.indices) { places[$0].time }
    return groups.keys.sorted().map { time in
      (time, groups[time]!.sorted { places[$0].row < places[$1].row })
    }
  }

  private func indices(at time: Float) -> [Int] {
    places.indices.filter { places[$0].time == time }.sorted { places[$0].row < places[$1].row }
  }
}

/// What the numbers of a row are.
public enum RowContent: Sendable, Hashable {
  /// Points in space: all x, then all y, then all z. The rows of one time make a mesh with these
  /// faces, whose corners count points row by row.
  case points(faces: [[Int]])
  /// One number a column of a table.
  case columns([String])
}

/// Which axis of points in space points up: y in files of meshes, by their standards; z in the
/// article's petals.
public enum UpAxis: String, Sendable, Hashable { case y, z }

/// Templates that share a relational map.
public struct TemplateSet: Sendable, Hashable {
  /// For people and names of files: `petals`.
  public var name: String
  /// The map's axes: what rises over the frames, and over the rows of a frame.
  public var timeAxis, rowAxis: MapAxis
  /// The grid of the map, rising: templates of meshes have a row at every pair; others are looked
  /// at there.
  public var times, rows: [Float]
  /// At least one; all of the same row size.
  public var templates: [Template]
  /// What the numbers of a row are.
  public var content: RowContent
  /// Which way is up, of points.
  public var up: UpAxis
  /// How rows are scaled for the networks.
  public var scale: RowScale

  /// - Precondition: times and rows rise, and the templates' rows have one size.
  public init(
    name: String, timeAxis: MapAxis = MapAxis("time"), rowAxis: MapAxis = MapAxis("morphology"),
    times: [Float], rows: [Float], templates: [Template], content: RowContent, up: UpAxis = .z
  ) {
    precondition(!templates.isEmpty, "no templates")
    precondition(Set(templates.map(\.rowSize)).count == 1, "templates with rows of several sizes")
    self.name = name
    (self.timeAxis, self.rowAxis) = (timeAxis, rowAxis)
    (self.times, self.rows) = (times, rows)
    (self.templates, self.content, self.up) = (templates, content, up)
    scale = RowScale(of: templates, content)
  }

  /// The largest number of a template: there is room left for sums of squares of scaled ones.
  static let largest: Float = 1e30

  /// - Throws: ``TemplateError/notModerate(template:found:)`` for a number that nothing can be fitted
  ///   to.
  func checkNumbers() throws(TemplateError) {
    for template in templates {
      if let wrong = template.values.first(where: { !(abs($0) <= Self.largest) }) {
        throw .notModerate(template: template.name, found: wrong)
      }
    }
  }

  /// Numbers of a row.
  public var rowSize: Int { templates[0].rowSize }

  /// Every pair of a time and a row, time by time.
  public var grid: [MapPlace] {
    times.flatMap { time in rows.map { MapPlace(time: time, row: $0) } }
  }

  /// Points of a row, for meshes; 0 for tables.
  public var pointsPerRow: Int { if case .points = content { rowSize / 3 } else { 0 } }

  /// The points of the rows of one time, `rows.count × pointsPerRow` of them, row by row.
  ///
  /// - Precondition: the content is points.
  public func points(of rows: [Float]) -> [SIMD3<Float>] {
    let count = pointsPerRow
    precondition(
      count > 0 && rows.count % rowSize == 0, "\(rows.count) numbers are no rows of points")
    return stride(from: 0, to: rows.count, by: rowSize).flatMap { first in
      (0..<count).map { column in
        SIMD3(
          rows[first + column], rows[first + count + column], rows[first + 2 * count + column])
      }
    }
  }
}
