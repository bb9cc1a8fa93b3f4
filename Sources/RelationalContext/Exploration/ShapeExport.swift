import FileFormats
import Foundation

/// Shapes in files that other programs read.
public struct ShapeExport {
  private let templates: TemplateSet
  private let frames: [ShapeFrame]
  private let comments: [String]

  /// - Parameters:
  ///   - frames: Of equally many rows; at least one.
  ///   - templates: What their rows are.
  ///   - comments: What made them; goes into every file that has room for words.
  public init(_ frames: [ShapeFrame], of templates: TemplateSet, comments: [String]) {
    precondition(!frames.isEmpty, "no shapes to write")
    (self.frames, self.templates, self.comments) = (frames, templates, comments)
  }

  /// Whether every number is one that a file can hold.
  public var isFinite: Bool {
    frames.allSatisfy { $0.rows.allSatisfy { abs($0) < 1e30 } }
  }

  /// Whether there are meshes, or rows of a table.
  public var isMesh: Bool { templates.pointsPerRow > 0 }

  /// One OBJ file a shape.
  ///
  /// - Precondition: ``isMesh`` and ``isFinite``.
  public var objects: [[UInt8]] {
    frames.map { frame in
      OBJ.encode(Mesh(positions: points(frame), faces: faces), comments: comments)
    }
  }

  /// All shapes as one animation of morph targets, a second for the whole axis of the map.
  ///
  /// - Precondition: ``isMesh`` and ``isFinite``.
  public func animation(as form: GLTF.Form) -> [UInt8] {
    let times = frames.indices.map { Float($0) / Float(max(frames.count - 1, 1)) }
    let sequence = MeshSequence(
      name: templates.name, faces: faces, frames: frames.map(points), times: times)
    let extras = JSONValue.object(["atelier": .array(comments.map { .string($0) })])
    return GLTF.encode(sequence, as: form, baseColor: SIMD4(0.79, 0.24, 0.21, 1), extras: extras)
  }

  /// A line for each row, in ``ShapeColumns``.
  public var table: Table {
    let columns = ShapeColumns(
      of: templates, contextSize: frames[0].path.points.first?.context.count ?? 0)
    let rows = frames.enumerated().flatMap { number, frame in
      frame.path.points.enumerated().map { index, point -> [String] in
        let (place, size) = (point.place, templates.rowSize)
        return ["\(number + 1)"]
          + [templates.timeAxis.text(place.time), templates.rowAxis.text(place.row)]
          + point.context.map { "\($0)" } + ["\(Float(frame.regenerationError))"]
          + frame.rows[index * size..<(index + 1) * size].map { "\($0)" }
      }
    }
    return Table(columns: columns.all, rows: rows)
  }

  private func points(_ frame: ShapeFrame) -> [SIMD3<Float>] { templates.points(of: frame.rows) }

  private var faces: [[Int]] { templates.faces(rows: frames[0].path.points.count) }
}

extension TemplateSet {
  /// Faces of a mesh of that many rows, which may be more than the templates have: cells of a grid.
  ///
  /// A mesh that is no grid has one row and always its own faces.
  public func faces(rows count: Int) -> [[Int]] {
    guard pointsPerRow > 0 else { return [] }
    return count == rows.count ? faces : Self.gridFaces(rows: count, columns: pointsPerRow)
  }
}
