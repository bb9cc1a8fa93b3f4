import Foundation
import Testing

@testable import RelationalContext

@Suite("Exploration")
struct ExplorationTests {
  private func path(_ points: [[Float]]) -> ContextPath {
    ContextPath(points.map { DesignPoint(numbers: $0) })
  }

  @Test("halfway between two paths is halfway, and the ends are the paths themselves, bit for bit")
  func between() {
    let a = path([[0.3, 0.1, 0.7], [0.3, 0.9, -1e8], [0.3, 1.1, 0.1]])
    let b = path([[0.3, 0.2, 1e-9], [0.3, 0.7, 1], [0.3, 1.0, 0.3]])
    #expect(ContextPath.between(a, b, share: 0) == a)
    #expect(ContextPath.between(a, b, share: 1) == b)
    let middle = ContextPath.between(a, b, share: 0.5).points
    for (p, (q, r)) in zip(middle, zip(a.points, b.points)) {
      expectClose(p.numbers, zip(q.numbers, r.numbers).map { ($0 + $1) / 2 }, 1e-6)
    }
    let beyond = ContextPath.between(path([[0, 0, 1]]), path([[0, 0, 3]]), share: 1.5)
    #expect(beyond == path([[0, 0, 4]]))
  }

  @Test("a path beside a parallel line is moved along the common normal, by that share of the gap")
  func lines() {
    // Slope 1/2: the normal is (-1, 2)/√5; the lines are 3 apart in context, 6/√5 along it.
    let rows: [Float] = [0, 0.25, 0.5, 0.75, 1]
    let own = path(rows.map { [0.4, $0, 3 + $0 / 2] })
    let other = path(rows.map { [0.4, $0, $0 / 2] })
    for share in [0, 0.5, 1, -0.25] as [Float] {
      let moved = own.translated(by: share, awayFrom: other)
      for (p, q) in zip(moved.points, own.points) {
        expectClose(
          p.numbers, [0.4, q.place.row - share * 1.2, q.context[0] + share * 2.4], 1e-5,
          "share \(share)")
      }
    }
  }

  @Test("a path is moved along its own normal: of a parabola at its vertex straight up")
  func parabola() {
    let rows = (0...20).map { Float($0) / 10 - 1 }
    let own = path(rows.map { [0.4, $0, 1 + $0 * $0] })
    let other = path(rows.map { [0.4, $0, 0] })
    let moved = own.translated(by: 0.5, awayFrom: other)
    expectClose(moved.points[10].numbers, [0.4, 0, 1.5], 1e-6)
    for index in 1..<20 {
      let (p, q) = (moved.points[index], own.points[index])
      let slope = 2 * rows[index]
      // Symmetric differences of a parabola are its slope: the way and the tangent (1, slope).
      let way = (p.place.row - q.place.row, p.context[0] - q.context[0])
      #expect(abs(way.0 + slope * way.1) < 1e-5, "point \(index)")
      let gap = 1 + rows[index] * rows[index]
      let length = (way.0 * way.0 + way.1 * way.1).squareRoot()
      #expect(abs(length - 0.5 * gap / (1 + slope * slope).squareRoot()) < 1e-5, "point \(index)")
      #expect(p.place.time == 0.4 && way.1 > 0)
    }
  }

  @Test("with two numbers of context, too, and where nothing is between the paths nothing moves")
  func twoContexts() {
    let rows: [Float] = [0, 0.5, 1]
    // The path runs along (1, 1, 0); the other lies (0, 0, -2) and, of the last, (-3, -3, 0) off.
    let own = path(rows.map { [0, $0, $0, 5] })
    let below = path(rows.map { [0, $0, $0, 3] })
    let behind = path(rows.map { [0, $0 - 3, $0 - 3, 5] })
    for (p, q) in zip(own.translated(by: 0.5, awayFrom: below).points, own.points) {
      expectClose(p.numbers, [0, q.place.row, q.context[0], 6], 1e-6)
    }
    for (p, q) in zip(own.translated(by: 0.5, awayFrom: behind).points, own.points) {
      expectClose(p.numbers, q.numbers, 1e-6)
    }
    #expect(own.translated(by: 2, awayFrom: own) == own)
  }

  @Test("a path of one row has no direction, so it moves straight away from the other")
  func onePoint() {
    let moved = path([[0, 0.1, 2]]).translated(by: 0.5, awayFrom: path([[0, 0.3, 1]]))
    expectClose(moved.points[0].numbers, [0, 0, 2.5], 1e-6)
  }

