/// A value in a JSON document that knows where it stands, so that errors can say
/// `accessors[3].count`.
struct JSONPlace {
  let value: JSONValue
  /// The way from the document's root; empty for the root itself.
  let path: String
  let file: String

  init(_ value: JSONValue, path: String = "", file: String) {
    self.value = value
    self.path = path
    self.file = file
  }

  /// The error for a value that is not what it should be; `expected` is "a whole number" or the
  /// like.
  func unexpected(_ expected: String, found: String? = nil) -> FileFormatError {
    .mismatch(
      file, expected: path.isEmpty ? expected : "\(expected) at \(path)",
      found: found ?? description, advice: "export the model again as glTF 2.0")
  }

  private var description: String {
    switch value {
    case .object: "an object"
    case .array: "an array"
    case .string(let text): excerpt(text.utf8)
    default: value.encoded
    }
  }

  /// A member that may be absent.
  func optional(_ key: String) -> JSONPlace? {
    value[key].map { JSONPlace($0, path: path.isEmpty ? key : "\(path).\(key)", file: file) }
  }

  /// A member that must be there.
  func member(_ key: String) throws(FileFormatError) -> JSONPlace {
    guard let member = optional(key) else {
      throw unexpected(value.object == nil ? "an object" : "an object with \"\(key)\"")
    }
    return member
  }

  /// The elements of an array.
  func elements() throws(FileFormatError) -> [JSONPlace] {
    guard let values = value.array else { throw unexpected("an array") }
    return values.enumerated().map {
      JSONPlace($0.element, path: "\(path)[\($0.offset)]", file: file)
    }
  }

  /// The elements of a member that is an array, or none where the member is absent.
  func list(_ key: String) throws(FileFormatError) -> [JSONPlace] {
    try optional(key)?.elements() ?? []
  }

  func integer(in range: ClosedRange<Int>) throws(FileFormatError) -> Int {
    guard let integer = value.integer, range.contains(integer) else {
      throw unexpected("a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return integer
  }

  /// The number of one of `count` things, from 0.
  func index(below count: Int, of noun: String) throws(FileFormatError) -> Int {
    guard let index = value.integer, index >= 0, index < count else {
      throw unexpected("the number of one of \(FileFormats.count(count, noun))")
    }
    return index
  }

  func string() throws(FileFormatError) -> String {
    guard let string = value.string else { throw unexpected("a string") }
    return string
  }

  /// So many finite numbers.
  func numbers(_ count: Int) throws(FileFormatError) -> [Double] {
    guard let values = value.array, values.count == count else {
      throw unexpected("\(count) numbers")
    }
    var numbers: [Double] = []
    for value in values {
      guard let number = value.number else { throw unexpected("\(count) numbers") }
      numbers.append(number)
    }
    return numbers
  }
}
