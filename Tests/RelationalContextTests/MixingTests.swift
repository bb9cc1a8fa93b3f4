import Foundation
import Models
import Tensors
import Testing

@testable import RelationalContext

/// What an epoch's rows are mixed of, worked out from the rows themselves: the weights of a mix are
/// where it lies between the templates.
@Suite("Mixes of templates")
struct MixingTests {
  /// Weights of the first of two template models in every row of some epochs.
  private func shares(
    epochs: Int = 40, _ change: (inout FitConfiguration) -> Void
  ) throws -> [[Double]] {
    let set = TemplateSet.petals
    var configuration = FitConfiguration()
    change(&configuration)
    let models = [1, 2].map {
      Perceptron(configuration.templateSizes(rowSize: set.rowSize), seed: UInt64($0))
    }
    let mixer = TemplateMixer(set, templateModels: models, configuration, on: .cpu)
    return try (1...epochs).map { epoch in
      let (rows, map) = mixer.draw(epoch: epoch)
      let ends = try models.map { model in
        try model.parameters.frozen { model(map) }.floats().map(Double.init)
      }
      let mixed = try rows.floats().map(Double.init)
      return stride(from: 0, to: mixed.count, by: set.rowSize).map { first in
        let row = first..<first + set.rowSize
        let way = row.map { ends[0][$0] - ends[1][$0] }
        let length = way.reduce(0) { $0 + $1 * $1 }
        let share = zip(row, way).reduce(0) { $0 + (mixed[$1.0] - ends[1][$1.0]) * $1.1 } / length
        // The mix lies on the line through both.
        for (number, way) in zip(row, way) {
          #expect(abs(ends[1][number] + share * way - mixed[number]) < 1e-5)
        }
        return share
      }
    }
  }

  @Test("go beyond templates by the margin and no further", arguments: [0, 0.15, 0.5] as [Float])
  func margin(margin: Float) throws {
    let shares = try shares { $0.mixingMargin = margin }.flatMap(\.self)
    let margin = Double(margin)
    #expect(shares.min()! >= -margin - 1e-4 && shares.max()! <= 1 + margin + 1e-4)
    // Of 1960 rows some come near to either end.
    #expect(shares.min()! < 0.01 - margin && shares.max()! > 0.99 + margin)
    #expect(abs(shares.reduce(0, +) / Double(shares.count) - 0.5) < 0.05)
  }

  @Test(
    "have weights uniform to the power asked for",
    arguments: [(nil, 2), (1, 1), (3, 3)] as [(Float?, Double)])
  func power(asked: Float?, power: Double) throws {
    let shares = try shares {
      $0.mixingMargin = 0
      $0.mixingPower = asked
    }.flatMap(\.self).sorted()
    // u^p / (u^p + (1 − u)^p) rises with u, so that its quantiles are those of uniform numbers.
    for quantile in [0.05, 0.25, 0.5, 0.75, 0.95] {
      let (a, b) = (pow(quantile, power), pow(1 - quantile, power))
      let found = shares[Int(quantile * Double(shares.count))]
      #expect(abs(found - a / (a + b)) < 0.05, "\(quantile): \(found)")
    }
  }

  @Test("have a weight for each row, or for all of an epoch")
  func perRow() throws {
    for row in try shares(epochs: 5, { $0.mixing = .row }) { #expect(Set(row).count > 40) }
    for row in try shares(epochs: 5, { $0.mixing = .epoch }) {
      #expect(row.allSatisfy { abs($0 - row[0]) < 1e-4 })
    }
  }

  @Test("of three templates have weights that add up to 1, none below the margin")
  func three() throws {
    let set = TemplateSet.petals(seed: 3, count: 3)
    var configuration = FitConfiguration()
    configuration.mixingMargin = 0.2
    let sizes = configuration.templateSizes(rowSize: set.rowSize)
    let models = (1...3).map { Perceptron(sizes, seed: $0) }
    let mixer = TemplateMixer(set, templateModels: models, configuration, on: .cpu)
    var (least, most) = (1.0, 0.0)
    for epoch in 1...40 {
      let (rows, map) = mixer.draw(epoch: epoch)
      let ends = try models.map { model in
        try model.parameters.frozen { model(map) }.floats().map(Double.init)
      }
      let mixed = try rows.floats().map(Double.init)
      for first in stride(from: 0, to: mixed.count, by: set.rowSize) {
        let weights = weights(of: mixed, ends, first..<first + set.rowSize)
        least = min(least, weights.min()!)
        most = max(most, weights.max()!)
      }
    }
    #expect(least >= -0.2 - 1e-3 && least < -0.19)
    #expect(most <= 1.4 + 1e-3 && most > 1.35)
  }

  /// Least squares of two weights, the third is what is left to 1.
  private func weights(of mixed: [Double], _ ends: [[Double]], _ row: Range<Int>) -> [Double] {
    var (aa, ab, bb, ay, by) = (0.0, 0.0, 0.0, 0.0, 0.0)
    for number in row {
      let (a, b) = (ends[0][number] - ends[2][number], ends[1][number] - ends[2][number])
      let y = mixed[number] - ends[2][number]
      (aa, ab, bb) = (aa + a * a, ab + a * b, bb + b * b)
      (ay, by) = (ay + a * y, by + b * y)
    }
    let determinant = aa * bb - ab * ab
    let (first, second) = ((ay * bb - by * ab) / determinant, (aa * by - ab * ay) / determinant)
    return [first, second, 1 - first - second]
  }
}
