import FileFormats
import Foundation
import Models
import Testing

@testable import RelationalContext

/// What Generative Relational Context promises, of whole fits, by arithmetic that shares nothing with
/// the program's: ``PlainFit``.
@Suite("A whole fit")
struct ClaimTests {
  @Test("has the article's networks: 541 numbers in the generator")
  func sizes() throws {
    let fit = try PlainFit(SharedFits.petals.get())
    #expect(fit.sizes.relational == [21, 15, 10, 3] && fit.sizes.generative == [3, 10, 15, 21])
    #expect(fit.templateModels.map(\.sizes) == [[2, 10, 15, 21], [2, 10, 15, 21]])
    let numbers = zip(fit.sizes.generative, fit.sizes.generative.dropFirst())
      .reduce(0) { $0 + $1.0 * $1.1 + $1.1 }
    #expect(numbers == 541)
    #expect(fit.factor == 1)
    let outcome = try SharedFits.petals.get().outcome
    #expect(outcome.epoch == 100_000 && outcome.isComplete && outcome.epochsMade == 100_000)
  }

  @Test("keeps every promise of petals: models, round trips, contexts, between and beyond")
  func petals() throws {
    #expect(try PlainFit(SharedFits.petals.get()).broken == [])
  }

  @Test("keeps every promise of at least 8 of 10 pairs that nobody tuned anything for")
  func generatedPairs() throws {
    var broken: [String: [String]] = [:]
    for seed in 10..<20 as Range<UInt64> {
      let fit = try TinyFit.whole(.petals(seed: seed), seed: 1).saved()
      let pair = try FitMeasures(FittedContext(fit.checkpoint)).pairs[0]
      let degenerate = pair.beyond.first.degenerateFaces + pair.beyond.second.degenerateFaces
      broken["petals:\(seed)"] =
        try PlainFit(fit).broken + (degenerate > 0 ? ["degenerate faces"] : [])
    }
    #expect(broken.values.count(where: \.isEmpty) >= 8, "\(broken)")
  }

  @Test("of three petals keeps all promises but that of edges beyond them")
  func threePetals() throws {
    let broken = try PlainFit(SharedFits.three.get()).broken
    #expect(broken.filter { !$0.hasPrefix("strain beyond") } == [])
  }

  @Test("is told as it is", arguments: [2, 3])
  func told(templates: Int) throws {
    let shared = templates == 2 ? SharedFits.petals : SharedFits.three
    let fit = try PlainFit(shared.get())
    let told = try FitMeasures(SharedFits.open(shared))
    let count = fit.templates.templates.count
    #expect(fit.sizes.relational.last == 2 + count - 1)
    #expect(told.pairs.count == count * (count - 1) / 2)
    for index in 0..<count {
      #expect(abs(fit.templateError(index) - Double(told.templateErrors[index])) < 1e-5)
      #expect(abs(fit.roundTrip(index) - told.roundTrip[index]) < 1e-6)
    }
    #expect(told.roundTripRMS == told.roundTrip.max())
    #expect(told.continuousRoundTrip.allSatisfy { $0 <= 0.015 }, "\(told.continuousRoundTrip)")
    for pair in told.pairs { expectTold(pair, fit) }
  }

  private func expectTold(_ pair: PairMeasures, _ fit: PlainFit) {
    let (first, second) = pair.templates
    let apart = fit.apart(first, second)
    let correlation = spearman(apart.map(\.shapes), apart.map(\.contexts))
    #expect(abs(correlation - pair.correlation) < 1e-9)
    for (found, told) in zip(apart, pair.times) {
      #expect(abs(found.shapes - told.shapes) < 1e-6)
      #expect(abs(found.contexts - told.contexts) < 1e-4)
    }
    let own = fit.interpolation(first, second, hasExactMap: false)
    let exact = fit.interpolation(first, second, hasExactMap: true)
    #expect(pair.stepsBackwards == (own.backwards, exact.backwards))
    #expect(abs(pair.endError.own - own.ends) < 1e-5)
    #expect(abs(pair.endError.exact - exact.ends) < 1e-5)
    for (told, (near, far)) in [
      (pair.beyond.second, (second, first)), (pair.beyond.first, (first, second)),
    ] {
      let found = fit.extrapolation(far, near)
      #expect(abs(max(told.stretch, told.compression) - found.strain) < 1e-3 * found.strain)
      #expect(abs(told.leastDistance - found.nearest) < 1e-3)
      #expect(told.degenerateFaces == 0)
      #expect(told.failingRadius.map { ($0 > 0.5) == (found.strain < 2) } ?? (found.strain < 2))
    }
  }

  @Test("tells the last epochs' losses, which the networks still have")
  func losses() throws {
    let fit = try PlainFit(SharedFits.petals.get())
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
    let fit = try PlainFit(SharedFits.petals.get())
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
}
