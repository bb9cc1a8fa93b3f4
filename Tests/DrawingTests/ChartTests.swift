import FileFormats
import Foundation
import Testing

@testable import Drawing

@Suite("charts")
struct ChartTests {
  private static let curves = (1...7).map { time in
    Curve(
      (0...20).map { Point(Double($0) / 20, Double(time) * 0.01 * Double($0)) },
      name: "time 0.\(time)")
  }

  private func drawn(_ chart: Chart, _ width: Double = 300, _ height: Double = 200) -> Drawing {
    var drawing = page(width, height)
    drawing.draw(chart, in: drawing.page)
    return drawing
  }

  private func texts(_ drawing: Drawing) -> [Text] {
    drawing.shapes.compactMap { if case .text(let text) = $0 { text } else { nil } }
  }

  private func strokes(_ drawing: Drawing, _ color: Color) -> [Path] {
    drawing.shapes.compactMap {
      if case .stroke(let path, let stroke) = $0, stroke.color == color { path } else { nil }
    }
  }

  @Test("data lie where ticks of the same numbers say they do")
  func places() throws {
    let red = Color(0xFF0000)
    let drawing = drawn(
      Chart(
        x: Axis("x", range: 0...4), y: Axis("y", range: -1...1),
        curves: [Curve([Point(1, -0.5), Point(3, 0.5)], color: red)], names: .none))
    let words = texts(drawing)
    func tick(_ label: String, _ anchor: Text.Anchor) throws -> Point {
      try #require(words.first { $0.string == label && $0.anchor == anchor }).place
    }
    let path = try #require(strokes(drawing, red).first)
    guard case .move(let start) = path.elements[0], case .line(let end) = path.elements[1] else {
      Issue.record("\(path)")
      return
    }
    #expect(abs(start.x - (try tick("1", .middle)).x) < 1e-9)
    #expect(abs(end.x - (try tick("3", .middle)).x) < 1e-9)
    // Numbers on the left stand 0.36 of their size under the middle of their line.
    let drop = 0.36 * Plot.tickSize
    #expect(abs(start.y + drop - (try tick("−0.5", .end)).y) < 1e-9)
    #expect(abs(end.y + drop - (try tick("0.5", .end)).y) < 1e-9)
    #expect(
      words.contains { $0.string == "x" }
        && words.contains { $0.string == "y" && $0.rotation == -90 })
  }

  @Test("a number that is not finite makes a gap, and what is beyond a range is cut off")
  func gaps() throws {
    let red = Color(0xFF0000)
    let drawing = drawn(
      Chart(
        x: Axis(range: 0...6), y: Axis(range: 0...1),
        curves: [
          Curve(
            [
              Point(0, 0.5), Point(1, 0.5), Point(2, .nan), Point(3, 0.5), Point(4, 2.5),
              Point(5, 0.5), Point(.infinity, 0.5),
            ], color: red)
        ], names: .none))
    let path = try #require(strokes(drawing, red).first)
    let moves = path.elements.filter { if case .move = $0 { true } else { false } }
    // Before the gap, up to the top, and from the top down again.
    #expect(moves.count == 3)
    let heights = path.elements.compactMap { element -> Double? in
      switch element {
      case .move(let point), .line(let point): point.y
      default: nil
      }
    }
    #expect(heights.count == 6 && heights.allSatisfy { $0 >= 4.999 })
  }

  @Test("names at the ends do not overlap and stay on the page", arguments: [120.0, 200])
  func endNames(_ height: Double) {
    let drawing = drawn(Chart(x: Axis("m"), y: Axis("c"), curves: Self.curves), 300, height)
    let names = texts(drawing).filter { $0.string.hasPrefix("time") }
    #expect(names.map(\.string) == Self.curves.map(\.name))
    let heights = names.map(\.place.y).sorted()
    #expect(zip(heights, heights.dropFirst()).allSatisfy { $1 - $0 >= 1.14 * names[0].size })
    #expect(names.allSatisfy { $0.place.x + $0.width <= 300 })
    // The steepest curve ends highest.
    #expect(names.last!.place.y == heights.first)
  }

  @Test("a legend breaks into rows within its width, with the line of each curve")
  func legend() {
    let drawing = drawn(Chart(curves: Self.curves, names: .inLegend), 200, 160)
    let names = texts(drawing).filter { $0.string.hasPrefix("time") }
    #expect(names.count == 7)
    #expect(names.allSatisfy { $0.place.x + $0.width <= 200 })
    #expect(Set(names.map(\.place.y)).count > 1)
    #expect(strokes(drawing, Palette.color(0)).count == 2)
  }

  @Test("equal units: a circle of data is a circle on the page")
  func equalUnits() {
    let circle = (0...100).map { index in
      Point(cos(Double(index) / 50 * .pi), sin(Double(index) / 50 * .pi))
    }
    let red = Color(0xFF0000)
    let drawing = drawn(
      Chart(curves: [Curve(circle, color: red)], hasEqualUnits: true), 400, 150)
    let points = strokes(drawing, red)[0].elements.compactMap { element -> Point? in
      switch element {
      case .move(let point), .line(let point): point
      default: nil
      }
    }
    let low = points.reduce(points[0], pointwiseMin)
    let high = points.reduce(points[0], pointwiseMax)
    #expect(abs((high.x - low.x) - (high.y - low.y)) < 1e-6)
    #expect(high.y - low.y > 90)
  }

  @Test(
    "charts of nothing, of one point and of no room are drawn",
    arguments: [
      Chart(), Chart(curves: [Curve([])]), Chart(curves: [Curve([Point(3, 3)], name: "a")]),
      Chart(curves: [Curve([Point(.nan, .nan)], name: "b", hasMarkers: true)], names: .inLegend),
      Chart(bands: [Band(x: [1], low: [.nan], high: [2], name: "c", color: .black)]),
      Chart(y: Axis(scale: .logarithmic), curves: [Curve([Point(0, 0), Point(1, -1)])]),
    ], [Rectangle(x: 0, y: 0, width: 100, height: 100), Rectangle(x: 3, y: 3, width: 0, height: 0)])
  func degenerate(_ chart: Chart, rectangle: Rectangle) throws {
    var drawing = page(100, 100)
    drawing.draw(chart, in: rectangle)
    _ = try SVGReader.elements(of: drawing.svg)
    _ = try drawing.picture(scale: 1)
  }

  @Test("a band fills between its lines and leaves its gap open")
  func bands() throws {
    let drawing = drawn(
      Chart(
        x: Axis(range: 0...4), y: Axis(range: 0...1),
        bands: [
          Band(
            x: [0, 1, 2, 3, 4], low: [0.2, 0.2, .nan, 0.2, 0.2], high: [0.8, 0.8, 0.8, 0.8, 0.8],
            color: .black)
        ]))
    let fills = drawing.shapes.filter {
      if case .fill(_, let fill) = $0 { fill.color == .black } else { false }
    }
    #expect(fills.count == 2)
  }
}

