import Foundation
import Testing

@testable import RelationalContext

@Suite("Measures")
struct MeasureTests {
  @Test("a rank correlation is Spearman's, ties sharing the mean of their ranks")
  func spearman() {
    #expect(rankCorrelation([1, 2, 3], [10, 20, 1000]) == 1)
    #expect(rankCorrelation([1, 2, 3], [3, 2, 1]) == -1)
    // Ranks 1 2 3 4 5 and 2 1 4 3 5: 1 - 6 * 4 / (5 * 24).
    #expect(abs(rankCorrelation([1, 2, 3, 4, 5], [2, 1, 4, 3, 5]) - 0.8) < 1e-12)
    // Ranks 1.5 1.5 3 and 1 2 3: covariance 1.5, variances 1.5 and 2.
    #expect(abs(rankCorrelation([0, 0, 7], [1, 2, 3]) - 1.5 / 3.0.squareRoot()) < 1e-12)
  }

  @Test("contexts that do not part at all while shapes do are no perfect correlation")
  func collapsed() {
    #expect(rankCorrelation([0, 1, 2], [5, 5, 5]) == 0)
    #expect(rankCorrelation([5, 5, 5], [0, 1, 2]) == 0)
    #expect(rankCorrelation([0, 0, 0], [0, 0, 0]) == 1)
    #expect(rankCorrelation([3], [4]) == 1)
  }

  static let square: [SIMD3<Float>] = [
    SIMD3(0, 0, 0), SIMD3(1, 0, 0), SIMD3(1, 1, 0), SIMD3(0, 1, 0),
  ]
  static let face = [[0, 1, 2, 3]]

  @Test("strain is the ratio of edges: known of a square that is pulled, and of one pressed")
  func strain() {
    let pulled = Self.square.map { SIMD3($0.x * 3, $0.y, 0) }
    let quality = MeshQuality(of: pulled, beside: Self.square, faces: Self.face)
    #expect(quality.stretch == 3 && quality.compression == 1 && quality.strain == 3)
    #expect(quality.degenerateFaces == 0)
    let pressed = MeshQuality(of: Self.square, beside: pulled, faces: Self.face)
    #expect(pressed.stretch == 1 && pressed.compression == 3 && pressed.strain == 3)
    let same = MeshQuality(of: Self.square, beside: Self.square, faces: Self.face)
    #expect(same.strain == 1 && same.degenerateFaces == 0)
  }

  @Test("a mesh that is only turned and moved is whole and not strained")
  func turned() {
    let moved = Self.square.map { SIMD3(-$0.y + 2, $0.x - 5, $0.z + 1) }
    let over = Self.square.map { SIMD3($0.x, -$0.y, -$0.z) }
    for mesh in [moved, over] {
      let quality = MeshQuality(of: mesh, beside: Self.square, faces: Self.face)
      #expect(quality.strain == 1 && quality.degenerateFaces == 0)
    }
  }

  @Test(
    "faces that collapse to a line or a point, or cross themselves, are degenerate",
    arguments: [
      [(0, 0), (1, 0), (2, 0), (3, 0)], [(0, 0), (0, 0), (0, 0), (0, 0)],
      [(0, 0), (1, 1), (1, 0), (0, 1)], [(0, 0), (1, 0), (1, 0.0624), (0, 0.0624)],
      [(0, 0), (0.2499, 0), (0.2499, 0.25), (0, 0.25)],
    ])
  func degenerate(corners: [(Double, Double)]) {
    let mesh = corners.map { SIMD3(Float($0.0), Float($0.1), 0) }
    #expect(MeshQuality(of: mesh, beside: Self.square, faces: Self.face).degenerateFaces == 1)
  }

  @Test("a dart is no bow tie, and a number that is none is degenerate")
  func dart() {
    let dart: [SIMD3<Float>] = [
      SIMD3(0, 0, 0), SIMD3(2, 0, 0), SIMD3(0.5, 0.5, 0), SIMD3(0, 2, 0),
    ]
    #expect(MeshQuality(of: dart, beside: Self.square, faces: Self.face).degenerateFaces == 0)
    let broken = Self.square.map { SIMD3($0.x, .nan, $0.z) }
    #expect(MeshQuality(of: broken, beside: Self.square, faces: Self.face).degenerateFaces == 1)
  }

  @Test(
    "faces with more than a sixteenth of their area, half as long or sheared, are whole",
    arguments: [
      [(0, 0), (1, 0), (1, 0.0626), (0, 0.0626)], [(0, 0), (0.5, 0), (0.5, 0.5), (0, 0.5)],
      [(0, 0), (1, 0), (9, 0.1), (8, 0.1)],
    ])
  func whole(corners: [(Double, Double)]) {
    let mesh = corners.map { SIMD3(Float($0.0), Float($0.1), 0) }
    #expect(MeshQuality(of: mesh, beside: Self.square, faces: Self.face).degenerateFaces == 0)
  }