  @Test("the gap of two paths is the mean distance of their contexts")
  func gap() {
    #expect(
      ContextPath.gap(path([[0, 0, 1, 1], [0, 1, 0, 0]]), path([[0, 5, 4, 5], [0, 1, 0, 1]])) == 3)
    #expect(ContextPath.gap(path([]), path([])) == 0)
  }

  @Test("one affine map after another is their product")
  func affine() {
    let first = AffineMap(matrix: [[1, 2, 0], [0, 1, -1], [3, 0, 1]], offset: [1, 0, -2])
    let second = AffineMap(matrix: [[0, 1, 0], [2, 0, 1], [1, 1, 1]], offset: [0, 5, 1])
    // second ∘ first, by hand.
    let both = AffineMap(matrix: [[0, 1, -1], [5, 4, 1], [4, 3, 0]], offset: [0, 5, 0])
    for numbers in [[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1], [2, -3, 5]] as [[Float]] {
      let point = DesignPoint(numbers: numbers)
      #expect(second(first(point)) == both(point), "\(numbers)")
    }
    #expect(first(path([[1, 1, 1]])) == path([[4, 0, 2]]))
  }

  @Test("between the templates at 0 and 1 are the templates' own traces, of any pair")
  func traces() throws {
    for shared in [SharedFits.short, SharedFits.shortThree] {
      let fit = try SharedFits.open(shared)
      let last = fit.templates.templates.count - 1
      for time in fit.templates.times {
        for (share, index) in [(0, last), (1, 0)] as [(Float, Int)] {
          var request = ShapeRequest(.between(first: last, second: 0, share: share), times: [time])
          request.hasExactMap = false
          let frame = try fit.shapes(request)[0]
          let rows = fit.templates.templates[index].rows(at: time)
          #expect(frame.path.points == (try fit.relate(rows)))
          #expect(frame.rows == (try fit.generate(fit.relate(rows))))
          request.hasExactMap = true
          let exact = try fit.shapes(request)[0].path.points
          #expect(exact.map(\.place) == fit.templates.rows.map { MapPlace(time: time, row: $0) })
          #expect(exact.map(\.context) == frame.path.points.map(\.context))
        }
      }
    }
  }

  @Test("rows and points are what the networks make of them, worked out again in double precision")
  func networks() throws {
    let fit = try SharedFits.open(SharedFits.short)
    let relational = try PlainNetwork(SharedFits.short.get().bytes, "relational")
    let generative = try PlainNetwork(SharedFits.short.get().bytes, "generative")
    let template = fit.templates.templates[1]
    let points = try fit.relate(template.values)
    for (point, row) in zip(points, template.table) {
      expectClose(point.numbers, relational(row).map { Float($0) }, 1e-5)
    }
    let made = try fit.generate(points)
    let wanted = points.flatMap { generative($0.numbers.map(Double.init)).map { Float($0) } }
    expectClose(made, wanted, 1e-5)
    #expect(try fit.relate([]).isEmpty && fit.generate([]).isEmpty)
  }

  @Test("finer rows come from the template models, the templates' own where they are asked for")
  func rows() throws {
    let fit = try SharedFits.open(SharedFits.short)
    let rows = (0...16).map { Float($0) / 16 }
    let frame = try fit.shapes(
      ShapeRequest(.between(first: 0, second: 1, share: 0), times: [0.8], rows: rows))[0]
    #expect(frame.path.points.map(\.place) == rows.map { MapPlace(time: 0.8, row: $0) })
    #expect(frame.rows.count == 17 * 21)
    let drawn = try fit.rows(ofTemplate: 0, at: rows.map { MapPlace(time: 0.8, row: $0) })
    #expect(frame.path.points.map(\.context) == (try fit.relate(drawn)).map(\.context))
    // A time between those of the templates is the models', too.
    let between = try fit.trace(ofTemplate: 1, at: 0.7)
    let places = fit.templates.rows.map { MapPlace(time: 0.7, row: $0) }
    #expect(between == (try fit.relate(fit.rows(ofTemplate: 1, at: places))))
    #expect(
      try fit.trace(ofTemplate: 1, at: 0.8, rows: fit.templates.rows)
        == fit.trace(ofTemplate: 1, at: 0.8))
  }

  @Test("contexts of one's own and affine maps are taken as they are")
  func constant() throws {
    let fit = try SharedFits.open(SharedFits.shortThree)
    var request = ShapeRequest(.constant([0.25, -1]), times: [0.5])
    #expect(
      try fit.shapes(request)[0].path.points
        == fit.templates.rows.map {
          DesignPoint(MapPlace(time: 0.5, row: $0), context: [0.25, -1])
        })
    request.map = AffineMap(
      matrix: [[1, 0, 0, 0], [0, 0.5, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]], offset: [0, 0, 1, 0])
    #expect(
      try fit.shapes(request)[0].path.points
        == fit.templates.rows.map {
          DesignPoint(MapPlace(time: 0.5, row: $0 / 2), context: [1.25, -1])
        })
    #expect(try fit.shapes(ShapeRequest(.constant([0, 0]), times: [])).isEmpty)
  }

  @Test("the templates' distance from what is made of them again is their round trip")
  func regeneration() throws {
    let fit = try SharedFits.open(SharedFits.short)
    let measures = try FitMeasures(fit)
    let squares = measures.roundTrip.map { $0 * $0 }
    let own = try fit.templateRegenerationError()
    #expect(abs(own - (squares.reduce(0, +) / 2).squareRoot()) < 1e-9)
    for index in 0..<2 {
      let errors = try fit.templateShapes(index).map { $0.regenerationError * $0.regenerationError }
      #expect(abs((errors.reduce(0, +) / 7).squareRoot() - measures.roundTrip[index]) < 1e-9)
    }
    // Of a point: made, found, made again.
    let point = DesignPoint(MapPlace(time: 0.5, row: 0.5), context: [0.3])
    let source = try fit.generate([point])
    let again = try fit.generate(fit.relate(source))
    let found = try fit.regenerationError([point, point])
    #expect(found.count == 2 && found[0] == found[1])
    let wanted = distance([source.map(Double.init)], [again.map(Double.init)])
    #expect(abs(found[0] - wanted) < 1e-9)
  }

  @Test("confidence falls beyond the templates")
  func confidence() throws {
    let fit = try SharedFits.open(SharedFits.petals)
    let own = try fit.templateRegenerationError()
    func error(_ share: Float) throws -> Double {
      try fit.shapes(ShapeRequest(.between(first: 0, second: 1, share: share), times: [1]))[0]
        .regenerationError
    }
    #expect(try error(0.5) < 5 * own)
    #expect(try error(6) > 5 * error(0.5))
  }
}
