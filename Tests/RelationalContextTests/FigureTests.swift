import Drawing
import FileFormats
import Foundation
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

@testable import RelationalContext

@Suite("Figures of a fit")
struct FigureTests {
  /// Templates of every kind that people bring.
  enum Kind: CaseIterable {
    case petals, three, table, loose, oneFrame, oneFrameLoose, single, withoutContext, huge,
      manyFrames
  }

  private static let fits = Dictionary(
    uniqueKeysWithValues: Kind.allCases.map { kind in (kind, Result { try fit(kind) }) })

  private static func fit(_ kind: Kind) throws -> SavedFit {
    let petals = TemplateSet.petals
    func short(_ set: TemplateSet, contextSize: Int? = nil) throws -> SavedFit {
      try TinyFit(templates: set, epochs: 1000, templateSteps: 1000, templateAttempts: 1) {
        if let contextSize { $0.model.contextSize = contextSize }
      }.saved()
    }
    /// Tetrahedra that grow: one row a frame.
    func loose(_ times: [Float]) -> TemplateSet {
      TemplateSet(
        name: "loose", times: times, rows: [0],
        templates: (0..<2).map { index in
          Template(
            name: "tetrahedron \(index)", places: times.map { MapPlace(time: $0, row: 0) },
            values: times.flatMap { time in
              [0, 1, 0, 0, 0, 0, 1 + time * Float(index), 0, 0, 0, 0, 1 + time] as [Float]
            })
        }, content: .points(faces: [[0, 1, 2], [0, 2, 3], [0, 3, 1], [1, 3, 2]]), up: .y)
    }
    /// Squares that tip: two rows of two points.
    func sheets(_ times: [Float]) -> TemplateSet {
      let places = times.flatMap { time in [0, 1].map { MapPlace(time: time, row: $0) } }
      return TemplateSet(
        name: "sheets", times: times, rows: [0, 1],
        templates: (0..<2).map { index in
          Template(
            name: "sheet \(index)", places: places,
            values: places.flatMap {
              [0, 1, $0.row, $0.row, 0, $0.row * $0.time * Float(index)] as [Float]
            })
        }, content: .points(faces: [[0, 2, 3, 1]]), up: .y)
    }
    func table(_ axis: MapAxis) -> TemplateSet {
      let places = [0, 0.5, 1].flatMap { time in
        [0, 1].map { MapPlace(time: time, row: $0) }
      }
      return TemplateSet(
        name: "table", timeAxis: axis, rowAxis: MapAxis("dose", zero: 0, one: 40),
        times: [0, 0.5, 1], rows: [0, 1],
        templates: (0..<2).map { index in
          Template(
            name: "kind \(index) <&>", places: places,
            values: places.flatMap { [$0.time + Float(index) * $0.row, 3 - $0.row] })
        }, content: .columns(["fever", "pulse"]))
    }
    switch kind {
    case .petals: return try SharedFits.short.get()
    case .three: return try SharedFits.shortThree.get()
    case .table: return try short(table(MapAxis("day", zero: 1, one: 9)))
    case .huge: return try short(table(MapAxis("day", zero: -1e30, one: 2e30)))
    case .loose: return try short(loose([0, 0.5, 1]))
    case .manyFrames: return try short(sheets((0..<61).map { Float($0) / 60 }))
    case .oneFrameLoose: return try short(loose([0]))
    case .oneFrame:
      return try short(
        TemplateSet(
          name: "one frame", times: [1], rows: petals.rows,
          templates: petals.templates.map { template in
            Template(
              name: template.name, places: petals.rows.map { MapPlace(time: 1, row: $0) },
              values: template.rows(at: 1))
          }, content: petals.content))
    case .single:
      return try short(
        TemplateSet(
          name: "single", times: petals.times, rows: petals.rows,
          templates: [petals.templates[0]], content: petals.content))
    case .withoutContext: return try short(petals, contextSize: 0)
    }
  }

  /// What a drawing shows of words, and whether it is XML at all; its title and description are for
  /// those who cannot see it.
  private final class Reader: NSObject, XMLParserDelegate {
    var texts = ""
    var elements: [String: Int] = [:]
    private var isVisible = false

