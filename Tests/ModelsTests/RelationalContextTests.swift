import FileFormats
import Foundation
import Layers
import Optimizers
import Tensors
import Testing

@testable import Models

/// A case of `golden.safetensors`: weights, rows and a map, and what PyTorch makes of them in
/// float64 by the article's own loop.
private struct GoldenContext {
  let context: RelationalContext
  let rows, target: Tensor
  /// R's and G's rates.
  let rates: (relational: Float, generative: Float)
  /// Names and parameters of both networks, R's first.
  let parameters: [(name: String, parameter: Parameter)]
  private let name: String
  private let file: Safetensors

  static let names = ["grc-article", "grc-no-context", "grc-two-contexts", "grc-elu-at-the-end"]

  init(_ name: String) throws {
    let path = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../Fixtures/golden.safetensors").path
    file = try Safetensors(path: path)
    self.name = name
    let about = try JSONDecoder().decode(
      Description.self, from: Data(file.metadata["atelier.golden", default: ""].utf8))
    let setup = try #require(about.cases[name]?.setup)
    var sizes = RelationalContextConfiguration(rowSize: setup.relational[0])
    sizes.contextSize = setup.relational.last! - RelationalContextConfiguration.mapSize
    sizes.relationalHidden = Array(setup.relational.dropFirst().dropLast())
    sizes.generativeHidden = Array(setup.generative.dropFirst().dropLast())
    sizes.isLastLinear = setup.lastIsLinear
    (sizes.contextTarget, sizes.contextShare) = (setup.contextTarget, setup.contextShare)
    #expect(sizes.relationalSizes == setup.relational && sizes.generativeSizes == setup.generative)
    rates = (setup.relationalRate, setup.generativeRate)
    context = RelationalContext(sizes, seeds: (relational: 1, generative: 2), dtype: .float64)
    parameters =
      context.relational.parameters.trainable.map { ("relational.\($0.name)", $0) }
      + context.generative.parameters.trainable.map { ("generative.\($0.name)", $0) }
    rows = try Self.tensor(file, "\(name)/rows")
    target = context.maskedTarget(map: try Self.tensor(file, "\(name)/map"))
    for (what, parameter) in parameters {
      parameter.assign(try Self.tensor(file, "\(name)/\(what)"))
    }
  }

  private struct Setup: Decodable {
    let relational, generative: [Int]
    let lastIsLinear: Bool
    let contextTarget, contextShare, relationalRate, generativeRate: Float
  }

  /// Cases of other kinds are of no concern.
  private struct Description: Decodable {
    struct Case: Decodable {
      let setup: Setup?
      init(from decoder: any Decoder) throws { setup = try? Setup(from: decoder) }
    }
    let cases: [String: Case]
  }

  private static func tensor(_ file: Safetensors, _ name: String) throws -> Tensor {
    let array = try file.array(named: name)
    return Tensor(array.doubles, shape: array.shape)
  }

  /// PyTorch's numbers.
  func golden(_ what: String) throws -> [Double] {
    try file.array(named: "\(name)/\(what)").doubles
  }

  var losses: (generative: Tensor, relational: Tensor) {
    context.losses(rows: rows, maskedTarget: target)
  }

  /// The gradient of a scalar in every parameter, in order.
  func slopes(of scalar: Tensor) throws -> [[Double]] {
    try gradients(of: scalar, withRespectTo: parameters.map(\.parameter.value)).map {
      try $0.doubles()
    }
  }

  /// Expects these numbers to be PyTorch's to within `allowed`, and says which is not.
  func expect(_ found: [Double], _ what: String, within allowed: Double) throws {
    let wanted = try golden(what)
    try #require(found.count == wanted.count, "\(what)")
    let index = wanted.indices.first { !(abs(found[$0] - wanted[$0]) <= allowed) }
    if let index {
      Issue.record(
        "\(name)/\(what)[\(index)]: \(found[index]), PyTorch \(wanted[index]), ±\(allowed)")
    }
  }
}

/// Both sides work in double precision: only the order of additions and the last bit of exp differ,
/// in sums of up to some thousand terms.
private func rounding(_ values: [Double]) -> Double {
  1e-13 * max(1, values.map(abs).max() ?? 0)
}

@Suite("Generative Relational Context against PyTorch")
struct RelationalContextTests {
  @Test(
    "One pass back from the sum of the losses gives what the article's two passes give each network",
    arguments: GoldenContext.names)
  func gradientsOfBoth(_ name: String) throws {
    let golden = try GoldenContext(name)
    let losses = golden.losses
    for (what, loss) in [("lossG", losses.generative), ("lossR", losses.relational)] {
      try golden.expect([loss.scalar()], what, within: rounding(golden.golden(what)))
    }
    let found = try golden.slopes(of: losses.generative + losses.relational)
    for ((what, _), slopes) in zip(golden.parameters, found) {
      try golden.expect(slopes, "d\(what)", within: rounding(golden.golden("d\(what)")))
    }
  }

  @Test("The generative loss goes back through G and into all of R", arguments: GoldenContext.names)
  func generativeLoss(_ name: String) throws {
    let golden = try GoldenContext(name)
    let found = try golden.slopes(of: golden.losses.generative)
    for ((what, _), slopes) in zip(golden.parameters, found) {
      let wanted = "dlossG.\(what)"
      try golden.expect(slopes, wanted, within: rounding(golden.golden(wanted)))
      // PyTorch's own numbers: no parameter, nor any of R's outputs, is left without.
      #expect(slopes.allSatisfy { $0 != 0 }, "\(wanted)")
    }
  }

