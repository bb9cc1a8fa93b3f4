import FileFormats
import Foundation
import Testing

@testable import Drawing

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// An element of a parsed document, with the attributes it inherits from groups.
struct SVGElement {
  var name: String
  var attributes: [String: String]
  var text = ""
}

/// Reads SVG with Foundation's parser of XML, which knows nothing of how it was written.
final class SVGReader: NSObject, XMLParserDelegate {
  private(set) var elements: [SVGElement] = []
  private var inherited: [[String: String]] = [[:]]
  private var isInside = false

  static func elements(of svg: [UInt8]) throws -> [SVGElement] {
    let reader = SVGReader()
    let parser = XMLParser(data: Data(svg))
    parser.delegate = reader
    guard parser.parse() else { throw parser.parserError ?? CocoaError(.fileReadCorruptFile) }
    return reader.elements
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String]
  ) {
    let own = attributes.merging(inherited[inherited.count - 1]) { own, _ in own }
    inherited.append(name == "svg" ? [:] : own)
    isInside = name != "g"
    if name != "g" {
      elements.append(SVGElement(name: name, attributes: name == "svg" ? attributes : own))
    }
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) {
    if isInside { elements[elements.count - 1].text += string }
  }

  func parser(
    _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
  ) {
    inherited.removeLast()
    isInside = false
  }
}

@Suite("SVG")
struct SVGTests {
  @Test("an XML parser finds what was drawn, in order, with title and description")
  func contents() throws {
    var drawing = Drawing(
      width: 120, height: 80.5, title: "A <petal> & its cage", description: "Two \"shapes\"")
    drawing.fill(
      Path(Rectangle(x: 10, y: 20, width: 30, height: 40)), Fill(Color(0x0072B2), rule: .evenOdd))
    drawing.stroke(
      Path([Point(0, 0), Point(1.25, -0.005), Point(-3, 2)]),
      Stroke(Color(0xD55E00).opacity(0.5), width: 1.5, dash: [3, 2], cap: .round))
    drawing.write("a < b & c", at: Point(60, 40), size: 12, anchor: .middle, rotation: -90)
    let elements = try SVGReader.elements(of: drawing.svg)
    #expect(elements.map(\.name) == ["svg", "title", "desc", "rect", "path", "path", "text"])
    #expect(elements[0].attributes["viewBox"] == "0 0 120 80.5")
    #expect(elements[0].attributes["role"] == "img")
    #expect(elements[1].text == "A <petal> & its cage")
    #expect(elements[2].text == "Two \"shapes\"")
    #expect(elements[4].attributes["d"] == "M10 20l30 0l0 40l-30 0z")
    #expect(elements[4].attributes["fill"] == "#0072b2")
    #expect(elements[4].attributes["fill-rule"] == "evenodd")
    #expect(elements[5].attributes["d"] == "M0 0l1.25-.01l-4.25 2.01")
    #expect(elements[5].attributes["stroke"] == "#d55e00")
    #expect(elements[5].attributes["stroke-opacity"] == "0.502")
    #expect(elements[5].attributes["stroke-dasharray"] == "3 2")
    #expect(elements[5].attributes["stroke-linecap"] == "round")
    #expect(elements[6].text == "a < b & c")
    #expect(elements[6].attributes["transform"] == "rotate(-90 60 40)")
    #expect(elements[6].attributes["text-anchor"] == "middle")
  }

  @Test("neighbours that look alike share a group and stay in order")
  func groups() throws {
    var drawing = Drawing(width: 10, height: 10, title: "", description: "")
    for (index, color) in [Color.black, .black, .white, .black].enumerated() {
      drawing.fill(Path(Rectangle(x: Double(index), y: 0, width: 1, height: 1)), color)
    }
    let text = String(decoding: drawing.svg, as: UTF8.self)
    #expect(text.components(separatedBy: "<g").count == 2)
    let paths = try SVGReader.elements(of: drawing.svg).filter { $0.name == "path" }
    #expect(paths.compactMap { $0.attributes["d"]?.prefix(3) } == ["M0 ", "M1 ", "M2 ", "M3 "])
    #expect(
      paths.compactMap { $0.attributes["fill"] } == ["#000000", "#000000", "#ffffff", "#000000"])
  }

  @Test("relative coordinates do not drift: sums of steps are the rounded places")
  func noDrift() throws {
    var drawing = Drawing(width: 10, height: 10, title: "", description: "")
    let points = (0..<999).map { Point(Double($0) / 300, Double($0 % 7) / 9) }
    drawing.stroke(Path(points), Stroke(.black))
    let path = try #require(try SVGReader.elements(of: drawing.svg).last?.attributes["d"])
    var place = Point.zero
    var index = 0
    for step in path.dropFirst().split(separator: "l") {
      // "-.5.25" are two numbers: a sign or a second dot begins the next.
      var numbers: [String] = [""]
      for character in step {
        if character == " " || character == "-" || (character == "." && numbers.last!.contains("."))
        {
          if !numbers.last!.isEmpty { numbers.append("") }
        }
        if character != " " { numbers[numbers.count - 1].append(character) }
      }
      try #require(numbers.count == 2, "step \(index): \(step)")
      place += Point(try #require(Double(numbers[0])), try #require(Double(numbers[1])))
      let distance = (place - points[index]).length
      #expect(distance < 0.0071, "point \(index)")
      index += 1
    }
    #expect(index == 999)
  }

  @Test("characters that XML forbids are replaced, and an empty drawing is a page")
  func odd() throws {
    var drawing = Drawing(width: 1, height: 1, title: "\u{1}a\u{0}", description: "")
    drawing.write("tab\tbell\u{7}", at: .zero)
    let elements = try SVGReader.elements(of: drawing.svg)
    #expect(elements[1].text == "\u{FFFD}a\u{FFFD}")
    #expect(elements.last?.text == "tab bell\u{FFFD}")
    let clear = Drawing(
      width: 1, height: 1, title: "", description: "", paper: Color.white.opacity(0))
    #expect(try SVGReader.elements(of: clear.svg).map(\.name) == ["svg", "title", "desc"])
  }
}
