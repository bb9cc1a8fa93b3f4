@testable import Tensors

/// The first element where two runs differ in bits (any NaN equals any other), told so that it can
/// be found again.
func firstDifference(_ found: [Elements], _ expected: [Elements]) -> String? {
  for (output, (found, expected)) in zip(found, expected).enumerated()
  where found.bytes != expected.bytes {
    let different = (0..<expected.count).first { index in
      found.bits(index) != expected.bits(index)
        && !(found.value(index).isNaN && expected.value(index).isNaN)
    }
    if let index = different {
      return
        "output \(output), element \(index) of \(expected.count): \(found.text(index)), expected \(expected.text(index))"
    }
  }
  return nil
}

/// The first element that is further from the truth than its bound.
func firstError(_ found: [Elements], _ prepared: PreparedCase, _ truth: Truth) -> String? {
  let (kernelCase, initial) = (prepared.kernelCase, prepared.initial)
  let expected = truth.formula(initial)
  precondition(expected.map(\.count) == found.map(\.count), "\(kernelCase.name): truth's sizes")
  let bound = kernelCase.elementType == .float64 ? truth.bound64 : truth.bound
  let sizes: [[Double]]
  switch bound {
  case .exact, .ulps: sizes = expected
  case .ofMagnitudes:
    let numbers = kernelCase.operands.map { $0.dtype == nil }
    sizes = truth.formula(zip(initial, numbers).map { $1 ? $0.map(Swift.abs) : $0 })
  case .of(_, let formula): sizes = formula(initial)
  }
  let isExact = if case .exact = bound { true } else { false }
  for (output, found) in found.enumerated() {
    for index in 0..<found.count {
      let wanted = expected[output][index]
      let allowed = bound.allowed(size: sizes[output][index], in: found.dtype)
      let hasWrongSign =
        isExact && found.dtype != .int32 && wanted == 0 && found.value(index).sign != wanted.sign
      if hasWrongSign || !isNear(found.value(index), wanted, within: allowed, in: found.dtype) {
        return
          "output \(output), element \(index) of \(found.count): \(found.text(index)), truth \(wanted), allowed ±\(allowed)"
      }
    }
  }
  return nil
}

extension Truth.Bound {
  /// The largest error allowed for one element.
  fileprivate func allowed(size: Double, in dtype: DType) -> Double {
    let isDouble = dtype == .float64
    switch self {
    case .exact: return 0
    case .ulps(let units):
      if units == 0 || !size.isFinite { return 0 }
      let ulp = isDouble ? size.ulp : Double(Float(size).isFinite ? Float(size).ulp : 0x1p104)
      return units * ulp
    case .ofMagnitudes(let units), .of(let units, _):
      let roundoff = isDouble ? 0x1p-53 : 0x1p-24
      let smallest = isDouble ? Double.leastNonzeroMagnitude : 0x1p-149
      return units * (size.isFinite ? roundoff * Swift.abs(size) + smallest : 0)
    }
  }
}

/// Equal within a bound, where a NaN wants a NaN and an infinity the same infinity.
///
/// A truth beyond float32's range wants an infinity,
/// or the largest number if the bound reaches it.
private func isNear(_ found: Double, _ wanted: Double, within allowed: Double, in dtype: DType)
  -> Bool
{
  if found.isNaN || wanted.isNaN { return found.isNaN && wanted.isNaN }
  if found == wanted { return true }
  guard dtype == .float32 else { return Swift.abs(found - wanted) <= allowed }
  let largest = Double(Float.greatestFiniteMagnitude)
  let (held, limit) = (
    Swift.max(-largest, Swift.min(found, largest)), Swift.max(-largest, Swift.min(wanted, largest))
  )
  if found.isInfinite && Swift.abs(wanted) < largest - allowed { return false }
  if wanted.isInfinite && found.isFinite { return false }
  return Swift.abs(held - limit) <= allowed
}