  @Test("The relational loss leaves G without gradient", arguments: GoldenContext.names)
  func relationalLoss(_ name: String) throws {
    let golden = try GoldenContext(name)
    let found = try golden.slopes(of: golden.losses.relational)
    for ((what, _), slopes) in zip(golden.parameters, found) {
      if what.hasPrefix("generative") {
        #expect(slopes.allSatisfy { $0 == 0 }, "\(what)")
        continue
      }
      let (both, generative) = (try golden.golden("d\(what)"), try golden.golden("dlossG.\(what)"))
      let index = both.indices.first {
        abs(slopes[$0] - (both[$0] - generative[$0])) > rounding(both)
      }
      if let index {
        Issue.record("\(name), \(what)[\(index)]: \(slopes[index]) of \(both[index])")
      }
    }
  }

  @Test("Updates by an Adam a network end where PyTorch's do", arguments: GoldenContext.names)
  func updates(_ name: String) throws {
    let golden = try GoldenContext(name)
    let (relational, generative) = (
      golden.context.relational.parameters, golden.context.generative.parameters
    )
    let optimizers = (Adam(relational), Adam(generative))
    let largest = Double(max(golden.rates.relational, golden.rates.generative))
    for step in 1...5 {
      let losses = golden.losses
      let all = gradients(
        of: losses.generative + losses.relational,
        withRespectTo: golden.parameters.map(\.parameter.value))
      optimizers.0.step(
        Array(all[..<relational.trainable.count]), rate: golden.rates.relational)
      optimizers.1.step(
        Array(all[relational.trainable.count...]), rate: golden.rates.generative)
      guard [1, 5].contains(step) else { continue }
      for (what, parameter) in golden.parameters {
        // The corrections 1 − βᵗ are float32 numbers here, so each update is known to 2⁻²³ of
        // itself, and none is much longer than the rate.
        try golden.expect(
          parameter.value.doubles(), "after\(step).\(what)",
          within: 0x1p-23 * largest * Double(step))
      }
    }
  }

  @Test("The mask leaves the square of its share of the context's gradient, and all of the map's")
  func mask() throws {
    var sizes = RelationalContextConfiguration(rowSize: 5)
    (sizes.contextSize, sizes.contextTarget) = (2, 0.25)
    // A share of .05 as the float32 number that the networks take: its square is .0025 to 3e-8.
    let share = Double(sizes.contextShare)
    #expect(abs(share * share - 0.0025) < 1e-10)
    var plain = sizes
    plain.contextShare = 1
    let (masked, unmasked) = (
      RelationalContext(sizes, seeds: (relational: 3, generative: 4), dtype: .float64),
      RelationalContext(plain, seeds: (relational: 3, generative: 4), dtype: .float64)
    )
    for seed in 0..<9 {
      // Of a single row the last layer's bias has the gradient of R's output itself.
      let key = RandomKey(seed: UInt64(seed))
      let row = Tensor.normal([1, 5], key: key, dtype: .float64)
      let map = Tensor.uniform([1, 2], key: key, dtype: .float64)
      func slopes(_ context: RelationalContext) throws -> [Double] {
        let loss = context.losses(rows: row, maskedTarget: context.maskedTarget(map: map))
          .relational
        let bias = context.relational.parameters.trainable.last!
        #expect(bias.shape == [4])
        return try gradients(of: loss, withRespectTo: [bias.value])[0].doubles()
      }
      let (found, whole) = (try slopes(masked), try slopes(unmasked))
      #expect(found[..<2] == whole[..<2], "seed \(seed): the map")
      let output = try masked.relate(row).doubles()
      let target = try map.doubles() + [0.25, 0.25]
      for index in 0..<4 {
        let full = 2 * (output[index] - target[index])
        #expect(abs(whole[index] - full) <= 4 * full.ulp, "seed \(seed), output \(index)")
      }
      for index in 2..<4 {
        // Differences of nearly equal numbers would lose digits; these are of order 1.
        let expected = share * share * whole[index]
        #expect(
          abs(found[index] - expected) <= 1e-15 * max(abs(expected), share * share),
          "seed \(seed), context \(index - 2): \(found[index]), expected \(expected)")
      }
    }
  }

  @Test("Without a context nothing but the map is asked for")
  func noContext() throws {
    var sizes = RelationalContextConfiguration(rowSize: 3)
    sizes.contextSize = 0
    let context = RelationalContext(sizes, seeds: (relational: 5, generative: 6), dtype: .float64)
    let rows = Tensor.normal([4, 3], key: RandomKey(seed: 7), dtype: .float64)
    let map = Tensor.uniform([4, 2], key: RandomKey(seed: 8), dtype: .float64)
    #expect(context.maskedTarget(map: map).shape == [4, 2])
    let expected = zip(try context.relate(rows).doubles(), try map.doubles())
      .reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    let found = try context.losses(rows: rows, maskedTarget: context.maskedTarget(map: map))
      .relational.scalar()
    #expect(abs(found - expected) <= 1e-14 * expected)
    #expect(context.generate(context.relate(rows)).shape == [4, 3])
  }
}
