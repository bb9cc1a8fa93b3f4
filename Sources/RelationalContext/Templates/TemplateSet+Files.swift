import FileFormats
import Training

/// Templates in a checkpoint: what they are as JSON, their numbers as arrays.
extension TemplateSet {
  /// Everything but the numbers.
  var json: JSONValue {
    var members: [String: JSONValue] = [
      "name": .string(name),
      "axes": .array([timeAxis, rowAxis].map { JSONValue(encoding: $0) }),
      "times": JSONValue(encoding: times), "rows": JSONValue(encoding: rows),
      "templates": .array(templates.map { .string($0.name) }), "up": .string(up.rawValue),
    ]
    switch content {
    case .points(let faces): members["faces"] = JSONValue(encoding: faces)
    case .columns(let names): members["columns"] = JSONValue(encoding: names)
    }
    return .object(members)
  }

  /// The places and values of every template.
  var arrays: [String: NumericArray] {
    var arrays: [String: NumericArray] = [:]
    for (index, template) in templates.enumerated() {
      let count = template.places.count
      arrays["template.\(index).places"] = NumericArray(
        shape: [count, 2], template.places.flatMap { [$0.time, $0.row] })
      arrays["template.\(index).values"] = NumericArray(
        shape: [count, template.rowSize], template.values)
    }
    return arrays
  }

  /// The templates that a checkpoint describes, or nil where no set of templates is so.
  ///
  /// - Throws: A `FileFormatError` for an array that is not there.
  init?(json: JSONValue, arrays file: Safetensors) throws {
    guard let name = json["name"]?.string,
      let axes = json["axes"]?.decoded(as: [MapAxis].self), axes.count == 2,
      axes.allSatisfy(\.isSound),
      let times = json["times"]?.decoded(as: [Float].self),
      let rows = json["rows"]?.decoded(as: [Float].self), Self.rises(times), Self.rises(rows),
      let up = json["up"]?.string.flatMap(UpAxis.init),
      let names = json["templates"]?.decoded(as: [String].self), !names.isEmpty
    else { return nil }
    var templates: [Template] = []
    for (index, name) in names.enumerated() {
      let places = try file.array(named: "template.\(index).places")
      let values = try file.array(named: "template.\(index).values")
      guard places.elementType == .float32, values.elementType == .float32,
        places.shape.count == 2, places.shape[1] == 2, places.shape[0] > 0,
        values.shape.count == 2, values.shape[0] == places.shape[0], values.shape[1] > 0,
        places.isFinite, values.floats.allSatisfy({ abs($0) <= Self.largest })
      else { return nil }
      let numbers = places.floats
      templates.append(
        Template(
          name: name,
          places: (0..<places.shape[0]).map {
            MapPlace(time: numbers[2 * $0], row: numbers[2 * $0 + 1])
          },
          values: values.floats))
    }
    let size = templates[0].rowSize
    guard templates.allSatisfy({ $0.rowSize == size }) else { return nil }
    let grid = times.flatMap { time in rows.map { MapPlace(time: time, row: $0) } }
    let content: RowContent
    if let faces = json["faces"]?.decoded(as: [[Int]].self) {
      let points = rows.count * (size / 3)
      guard size % 3 == 0,
        faces.allSatisfy({ $0.count >= 3 && $0.allSatisfy { (0..<points).contains($0) } }),
        templates.allSatisfy({ $0.places == grid })
      else { return nil }
      content = .points(faces: faces)
    } else if let columns = json["columns"]?.decoded(as: [String].self), columns.count == size {
      content = .columns(columns)
    } else {
      return nil
    }
    self.init(
      name: name, timeAxis: axes[0], rowAxis: axes[1], times: times, rows: rows,
      templates: templates, content: content, up: up)
  }

  private static func rises(_ values: [Float]) -> Bool {
    !values.isEmpty && zip(values, values.dropFirst()).allSatisfy { $0 < $1 }
      && values.allSatisfy(\.isFinite)
  }
}

extension NumericArray {
  /// The numbers of an array of float32.
  var floats: [Float] { bytes.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) } }
}
