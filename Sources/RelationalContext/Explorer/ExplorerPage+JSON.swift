import FileFormats
import Foundation

// The names here are those that Page/content.js reads. Lists of numbers are base64 of little-endian
// float32, so that every bit arrives.

extension ExplorerPage.Content {
  /// The content as the page's program reads it.
  var json: JSONValue {
    [
      "format": "atelier-explorer/1",
      "name": .string(name),
      "provenance": provenance.json,
      "rows": .integer(morphologies.count),
      "columns": .integer(columns),
      "faces": encoded(faces),
      "smoothedFaces": smoothedFaces == faces ? .null : encoded(smoothedFaces),
      "mapNames": .array(mapNames.map { .string($0) }),
      "times": .array(times.map(decimal)),
      "morphologies": .array(morphologies.map(decimal)),
      "contexts": .integer(contexts),
      "scale": decimal(scale),
      "offset": .array((0..<3).map { decimal(offset[$0]) }),
      "center": .array((0..<3).map { decimal(center[$0]) }),
      "up": .string(up.rawValue),
      "generative": generative.json,
      "relational": relational.json,
      "templates": .array(templates.map(\.json)),
    ]
  }
}

extension ExplorerPage.Provenance {
  fileprivate var json: JSONValue {
    var members: [String: JSONValue] = [:]
    // As text where JavaScript's numbers would round it.
    members["seed"] = seed.map { $0 < 1 << 53 ? .integer(Int($0)) : .string(String($0)) }
    members["epochs"] = epochs.map { .integer($0) }
    members["version"] = version.map { .string($0) }
    return .object(members)
  }
}

extension ExplorerPage.Template {
  fileprivate var json: JSONValue {
    [
      "name": .string(name), "color": .string(color), "vertices": encoded(vertices),
      "traces": encoded(traces), "model": model?.json ?? .null,
    ]
  }
}

extension ExplorerPage.Network {
  fileprivate var json: JSONValue {
    [
      "lastLinear": .bool(isLastLinear),
      "layers": .array(
        weights.indices.map { index in
          [
            "inputs": .integer(sizes[index]), "outputs": .integer(sizes[index + 1]),
            "weights": encoded(weights[index]), "biases": encoded(biases[index]),
          ]
        }),
    ]
  }
}

/// The shortest decimal that reads back as the same float: 0.1, not 0.10000000149.
private func decimal(_ value: Float) -> JSONValue { .number(Double("\(value)")!) }

private func encoded(_ faces: [[Int]]) -> JSONValue {
  .array(faces.map { .array($0.map { .integer($0) }) })
}

private func encoded(_ numbers: [Float]) -> JSONValue {
  let words = numbers.map(\.bitPattern.littleEndian)
  return .string(words.withUnsafeBytes { Data($0).base64EncodedString() })
}
