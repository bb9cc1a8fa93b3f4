import Tensors

/// Which shapes of a fit are wanted: where in design space, at which times and rows.
public struct ShapeRequest: Sendable, Hashable {
  /// What decides the context of a shape.
  public enum Context: Sendable, Hashable {
    /// Part of the way from one template to another; numbers from 0. Below 0 and above 1 is beyond
    /// them.
    case between(first: Int, second: Int, share: Float)
    /// Along the normal away from the second template, by so many gaps between the two.
    case beyond(first: Int, second: Int, gaps: Float)
    /// The same numbers at every row.
    case constant([Float])
  }

  public var context: Context
  /// Shares of the map's time axis, a shape each.
  public var times: [Float]
  /// Shares of its row axis; nil for the templates' own.
  public var rows: [Float]?
  /// Whether rows lie where the map has them, or where the relational network finds the templates'.
  public var hasExactMap = true
  /// Applied to every point of the path; nil for none.
  public var map: AffineMap?

  public init(_ context: Context, times: [Float], rows: [Float]? = nil) {
    (self.context, self.times, self.rows) = (context, times, rows)
  }
}

/// A shape that was made: where its rows lie in design space, and what they are.
public struct ShapeFrame: Sendable {
  public let time: Float
  public let path: ContextPath
  /// The rows one after another, in the templates' unit.
  public let rows: [Float]
  /// How far the networks are from finding it again: see
  /// ``FittedContext/regenerationError(_:)``; of all rows together.
  public let regenerationError: Double
}

extension FittedContext {
  /// A template's own shapes, at all of its times: its rows at their places of the map, with the
  /// contexts that the relational network finds.
  public func templateShapes(_ index: Int) throws(DeviceError) -> [ShapeFrame] {
    let template = templates.templates[index]
    var frames: [ShapeFrame] = []
    for (time, indices) in template.frames {
      let rows = indices.flatMap { template.row($0) }
      let places = indices.map { template.places[$0] }
      let found = ContextPath(try relate(rows))
      let again = try generate(found.points)
      frames.append(
        ShapeFrame(
          time: time, path: found.placed(at: places), rows: rows,
          regenerationError: templates.distance(rows, again)))
    }
    return frames
  }
}

extension FittedContext {
  /// The shapes that are asked for, in the order of their times.
  public func shapes(_ request: ShapeRequest) throws(DeviceError) -> [ShapeFrame] {
    var frames: [ShapeFrame] = []
    for time in request.times {
      let path = try path(request, at: time)
      frames.append(try frame(path, at: time))
    }
    return frames
  }

  /// The shape of a path.
  public func frame(_ path: ContextPath, at time: Float) throws(DeviceError) -> ShapeFrame {
    let rows = try generate(path.points)
    return ShapeFrame(
      time: time, path: path, rows: rows,
      regenerationError: templates.distance(rows, try generate(relate(rows))))
  }

  private func path(_ request: ShapeRequest, at time: Float) throws(DeviceError) -> ContextPath {
    let rows = request.rows ?? templates.rows
    let places = rows.map { MapPlace(time: time, row: $0) }
    func trace(_ index: Int) throws(DeviceError) -> ContextPath {
      let path = ContextPath(try self.trace(ofTemplate: index, at: time, rows: rows))
      return request.hasExactMap ? path.placed(at: places) : path
    }
    let path: ContextPath
    switch request.context {
    case .between(let first, let second, let share):
      path = .between(try trace(first), try trace(second), share: share)
    case .beyond(let first, let second, let gaps):
      path = try trace(second).translated(by: gaps, awayFrom: try trace(first))
    case .constant(let numbers):
      path = ContextPath(places.map { DesignPoint($0, context: numbers) })
    }
    return request.map.map { $0(path) } ?? path
  }
}
