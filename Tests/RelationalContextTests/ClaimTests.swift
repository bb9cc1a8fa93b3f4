import FileFormats
import Foundation
import Models
import Testing

@testable import RelationalContext

/// What Generative Relational Context promises, of whole fits, by arithmetic that shares nothing with
/// the program's: the networks are worked out again in double precision from a checkpoint's bytes.
@Suite("A whole fit")
struct ClaimTests {
  /// A fit as someone else would read it from the file.
  struct Reading {
    let templates: TemplateSet
    private let relational, generative: PlainNetwork
    let templateModels: [PlainNetwork]
    let times, rows: [Float]
    /// What networks see is coordinates divided by it; petals of about 1 are as they are.
    let factor: Double

    init(_ fit: Result<SavedFit, any Error>) throws {
      let fit = try fit.get()
      templates = fit.checkpoint.templates
      relational = try PlainNetwork(fit.bytes, "relational")
      generative = try PlainNetwork(fit.bytes, "generative")
      templateModels = try templates.templates.indices.map {
        try PlainNetwork(fit.bytes, "templateModel.\($0)")
      }
      (times, rows) = (templates.times, templates.rows)
      factor = Double(templates.scale.factors[0])
      #expect(templates.scale.factors.allSatisfy { Double($0) == factor })
      #expect(templates.scale.offsets.allSatisfy { $0 == 0 })
    }

    var sizes: (relational: [Int], generative: [Int]) { (relational.sizes, generative.sizes) }

    /// Place and context of a row.
    func relate(_ row: [Double]) -> [Double] { relational(row.map { $0 / factor }) }

    /// The row at a place and context.
    func generate(_ point: [Double]) -> [Double] { generative(point).map { $0 * factor } }

    func shape(_ template: Int, _ time: Float) -> [[Double]] {
      let numbers = templates.templates[template].rows(at: time).map(Double.init)
      return stride(from: 0, to: numbers.count, by: 21).map { Array(numbers[$0..<$0 + 21]) }
    }

    /// Place and context of every row.
    func trace(_ template: Int, _ time: Float) -> [[Double]] {
      shape(template, time).map { relate($0) }
    }

    /// The same with the exact place.
    func exactTrace(_ template: Int, _ time: Float) -> [[Double]] {
      zip(rows, trace(template, time)).map { [Double(time), Double($0)] + $1[2...] }
    }

    func roundTrip(_ template: Int) -> Double {
      let table = templates.templates[template].table
      return distance(table, table.map { generate(relate($0)) })
    }

    func apart(_ first: Int, _ second: Int) -> [(shapes: Double, contexts: Double)] {
      times.map { time in
        let contexts = zip(trace(first, time), trace(second, time)).map { a, b in
          zip(a[2...], b[2...]).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
        }
        return (
          distance(shape(first, time), shape(second, time)),
          contexts.reduce(0, +) / Double(contexts.count)
        )
      }
    }
  }

  /// Ranks by sorting, then Pearson's correlation of them.
  static func spearman(_ a: [Double], _ b: [Double]) -> Double {
    func ranks(_ values: [Double]) -> [Double] {
      let sorted = values.sorted()
      return values.map { value in
        let same = sorted.indices.filter { sorted[$0] == value }
        return Double(same.first! + same.last!) / 2
      }
    }
    let (x, y) = (ranks(a), ranks(b))
    let (mx, my) = (x.reduce(0, +) / Double(x.count), y.reduce(0, +) / Double(y.count))
    let top = zip(x, y).reduce(0) { $0 + ($1.0 - mx) * ($1.1 - my) }
    let bottom =
      x.reduce(0) { $0 + ($1 - mx) * ($1 - mx) } * y.reduce(0) { $0 + ($1 - my) * ($1 - my) }
    return top / bottom.squareRoot()
  }

  @Test("has the article's networks: 541 numbers in the generator")
  func sizes() throws {
    let fit = try Reading(SharedFits.petals)
    #expect(fit.sizes.relational == [21, 15, 10, 3] && fit.sizes.generative == [3, 10, 15, 21])
    #expect(fit.templateModels.map(\.sizes) == [[2, 10, 15, 21], [2, 10, 15, 21]])
    let numbers = zip(fit.sizes.generative, fit.sizes.generative.dropFirst())
      .reduce(0) { $0 + $1.0 * $1.1 + $1.1 }
    #expect(numbers == 541)
    #expect(fit.factor == 1)
    let outcome = try SharedFits.petals.get().outcome
    #expect(outcome.epoch == 100_000 && outcome.isComplete && outcome.epochsMade == 100_000)
  }

