@testable import Tensors

/// What a run left behind.
struct RunOutcome {
  /// Outputs and updated operands, in order.
  let outputs: [Elements]
  /// Canaries that died, inputs that changed, outputs that were not written.
  let damage: [String]
}

/// A row with its operands drawn, to be run on any number of backends.
///
/// Every operand lies in a storage of its own, by default between two canaries and at an element that
/// no vector is aligned to.
struct PreparedCase {
  let kernelCase: KernelCase
  /// What every operand holds before the call; nothing for pure outputs.
  let initial: [[Double]]
  private let windows: [GuardedWindow]

  /// - Parameters:
  ///   - kernelCase: The row.
  ///   - isGuarded: Whether there are canaries; without them a storage ends with its operand, for
  ///     devices that notice themselves what is beyond.
  init(_ kernelCase: KernelCase, isGuarded: Bool = true) {
    self.kernelCase = kernelCase
    let initial = kernelCase.operands.enumerated().map { index, operand in
      operand.role == .output
        ? [] : operand.values.draw(operand.count, seed: kernelCase.seed, stream: UInt32(index))
    }
    self.initial = initial
    windows = kernelCase.operands.enumerated().map { index, operand in
      GuardedWindow(
        operand, as: operand.dtype ?? kernelCase.elementType, lead: isGuarded ? 35 + 2 * index : 0,
        tail: isGuarded ? 33 : 0, values: initial[index])
    }
  }

  /// The call over operands uploaded afresh; it keeps their storages alive.
  func call(on backend: any Backend) -> KernelCall { call(over: upload(to: backend)) }

  private func upload(to backend: any Backend) -> [Storage] {
    windows.map { $0.upload(to: backend) }
  }

  private func call(over storages: [Storage]) -> KernelCall {
    kernelCase.call(zip(windows, storages).map { window, storage in window.operand(in: storage) })
  }

  func run(on backend: any Backend) throws -> RunOutcome {
    let storages = upload(to: backend)
    backend.execute(call(over: storages))

    var outputs: [Elements] = []
    var damage: [String] = []
    for (index, window) in windows.enumerated() {
      let after = try window.read(storages[index])
      damage += window.damage(after).map { "operand \(index): \($0)" }
      if window.spec.role != .input { outputs.append(window.inside(after)) }
    }
    return RunOutcome(outputs: outputs, damage: damage)
  }
}

/// One operand between two canaries: signalling NaNs, so that what is read from them shows in every
/// sum.
private struct GuardedWindow {
  let spec: OperandSpec
  private let lead: Int
  private let before: Elements
  private let untouched: UInt64

  init(_ spec: OperandSpec, as dtype: DType, lead: Int, tail: Int, values: [Double]) {
    self.spec = spec
    self.lead = lead
    untouched = Self.canary(0xB6, dtype)
    func guardBytes(_ count: Int) -> [UInt8] {
      Elements(repeating: Self.canary(0xA5, dtype), count: count, as: dtype).bytes
    }
    let inside =
      spec.role == .output
      ? Elements(repeating: untouched, count: spec.count, as: dtype) : Elements(values, as: dtype)
    before = Elements(
      dtype: dtype, bytes: guardBytes(lead) + inside.bytes + guardBytes(tail))
  }

  func upload(to backend: any Backend) -> Storage {
    let storage = Storage(byteCount: before.bytes.count, on: backend)
    before.bytes.withUnsafeBytes { backend.upload($0, to: storage.memory, byteOffset: 0) }
    return storage
  }

  func operand(in storage: Storage) -> Operand {
    Operand(storage: storage, offset: lead + spec.start, dtype: before.dtype)
  }

  func read(_ storage: Storage) throws -> Elements {
    var after = before
    try after.bytes.withUnsafeMutableBytes {
      try storage.backend.download(from: storage.memory, byteOffset: 0, to: $0)
    }
    return after
  }

  func inside(_ elements: Elements) -> Elements {
    let size = before.dtype.byteCount
    return Elements(
      dtype: before.dtype, bytes: Array(elements.bytes[lead * size..<(lead + spec.count) * size]))
  }

  func damage(_ after: Elements) -> [String] {
    func firstChange(_ range: Range<Int>) -> Int? {
      range.first { after.bits($0) != before.bits($0) }
    }
    var damage: [String] = []
    if let index = firstChange(0..<lead) ?? firstChange(lead + spec.count..<after.count) {
      damage.append(
        "written outside, at element \(index - lead) of \(spec.count): \(after.text(index))")
    }
    let inside = lead..<lead + spec.count
    if spec.role == .input, let index = firstChange(inside) {
      damage.append("an input was changed at \(index - lead): \(after.text(index))")
    }
    if spec.role == .output, let index = inside.first(where: { after.bits($0) == untouched }) {
      damage.append("element \(index - lead) of \(spec.count) was not written")
    }
    return damage
  }

  /// A signalling NaN of the type, or for integers a number that is no index.
  private static func canary(_ byte: UInt64, _ dtype: DType) -> UInt64 {
    let repeated = byte * 0x0101_0101_0101_0101
    switch dtype {
    case .float32, .int32: return repeated & 0x003F_FFFF | 0x7F80_0000
    case .float64: return repeated & 0x0007_FFFF_FFFF_FFFF | 0x7FF0_0000_0000_0000
    case .float16: return repeated & 0x01FF | 0x7C00
    case .bfloat16: return repeated & 0x003F | 0x7F80
    }
  }
}
