import FileFormats
import Foundation

/// What was measured of one set of pictures.
public struct EvaluationResult: Sendable {
  /// The run as it was named, or a word such as `blurred`.
  public let name: String
  /// The checkpoint's step; nil for pictures that no model made.
  public let step: Int?
  public let measurements: [Measurement]
  /// A few of the pictures.
  public let shown: [Picture]
  /// The nearest of these to training pictures, nearest first; none where nobody asked whether the
  /// model copies.
  public let likest: [LikestPicture]

  public init(
    name: String, step: Int?, measurements: [Measurement], shown: [Picture],
    likest: [LikestPicture] = []
  ) {
    (self.name, self.step, self.measurements) = (name, step, measurements)
    (self.shown, self.likest) = (shown, likest)
  }

  var title: String { step.map { "\(name), step \($0)" } ?? name }

  /// One object: of a single result its run and metrics, of several a list of these.
  public static func json(_ results: [EvaluationResult]) -> JSONValue {
    let all = results.map { result -> JSONValue in
      [
        "run": .string(result.name), "step": result.step.map { .integer($0) } ?? .null,
        "metrics": .object(
          Dictionary(uniqueKeysWithValues: result.measurements.map { ($0.name, $0.json) })),
      ]
    }
    return all.count == 1 ? all[0] : ["runs": .array(all)]
  }

  /// Lines of a table for people: a row for each metric, a column for each result; then the
  /// protocols.
  public static func table(_ results: [EvaluationResult]) -> [String] {
    let names = names(of: results)
    var rows = [[""] + results.map(\.title) + ["real pictures"]]
    for name in names {
      let found = results.map { result in result.measurements.first { $0.name == name } }
      rows.append(
        [name]
          + found.map { $0.map { text($0.estimate) } ?? "" }
          + [found.compactMap { $0?.real }.first.map(number) ?? ""])
    }
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max()! }
    let lines = rows.map { row in
      zip(row, widths).map { cell, width in
        cell + String(repeating: " ", count: width - cell.count)
      }.joined(separator: "  ").trimmingTrailingSpaces
    }
    let protocols = names.compactMap { name in
      results.lazy.compactMap { $0.measurements.first { $0.name == name } }.first
    }
    return lines + [""] + protocols.map { "\($0.name): \($0.protocolString)" }
  }

  /// All metrics' names, in the order in which they first come.
  static func names(of results: [EvaluationResult]) -> [String] {
    var names: [String] = []
    for measurement in results.flatMap(\.measurements) where !names.contains(measurement.name) {
      names.append(measurement.name)
    }
    return names
  }

  /// Such as `12.3 [11.9, 12.8]`.
  static func text(_ estimate: Estimate) -> String {
    "\(number(estimate.value)) [\(number(estimate.low)), \(number(estimate.high))]"
  }

  static func number(_ value: Double) -> String {
    let size = abs(value)
    if size >= 1000 { return String(format: "%.0f", value) }
    if size >= 100 { return String(format: "%.1f", value) }
    return size >= 0.001 || value == 0
      ? String(format: size >= 10 ? "%.2f" : size >= 1 ? "%.3f" : "%.4f", value)
      : String(format: "%.2e", value)
  }
}

extension String {
  fileprivate var trimmingTrailingSpaces: String {
    var text = self
    while text.last == " " { text.removeLast() }
    return text
  }
}
