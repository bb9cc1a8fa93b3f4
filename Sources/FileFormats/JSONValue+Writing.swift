extension JSONValue {
  /// The document on one line, with sorted keys and no spaces.
  ///
  /// Floating-point numbers take the shortest form that reads back as the same bits. NaN and the
  /// infinities, which JSON cannot say, become `null`.
  public var encoded: String {
    var text = ""
    write(to: &text, indent: nil)
    return text
  }

  /// The document over several lines, for files that people open.
  public var prettyEncoded: String {
    var text = ""
    write(to: &text, indent: 0)
    return text + "\n"
  }

  private func write(to text: inout String, indent: Int?) {
    switch self {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .integer(let value): text += String(value)
    case .number(let value): text += value.isFinite ? value.description : "null"
    case .string(let value): Self.write(value, to: &text)
    case .array(let values):
      Self.write(values, between: ("[", "]"), to: &text, indent) { value, text, indent in
        value.write(to: &text, indent: indent)
      }
    case .object(let members):
      let sorted = members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      Self.write(sorted, between: ("{", "}"), to: &text, indent) { member, text, indent in
        Self.write(member.key, to: &text)
        text += indent == nil ? ":" : ": "
        member.value.write(to: &text, indent: indent)
      }
    }
  }

  private static func write<Element>(
    _ elements: [Element], between brackets: (String, String), to text: inout String,
    _ indent: Int?, each: (Element, inout String, Int?) -> Void
  ) {
    func lineBreak(_ depth: Int) -> String {
      indent == nil || elements.isEmpty ? "" : "\n" + String(repeating: "  ", count: depth)
    }
    let inner = (indent ?? 0) + 1
    text += brackets.0
    for (index, element) in elements.enumerated() {
      text += (index == 0 ? "" : ",") + lineBreak(inner)
      each(element, &text, indent.map { $0 + 1 })
    }
    text += lineBreak(inner - 1) + brackets.1
  }

  private static func write(_ string: String, to text: inout String) {
    text += "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "\u{00}"..<"\u{20}":
        text += "\\u" + String(hexadecimal(scalar.value).suffix(4))
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}
