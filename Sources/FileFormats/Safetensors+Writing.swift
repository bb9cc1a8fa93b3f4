extension Safetensors {
  /// Lays out arrays and metadata as a file with a checksum; the same content gives the same bytes.
  ///
  /// Header keys are sorted. Arrays lie by size of element, largest first, then by name, so that
  /// each starts at a multiple of its element; the header is padded with spaces to a multiple of
  /// eight.
  ///
  /// - Precondition: no array is named `__metadata__`, and the metadata does not hold
  ///   ``checksumKey``.
  public static func encode(
    _ arrays: [String: NumericArray], metadata: [String: String] = [:]
  ) -> [UInt8] {
    precondition(
      arrays["__metadata__"] == nil && metadata[checksumKey] == nil,
      "Safetensors.encode: \"__metadata__\" and \"\(checksumKey)\" are reserved")
    let order = arrays.keys.sorted {
      let (first, second) = (arrays[$0]!.elementType.size, arrays[$1]!.elementType.size)
      return first == second ? $0.utf8.lexicographicallyPrecedes($1.utf8) : first > second
    }
    var data: [UInt8] = []
    data.reserveCapacity(order.reduce(0) { $0 + arrays[$1]!.bytes.count })
    var entries: [Entry] = []
    for name in order {
      let array = arrays[name]!
      entries.append(
        Entry(
          name: name, elementType: array.elementType, shape: array.shape,
          range: data.count..<data.count + array.bytes.count))
      data += array.bytes
    }

    let unsigned = Array(header(entries, metadata).utf8)
    var signed = metadata
    signed[checksumKey] = hexadecimal(CRC32.of(data, continuing: CRC32.of(unsigned)))
    var text = Array(header(entries, signed).utf8)
    text += [UInt8](repeating: 0x20, count: (8 - text.count % 8) % 8)
    return UInt64(text.count).littleEndianBytes + text + data
  }

  /// The header as JSON with sorted keys.
  static func header(_ entries: [Entry], _ metadata: [String: String]) -> String {
    var members: [String: JSONValue] = [:]
    if !metadata.isEmpty { members["__metadata__"] = .object(metadata.mapValues { .string($0) }) }
    for entry in entries {
      members[entry.name] = .object([
        "dtype": .string(SafetensorsHeader.code(entry.elementType)),
        "shape": .array(entry.shape.map { .integer($0) }),
        "data_offsets": [.integer(entry.range.lowerBound), .integer(entry.range.upperBound)],
      ])
    }
    return JSONValue.object(members).encoded
  }
}
