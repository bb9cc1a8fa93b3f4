import FileFormats
import Foundation

/// Shapes in files that other programs read.
///
/// Meshes have y up, whatever the templates have: glTF demands it, and programs expect it of OBJ,
/// which says nothing. Tables have the templates' own numbers.
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

  /// All shapes as one animation of morph targets, each at its own time: a second for the way from 0
  /// to 1 on the map's axis, and all of them later where the first begins before 0.
  ///
  /// Shapes whose times do not rise, such as several at one time, follow one another evenly within a
  /// second.
  ///
  /// - Precondition: ``isMesh`` and ``isFinite``.
  public func animation(as form: GLTF.Form) -> [UInt8] {
    let sequence = MeshSequence(
      name: templates.name, faces: faces, frames: frames.map(points), times: seconds)
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

  /// When each shape is shown; rises, as glTF's keyframes must.
  private var seconds: [Float] {
    let start = min(frames[0].time, 0)
    let own = frames.map { $0.time - start }
    let rises = zip(own, own.dropFirst()).allSatisfy { $0 < $1 } && own.allSatisfy(\.isFinite)
    return rises ? own : frames.indices.map { Float($0) / Float(max(frames.count - 1, 1)) }
  }

  private func points(_ frame: ShapeFrame) -> [SIMD3<Float>] {
    let points = templates.points(of: frame.rows)
    return templates.up == .y ? points : points.map { SIMD3($0.x, $0.z, 0 - $0.y) }
  }

  private var faces: [[Int]] { templates.faces(rows: frames[0].path.points.count) }
}
