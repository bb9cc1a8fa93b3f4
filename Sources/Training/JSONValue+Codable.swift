import FileFormats
import Foundation

extension JSONValue {
  /// What `value` encodes to, with numbers in their shortest form: 0.001 of a `Float` stays 0.001.
  package init(encoding value: some Encodable) {
    do {
      self = try JSONValue(parsing: Array(JSONEncoder().encode(value)), file: "\(type(of: value))")
    } catch {
      preconditionFailure("\(type(of: value)) cannot be written as JSON: \(error)")
    }
  }

  /// The value of that type that this document describes, or nil.
  package func decoded<Value: Decodable>(as type: Value.Type) -> Value? {
    try? JSONDecoder().decode(type, from: Data(encoded.utf8))
  }

  /// This object with more members; a key in both takes the new value.
  package func merging(_ members: [String: JSONValue]) -> JSONValue {
    .object((object ?? [:]).merging(members) { $1 })
  }
}

/// Where two documents disagree.
package struct JSONDifference: Equatable {
  /// Keys from the outside in, joined by points: `model.latentSize`.
  package let path: String
  /// As JSON, or nil where the key is absent.
  package let first, second: String?

  /// All differences, in the order of their paths; objects are looked into, everything else is
  /// compared whole.
  package static func all(_ first: JSONValue?, _ second: JSONValue?, at path: String = "") -> [Self]
  {
    if first == second { return [] }
    guard let a = first?.object, let b = second?.object else {
      return [Self(path: path, first: first?.encoded, second: second?.encoded)]
    }
    return Set(a.keys).union(b.keys).sorted().flatMap { key in
      all(a[key], b[key], at: path.isEmpty ? key : "\(path).\(key)")
    }
  }
}
