internal import CKernels
import Foundation
import Locks

/// The kernels of `CKernels` on this machine's processor.
///
/// One kernel runs at a time, over the threads of the backend's own pool; callers from several
/// threads wait for one another.
final class CPUBackend: Backend {
  /// The instruction set in use, at most the processor's best.
  let instructionSet: InstructionSet
  let threads: Int
  let precision: Precision
  /// Whether products and convolutions in bfloat16 are AMX's, on emulated tiles; for tests.
  let emulatesAMX: Bool

  nonisolated(unsafe) let pool: OpaquePointer
  /// Who has the turn times the calls where a profile is being taken.
  private let turn = Locked<ProfileSum?>(nil)
  let memoryLimit: MemoryLimit
  private let memory: BufferPool<UnsafeMutableRawPointer, Never>
  private let firstFailure = Locked<DeviceError?>(nil)
  private let keeping = Locked<[WeakWeights]>([])

  /// - Parameters:
  ///   - instructionSet: At most what the processor has; ``InstructionSet/best`` by default.
  ///   - threads: At least 1; results do not depend on it.
  ///   - precision: Of matrix products and convolutions.
  ///   - emulatesAMX: For tests, where ``canEmulateAMX(with:)`` holds of the instruction set.
  ///   - memoryLimit: Bytes that live tensors may take together; the default is
  ///     ``systemMemoryLimit``.
  /// - Throws: ``DeviceError/unavailable(device:reason:found:)`` where so many threads cannot be
  ///   started.
  /// - Precondition: `threads` is at least 1.
  init(
    instructionSet: InstructionSet = .best, threads: Int, precision: Precision = .float32,
    emulatesAMX: Bool = false, memoryLimit: Int? = nil
  ) throws(DeviceError) {
    precondition(threads >= 1, "threads must be at least 1, got \(threads)")
    precondition(
      !emulatesAMX || Self.canEmulateAMX(with: instructionSet),
      "\(instructionSet.rawValue) cannot emulate AMX here")
    guard let pool = ck_pool_create(Int32(threads)) else {
      throw DeviceError.unavailable(
        device: "cpu", reason: "\(threads) threads could not be started", found: [])
    }
    self.instructionSet = instructionSet
    self.threads = threads
    self.precision = precision
    self.emulatesAMX = emulatesAMX
    self.pool = pool
    self.memoryLimit = memoryLimit.map { MemoryLimit(bytes: $0) } ?? Self.systemMemoryLimit
    memory = BufferPool(
      limit: self.memoryLimit.bytes,
      create: hostBlock(byteCount:),
      destroy: { free($0) })
  }

  deinit { ck_pool_destroy(pool) }

  /// 90 % of what the machine has or the control group may have, or less by `ATELIER_DEVICE_MEMORY`:
  /// past it the system would not refuse memory but end the process.
  static let systemMemoryLimit = MemoryLimit(
    total: Processor.memoryBytes, group: ControlGroup.memoryBytes)

  /// Whether this processor packs operands for the tiles of AMX by an instruction set.
  static func canEmulateAMX(with instructionSet: InstructionSet) -> Bool {
    ck_kernels_emulating_amx(instructionSet.ck) != nil
  }

  var name: String {
    "cpu (\(instructionSet.rawValue), \(threads) thread\(threads == 1 ? "" : "s")"
      + (precision == .float32 ? ")" : ", products in \(precision.rawValue))")
  }

  func supports(_ dtype: DType) -> Bool { true }

  func allocate(byteCount: Int) -> Memory {
    guard byteCount > 0, failure == nil else { return .none }
    guard let pointer = memory.take(byteCount: byteCount) ?? takeFromWeights(byteCount) else {
      let use = memory.use
      fail(
        .outOfMemory(
          device: name, requested: byteCount, inUse: use.current, limit: memory.limit))
      return .none
    }
    return .host(pointer)
  }

  func release(_ memory: Memory, byteCount: Int) {
    if case .host(let pointer) = memory { self.memory.give(pointer, byteCount: byteCount) }
  }

  func blockSize(for byteCount: Int) -> Int { memory.blockSize(for: byteCount) }

