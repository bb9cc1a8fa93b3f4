import Testing

@testable import Tensors

extension GradientCase: CustomTestStringConvertible {
  var testDescription: String { name }
}

@Suite("Gradients")
struct GradientTests {
  private let device: Device

  init() throws { device = Device(backend: try TestBackends.cpu(.best, threads: 2)) }

  @Test("rules are the derivatives of what they belong to", arguments: GradientTable.cases)
  func firstOrder(_ row: GradientCase) throws {
    let loss = { row.weighted(row.function($0), stream: 100) }
    let point = row.point(on: device)
    let expected = try centralDifferences(at: point, of: loss)
    for recorded in [false, true] {
      let (_, found) = valueAndGradient(at: point, recorded: recorded, of: loss)
      let departure = try firstDeparture(found, expected)
      #expect(departure == nil, "\(row.name), seed \(row.seed), recorded \(recorded)")
    }
  }

  @Test("recorded gradients have the right gradients", arguments: GradientTable.cases)
  func secondOrder(_ row: GradientCase) throws {
    let point = row.point(on: device)
    // Every input's gradient, each weighted anew, as one number.
    func slope(_ inputs: [Tensor], recorded: Bool) -> Tensor {
      let tracked = inputs.map { $0.isTracked ? $0 : $0.tracked() }
      let first = gradients(
        of: row.weighted(row.function(tracked), stream: 100), withRespectTo: tracked,
        recorded: recorded)
      return first.enumerated().map { row.weighted($1, stream: 200 + UInt32($0)) }.reduce(
        Tensor(0, dtype: .float64, on: device), +)
    }
    let expected = try centralDifferences(at: point) { slope($0, recorded: false) }
    let (_, found) = valueAndGradient(at: point) { slope($0, recorded: true) }
    let departure = try firstDeparture(found, expected)
    #expect(departure == nil, "\(row.name), seed \(row.seed)")
  }
}
