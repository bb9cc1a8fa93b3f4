import Testing

@testable import Drawing

@Suite("ticks")
struct TickTests {
  struct Row: CustomTestStringConvertible {
    var range: ClosedRange<Double>
    var count = 5
    var scale = Axis.Scale.linear
    var labels: [String]
    var testDescription: String { "\(range), \(count), \(scale)" }
  }

  @Test(
    "steps are 1, 2 or 5 times a power of ten, with as many decimals as they need",
    arguments: [
      Row(range: 0...1, labels: ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
      Row(range: 0...1.1, labels: ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
      Row(range: -1...1, count: 4, labels: ["−1.0", "−0.5", "0", "0.5", "1.0"]),
      Row(range: 3...17, labels: ["4", "6", "8", "10", "12", "14", "16"]),
      Row(range: 0...100_000, labels: ["0", "20,000", "40,000", "60,000", "80,000", "100,000"]),
      Row(range: 0...4000, count: 4, labels: ["0", "1000", "2000", "3000", "4000"]),
      Row(range: 0...3e6, count: 3, labels: ["0", "10⁶", "2×10⁶", "3×10⁶"]),
      Row(range: 0...2e-7, count: 2, labels: ["0", "10⁻⁷", "2×10⁻⁷"]),
      Row(range: 0.1...0.3, count: 4, labels: ["0.10", "0.15", "0.20", "0.25", "0.30"]),
      Row(range: 1e6...1.002e6, count: 2, labels: ["1.000×10⁶", "1.001×10⁶", "1.002×10⁶"]),
      Row(range: 1e-4...1, scale: .logarithmic, labels: ["10⁻⁴", "10⁻³", "10⁻²", "10⁻¹", "10⁰"]),
      Row(range: 1e-9...1, count: 3, scale: .logarithmic, labels: ["10⁻⁹", "10⁻⁶", "10⁻³", "10⁰"]),
      Row(range: 0.3...6, scale: .logarithmic, labels: ["0.5", "1", "2", "5"]),
    ])
  func table(_ row: Row) {
    let ticks = Tick.nice(in: row.range, row.scale, count: row.count)
    #expect(ticks.map(\.label) == row.labels)
    #expect(ticks.allSatisfy { row.range.contains($0.value) })
  }

  @Test(
    "an axis without a range goes out to whole ticks",
    arguments: [
      ([0.03, 0.97], 0...1.0), ([-0.31, 0.29], -0.4...0.3), ([0, 100_000], 0...100_000),
      ([.nan, 2, .infinity, 9], 2...9), ([], 0...1), ([4, 4], 3.6...4.4), ([0], -0.6...0.6),
    ] as [([Double], ClosedRange<Double>)])
  func ranges(_ values: [Double], range: ClosedRange<Double>) {
    let ruler = Ruler(Axis(), holding: values, count: 5)
    #expect(abs(ruler.range.lowerBound - range.lowerBound) < 1e-9, "\(ruler.range)")
    #expect(abs(ruler.range.upperBound - range.upperBound) < 1e-9, "\(ruler.range)")
  }

  @Test("a logarithmic axis takes equal steps for equal ratios and has no place for the rest")
  func logarithmic() {
    let ruler = Ruler(Axis(scale: .logarithmic), holding: [-1, 0, 0.02, 50], count: 5)
    #expect(abs(ruler.range.lowerBound - 0.01) < 1e-12 && abs(ruler.range.upperBound - 100) < 1e-9)
    #expect(abs((ruler.position(1) ?? 0) - 0.5) < 1e-12)
    #expect(ruler.position(0) == nil && ruler.position(-1) == nil && ruler.position(.nan) == nil)
  }

  @Test("names move as little as they can to keep their distance")
  func spreading() {
    #expect(spread([5, 1, 9], distance: 2, within: 0...10) == [5, 1, 9])
    // Two on one place part evenly; equal ones keep their order.
    #expect(spread([5, 5], distance: 2, within: 0...10) == [4, 6])
    // A chain: the third pushes both. Their wishes less the distances, 4, 3 and 1.5, have the mean
    // 17/6.
    let chain = spread([4, 5, 5.5], distance: 2, within: 0...10)
    for (rank, place) in chain.enumerated() {
      #expect(abs(place - 17.0 / 6 - 2 * Double(rank)) < 1e-12, "\(chain)")
    }
    #expect(spread([0, 0, 0], distance: 2, within: 0...10) == [0, 2, 4])
    #expect(spread([10, 10], distance: 2, within: 0...10) == [8, 10])
    #expect(spread([], distance: 2, within: 0...10) == [])
    // More than there is room for: they keep their distance and go on beyond the end.
    #expect(spread([1, 1, 1], distance: 2, within: 0...2) == [0, 2, 4])
  }
}
