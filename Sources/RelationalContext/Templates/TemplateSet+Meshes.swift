import FileFormats
import Foundation

extension TemplateSet {
  /// Templates of animated meshes: a folder of OBJ frames, a glTF or GLB file with morph targets, or
  /// an OBJ file each.
  ///
  /// A mesh whose faces make a grid of points has a row of the map for each row of points;
  /// any other has one row a frame, which holds all of its points. Either keeps the first file's
  /// faces.
  ///
  /// - Parameters:
  ///   - paths: A template each, of the same mesh and as many frames.
  ///   - times: Of the frames; by default those of the first file, in shares of its length. Numbers
  ///     from −.5 to 1.5 are shares of the map's axis, others in a unit of their own.
  ///   - rows: Of the rows of points, likewise; by default evenly from 0 to 1.
  /// - Throws: A `FileFormatError` for a file that cannot be read, ``TemplateError`` for meshes that
  ///   do not go together.
  public init(meshes paths: [String], times: [Float]? = nil, rows: [Float]? = nil) throws {
    precondition(!paths.isEmpty, "no meshes")
    var sequences: [MeshSequence] = []
    for path in paths {
      let sequence = try MeshSequence.read(path: path)
      if let first = sequences.first {
        try Self.check(sequence, path, beside: first, paths[0])
      }
      sequences.append(sequence)
    }
    let first = sequences[0]
    let grid = MeshGrid(faces: first.faces, vertexCount: first.vertexCount)
    let rowCount = grid?.rows ?? 1
    let (timeAxis, times) = try Self.axis(
      "time", times, "--times", count: first.frames.count, standard: Self.shares(first.times))
    let (rowAxis, rows) = try Self.axis(
      rowCount > 1 ? "morphology" : "row", rows, "--rows", count: rowCount,
      standard: Self.even(rowCount))
    let places = times.flatMap { time in rows.map { MapPlace(time: time, row: $0) } }
    let columns = first.vertexCount / rowCount
    self.init(
      name: Self.name(of: paths), timeAxis: timeAxis, rowAxis: rowAxis, times: times, rows: rows,
      templates: zip(Self.names(of: paths), sequences).map { name, sequence in
        Template(
          name: name, places: places,
          values: sequence.frames.flatMap { Self.values($0, columns: columns) })
      },
      content: .points(faces: first.faces), up: .y)
  }

  private static func check(
    _ sequence: MeshSequence, _ path: String, beside first: MeshSequence, _ firstPath: String
  ) throws(TemplateError) {
    let pairs = [
      (sequence.vertexCount, first.vertexCount, "points"),
      (sequence.frames.count, first.frames.count, "frames"),
    ]
    for (found, expected, what) in pairs where found != expected {
      throw .differentMeshes(
        path: path, found: "\(found)", first: firstPath, expected: "\(expected) \(what)")
    }
    // Quadrilaterals and the triangles that glTF makes of them are the same grid.
    let grids = [sequence, first].map { MeshGrid(faces: $0.faces, vertexCount: $0.vertexCount) }
    if sequence.faces != first.faces, grids[0] == nil || grids[0] != grids[1] {
      throw .differentMeshes(
        path: path, found: "others", first: firstPath, expected: "the same faces")
    }
  }

  /// Rows of points, each all x, all y, all z.
  static func values(_ points: [SIMD3<Float>], columns: Int) -> [Float] {
    stride(from: 0, to: points.count, by: columns).flatMap { first in
      (0..<3).flatMap { axis in points[first..<first + columns].map { $0[axis] } }
    }
  }

  /// An axis and the shares of it that frames or rows have.
  ///
  /// Given numbers about 0…1 are shares, as those of the petals are, which go on to 1.1; others are in
  /// a unit of their own, such as frames, and run from the map's 0 to its 1: networks learn little of
  /// larger numbers.
  private static func axis(
    _ name: String, _ given: [Float]?, _ option: String, count: Int, standard: [Float]
  ) throws(TemplateError) -> (MapAxis, [Float]) {
    guard let given else { return (MapAxis(name), standard) }
    guard given.count == count else {
      throw .wrongCount(option, expected: count, found: given.count)
    }
    guard zip(given, given.dropFirst()).allSatisfy({ $0 < $1 }), given.allSatisfy(\.isFinite) else {
      throw .notRising(option, values: given)
    }
    let (first, last) = (Double(given[0]), Double(given[count - 1]))
    if count == 1 || (first >= -0.5 && last <= 1.5) { return (MapAxis(name), given) }
    let axis = MapAxis(name, zero: first, one: last)
    return (axis, given.map { axis.share(Double($0)) })
  }

  private static func shares(_ values: [Float]) -> [Float] {
    let (low, extent) = (values[0], values.last! - values[0])
    return extent > 0 ? values.map { ($0 - low) / extent } : values.map { _ in 0 }
  }

  private static func even(_ count: Int) -> [Float] {
    (0..<count).map { count > 1 ? Float($0) / Float(count - 1) : 0 }
  }

}