  @Test("has template models whose every point is within .005")
  func templateModels() throws {
    let fit = try Reading(SharedFits.petals)
    let told = try SharedFits.open(SharedFits.petals).templateErrors
    for (index, model) in fit.templateModels.enumerated() {
      var worst = 0.0
      for (place, row) in zip(fit.templates.grid, fit.templates.templates[index].table) {
        let found = model([Double(place.time), Double(place.row)])
        for point in 0..<7 {
          let square = (0..<3).reduce(0.0) {
            $0 + (found[7 * $1 + point] - row[7 * $1 + point])
              * (found[7 * $1 + point] - row[7 * $1 + point])
          }
          worst = max(worst, square.squareRoot())
        }
      }
      #expect(worst <= 0.005, "template \(index)")
      #expect(abs(worst - Double(told[index])) < 1e-5, "\(worst) told as \(told[index])")
    }
  }

  @Test("makes both templates again of place and context, within .01")
  func roundTrip() throws {
    let fit = try Reading(SharedFits.petals)
    let told = try FitMeasures(SharedFits.open(SharedFits.petals))
    for index in 0..<2 {
      let found = fit.roundTrip(index)
      #expect(found <= 0.01, "template \(index)")
      #expect(abs(found - told.roundTrip[index]) < 1e-6)
    }
    #expect(told.roundTripRMS == told.roundTrip.max())
    #expect(told.continuousRoundTrip.allSatisfy { $0 <= 0.015 }, "\(told.continuousRoundTrip)")
  }

  @Test("tells the last epochs' losses, which the networks still have")
  func losses() throws {
    let fit = try Reading(SharedFits.petals)
    let losses = try #require(try SharedFits.petals.get().outcome.losses)
    // Of the templates themselves, which are mixes' corners and thus harder than most.
    let sums = (0..<2).map { index in
      let table = fit.templates.templates[index].table
      return zip(table, table.map { fit.generate(fit.relate($0)) }).reduce(0.0) {
        $0 + zip($1.0, $1.1).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      }
    }
    #expect(losses.generative > sums.min()! / 20 && losses.generative < sums.max()! * 2)
    #expect(losses.relational > 0 && losses.relational < 1)
  }

  @Test("has contexts that coincide in the bud and part as the shapes do")
  func contexts() throws {
    let fit = try Reading(SharedFits.petals)
    let apart = fit.apart(0, 1)
    #expect(apart[0].contexts == 0 && apart[1].contexts == 0)
    let correlation = Self.spearman(apart.map(\.shapes), apart.map(\.contexts))
    #expect(correlation >= 0.9, "\(apart)")
    let told = try FitMeasures(SharedFits.open(SharedFits.petals)).pairs[0]
    #expect(abs(told.correlation - correlation) < 1e-9)
    for (found, told) in zip(apart, told.times) {
      #expect(abs(found.shapes - told.shapes) < 1e-6)
      #expect(abs(found.contexts - told.contexts) < 1e-4)
    }
  }