  func roomForWeights() -> KeptWeights? {
    let weights = KeptWeights(in: memory)
    keeping.withLock { keeping in
      keeping.removeAll { $0.weights == nil }
      keeping.append(WeakWeights(weights: weights))
    }
    return weights
  }

  /// Tensors come before what is kept of weights.
  private func takeFromWeights(_ byteCount: Int) -> UnsafeMutableRawPointer? {
    let all = keeping.withLock { $0.compactMap(\.weights) }
    turn.withLock { _ in for weights in all { weights.forget() } }
    return memory.take(byteCount: byteCount)
  }

  private struct WeakWeights {
    weak var weights: KeptWeights?
  }

  func upload(_ source: UnsafeRawBufferPointer, to memory: Memory, byteOffset: Int) {
    guard case .host(let base) = memory, let from = source.baseAddress else { return }
    memcpy(base + byteOffset, from, source.count)
  }

  func download(
    from memory: Memory, byteOffset: Int, to target: UnsafeMutableRawBufferPointer
  ) throws(DeviceError) {
    try synchronize()
    guard case .host(let base) = memory, let to = target.baseAddress else { return }
    memcpy(to, base + byteOffset, target.count)
  }

  func synchronize() throws(DeviceError) {
    if let failure { throw failure }
  }

  var memoryUse: MemoryUse { memory.use }
  var largestBlock: Int { .max }
  func trim() { memory.trim() }

  private var failure: DeviceError? { firstFailure.withLock { $0 } }

  private func fail(_ error: DeviceError) { firstFailure.withLock { $0 = $0 ?? error } }

  func submit(_ call: KernelCall) {
    if failure != nil { return }
    gradients(of: call).withUnsafeBufferPointer { gradients in
      var prepared = prepared(call)
      prepared.gradients = gradients.baseAddress
      let (read, written) = (weightsRead(by: call), weightsWritten(by: call))
      turn.withLock { profile in
        prepared.kept = read?.kept
        let seconds = time(profile != nil) { ck_make_calls(&prepared, 1, pool) }
        profile?.add(
          call.kind, by: instructionSet.rawValue, launches: 1, seconds: seconds, call.work)
        for weights in written { weights.change() }
      }
    }
  }

  func prepare(_ calls: [KernelCall]) -> any PreparedCalls { CPUCalls(calls, on: self) }

  /// Makes calls that were looked up before.
  ///
  /// - Parameters:
  ///   - calls: In order.
  ///   - reads: Weights that no call writes, by the call's place.
  ///   - written: Weights that calls write.
  ///   - labels: What they are called in a profile, and their work.
  func make(
    _ calls: UnsafeMutableBufferPointer<ck_call>, reads: [(place: Int, weights: WeightsRead)],
    written: [KeptWeights], labels: [(kind: String, work: KernelWork)]
  ) {
    if failure != nil { return }
    turn.withLock { profile in
      for (place, weights) in reads { calls[place].kept = weights.kept }
      if profile == nil {
        ck_make_calls(calls.baseAddress, Int32(calls.count), pool)
      } else {
        for (place, label) in labels.enumerated() {
          let seconds = time(profile != nil) { ck_make_calls(&calls[place], 1, pool) }
          profile?.add(
            label.kind, by: instructionSet.rawValue, launches: 1, seconds: seconds, label.work)
        }
      }
      for weights in written { weights.change() }
    }
  }

  // MARK: Profile

  func beginProfile() {
    turn.withLock { profile in
      precondition(profile == nil, "\(name) is being profiled already")
      profile = ProfileSum()
    }
  }

  func endProfile() throws(DeviceError) -> Profile {
    let sum = turn.withLock { profile in
      defer { profile = nil }
      return profile
    }
    try synchronize()
    return sum?.profile ?? Profile()
  }

  /// Does the work; how many seconds it takes where that is asked for, else 0.
  private func time(_ isAsked: Bool, _ work: () -> Void) -> Double {
    if isAsked { return ContinuousClock().measure(work) / .seconds(1) }
    work()
    return 0
  }
}
