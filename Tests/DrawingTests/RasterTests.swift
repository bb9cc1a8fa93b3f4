import FileFormats
import Foundation
import Testing

@testable import Drawing

/// A blank page, black shapes on which leave ink that can be measured.
func page(_ width: Double = 20, _ height: Double = 20, paper: Color = .white) -> Drawing {
  Drawing(width: width, height: height, title: "", description: "", paper: paper)
}

extension Drawing {
  /// The area in square points that black shapes on white cover, as their picture has it.
  func ink(scale: Double = 1) throws -> Double {
    let picture = try picture(scale: scale)
    let gray = picture.grayscale.pixels
    return gray.reduce(0) { $0 + Double(255 - $1) / 255 } / (scale * scale)
  }
}

extension Picture {
  /// Components of a pixel.
  subscript(x: Int, y: Int) -> [UInt8] {
    let start = (y * width + x) * channels
    return Array(pixels[start..<start + channels])
  }
}

/// A polygon with its area by hand.
struct KnownArea: CustomTestStringConvertible {
  var name: String
  var path: Path
  var rule: Fill.Rule = .nonzero
  var area: Double
  /// What more it may be off by.
  var slack = 0.0
  var testDescription: String { name }

  /// A five-pointed star drawn in one go: its core is wound round twice.
  static let star = (0..<5).map { index in
    let turn = Double(index) * 4 * .pi / 5
    return Point(10 + 8 * sin(turn), 10 - 8 * cos(turn))
  }

  static let all = [
    KnownArea(
      name: "triangle", path: Path([Point(1, 1), Point(18.3, 4), Point(6, 17.7)], closed: true),
      // Half the cross product of two sides.
      area: abs(17.3 * 16.7 - 3 * 5) / 2),
    KnownArea(
      name: "rectangle off the pixels",
      path: Path(Rectangle(x: 2.3, y: 3.7, width: 5.25, height: 0.5)), area: 2.625),
    KnownArea(name: "circle", path: Path(circle: Point(10, 10), radius: 7.5), area: .pi * 56.25),
    KnownArea(
      name: "two contours, one in the other, by even-odd",
      path: {
        var path = Path(Rectangle(x: 2, y: 2, width: 10, height: 10))
        path.add(Rectangle(x: 4, y: 4, width: 3, height: 3).corners, closed: true)
        return path
      }(), rule: .evenOdd, area: 91),
    KnownArea(
      name: "the same by nonzero",
      path: {
        var path = Path(Rectangle(x: 2, y: 2, width: 10, height: 10))
        path.add(Rectangle(x: 4, y: 4, width: 3, height: 3).corners, closed: true)
        return path
      }(), area: 100),
    KnownArea(
      name: "star by nonzero", path: Path(star, closed: true),
      // Five points and the core: 10 triangles from the middle with tan 18° and tan 36°.
      // FreeType adds areas: in pixels at its inner corners the core counts twice.
      area: starArea(withCore: true), slack: 0.8),
    KnownArea(
      name: "star by even-odd", path: Path(star, closed: true), rule: .evenOdd,
      area: starArea(withCore: false), slack: 0.8),
    KnownArea(
      name: "half off the page",
      path: Path(Rectangle(x: -30, y: 5, width: 40, height: 7)), area: 70),
    KnownArea(
      name: "beyond every corner",
      path: Path(Rectangle(x: -1e7, y: -1e12, width: 2e7, height: 2e12)), area: 400),
    KnownArea(
      name: "a triangle whose corners are all off the page",
      path: Path([Point(10, -10), Point(-20, 50), Point(40, 50)], closed: true),
      // Its sides leave the page at the top, 5 to the left and right of the middle, and cross the
      // left and right sides at y = 10.
      area: 20 * 20 - 2 * (5.0 * 10 / 2)),
    KnownArea(
      name: "wholly off the page", path: Path(Rectangle(x: 25, y: 0, width: 9, height: 9)), area: 0),
    KnownArea(name: "a line has no inside", path: Path([Point(1, 1), Point(9, 9)]), area: 0),
    KnownArea(name: "a point has no inside", path: Path([Point(1, 1)], closed: true), area: 0),
  ]

