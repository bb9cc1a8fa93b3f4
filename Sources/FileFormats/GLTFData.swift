import Foundation

/// The one buffer of a file that is being written, and the views and accessors over it.
struct GLTFData {
  private(set) var bytes: [UInt8] = []
  private(set) var views: [JSONValue] = []
  private(set) var accessors: [JSONValue] = []

  var base64: String { Data(bytes).base64EncodedString() }

  /// Adds one vector for each vertex; returns the accessor's number.
  mutating func add(
    vectors: [SIMD3<Float>], target: Int, hasBounds: Bool = false
  ) -> JSONValue {
    for vector in vectors { append(vector.x, vector.y, vector.z) }
    var accessor = Self.accessor("VEC3", componentType: 5126, count: vectors.count)
    if hasBounds {
      let low = vectors.reduce(vectors[0]) { pointwiseMin($0, $1) }
      let high = vectors.reduce(vectors[0]) { pointwiseMax($0, $1) }
      accessor["min"] = Self.numbers([low.x, low.y, low.z])
      accessor["max"] = Self.numbers([high.x, high.y, high.z])
    }
    return close(accessor, byteCount: 12 * vectors.count, target: target)
  }

  /// Adds single numbers; returns the accessor's number.
  mutating func add(scalars: [Float], hasBounds: Bool = false) -> JSONValue {
    for scalar in scalars { append(scalar) }
    var accessor = Self.accessor("SCALAR", componentType: 5126, count: scalars.count)
    if hasBounds {
      accessor["min"] = Self.numbers([scalars.min()!])
      accessor["max"] = Self.numbers([scalars.max()!])
    }
    return close(accessor, byteCount: 4 * scalars.count, target: nil)
  }

  /// Adds corners, in two bytes each where these suffice; returns the accessor's number.
  ///
  /// The largest number of a type is no vertex: it is kept for restarting strips.
  mutating func add(indices: [Int], vertexCount: Int, target: Int) -> JSONValue {
    let isShort = vertexCount <= UInt16.max
    for index in indices {
      bytes += isShort ? UInt16(index).littleEndianBytes : UInt32(index).littleEndianBytes
    }
    let accessor = Self.accessor(
      "SCALAR", componentType: isShort ? 5123 : 5125, count: indices.count)
    return close(accessor, byteCount: indices.count * (isShort ? 2 : 4), target: target)
  }

  private mutating func append(_ numbers: Float...) {
    for number in numbers { bytes += number.bitPattern.littleEndianBytes }
  }

  private static func accessor(
    _ type: String, componentType: Int, count: Int
  ) -> [String: JSONValue] {
    ["type": .string(type), "componentType": .integer(componentType), "count": .integer(count)]
  }

  private static func numbers(_ numbers: [Float]) -> JSONValue {
    .array(numbers.map { .number(Double($0)) })
  }

  /// Gives the bytes added last a view of their own, and fills up to a multiple of four.
  private mutating func close(
    _ accessor: [String: JSONValue], byteCount: Int, target: Int?
  ) -> JSONValue {
    var view: [String: JSONValue] = [
      "buffer": 0, "byteOffset": .integer(bytes.count - byteCount),
      "byteLength": .integer(byteCount),
    ]
    view["target"] = target.map { .integer($0) }
    var accessor = accessor
    accessor["bufferView"] = .integer(views.count)
    views.append(.object(view))
    accessors.append(.object(accessor))
    bytes += [UInt8](repeating: 0, count: (4 - bytes.count % 4) % 4)
    return .integer(accessors.count - 1)
  }
}
