import FileFormats
import Foundation

extension FitMeasures {
  /// As JSON; templates are counted from 1, as people do.
  public var json: JSONValue {
    [
      "unit": .string(unit.rawValue),
      "templateErrors": .numbers(templateErrors.map(Double.init)),
      "templateAttempts": .array(templateAttempts.map { .integer($0) }),
      "roundTripRMS": .number(roundTripRMS), "roundTrip": .numbers(roundTrip),
      "continuousRoundTrip": .numbers(continuousRoundTrip),
      "differingRows": ["roundTrip": .number(differingRoundTrip), "mean": .number(differingMean)],
      "contextRange": .number(contextRange), "pairs": .array(pairs.map(\.json)),
    ]
  }

  /// Nothing where templates do not differ, or lie at other places than each other.
  private var differing: [String] {
    if differingMean == 0 { return [] }
    return [
      "where they differ    \(short(differingRoundTrip)) RMS; the templates' mean \(short(differingMean))"
    ]
  }

  /// For people.
  public var lines: [String] {
    [
      "template models      largest errors \(list(templateErrors.map(Double.init)))"
        + " after \(templateAttempts.map(String.init).joined(separator: ", ")) fits",
      "round trip           \(list(roundTrip)) RMS on the templates' rows,"
        + " \(list(continuousRoundTrip)) anywhere on the map; unit: \(unit.rawValue)",
      "context              from one end to the other \(short(contextRange))",
    ] + differing + pairs.flatMap(\.lines)
  }
}

extension PairMeasures {
  var json: JSONValue {
    [
      "templates": [.integer(templates.0 + 1), .integer(templates.1 + 1)],
      "times": .array(
        times.map {
          timeAxis.json(at: $0.time).merging([
            "shapes": .number($0.shapes), "contexts": .number($0.contexts),
          ])
        }),
      "correlation": .number(correlation),
      "stepsBackwards": [
        "ownMap": .integer(stepsBackwards.own), "exactMap": .integer(stepsBackwards.exact),
      ],
      "endError": ["ownMap": .number(endError.own), "exactMap": .number(endError.exact)],
      "beyondFirst": beyond.first.json, "beyondSecond": beyond.second.json,
    ]
  }

  var lines: [String] {
    let name = "templates \(templates.0 + 1) and \(templates.1 + 1):"
    let bud = times.filter { $0.shapes == 0 }.map(\.contexts).max()
    return [
      "\(name) context parts as shapes do: rank correlation \(short(correlation))"
        + (bud.map { ", \(short($0)) apart where the shapes are one" } ?? ""),
      "\(name) interpolation: \(stepsBackwards.own + stepsBackwards.exact) steps backwards,"
        + " ends \(short(endError.own)) RMS off, with the exact map \(short(endError.exact))",
      "\(name) beyond the first: \(beyond.first.text)",
      "\(name) beyond the second: \(beyond.second.text)",
    ]
  }
}

extension Extrapolation {
  var json: JSONValue {
    let distance: [String: JSONValue] = [
      "radius": .number(Self.radius),
      "leastDistance": leastDistance.isFinite ? .number(leastDistance) : .null,
    ]
    let strain: [String: JSONValue] = [
      "stretch": .number(stretch), "compression": .number(compression),
      "degenerateFaces": .integer(degenerateFaces),
      "failingRadius": failingRadius.map { .number($0) } ?? .null,
    ]
    return .object(hasFaces ? distance.merging(strain) { $1 } : distance)
  }

  var text: String {
    guard leastDistance.isFinite else { return "nothing, the templates are the same" }
    let distance = "\(short(leastDistance)) of the way from the nearer"
    guard hasFaces else { return "at half the gap \(distance)" }
    return "at half the gap edges \(short(1 / compression))…\(short(stretch)) times as long,"
      + " \(degenerateFaces) faces collapsed, \(distance);"
      + " fails first at \(failingRadius.map(short) ?? "more than 3") gaps"
  }
}

extension Ablations {
  /// As JSON.
  public var json: [String: JSONValue] {
    [
      "ablations": [
        "exactMap": .number(exactMap), "noContext": .number(noContext),
        "unmaskedContextRange": .number(unmaskedRange),
      ]
    ]
  }

  /// For people.
  public func lines(beside measures: FitMeasures) -> [String] {
    let own = measures.differingRoundTrip
    let averages = [
      "without context      fed the exact map \(short(exactMap)) RMS where templates differ:"
        + " \(short(exactMap / own)) times this fit's",
      "                     the loop without context \(short(noContext)):"
        + " \(short(noContext / own)) times",
    ]
    let range =
      "without the mask     the context spans \(short(unmaskedRange)):"
      + " \(short(measures.contextRange / unmaskedRange)) times less"
    // Nothing is told where there is nothing to compare with.
    return (own > 0 ? averages : []) + (unmaskedRange > 0 ? [range] : [])
  }
}

extension MapAxis {
  /// A place on the time axis: its value and, where it has one, its word.
  public func json(at share: Float) -> JSONValue {
    var members: [String: JSONValue] = ["time": .number(value(share))]
    members["timeWord"] = word(at: share).map { .string($0) }
    return .object(members)
  }
}

extension JSONValue {
  fileprivate static func numbers(_ values: [Double]) -> JSONValue {
    .array(values.map { .number($0) })
  }
}

private func short(_ value: Double) -> String { String(format: "%.3g", value) }

private func list(_ values: [Double]) -> String {
  values.map { short($0) }.joined(separator: ", ")
}
