import FileFormats

extension Drawing {
  /// The drawing as the bytes of an SVG file.
  ///
  /// Words stay words; numbers have two decimals; neighbours that look alike share a group. The
  /// same drawing gives the same bytes.
  public var svg: [UInt8] {
    var writer = SVGWriter()
    writer.begin(self)
    for shape in shapes { writer.add(shape) }
    return writer.end()
  }
}

/// Writes elements, gathering neighbours with the same attributes into groups.
private struct SVGWriter {
  private var text = ""
  private var style = ""
  /// Elements in `style`, each as what comes before the style and what comes after.
  private var pending: [(head: String, tail: String)] = []

  mutating func begin(_ drawing: Drawing) {
    let (width, height) = (number(drawing.width), number(drawing.height))
    text += "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(width)\" height=\"\(height)\" "
    text += "viewBox=\"0 0 \(width) \(height)\" role=\"img\" "
    text += "font-family=\"DejaVu Sans, Verdana, Helvetica, Arial, sans-serif\" "
    text += "stroke-linejoin=\"round\" stroke-width=\"\(number(Fill.hairlineWidth))\">\n"
    text += "<title>\(escaped(drawing.title))</title>\n"
    text += "<desc>\(escaped(drawing.description))</desc>\n"
    if !drawing.provenance.isEmpty {
      text += "<metadata>\(escaped(drawing.provenance))</metadata>\n"
    }
    if drawing.paper.alpha > 0 {
      text += "<rect width=\"\(width)\" height=\"\(height)\"\(paint("fill", drawing.paper))/>\n"
    }
  }

  mutating func add(_ shape: Drawing.Shape) {
    switch shape {
    case .fill(let path, let fill):
      var style = paint("fill", fill.color)
      if fill.rule == .evenOdd { style += " fill-rule=\"evenodd\"" }
      if fill.closesSeams && fill.color.alpha == 255 { style += paint("stroke", fill.color) }
      add(path, style)
    case .stroke(let path, let stroke):
      var style = " fill=\"none\"" + paint("stroke", stroke.color)
      style += " stroke-width=\"\(number(stroke.width))\""
      if !stroke.dash.isEmpty {
        style += " stroke-dasharray=\"\(stroke.dash.map(number).joined(separator: " "))\""
      }
      if stroke.cap == .round { style += " stroke-linecap=\"round\"" }
      add(path, style)
    case .text(let words):
      add(words)
    }
  }

  private mutating func add(_ path: Path, _ style: String) {
    add("<path", style, " d=\"\(pathData(path))\"/>")
  }

  private mutating func add(_ words: Text) {
    var style = paint("fill", words.color) + " font-size=\"\(number(words.size))\""
    switch words.anchor {
    case .start: break
    case .middle: style += " text-anchor=\"middle\""
    case .end: style += " text-anchor=\"end\""
    }
    if words.weight == .bold { style += " font-weight=\"bold\"" }
    let (x, y) = (number(words.place.x), number(words.place.y))
    let turn =
      words.rotation == 0 ? "" : " transform=\"rotate(\(number(words.rotation)) \(x) \(y))\""
    add("<text", style, " x=\"\(x)\" y=\"\(y)\"\(turn)>\(escaped(words.string))</text>")
  }

  private mutating func add(_ head: String, _ style: String, _ tail: String) {
    if style != self.style { flush() }
    self.style = style
    pending.append((head, tail))
  }

  private mutating func flush() {
    if pending.count == 1 {
      text += pending[0].head + style + pending[0].tail + "\n"
    } else if !pending.isEmpty {
      text += "<g\(style)>\n"
      for element in pending { text += element.head + element.tail + "\n" }
      text += "</g>\n"
    }
    pending = []
  }

  mutating func end() -> [UInt8] {
    flush()
    text += "</svg>\n"
    return Array(text.utf8)
  }
}

/// An attribute for a colour, and one for its opacity where it is not full.
private func paint(_ attribute: String, _ color: Color) -> String {
  let digits = String(Int(color.red) << 16 | Int(color.green) << 8 | Int(color.blue), radix: 16)
  let padded = String(repeating: "0", count: 6 - digits.count) + digits
  let paint = " \(attribute)=\"#\(padded)\""
  if color.alpha == 255 { return paint }
  let thousandths = (Double(color.alpha) / 255 * 1000).rounded() / 1000
  return paint + " \(attribute)-opacity=\"\(thousandths)\""
}

/// A path's data: from the first place of a contour on, each place relative to the one before.
private func pathData(_ path: Path) -> String {
  var data = ""
  var last = (x: 0, y: 0)
  var start = last
  /// Separates a number from the one before, where its sign does not.
  func append(_ number: Int) {
    if let end = data.last, end.isNumber && number >= 0 { data += " " }
    data += hundredths(number)
  }
  func append(_ command: String, _ points: [Point], relative: Bool = true) {
    data += command
    var end = last
    for point in points {
      end = (hundredths(point.x), hundredths(point.y))
      append(relative ? end.x - last.x : end.x)
      append(relative ? end.y - last.y : end.y)
    }
    last = end
  }
  for element in path.elements {
    switch element {
    case .move(let point):
      append("M", [point], relative: false)
      start = last
    case .line(let point):
      append("l", [point])
    case .curve(let control1, let control2, let end):
      append("c", [control1, control2, end])
    case .close:
      data += "z"
      last = start
    }
  }
  return data
}

/// A coordinate in hundredths of a point; beyond a thousand million points it is brought there.
private func hundredths(_ value: Double) -> Int {
  Int((min(max(value, -1e9), 1e9) * 100).rounded(.toNearestOrAwayFromZero))
}

/// A number of hundredths in as few characters as it needs: "-.5", "12.25", "0".
private func hundredths(_ value: Int) -> String {
  let (whole, rest) = abs(value).quotientAndRemainder(dividingBy: 100)
  var text = value < 0 ? "-" : ""
  if whole > 0 || rest == 0 { text += String(whole) }
  if rest > 0 { text += rest % 10 == 0 ? ".\(rest / 10)" : rest < 10 ? ".0\(rest)" : ".\(rest)" }
  return text
}

private func number(_ value: Double) -> String { hundredths(hundredths(value)) }

/// Text of an XML document: what would be markup is escaped, what XML 1.0 forbids is replaced.
private func escaped(_ string: String) -> String {
  var result = ""
  for scalar in string.unicodeScalars {
    switch scalar {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\t", "\n", "\r": result += " "
    case "\u{0}"..."\u{1F}", "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}