  /// A strip of squares along x, turned about y by these angles from each to the next, in degrees;
  /// wound alike, each the other way, or as triangles.
  private static func strip(_ turns: [Double]) -> [SIMD3<Float>] {
    var (angle, x, z) = (0.0, 0.0, 0.0)
    var points: [SIMD3<Float>] = [SIMD3(0, 0, 0), SIMD3(0, 1, 0)]
    for turn in [0] + turns {
      angle += turn * .pi / 180
      (x, z) = (x + cos(angle), z + sin(angle))
      points += [SIMD3(Float(x), 0, Float(z)), SIMD3(Float(x), 1, Float(z))]
    }
    return points
  }

  enum Winding: CaseIterable { case alike, alternating, triangles }

  private static func stripFaces(_ count: Int, _ winding: Winding) -> [[Int]] {
    (0..<count).flatMap { index -> [[Int]] in
      let (a, b, c, d) = (2 * index, 2 * index + 2, 2 * index + 3, 2 * index + 1)
      return switch winding {
      case .alike: [[a, b, c, d]]
      case .alternating: [index % 2 == 0 ? [a, b, c, d] : [d, c, b, a]]
      case .triangles: [[a, b, c], [a, c, d]]
      }
    }
  }

  @Test(
    "faces folded over each other are degenerate, those bent up to a right angle are none",
    arguments: Winding.allCases)
  func folds(winding: Winding) {
    func degenerate(_ turns: [Double], beside reference: [Double]) -> Int {
      MeshQuality(
        of: Self.strip(turns), beside: Self.strip(reference),
        faces: Self.stripFaces(turns.count + 1, winding)
      ).degenerateFaces
    }
    for sign in [1.0, -1] {
      #expect(degenerate([0, 89 * sign, 0], beside: [0, 0, 0]) == 0)
      for turn in [91.0, 120, 179, 180] {
        #expect(degenerate([0, turn * sign, 0], beside: [0, 0, 0]) == 2, "\(turn)")
      }
      // Rolled up twice round, 30° an edge, and unrolled again.
      let (roll, flat) = (Array(repeating: 30 * sign, count: 24), Array(repeating: 0.0, count: 24))
      #expect(degenerate(roll, beside: flat) == 0)
      #expect(degenerate(flat, beside: roll) == 0)
      #expect(degenerate(roll.map { -$0 }, beside: roll) == 0)
      // What was folded in the reference is so by design.
      #expect(degenerate([0, 170 * sign, 0], beside: [0, 170 * sign, 0]) == 0)
      #expect(degenerate([0, 0, 0], beside: [0, 170 * sign, 0]) == 0)
      #expect(degenerate([0, 176 * sign, 0], beside: [0, 170 * sign, 0]) == 2)
      // What is bent the other way is none: the tip of a petal that curls up instead of down.
      #expect(degenerate([0, 60 * sign, 0], beside: [0, -60 * sign, 0]) == 0)
      #expect(degenerate([0, 130 * sign, 0], beside: [0, -60 * sign, 0]) == 2)
      // Past the half turn the angle goes on: from 170° to 190° is 20°.
      #expect(degenerate([0, 190 * sign, 0], beside: [0, 170 * sign, 0]) == 0)
    }
    // An accordion of three folds: every face is at one.
    #expect(degenerate([150, -150, 150], beside: [0, 0, 0]) == (winding == .triangles ? 6 : 4))
  }

  @Test("a collapsed face is not its neighbours' fault, nor an edge of three faces anyone's fold")
  func hinges() {
    let faces = Self.stripFaces(3, .alike)
    var points = Self.strip([0, 0])
    // The middle one is turned over and is a line.
    points[4] = points[2]
    points[5] = points[3] - SIMD3(0.0001, 0, 0)
    #expect(MeshQuality(of: points, beside: Self.strip([0, 0]), faces: faces).degenerateFaces == 1)
    let fins = Self.stripFaces(2, .alike) + [[2, 6, 7, 3]]
    let reference = Self.strip([0]) + [SIMD3(1, 0, 1), SIMD3(1, 1, 1)]
    let moved = Self.strip([0]) + [SIMD3(1, 0, -1), SIMD3(1, 1, -1)]
    #expect(MeshQuality(of: moved, beside: reference, faces: fins).degenerateFaces == 0)
  }

  @Test("an edge without length in the template says nothing")
  func emptyEdge() {
    var point = Self.square
    point[1] = point[0]
    let quality = MeshQuality(of: Self.square, beside: point, faces: Self.face)
    #expect(quality.strain.isFinite)
  }

