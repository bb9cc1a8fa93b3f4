import Locks

/// Takes no memory and computes nothing, and counts what work would take on another backend.
///
/// What a step takes is decided by shapes alone, so it is what the other would count for live
/// tensors, apart from what that one takes inside a call. Values read are zeros.
final class PlanningBackend: Backend {
  private let planned: any Backend
  private let pool: BufferPool<Void, Never>
  private let largest = Locked(0)
  private let products = Locked<[KernelCall]>([])
  private let flops = Locked(0)
  /// Whether it keeps what ``takeProducts()`` gives; set before it is used.
  nonisolated(unsafe) var notesProducts = false

  init(for planned: any Backend) {
    self.planned = planned
    pool = BufferPool(
      limit: .max, largestBlock: planned.largestBlock, create: { _ in () }, destroy: { _ in })
  }

  var name: String { planned.name }
  var precision: Precision { planned.precision }
  func supports(_ dtype: DType) -> Bool { planned.supports(dtype) }

  func allocate(byteCount: Int) -> Memory {
    largest.withLock { $0 = max($0, byteCount) }
    guard byteCount > 0, pool.take(byteCount: byteCount) != nil else { return .none }
    return .planned
  }

  /// The most bytes asked for at once.
  var largestAllocation: Int { largest.withLock { $0 } }

  func release(_ memory: Memory, byteCount: Int) {
    if case .planned = memory { pool.give((), byteCount: byteCount) }
  }

  func blockSize(for byteCount: Int) -> Int { pool.blockSize(for: byteCount) }

  /// What calls so far would have computed.
  var flopCount: Int { flops.withLock { $0 } }

  func submit(_ call: KernelCall) {
    flops.withLock { $0 += call.work.flops }
    if notesProducts, call.isProduct { products.withLock { $0.append(call) } }
  }

  /// The matrix products and convolutions so far, which are then forgotten.
  func takeProducts() -> [KernelCall] {
    products.withLock { calls in
      defer { calls = [] }
      return calls
    }
  }

  func prepare(_ calls: [KernelCall]) -> any PreparedCalls { NoCalls() }
  func beginProfile() {}
  func endProfile() throws(DeviceError) -> Profile { Profile() }
  func upload(_ source: UnsafeRawBufferPointer, to memory: Memory, byteOffset: Int) {}
  func download(
    from memory: Memory, byteOffset: Int, to target: UnsafeMutableRawBufferPointer
  ) throws(DeviceError) {
    target.initializeMemory(as: UInt8.self, repeating: 0)
  }
  func synchronize() throws(DeviceError) {}

  var memoryUse: MemoryUse { pool.use }
  var memoryLimit: MemoryLimit { planned.memoryLimit }
  var largestBlock: Int { planned.largestBlock }
  func trim() {}
}

extension KernelCall {
  fileprivate var isProduct: Bool {
    switch self {
    case .gemm, .conv2d, .conv2dInputGradient, .conv2dFilterGradient: true
    default: false
    }
  }
}

/// Calls of a backend that makes none.
private final class NoCalls: PreparedCalls {
  func replaceScalars(at place: Int, with scalars: StepScalars) {}
  func submit() {}
}
