import CKernels
import Foundation
import Locks
import Testing

@testable import Tensors

/// The function whose errors are measured, by its name in ``ScalarFunction`` or ``ActivationRow``.
private let measuredFunction = ProcessInfo.processInfo.environment["ATELIER_MEASURE_ERRORS"]

/// The errors that `elementwise` states, by `scripts/measure-errors NAME`.
@Suite("Kernel errors", .enabled(if: measuredFunction != nil), .serialized)
struct KernelErrors {
  @Test("the largest error of a function, and of its slope, over every float32")
  func table() throws {
    let functions = ScalarFunction.all.filter { $0.name == measuredFunction }
    try #require(!functions.isEmpty, "no function is called \(measuredFunction ?? "")")
    for f in functions {
      try measure(f.name, truth: f.function) { count, x, _, y in
        .unary(ck_unary_shape(op: f.op, count: count, alpha: f.alpha, beta: f.beta), x: x, y: y)
      }
    }
    for f in PairFunction.all where f.isDerivative && f.name == measuredFunction! + "Backward" {
      try measure(f.name + ", dy = 1", truth: { f.function($0, 1) }) { count, x, one, y in
        let shape = ck_binary_shape(
          op: f.op, rank: 1, size: axisTuple([Int(count)]), stride_a: axisTuple([1]),
          stride_b: axisTuple([0]), alpha: f.alpha)
        return .binary(shape, a: x, b: one, y: y)
      }
    }
  }

  private func measure(
    _ name: String, truth: @escaping @Sendable (Double) -> Double,
    _ call: (_ count: Int32, _ x: Operand, _ one: Operand, _ y: Operand) -> KernelCall
  ) throws {
    let backend = try TestBackends.cpu(.best, threads: 1)
    let block = 1 << 22
    let (x, one, y) = (
      operand(block, on: backend), operand(1, on: backend), operand(block, on: backend)
    )
    backend.execute(.fill(ck_fill_shape(count: 1, value: 1), y: one))
    var worst = Errors()
    for start in stride(from: 0, to: 1 << 32, by: block) {
      let bits = (0..<block).map { UInt32(start + $0) }
      bits.withUnsafeBytes { backend.upload($0, to: x.memory, byteOffset: 0) }
      backend.execute(call(Int32(block), x, one, y))
      var found = [Float](repeating: 0, count: block)
      try found.withUnsafeMutableBytes {
        try backend.download(from: y.memory, byteOffset: 0, to: $0)
      }
      worst.merge(errors(bits, found, truth))
      if start % (1 << 29) == 0 { print("\(name): \(start >> 29) of 8 …") }
    }
    print(
      String(
        format: "%@: %.4f ULP at %@; absolute %.4g at %@; NaN, infinity or overflow wrong: %@",
        name,
        worst.ulps, "\(worst.ulpsAt)", worst.absolute, "\(worst.absoluteAt)",
        worst.wrongAt.map { "at \($0)" } ?? "nowhere"))
  }

  private func operand(_ count: Int, on backend: any Backend) -> Operand {
    Operand(
      storage: Storage(byteCount: count * 4, on: backend), offset: 0, dtype: .float32)
  }

  private func errors(
    _ bits: [UInt32], _ found: [Float], _ truth: @Sendable (Double) -> Double
  ) -> Errors {
    let total = Locked(Errors())
    let part = bits.count / 64
    DispatchQueue.concurrentPerform(iterations: 64) { index in
      var errors = Errors()
      for i in (index * part)..<((index + 1) * part) {
        let x = Float(bitPattern: bits[i])
        errors.add(x, found[i], truth(Double(x)))
      }
      total.withLock { $0.merge(errors) }
    }
    return total.withLock { $0 }
  }
}

/// The largest errors so far, and where.
private struct Errors: Sendable {
  /// In units in the last place of the truth rounded to float32.
  var ulps = 0.0
  var ulpsAt: Float = 0
  var absolute = 0.0
  var absoluteAt: Float = 0
  /// The first argument whose result is finite where the truth is not, or the other way round.
  var wrongAt: Float?

  mutating func add(_ x: Float, _ found: Float, _ truth: Double) {
    let rounded = Float(truth)
    guard rounded.isFinite else {
      if found.isNaN != rounded.isNaN || (!found.isNaN && found != rounded) {
        wrongAt = wrongAt ?? x
      }
      return
    }
    let error = abs(Double(found) - truth)
    guard error.isFinite else {
      wrongAt = wrongAt ?? x
      return
    }
    if error > absolute { (absolute, absoluteAt) = (error, x) }
    let units = error / Double(rounded.ulp)
    if units > ulps { (ulps, ulpsAt) = (units, x) }
  }

  mutating func merge(_ other: Errors) {
    if other.absolute > absolute { (absolute, absoluteAt) = (other.absolute, other.absoluteAt) }
    if other.ulps > ulps { (ulps, ulpsAt) = (other.ulps, other.ulpsAt) }
    wrongAt = wrongAt ?? other.wrongAt
  }
}