  @Test(
    "errors of template models are in the templates' unit: of shapes four times as large 4 times")
  func unit() throws {
    var large = TemplateSet.petals
    let templates = large.templates.map {
      Template(name: $0.name, places: $0.places, values: $0.values.map { 4 * $0 })
    }
    large = TemplateSet(
      name: "large", times: large.times, rows: large.rows, templates: templates,
      content: large.content)
    let small = try SharedFits.open(SharedFits.short)
    let fit = try TinyFit(templates: large).fitted()
    #expect(fit.templateErrors == small.templateErrors.map { 4 * $0 })
    #expect(fit.templateAttempts == [2, 2] && small.templateBound == 0)
    let measures = (try FitMeasures(fit), try FitMeasures(small))
    #expect(abs(measures.0.roundTripRMS - 4 * measures.1.roundTripRMS) < 1e-6)
    #expect(measures.0.templateErrors == fit.templateErrors)
  }

  @Test("a fit of one template has nothing to compare, and says so without a fault")
  func single() throws {
    let petals = TemplateSet.petals
    let one = TemplateSet(
      name: "one", times: petals.times, rows: petals.rows, templates: [petals.templates[0]],
      content: petals.content)
    let fit = try TinyFit(templates: one, epochs: 1000, templateSteps: 5000).fitted()
    let measures = try FitMeasures(fit)
    #expect(measures.pairs.isEmpty && measures.differingRoundTrip == 0)
    #expect(measures.roundTrip.count == 1 && measures.roundTrip[0].isFinite)
    #expect(measures.lines.count == 3, "a line on rows that differ, of which there are none")
  }

  @Test("ablations tell how far they are, and stop when they are asked to")
  func ablations() throws {
    let fit = try TinyFit(epochs: 1500, templateSteps: 500).fitted()
    var told: [Int] = []
    let ablations = try Ablations(
      fit,
      tell: { made, total in
        told.append(made)
        #expect(total == 4500)
      })
    #expect(ablations != nil && told == [1000, 1500, 2500, 3000, 4000, 4500])
    #expect(try Ablations(fit, shouldStop: { true }) == nil)
  }

  /// Two tables over a grid, whose second column is counted in units of that size.
  private func tables(unit: Float) -> TemplateSet {
    let axis: [Float] = [0, 0.5, 1]
    let places = axis.flatMap { time in axis.map { MapPlace(time: time, row: $0) } }
    return TemplateSet(
      name: "tables", times: axis, rows: axis,
      templates: (0..<2).map { index in
        Template(
          name: "\(index)", places: places,
          values: places.indices.flatMap { row -> [Float] in
            let small = places[row].time + Float(index) * places[row].row
            let large = (5 * row + 7 * index) % 11 - 3
            return [small, unit * Float(large)]
          })
      }, content: .columns(["small", "large"]))
  }

  @Test("measures of tables are of columns from 0 to 1, in whichever unit a column is")
  func units() throws {
    // A power of 2, by which nothing is rounded otherwise: the fits are the same, bit for bit.
    let fits = try [1, 1_048_576].map {
      try TinyFit(templates: tables(unit: $0), epochs: 1000, templateSteps: 2000).fitted()
    }
    let measures = try fits.map { try FitMeasures($0) }
    #expect(measures[0].json.encoded == measures[1].json.encoded)
    #expect(measures[0].lines == measures[1].lines)
    let own = try fits.map { try $0.templateRegenerationError() }
    #expect(own[0] == own[1])
    let shapes = try fits.map {
      try $0.shapes(ShapeRequest(.between(first: 0, second: 1, share: 0.3), times: [0.2]))[0]
    }
    #expect(shapes[0].regenerationError == shapes[1].regenerationError)
    // Worked out again by hand.
    let template = fits[1].templates.templates[0]
    let again = try fits[1].generate(fits[1].relate(template.values))
    var sum = 0.0
    for (index, (x, y)) in zip(template.values, again).enumerated() {
      let difference = (Double(x) - Double(y)) / (index % 2 == 0 ? 2 : 1_048_576.0 * 10)
      sum += difference * difference
    }
    let expected = (sum / Double(template.values.count)).squareRoot()
    #expect(abs(measures[1].roundTrip[0] / expected - 1) < 1e-5)
  }

  @Test("templates that are all the same have no way between them, and say so without a fault")
  func equal() throws {
    let petals = TemplateSet.petals
    var twin = petals.templates[0]
    twin.name = "twin"
    let set = TemplateSet(
      name: "twins", times: petals.times, rows: petals.rows,
      templates: [petals.templates[0], twin], content: petals.content)
    let fit = try TinyFit(templates: set, epochs: 1000, templateSteps: 5000).fitted()
    let measures = try FitMeasures(fit)
    #expect(measures.pairs[0].stepsBackwards == (0, 0))
    #expect(measures.pairs[0].times.allSatisfy { $0.contexts == 0 && $0.shapes == 0 })
    #expect(!measures.json.encoded.contains("inf") && !measures.json.encoded.contains("nan"))
    #expect(!measures.lines.joined().contains("inf"), "\(measures.lines)")
  }
}