  @Test(
    "goes from the first template to the second without a step back, and starts and ends there",
    arguments: [(false, 0.01), (true, 0.03)])
  func interpolation(hasExactMap: Bool, endBound: Double) throws {
    let fit = try Reading(SharedFits.petals)
    for time in fit.times.dropFirst(2) {
      let (a, b) = (fit.shape(0, time), fit.shape(1, time))
      let traces = [0, 1].map { hasExactMap ? fit.exactTrace($0, time) : fit.trace($0, time) }
      var last = -Double.infinity
      for step in 0...20 {
        let share = Double(step) / 20
        let shape = zip(traces[0], traces[1]).map { p, q in
          fit.generate(zip(p, q).map { $0 + share * ($1 - $0) })
        }
        var projection = 0.0
        for (row, (a, b)) in zip(shape, zip(a, b)) {
          for (x, (a, b)) in zip(row, zip(a, b)) { projection += (x - a) * (b - a) }
        }
        #expect(projection > last, "time \(time), step \(step)")
        last = projection
        if step == 0 { #expect(distance(shape, a) <= endBound, "time \(time)") }
        if step == 20 { #expect(distance(shape, b) <= endBound, "time \(time)") }
      }
    }
    let told = try FitMeasures(SharedFits.open(SharedFits.petals)).pairs[0]
    #expect(told.stepsBackwards == (0, 0))
    #expect(hasExactMap ? told.endError.exact <= endBound : told.endError.own <= endBound)
  }

  @Test("goes on beyond the second template: whole meshes, no edge twice as long or half as long")
  func extrapolation() throws {
    let fit = try Reading(SharedFits.petals)
    let told = try FitMeasures(SharedFits.open(SharedFits.petals)).pairs[0].beyond.second
    var (strain, nearest) = (1.0, Double.infinity)
    let far = fit.apart(0, 1).map(\.shapes).max()!
    for (time, apart) in zip(fit.times, fit.apart(0, 1)) where apart.shapes > far / 10 {
      let (other, own) = (fit.exactTrace(0, time), fit.exactTrace(1, time))
      let beyond = own.indices.map { row -> [Double] in
        let (p, q) = (own[row], other[row])
        let (next, before) = (own[min(row + 1, 6)], own[max(row - 1, 0)])
        let way = (p[1] - q[1], p[2] - q[2])
        let tangent = (next[1] - before[1], next[2] - before[2])
        let along =
          (way.0 * tangent.0 + way.1 * tangent.1)
          / (tangent.0 * tangent.0 + tangent.1 * tangent.1)
        return fit.generate([
          p[0], p[1] + 0.5 * (way.0 - along * tangent.0), p[2] + 0.5 * (way.1 - along * tangent.1),
        ])
      }
      let (a, b) = (fit.shape(0, time), fit.shape(1, time))
      nearest = min(nearest, min(distance(beyond, a), distance(beyond, b)) / apart.shapes)
      // Every edge along a row and from row to row.
      for row in 0..<7 {
        for column in 0..<7 {
          for (r, c) in [(row, column + 1), (row + 1, column)] where r < 7 && c < 7 {
            func length(_ shape: [[Double]]) -> Double {
              (0..<3).reduce(0.0) { sum, axis in
                let d = shape[r][7 * axis + c] - shape[row][7 * axis + column]
                return sum + d * d
              }.squareRoot()
            }
            if length(b) > 0 {
              strain = max(strain, length(beyond) / length(b), length(b) / length(beyond))
            }
          }
        }
      }
    }
    #expect(strain < 2 && nearest >= 0.2)
    #expect(abs(max(told.stretch, told.compression) - strain) < 1e-3 * strain)
    #expect(abs(told.leastDistance - nearest) < 1e-3)
    #expect(told.degenerateFaces == 0)
    #expect(told.failingRadius.map { $0 > 0.5 } ?? true)
  }

  @Test("needs its context, its mask and its loop: without them it is worse, as promised")
  func ablations() throws {
    let fit = try SharedFits.open(SharedFits.petals)
    let measures = try FitMeasures(fit)
    let ablations = try #require(try Ablations(fit))
    // The mean of both templates is the best that the exact map can tell.
    #expect(ablations.exactMap >= measures.differingMean * 0.99)
    #expect(ablations.exactMap >= 10 * measures.differingRoundTrip)
    #expect(ablations.noContext >= 3 * measures.differingRoundTrip)
    #expect(measures.contextRange >= 5 * ablations.unmaskedRange)
  }

  @Test("measures the rows that differ more than the median row by themselves")
  func differingRows() throws {
    let fit = try Reading(SharedFits.petals)
    let (a, b) = (fit.templates.templates[0].table, fit.templates.templates[1].table)
    let differences = zip(a, b).map { distance([$0], [$1]) }
    let median = differences.sorted()[24]
    let rows = differences.indices.filter { differences[$0] > median }
    #expect(rows.count == 24)
    let wanted = rows.map { a[$0] } + rows.map { b[$0] }
    let mean = rows.map { row in zip(a[row], b[row]).map { ($0 + $1) / 2 } }
    let told = try FitMeasures(SharedFits.open(SharedFits.petals))
    let again = wanted.map { fit.generate(fit.relate($0)) }
    #expect(abs(told.differingRoundTrip - distance(again, wanted)) < 1e-6)
    #expect(abs(told.differingMean - distance(mean + mean, wanted)) < 1e-6)
  }

  @Test("holds of petals that nobody tuned anything for, two and three of them")
  func others() throws {
    for shared in [SharedFits.generated, SharedFits.three] {
      let fit = try Reading(shared)
      let name = fit.templates.name
      let told = try FitMeasures(SharedFits.open(shared))
      let count = fit.templates.templates.count
      #expect(fit.sizes.relational.last == 2 + count - 1)
      #expect(told.pairs.count == count * (count - 1) / 2)
      for index in 0..<count {
        #expect(fit.roundTrip(index) <= 0.01, "\(name), template \(index)")
        #expect(abs(fit.roundTrip(index) - told.roundTrip[index]) < 1e-6)
        #expect(told.templateErrors[index] <= 0.005, "\(name), template \(index)")
      }
      for pair in told.pairs {
        let apart = fit.apart(pair.templates.0, pair.templates.1)
        let correlation = Self.spearman(apart.map(\.shapes), apart.map(\.contexts))
        #expect(apart[0].contexts == 0 && apart[1].contexts == 0, "\(name) \(pair.templates)")
        #expect(correlation >= 0.9, "\(name) \(pair.templates): \(apart)")
        #expect(abs(correlation - pair.correlation) < 1e-9)
        #expect(pair.stepsBackwards.own == 0, "\(name) \(pair.templates)")
      }
    }
  }
}