    func parser(_ parser: XMLParser, foundCharacters string: String) {
      if isVisible { texts += string }
    }
    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
      qualifiedName: String?, attributes: [String: String]
    ) {
      elements[name, default: 0] += 1
      isVisible = name == "text"
      texts += "\n"
      for (_, value) in attributes where value.contains("nan") || value.contains("inf") {
        texts += "NOT A NUMBER \(value)"
      }
    }
  }

  private func read(_ drawing: Drawing) throws -> Reader {
    let parser = XMLParser(data: Data(drawing.svg))
    let reader = Reader()
    parser.delegate = reader
    #expect(parser.parse(), "\(String(describing: parser.parserError))")
    #expect(!reader.texts.contains("NOT A NUMBER"), "\(drawing.title)")
    return reader
  }

  @Test("are drawn of everything that people bring, at any time", arguments: Kind.allCases)
  func drawn(kind: Kind) throws {
    let fit = try FittedContext(Self.fits[kind]!.get().checkpoint)
    for figure in Figure.allCases where fit.has(figure) {
      for time in [0, 0.7, 1, 1.1] as [Float] {
        let reader = try read(try fit.draw(figure, time: time))
        #expect(reader.elements["path", default: 0] > 0, "\(figure) of \(kind) at \(time)")
        if figure == .templates || figure == .context || figure == .confidence { break }
      }
    }
  }

  @Test("are those that a fit has something to show for")
  func has() throws {
    let all = Set(Figure.allCases)
    let expected: [Kind: Set<Figure>] = [
      .petals: all, .three: all, .loose: all, .manyFrames: all,
      .oneFrame: all.subtracting([.confidence]),
      .oneFrameLoose: all.subtracting([.confidence]),
      .table: [.context, .paths, .confidence], .huge: [.context, .paths, .confidence],
      .single: [.templates, .context, .confidence], .withoutContext: [.templates],
    ]
    for kind in Kind.allCases {
      let fit = try FittedContext(Self.fits[kind]!.get().checkpoint)
      #expect(Set(Figure.allCases.filter { fit.has($0) }) == expected[kind], "\(kind)")
    }
  }

  @Test("say what they show: templates, times and axes by name")
  func labels() throws {
    let petals = try FittedContext(Self.fits[.petals]!.get().checkpoint)
    func texts(_ fit: FittedContext, _ figure: Figure, _ pair: (Int, Int) = (0, 1)) throws -> String
    {
      try read(try fit.draw(figure, pair: pair)).texts
    }
    func expect(
      _ texts: String, _ words: [String], sourceLocation: SourceLocation = #_sourceLocation
    ) {
      for word in words {
        #expect(texts.contains(word), "'\(word)' in \(texts)", sourceLocation: sourceLocation)
      }
    }
    expect(
      try texts(petals, .templates),
      ["flat", "curled", "time 0.1", "time 0.3", "time 0.55", "time 0.8", "time 1"])
    // The offsets at the ends only keep edge effects away.
    #expect(try !texts(petals, .templates).contains("time 1.1"))
    expect(try texts(petals, .context), ["morphology", "context", "time 0.1", "flat", "curled"])
    expect(
      try texts(petals, .paths),
      [
        "morphology", "context", "Paths at time 0.7", "between, 0.5", "beyond flat, 0.5",
        "beyond curled, 1",
      ])
    expect(
      try texts(petals, .between),
      ["flat", "curled", "0.25", "0.5", "0.75", "time 0.7, from above"])
    expect(try texts(petals, .beyond), ["curled", "0.5 of the gap", "time 0.7", "time 1"])
    expect(try texts(petals, .confidence), ["0 is flat, 1 is curled", "time"])

    let three = try FittedContext(Self.fits[.three]!.get().checkpoint)
    expect(try texts(three, .context), ["context 1", "context 2", "petal 3"])
    // A panel for each template and number, whose curves are all solid.
    let panels = try read(three.draw(.context)).texts.split(separator: "\n")
    #expect((1...3).map { n in panels.count { $0 == "petal \(n)" } } == [2, 2, 2])
    expect(try texts(three, .between, (2, 0)), ["petal 3", "petal 1"])
    expect(try texts(three, .confidence, (1, 2)), ["0 is petal 2, 1 is petal 3"])

    // A single row has no way along it: its context is drawn over time.
    let loose = try FittedContext(Self.fits[.loose]!.get().checkpoint)
    expect(
      try texts(loose, .context), ["Context over time", "tetrahedron 0", "tetrahedron 1", "0.5"])
    expect(
      try texts(loose, .paths), ["Paths over time", "between, 0.5", "beyond tetrahedron 1, 1"])
    // A single template has the map's axes where a pair has the way between them.
    let single = try FittedContext(Self.fits[.single]!.get().checkpoint)
    expect(try texts(single, .confidence), ["time", "morphology", "times the templates' own"])

    let table = try FittedContext(Self.fits[.table]!.get().checkpoint)
    // In the table's own units, and its names as they are.
    expect(try texts(table, .context), ["dose", "day 1", "day 5", "day 9", "kind 0 <&>"])
    expect(try texts(table, .confidence), ["kind 1 <&>", "day"])
  }

  @Test("show at most seven of many frames, the first and the last among them")
  func manyFrames() throws {
    let fit = try FittedContext(Self.fits[.manyFrames]!.get().checkpoint)
    for figure in [Figure.templates, .context] {
      let drawing = try fit.draw(figure)
      let words = try read(drawing).texts.split(separator: "\n")
      #expect(
        words.filter { $0.hasPrefix("time ") } == [
          "time 0", "time 0.17", "time 0.33", "time 0.5", "time 0.67", "time 0.83", "time 1",
        ], "\(figure)")
      #expect(drawing.width <= 1400, "\(figure)")
    }
  }

  @Test("choose frames as near as they are to even steps, in order and none twice")
  func spread() {
    let even = (0...60).map { Float($0) }
    #expect(FittedContext.spread(even, count: 7) == [0, 10, 20, 30, 40, 50, 60])
    #expect(FittedContext.spread([0, 1, 2], count: 3) == [0, 1, 2])
    #expect(FittedContext.spread([5], count: 7) == [5])
    // Even steps are 0, 5 and 10.
    #expect(FittedContext.spread([0, 1, 6, 9, 10], count: 3) == [0, 6, 10])
    #expect(FittedContext.spread([0, 0.1, 0.2, 0.3, 10], count: 4) == [0, 0.2, 0.3, 10])
    #expect(FittedContext.spread([0, 9.7, 9.8, 9.9, 10], count: 4) == [0, 9.7, 9.8, 10])
  }

  @Test("name times by the map's axis, whatever it is")
  func axisName() throws {
    let file = try Self.fits[.loose]!.get()
    var set = try FittedContext(file.checkpoint).templates
    set.timeAxis = MapAxis("stage", zero: 1, one: 9)
    let fit = try TinyFit(templates: set, epochs: 1000, templateSteps: 1000, templateAttempts: 1)
      .fitted()
    for figure in Figure.allCases {
      let texts = try read(fit.draw(figure)).texts
      #expect(texts.contains("stage") && !texts.contains("time "), "\(figure): \(texts)")
    }
  }

  @Test("have the confidence's colours from the page: what is known glows")
  func confidenceColors() throws {
    let fit = try SharedFits.open(SharedFits.petals)
    let css = try ExplorerPage(fit).html.matches(of: /--(glow|fade): #([0-9a-f]{6});/)
      .prefix(2).map { ($0.output.1, try #require(Int($0.output.2, radix: 16))) }
    #expect(css.map(\.0) == ["glow", "fade"])
    #expect(
      ConfidenceColors.map[0] == Color(css[0].1) && ConfidenceColors.map[1] == Color(css[1].1))
    // Of the petals' own shapes most are known, and the bar has both ends.
    let svg = String(decoding: try fit.draw(.confidence).svg, as: UTF8.self).lowercased()
    #expect(svg.contains("fbd5a0") || svg.contains("rgb(251"), "no glow")
  }

  @Test("are the same, byte for byte, of the same fit")
  func reproducible() throws {
    for figure in Figure.allCases {
      let drawings = try (0..<2).map { _ in
        try FittedContext(Self.fits[.petals]!.get().checkpoint).draw(figure).svg
      }
      expectSameBytes(drawings[0], drawings[1], "\(figure)")
    }
  }

  @Test("have the templates' own shapes, not the networks', in figure 3")
  func templates() throws {
    let one = try FittedContext(Self.fits[.petals]!.get().checkpoint).draw(.templates).svg
    let other = try SharedFits.open(SharedFits.petals).draw(.templates).svg
    expectSameBytes(one, other)
    #expect(
      try FittedContext(Self.fits[.petals]!.get().checkpoint).draw(.between).svg
        != SharedFits.open(SharedFits.petals).draw(.between).svg)
  }
}