@Suite("heat maps")
struct HeatMapTests {
  private func fills(_ map: HeatMap) -> [(Path, Color)] {
    var drawing = page(300, 200)
    drawing.draw(map, in: drawing.page)
    return drawing.shapes.compactMap {
      if case .fill(let path, let fill) = $0 { (path, fill.color) } else { nil }
    }
  }

  @Test("cells have the colours of their numbers, rows from the bottom up")
  func cells() throws {
    let map = HeatMap([[0, 0.5], [1, .nan]], values: Axis(range: 0...1))
    let cells = fills(map).prefix(4)
    #expect(
      cells.map(\.1) == [
        ColorMap.viridis[0], ColorMap.viridis[0.5], ColorMap.viridis[1], HeatMap.missing,
      ])
    let corners = cells.map { cell -> Point in
      guard case .move(let corner)? = cell.0.elements.first else { return .zero }
      return corner
    }
    #expect(corners[0].x == corners[2].x && corners[0].x < corners[1].x)
    #expect(corners[0].y == corners[1].y && corners[0].y > corners[2].y)
  }

  @Test("equal neighbours are one rectangle")
  func runs() {
    let map = HeatMap([[1, 1, 1, 2, 2], [3, 3, 3, 3, 3]])
    // Three runs, then the 64 steps of the bar.
    #expect(fills(map).count == 3 + 64)
  }

  @Test("the bar tells the range of the numbers")
  func bar() {
    var drawing = page(300, 200)
    drawing.draw(
      HeatMap([[1e-3, 1]], values: Axis("distance", scale: .logarithmic)), in: drawing.page)
    let words = drawing.shapes.compactMap {
      if case .text(let text) = $0 { text.string } else { nil }
    }
    for word in ["10⁻³", "10⁻²", "10⁻¹", "10⁰", "distance"] { #expect(words.contains(word)) }
  }

  /// Lightness and colour of an sRGB value as CIE 1976 L*a*b* has them, white at D65.
  private func lab(_ color: Color) -> SIMD3<Double> {
    func light(_ value: UInt8) -> Double {
      let share = Double(value) / 255
      return share > 0.04045 ? pow((share + 0.055) / 1.055, 2.4) : share / 12.92
    }
    let (r, g, b) = (light(color.red), light(color.green), light(color.blue))
    func root(_ t: Double) -> Double { t > 0.008856 ? cbrt(t) : 7.787 * t + 16.0 / 116 }
    let x = root((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505)
    let y = root(0.2126 * r + 0.7152 * g + 0.0722 * b)
    let z = root((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089)
    return SIMD3(116 * y - 16, 500 * (x - y), 200 * (y - z))
  }

  @Test("viridis becomes lighter by even steps, from dark to light")
  func evenness() {
    let lightness = (0...32).map { lab(ColorMap.viridis[Double($0) / 32]).x }
    let steps = zip(lightness, lightness.dropFirst()).map { $1 - $0 }
    let mean = (lightness[32] - lightness[0]) / 32
    #expect(lightness[0] < 20 && lightness[32] > 88)
    for (index, step) in steps.enumerated() {
      #expect((0.6 * mean...1.4 * mean).contains(step), "step \(index): \(step), mean \(mean)")
    }
  }

  @Test("colours beyond the ends are those of the ends, between anchors a straight mix")
  func mixing() {
    let map = ColorMap([.black, .white, Color(0xFF0000)])
    #expect(map[-1] == .black && map[2] == Color(0xFF0000) && map[.infinity] == Color(0xFF0000))
    #expect(map[0.25] == Color(0x808080) && map[0.5] == .white && map[0.75] == Color(0xFF8080))
  }

  @Test("the colours of Okabe and Ito are told apart, whichever cones are missing")
  func palette() {
    // Viénot, Brettel and Mollon 1999: without L or M cones, light is projected onto a plane.
    let deficiencies: [[SIMD3<Double>]] = [
      [SIMD3(1, 0, 0), SIMD3(0, 1, 0), SIMD3(0, 0, 1)],
      [SIMD3(0.11238, 0.88762, 0), SIMD3(0.11238, 0.88762, 0), SIMD3(0.00401, -0.00401, 1)],
      [SIMD3(0.29275, 0.70725, 0), SIMD3(0.29275, 0.70725, 0), SIMD3(-0.02234, 0.02234, 1)],
    ]
    for (index, matrix) in deficiencies.enumerated() {
      let seen = Palette.okabeIto.map { color in
        let light = SIMD3(
          decode(Double(color.red) / 255), decode(Double(color.green) / 255),
          decode(Double(color.blue) / 255))
        let projected = matrix.map { min(max(($0 * light).sum(), 0), 1) }
        return lab(
          Color(SIMD4(encode(projected[0]), encode(projected[1]), encode(projected[2]), 1) * 255))
      }
      for first in seen.indices {
        for second in first + 1..<seen.count {
          let way = seen[first] - seen[second]
          let distance = (way * way).sum().squareRoot()
          #expect(distance > 9, "deficiency \(index): colours \(first) and \(second)")
        }
      }
    }
  }
}