  /// A pentagram of radius 8: the core is a pentagon of circumradius r = R·sin 18°/sin 54°.
  static func starArea(withCore: Bool) -> Double {
    let (outer, degree) = (8.0, Double.pi / 180)
    let inner = outer * sin(18 * degree) / sin(54 * degree)
    let whole = 5 * outer * inner * sin(36 * degree)
    let core = 2.5 * inner * inner * sin(72 * degree)
    return withCore ? whole : whole - core
  }
}

@Suite("pixels")
struct RasterTests {
  @Test("a polygon covers its exact area", arguments: KnownArea.all, [1, 2.5])
  func areas(_ known: KnownArea, scale: Double) throws {
    var drawing = page()
    drawing.fill(known.path, Fill(.black, rule: known.rule))
    let ink = try drawing.ink(scale: scale)
    // A pixel on the edge is off by 1/255 at most, a corner by 1/64 pixel.
    #expect(
      abs(ink - known.area) < 0.12 + known.area * 5e-4 + known.slack, "\(ink), not \(known.area)")
  }

  @Test(
    "a line is as wide as it says, at any slope", arguments: [0.3, 1, 2, 5.5], [0, 17, 45, 90])
  func strokes(_ width: Double, degrees: Double) throws {
    var drawing = page(60, 60)
    let turn = degrees * .pi / 180
    let reach = 20 * Point(cos(turn), sin(turn))
    drawing.stroke(
      Path([Point(30, 30) - reach, Point(30, 30) + reach]), Stroke(.black, width: width))
    let ink = try drawing.ink()
    #expect(abs(ink / 40 - width) < 0.02 * width + 0.01, "\(ink / 40) wide")
  }

  @Test("round ends add a circle, and a point with round ends is one")
  func caps() throws {
    var line = page()
    line.stroke(Path([Point(5, 10), Point(15, 10)]), Stroke(.black, width: 4, cap: .round))
    #expect(abs(try line.ink(scale: 2) - 40 - 4 * .pi) < 0.1)
    var dot = page()
    dot.stroke(Path([Point(5, 10), Point(5, 10)]), Stroke(.black, width: 4, cap: .round))
    #expect(abs(try dot.ink(scale: 2) - 4 * .pi) < 0.1)
    var nothing = page()
    nothing.stroke(Path([Point(5, 10), Point(5, 10)]), Stroke(.black, width: 4))
    #expect(try nothing.ink() == 0)
  }

  @Test("a bent line is even: a circle of many pieces has the area of its ring")
  func rings() throws {
    var drawing = page(40, 40)
    let points = (0..<200).map { index in
      let turn = Double(index) / 100 * .pi
      return Point(20 + 15 * cos(turn), 20 + 15 * sin(turn))
    }
    drawing.stroke(Path(points, closed: true), Stroke(.black, width: 3))
    #expect(abs(try drawing.ink(scale: 2) - 2 * .pi * 15 * 3) < 0.5)
  }

  @Test("a closed rectangle's line has round corners outside and sharp ones inside")
  func joins() throws {
    var drawing = page()
    drawing.stroke(
      Path(Rectangle(x: 5, y: 5, width: 10, height: 10)), Stroke(.black, width: 2))
    // Four sides of 10 by 2; at each corner the two overlap in a square of 1 and gain a quarter disc.
    #expect(abs(try drawing.ink(scale: 4) - (80 - 4 + .pi)) < 0.1)
  }

  @Test("dashes leave out their gaps, however far the line goes on")
  func dashes() throws {
    for end in [20.0, 1e7] {
      var drawing = page()
      drawing.stroke(
        Path([Point(0, 10), Point(end, 10)]), Stroke(.black, width: 2, dash: [3, 2]))
      #expect(abs(try drawing.ink() - 24) < 0.05, "to \(end)")
    }
    // Entering from the left: 1e6 is a whole number of patterns, so dashes begin at 0, 5, 10, 15.
    var drawing = page()
    drawing.stroke(
      Path([Point(-1e6, 10), Point(1e6, 10)]), Stroke(.black, width: 2, dash: [3, 2]))
    let picture = try drawing.picture(scale: 1)
    #expect((0..<20).map { picture[$0, 10][0] < 128 } == (0..<20).map { $0 % 5 < 3 })
  }

  @Test("later shapes lie over earlier ones, translucent ones by their share")
  func order() throws {
    var drawing = page(4, 1)
    drawing.fill(Path(Rectangle(x: 0, y: 0, width: 3, height: 1)), Color(0xFF0000))
    drawing.fill(Path(Rectangle(x: 1, y: 0, width: 3, height: 1)), Color(0x0000FF))
    drawing.fill(
      Path(Rectangle(x: 2, y: 0, width: 1, height: 1)),
      Color(red: 0, green: 255, blue: 0, alpha: 51))
    let picture = try drawing.picture(scale: 1)
    #expect(picture[0, 0] == [255, 0, 0])
    #expect(picture[1, 0] == [0, 0, 255])
    #expect(picture[2, 0] == [0, 51, 204])
  }

  @Test("on clear paper the picture has straight alpha")
  func clearPaper() throws {
    var drawing = page(2, 1, paper: Color.white.opacity(0))
    drawing.fill(
      Path(Rectangle(x: 0, y: 0, width: 0.5, height: 1)),
      Color(red: 200, green: 100, blue: 0, alpha: 102))
    let picture = try drawing.picture(scale: 1)
    #expect(picture.channels == 4)
    // Half of the pixel at alpha 0.4.
    #expect(picture[0, 0] == [200, 100, 0, 51])
    #expect(picture[1, 0] == [0, 0, 0, 0])
  }

  @Test("neighbours that close their seams leave none, and those that do not show one")
  func seams() throws {
    func darkest(closingSeams: Bool) throws -> UInt8 {
      var drawing = page(20, 20, paper: .black)
      for (row, column) in (0..<36).map({ ($0 / 6, $0 % 6) }) {
        func corner(_ row: Int, _ column: Int) -> Point {
          Point(
            4 * Double(column) - 2 + 0.37 * Double(row), 4 * Double(row) - 2 + 0.29 * Double(column)
          )
        }
        let corners = [
          corner(row, column), corner(row, column + 1), corner(row + 1, column + 1),
          corner(row + 1, column),
        ]
        drawing.fill(Path(corners, closed: true), Fill(.white, closesSeams: closingSeams))
      }
      let picture = try drawing.picture(scale: 2).grayscale.cropped(
        top: 8, left: 8, height: 24, width: 24)
      return picture.pixels.min() ?? 0
    }
    // White on black at the usual scale: what is left is a fiftieth, which no eye sees.
    #expect(try darkest(closingSeams: true) >= 250)
    #expect(try darkest(closingSeams: false) < 240)
  }

  @Test("more points than FreeType takes at once are painted in parts")
  func manyPoints() throws {
    // A comb of 40,000 teeth over the page, each covering half of its width.
    var drawing = page(100, 10)
    let teeth = 40_000
    var points: [Point] = []
    for tooth in 0..<teeth {
      let left = 100 * Double(tooth) / Double(teeth)
      points += [Point(left, 0), Point(left + 50 / Double(teeth), 10)]
    }
    points += [Point(100, 0)]
    drawing.fill(Path(points + [Point(100, -5), Point(0, -5)], closed: true), .black)
    let ink = try drawing.ink()
    // Places are rounded to 1/64 pixel, many teeth on each: the even share is what remains.
    #expect(abs(ink - 500) < 25, "\(ink)")
  }

  @Test("the same drawing gives the same bytes")
  func determinism() throws {
    func bytes() throws -> ([UInt8], [UInt8]) {
      var drawing = page(80, 60)
      drawing.draw(
        Chart(
          title: "t", x: Axis("x"), y: Axis("y"),
          curves: [Curve([Point(0, 1), Point(2, 5)], name: "a")]),
        in: drawing.page)
      return (drawing.svg, PNG.encode(try drawing.picture()))
    }
    let (first, second) = (try bytes(), try bytes())
    #expect(first.0 == second.0)
    #expect(first.1 == second.1)
  }

  @Test("an empty page is paper, sides are rounded up, and too large a picture is refused")
  func sizes() throws {
    let picture = try page(10.2, 3).picture(scale: 1)
    #expect(picture.shape == PictureShape(height: 3, width: 11, channels: 3))
    #expect(picture.pixels.allSatisfy { $0 == 255 })
    #expect(try page(0.1, 0.1).picture(scale: 1).shape.count == 3)
    #expect(try page(3, 3).picture(scale: 1.0 / 3).shape.count == 3)
    #expect(throws: DrawingError.tooLarge(width: 20_000, height: 10)) {
      try page(10_000, 5).picture()
    }
    #expect(throws: DrawingError.tooLarge(width: 8_000, height: 8_000)) {
      try page(4_000, 4_000).picture()
    }
  }
}
