import Foundation

/// Templates that cannot be used together, or not at all.
///
/// The sentences are made here.
public enum TemplateError: Error, Sendable, Equatable {
  /// Meshes of different templates do not have the same points, faces or frames.
  case differentMeshes(path: String, found: String, first: String, expected: String)
  /// Values of a map's axis, or times of frames, that do not rise.
  case notRising(String, values: [Float])
  /// As many values of an axis are needed as the templates have.
  case wrongCount(String, expected: Int, found: Int)
  /// A table without a column of that name.
  case noColumn(String, path: String, found: [String])
  /// A table in which no column is left for the rows' numbers.
  case noNumbers(path: String)
  /// A table of names alone.
  case noRows(path: String)
  /// A column of which every row says the same cannot order anything.
  case constantColumn(String, path: String)
  /// A column that is asked for twice, as an axis of the map or as the group.
  case sameColumn(String)
  /// A template with a number that is none, or beyond what networks can be fitted to.
  case notModerate(template: String, found: Float)
  /// Tables with other columns than the first one's.
  case differentColumns(path: String, found: [String], first: String, expected: [String])
}

extension TemplateError: CustomStringConvertible, LocalizedError {
  public var description: String {
    switch self {
    case .differentMeshes(let path, let found, let first, let expected):
      "\(path): expected \(expected), as \(first) has, found \(found);"
        + " templates are the same mesh in different shapes, export them from one model"
    case .notRising(let axis, let values):
      "\(axis): expected numbers that rise, found \(values.map { "\($0)" }.joined(separator: ", "))"
    case .wrongCount(let axis, let expected, let found):
      "\(axis): expected \(expected) numbers, one for each that the templates have, found \(found)"
    case .noColumn(let name, let path, let found):
      "\(path): expected a column '\(name)', found \(found.joined(separator: ", "))"
    case .noNumbers(let path):
      "\(path): expected columns of numbers beside the map and the group, found none"
    case .noRows(let path):
      "\(path): expected a line for each row below the names, found none"
    case .constantColumn(let name, let path):
      "\(path): column '\(name)' says the same in every row; expected one that orders them"
    case .sameColumn(let name):
      "expected different columns for the map's axes and the group, found '\(name)' twice"
    case .notModerate(let template, let found):
      "template '\(template)': expected numbers of at most \(TemplateSet.largest), found \(found)"
    case .differentColumns(let path, let found, let first, let expected):
      "\(path): expected the columns of \(first) (\(expected.joined(separator: ", "))),"
        + " found \(found.joined(separator: ", "))"
    }
  }

  public var errorDescription: String? { description }

  /// Whether an option is to blame, not a file.
  public var isUsage: Bool {
    switch self {
    case .notRising, .wrongCount, .sameColumn: true
    default: false
    }
  }
}
