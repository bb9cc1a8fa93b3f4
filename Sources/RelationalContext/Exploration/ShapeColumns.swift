import FileFormats

/// The columns of a table of shapes, which has a line for each row: ``ShapeExport/table`` has them,
/// and whoever reads a path from such a table finds it by them.
///
/// In order: the shape's number, the place on the map's two axes, the context, the regeneration
/// error, the row's numbers. Axes and numbers have the templates' own names; the others' names are
/// preceded by `fitted` where a table has a column of that name already.
public struct ShapeColumns: Sendable, Hashable {
  /// Counts the shapes from 1.
  public let shape: String
  /// The map's axes.
  public let time, row: String
  /// A column for each number of the context.
  public let contexts: [String]
  /// How far a row's shape is from being found again.
  public let error: String
  /// What a row is.
  public let numbers: [String]

  /// The columns of shapes of these templates.
  public init(of templates: TemplateSet, contextSize: Int) {
    (time, row) = (templates.timeAxis.name, templates.rowAxis.name)
    numbers = templates.numberNames
    let own = Set([time, row] + numbers)
    let added = Self.added(contextSize: contextSize).map { name in
      var free = name
      while own.contains(free) { free = Self.prefix + free }
      return free
    }
    (shape, contexts, error) = (added[0], Array(added[1...].dropLast()), added.last!)
  }

  /// All of them, in order.
  public var all: [String] { [shape, time, row] + contexts + [error] + numbers }

  /// Whether these are the columns of shapes, of whichever templates.
  public static func areOfShapes(_ columns: [String]) -> Bool {
    let known = columns.map { name in
      var name = Substring(name)
      while name.hasPrefix(prefix) { name = name.dropFirst(prefix.count) }
      return String(name)
    }
    // Shape, two axes, contexts, error, one number at least.
    guard let error = known.dropFirst(3).firstIndex(of: Self.error), error + 1 < known.count else {
      return false
    }
    return known[...0] + known[3...error] == added(contextSize: error - 3)[...]
  }

  private static let prefix = "fitted "
  private static let error = "regeneration error"

  private static func added(contextSize: Int) -> [String] {
    ["shape"] + FittedContext.contextNames(contextSize) + [error]
  }
}

extension FittedContext {
  /// What the context's numbers are called, in tables and figures.
  static func contextNames(_ count: Int) -> [String] {
    count == 1 ? ["context"] : (0..<count).map { "context \($0 + 1)" }
  }
}

extension TemplateSet {
  /// What the numbers of a row are called: a table's columns, or `x1`, `x2`, … of points.
  var numberNames: [String] {
    switch content {
    case .columns(let names): names
    case .points: ["x", "y", "z"].flatMap { axis in (1...pointsPerRow).map { "\(axis)\($0)" } }
    }
  }
}
