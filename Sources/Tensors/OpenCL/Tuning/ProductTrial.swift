import Foundation

/// One product on a device, with operands of noise and the result that it must have.
///
/// That is the CPU's: to the bit where both sum in the same order. Elsewhere the heuristic's tile
/// must agree with the CPU within rounding, and every other tile with it to the bit, since a tile
/// decides nothing but speed.
final class ProductTrial {
  private let item: ProductCase
  private let backend: OpenCLBackend
  let heuristic: ProductPlan
  private let a, b, c: Operand
  private let untouched: [Float]
  private var expected: [Float]
  private var tolerance: Float

  /// Why a candidate must not be chosen.
  struct Failure: Error, Equatable {
    let reason: String
  }

  /// Elements before and behind the result that must stay as they are.
  private static let margin = 1024
  /// What they are, and the result is before: a NaN that no arithmetic makes.
  private static let sentinel = Float(bitPattern: 0x7FC0_DEAD)

  /// Computes the product on the CPU, and by the heuristic's tile.
  init(_ item: ProductCase, on backend: OpenCLBackend) throws {
    self.item = item
    self.backend = backend
    heuristic = ProductPlan.usual(item.problem, on: backend.device)
    let counts = item.counts
    let (noiseA, noiseB) = (Self.noise(counts.a, 1), Self.noise(counts.b, 2))
    untouched = [Float](repeating: Self.sentinel, count: counts.c + 2 * Self.margin)
    a = Operand(noiseA, on: backend)
    b = Operand(noiseB, on: backend)
    c = Operand(untouched, on: backend)
    expected = try Self.onCPU(item, noiseA, noiseB, untouched)

    let usual = item.problem.partsOfTheCPU
    let isAlike =
      item.isSummedAlikeByTheCPU && heuristic.tile.units == .none
      && (heuristic.parts.count, heuristic.parts.length) == (usual.count, usual.length)
    // A sum of k products of such noise is about sqrt(k) / 12; a wrong one is off by as much.
    let size = Float(item.problem.k).squareRoot() / 12
    tolerance = isAlike ? 0 : size * (heuristic.tile.units == .none ? 1e-3 : 3e-2)
    let found = try result(of: heuristic)
    try compare(found)
    (expected, tolerance) = (found, 0)
  }

  /// Whether a plan gives what it must.
  ///
  /// - Throws: ``Failure``.
  func check(_ plan: ProductPlan) throws { try compare(result(of: plan)) }

  func plan(_ tile: ProductTile) -> ProductPlan { heuristic.with(tile, for: item.problem) }

  /// Milliseconds of a plan and of the heuristic's, the best of turns that they take.
  ///
  /// - Parameters:
  ///   - plan: One that gives what it must.
  ///   - turns: Of each; a plan that is slower by half in the first is given no other.
  /// - Returns: Both, of one product.
  /// - Throws: The device's failure.
  func race(_ plan: ProductPlan, turns: Int) throws -> (plan: Double, heuristic: Double) {
    // Long enough to be measured, and not by what the host does.
    let once = try milliseconds(heuristic, 1)
    let repeats = max(1, min(100, Int((4 / max(once, 0.01)).rounded(.up))))
    var best = (plan: Double.infinity, heuristic: Double.infinity)
    for turn in 0..<turns {
      best.heuristic = min(best.heuristic, try milliseconds(heuristic, repeats))
      best.plan = min(best.plan, try milliseconds(plan, repeats))
      if turn == 0, best.plan > 1.5 * best.heuristic { break }
    }
    return best
  }

  private func milliseconds(_ plan: ProductPlan, _ repeats: Int) throws -> Double {
    let clock = ContinuousClock()
    let start = clock.now
    for _ in 0..<repeats { try run(plan) }
    try backend.synchronize()
    return (clock.now - start) / .milliseconds(1) / Double(repeats)
  }

  private func run(_ plan: ProductPlan) throws(DeviceError) {
    var failure: DeviceError?
    backend.attempt { () throws(DeviceError) in
      do throws(DeviceError) {
        try backend.product(
          item.problem, by: plan, scalars: item.scalars, a: a, b: b, bias: nil,
          c: c.from(Self.margin))
      } catch { failure = error }
    }
    if let failure = failure ?? backend.failure { throw failure }
  }

  private func result(of plan: ProductPlan) throws -> [Float] {
    untouched.withUnsafeBytes { backend.upload($0, to: c.memory, byteOffset: 0) }
    try run(plan)
    return try c.floats(untouched.count, on: backend)
  }

  private func compare(_ found: [Float]) throws(Failure) {
    for (at, (value, right)) in zip(found, expected).enumerated()
    where value.bitPattern != right.bitPattern {
      if tolerance > 0, abs(value - right) <= tolerance { continue }
      let place = at - Self.margin
      let isOutside = right.bitPattern == Self.sentinel.bitPattern
      throw Failure(
        reason: isOutside
          ? "it wrote \(value) beside the result, at \(place)"
          : "it gave \(value) at \(place), where \(right) is right")
    }
  }

  private static func onCPU(
    _ item: ProductCase, _ a: [Float], _ b: [Float], _ untouched: [Float]
  ) throws -> [Float] {
    let cpu = Device.cpu.backend
    let result = Operand(untouched, on: cpu)
    cpu.execute(
      item.call(
        a: Operand(a, on: cpu), b: Operand(b, on: cpu), c: result.from(margin)))
    return try result.floats(untouched.count, on: cpu)
  }

  /// In ±1/2, never zero for long.
  private static func noise(_ count: Int, _ seed: UInt64) -> [Float] {
    var random = SplitMix(state: seed)
    return (0..<count).map { _ in Float(Int64(random.next() >> 40) - (1 << 23)) * 0x1p-24 }
  }
}
