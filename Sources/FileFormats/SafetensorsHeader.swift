/// The header of a safetensors file, with every promise in it checked against the size of the file.
struct SafetensorsHeader {
  let dataStart: Int
  let metadata: [String: String]
  let entries: [Safetensors.Entry]

  private static let codes: [String: NumericArray.ElementType] = [
    "BOOL": .bool, "U8": .uint8, "I8": .int8, "U16": .uint16, "I16": .int16, "U32": .uint32,
    "I32": .int32, "U64": .uint64, "I64": .int64, "F16": .float16, "BF16": .bfloat16,
    "F32": .float32, "F64": .float64,
  ]

  static func code(_ type: NumericArray.ElementType) -> String {
    codes.first { $0.value == type }!.key
  }

  init(_ source: ByteSource) throws(FileFormatError) {
    let file = source.name
    guard source.count > 0 else {
      throw .wrongFormat(file, expected: "a safetensors file", found: .empty)
    }
    let lengthBytes = try source.read(at: 0, count: 8, part: "safetensors header length")
    let length = UInt64(bytes: lengthBytes[...])
    guard length <= Safetensors.maximumHeaderBytes else {
      let type = ContentType(
        sniffing: try source.read(at: 0, count: min(16, source.count), part: ""))
      if type != .unknown && type != .safetensors {
        throw .wrongFormat(file, expected: "a safetensors file", found: type)
      }
      throw .tooLarge(
        file, part: "a safetensors header", limit: count(Safetensors.maximumHeaderBytes, "byte"),
        found: "\(length)", at: 0)
    }
    let text = try source.read(at: 8, count: Int(length), part: "safetensors header")
    guard text.first == UInt8(ascii: "{") else {
      throw .mismatch(file, expected: "a safetensors header ('{')", found: "other bytes", at: 8)
    }
    let json = try JSONValue(parsing: text, file: file, base: 8)
    guard var members = json.object else {
      throw .mismatch(file, expected: "a JSON object as header", found: "another value", at: 8)
    }
    dataStart = 8 + Int(length)
    metadata = try Self.metadata(members.removeValue(forKey: "__metadata__"), file)
    var entries: [Safetensors.Entry] = []
    for (name, value) in members { entries.append(try Self.entry(name, value, file)) }
    self.entries = try Self.checkingCover(
      entries, dataStart: dataStart, dataCount: source.count - dataStart, file)
  }

  private static func metadata(
    _ value: JSONValue?, _ file: String
  ) throws(FileFormatError) -> [String: String] {
    guard let value else { return [:] }
    guard let members = value.object, members.values.allSatisfy({ $0.string != nil }) else {
      throw .mismatch(file, expected: "texts in \"__metadata__\"", found: "other values", at: 8)
    }
    return members.mapValues { $0.string! }
  }

  private static func entry(
    _ name: String, _ value: JSONValue, _ file: String
  ) throws(FileFormatError) -> Safetensors.Entry {
    func whole(_ key: String) -> [Int]? {
      guard let numbers = value[key]?.array?.map(\.integer), !numbers.contains(nil) else {
        return nil
      }
      return numbers.compactMap(\.self)
    }
    guard let code = value["dtype"]?.string, let shape = whole("shape"),
      let offsets = whole("data_offsets"), value.object?.count == 3
    else {
      throw .mismatch(
        file, expected: "\"dtype\", \"shape\" and \"data_offsets\" for array \"\(name)\"",
        found: "something else", at: 8)
    }
    guard let type = codes[code] else {
      throw .unsupported(
        file, supported: "a plain number type for array \"\(name)\"", found: "\"\(code)\"", at: 8,
        advice: "convert the file to F32 first")
    }
    guard offsets.count == 2, offsets[0] >= 0, offsets[0] <= offsets[1],
      let byteCount = NumericArray.byteCount(type, shape), byteCount == offsets[1] - offsets[0]
    else {
      throw .mismatch(
        file, expected: "data_offsets of array \"\(name)\" that hold \(code) \(shape)",
        found: "\(offsets)", at: 8)
    }
    return Safetensors.Entry(
      name: name, elementType: type, shape: shape, range: offsets[0]..<offsets[1])
  }

  /// Sorted by place, the arrays must run from 0 to the end of the file.
  private static func checkingCover(
    _ entries: [Safetensors.Entry], dataStart: Int, dataCount: Int, _ file: String
  ) throws(FileFormatError) -> [Safetensors.Entry] {
    let sorted = entries.sorted {
      ($0.range.lowerBound, $0.range.upperBound, $0.name)
        < ($1.range.lowerBound, $1.range.upperBound, $1.name)
    }
    var end = 0
    for entry in sorted {
      guard entry.range.lowerBound == end else {
        throw .mismatch(
          file, expected: "array \"\(entry.name)\" to start at \(end), where the one before ends",
          found: "\(entry.range.lowerBound)", at: 8)
      }
      end = entry.range.upperBound
    }
    guard end <= dataCount else {
      throw .truncated(
        file, part: "arrays", expected: end, found: dataCount, at: dataStart)
    }
    guard end == dataCount else {
      throw .mismatch(
        file, expected: "the end of the file after \(count(end, "byte")) of arrays",
        found: "\(count(dataCount - end, "byte")) more", at: dataStart + end)
    }
    return sorted
  }
}
