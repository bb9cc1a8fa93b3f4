import Locks

/// The CPU, with every call made on another device too, from the same operands: tells which kernels
/// differ there, which the results of whole programs cannot.
///
/// What computes here is the CPU alone; a difference does not reach the calls after it. Every call
/// waits, and all storages of its operands are copied there and back.
final class ComparingBackend: Backend {
  private let reference: CPUBackend
  private let other: any Backend

  private struct State {
    /// Live blocks and their sizes, all of which later storages of a recorded step may use.
    var byteCounts: [UnsafeMutableRawPointer: Int] = [:]
    var found: [CallDifference] = []
    var failure: DeviceError?
  }
  private let state = Locked(State())

  init(_ reference: CPUBackend, with other: any Backend) {
    (self.reference, self.other) = (reference, other)
  }

  /// Kernels that differed so far, in the order in which they first did.
  var differences: [CallDifference] { state.withLock { $0.found } }

  var name: String { "\(reference.name) beside \(other.name)" }
  var precision: Precision { reference.precision }
  func supports(_ dtype: DType) -> Bool { other.supports(dtype) }

  func allocate(byteCount: Int) -> Memory {
    let memory = reference.allocate(byteCount: byteCount)
    if case .host(let block) = memory {
      let size = blockSize(for: byteCount)
      state.withLock { $0.byteCounts[block] = size }
    }
    return memory
  }

  func release(_ memory: Memory, byteCount: Int) {
    if case .host(let block) = memory { state.withLock { $0.byteCounts[block] = nil } }
    reference.release(memory, byteCount: byteCount)
  }

  func blockSize(for byteCount: Int) -> Int { reference.blockSize(for: byteCount) }

  func submit(_ call: KernelCall) {
    if state.withLock({ $0.failure }) != nil { return }
    var copies: [(block: UnsafeMutableRawPointer, copy: Storage)] = []
    let there = call.mapOperands { operand in
      guard case .host(let block) = operand.memory else { return operand }
      if let copy = copies.first(where: { $0.block == block })?.copy {
        return Operand(storage: copy, offset: operand.offset, dtype: operand.dtype)
      }
      let copy = self.copy(of: block)
      copies.append((block, copy))
      return Operand(storage: copy, offset: operand.offset, dtype: operand.dtype)
    }
    other.submit(there)
    reference.submit(call)
    do {
      var share: Double?
      for (block, copy) in copies {
        if let found = try difference(block, copy) { share = max(share ?? 0, found) }
      }
      if let share { note(call, share) }
    } catch {
      state.withLock { $0.failure = error }
    }
  }

  func prepare(_ calls: [KernelCall]) -> any PreparedCalls { ComparedCalls(calls, on: self) }

  private func copy(of block: UnsafeMutableRawPointer) -> Storage {
    let byteCount = state.withLock { $0.byteCounts[block] ?? 0 }
    let copy = Storage(byteCount: byteCount, on: other)
    other.upload(
      UnsafeRawBufferPointer(start: block, count: byteCount), to: copy.memory, byteOffset: 0)
    return copy
  }

  /// Euclidean length of the difference of two storages' numbers, read as float32, as a share of
  /// the block's; nil where all bits are the same.
  private func difference(
    _ block: UnsafeMutableRawPointer, _ copy: Storage
  ) throws(DeviceError) -> Double? {
    var bytes = [UInt8](repeating: 0, count: copy.byteCount)
    let downloaded = bytes.withUnsafeMutableBytes { target in
      Result { () throws(DeviceError) in
        try other.download(from: copy.memory, byteOffset: 0, to: target)
      }
    }
    try downloaded.get()
    let ours = UnsafeRawBufferPointer(start: block, count: copy.byteCount)
    if ours.elementsEqual(bytes) { return nil }
    return bytes.withUnsafeBytes { theirs in
      var (squares, size) = (0.0, 0.0)
      for place in stride(from: 0, through: ours.count - 4, by: 4) {
        let a = Double(ours.loadUnaligned(fromByteOffset: place, as: Float.self))
        let b = Double(theirs.loadUnaligned(fromByteOffset: place, as: Float.self))
        // What no call has written yet may be anything, and is the same on both sides.
        if a.isNaN && b.isNaN || a == b { continue }
        if a.isNaN || b.isNaN { return .infinity }
        squares += (a - b) * (a - b)
        size += a * a
      }
      return squares == 0 ? 0 : (squares / max(size, .leastNormalMagnitude)).squareRoot()
    }
  }

  private func note(_ call: KernelCall, _ share: Double) {
    state.withLock { state in
      let (kind, sizes) = (call.kind, call.sizes)
      let place = state.found.firstIndex { $0.kind == kind && $0.sizes == sizes }
      if let place {
        state.found[place].calls += 1
        state.found[place].share = max(state.found[place].share, share)
      } else {
        state.found.append(CallDifference(kind: kind, sizes: sizes, calls: 1, share: share))
      }
    }
  }

  func upload(_ source: UnsafeRawBufferPointer, to memory: Memory, byteOffset: Int) {
    reference.upload(source, to: memory, byteOffset: byteOffset)
  }

  func download(
    from memory: Memory, byteOffset: Int, to target: UnsafeMutableRawBufferPointer
  ) throws(DeviceError) {
    try synchronize()
    try reference.download(from: memory, byteOffset: byteOffset, to: target)
  }

  func synchronize() throws(DeviceError) {
    if let failure = state.withLock({ $0.failure }) { throw failure }
    try reference.synchronize()
  }

  func beginProfile() { reference.beginProfile() }
  func endProfile() throws(DeviceError) -> Profile { try reference.endProfile() }

  var memoryUse: MemoryUse { reference.memoryUse }
  var memoryLimit: MemoryLimit { reference.memoryLimit }
  var largestBlock: Int { min(reference.largestBlock, other.largestBlock) }
  func trim() {
    reference.trim()
    other.trim()
  }
}

/// Kernel calls of one kind and size whose results another device gives with other bits.
package struct CallDifference: Sendable, Equatable {
  /// The kernel, such as `gemm`.
  package let kind: String
  /// What it is of, such as `128x400x784`; empty for kernels that see single elements or rows.
  package let sizes: String
  /// How many differed.
  package internal(set) var calls: Int
  /// Euclidean length of the largest difference, as a share of that of the numbers that differ.
  package internal(set) var share: Double
}

extension Device {
  /// The CPU, with every call made on another device too and compared: see ``callDifferences``.
  ///
  /// - Parameter other: What is compared; it computes nothing that is read.
  /// - Returns: A device with the CPU's results.
  /// - Throws: ``DeviceError/unavailable(device:reason:found:)`` where no thread can be started.
  package static func cpu(comparing other: Device) throws(DeviceError) -> Device {
    Device(
      backend: ComparingBackend(
        try CPUBackend(threads: defaultThreads), with: other.backend))
  }

  /// Of a device that compares: which kernels differed so far; none of any other.
  package var callDifferences: [CallDifference] {
    (backend as? ComparingBackend)?.differences ?? []
  }
}

/// Calls that are compared one by one.
private final class ComparedCalls: PreparedCalls {
  private var calls: [KernelCall]
  private let backend: ComparingBackend

  init(_ calls: [KernelCall], on backend: ComparingBackend) {
    (self.calls, self.backend) = (calls, backend)
  }

  func replaceScalars(at place: Int, with scalars: StepScalars) {
    calls[place] = calls[place].with(scalars)
  }

  func submit() { for call in calls { backend.submit(call) } }
}
