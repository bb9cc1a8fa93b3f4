/// Something that holds tensors and runs kernel calls on them: the CPU, or one OpenCL device.
///
/// Calls run, or are queued in order, when `submit` returns. Nothing here throws in the middle of
/// arithmetic: the first failure is kept, later calls do nothing, and the failure is thrown where a
/// value is read (`download`) or asked for (`synchronize`).
protocol Backend: AnyObject, Sendable {
  /// What people call this device, such as `cpu (avx512, 2 threads)`.
  var name: String { get }

  /// Whether kernels exist for this element type.
  func supports(_ dtype: DType) -> Bool

  /// Of matrix products and convolutions.
  var precision: Precision { get }

  /// Memory for a tensor; its contents are undefined. After a failure the memory is `.none`.
  func allocate(byteCount: Int) -> Memory
  /// Takes back what `allocate` gave. Work queued before this call may still use it.
  func release(_ memory: Memory, byteCount: Int)
  /// What `allocate` takes for a request: requests of one block size may have one another's memory.
  func blockSize(for byteCount: Int) -> Int

  /// Room for what kernels make of the weights in a storage; nil where this device keeps nothing.
  func roomForWeights() -> KeptWeights?

  /// Runs or queues a call, or does nothing after a failure.
  func submit(_ call: KernelCall)
  /// Looks up once what the calls need.
  func prepare(_ calls: [KernelCall]) -> any PreparedCalls

  /// Copies host bytes into memory, or queues that; the source may be reused when this returns.
  func upload(_ source: UnsafeRawBufferPointer, to memory: Memory, byteOffset: Int)
  /// Waits for all calls that were queued before, then copies to the host.
  func download(
    from memory: Memory, byteOffset: Int, to target: UnsafeMutableRawBufferPointer)
    throws(DeviceError)
  /// Waits until all that was queued has run.
  func synchronize() throws(DeviceError)

  /// Waits until all that was queued has run, and takes the time of every call from now on.
  func beginProfile()
  /// Waits, and says where the time went since ``beginProfile()``.
  func endProfile() throws(DeviceError) -> Profile

  /// Bytes in use by live storages, now and at most so far.
  var memoryUse: MemoryUse { get }
  /// What live storages may take together.
  var memoryLimit: MemoryLimit { get }
  /// The most bytes that one storage may have.
  var largestBlock: Int { get }
  /// Gives memory that is kept for reuse back to the driver or system.
  func trim()
}

extension Backend {
  /// Runs or queues a call of an operation and, where a step is being recorded, notes it.
  ///
  /// - Parameters:
  ///   - call: What is to be done.
  ///   - inReplays: Gives the call's scalars in each replay where they change from step to step.
  func execute(_ call: KernelCall, inReplays: StepRecorder.Rescale? = nil) {
    submit(call)
    StepRecorder.current?.note(call, on: self, inReplays: inReplays)
  }

  func roomForWeights() -> KeptWeights? { nil }
}

/// Where a storage's bytes are.
enum Memory: @unchecked Sendable {
  /// No bytes: nothing was asked for, or the device had failed.
  case none
  /// Host memory, 64-byte aligned.
  case host(UnsafeMutableRawPointer)
  /// A buffer of an OpenCL device, kept until it is given back.
  case openCL(Unmanaged<DeviceBlock>)
  /// No bytes, and counted as if there were: see ``PlanningBackend``.
  case planned
}

/// Bytes of device memory held by live tensors.
public struct MemoryUse: Sendable, Equatable {
  /// Held now.
  public var current = 0
  /// The most ever held at once.
  public var peak = 0
  /// Kept aside for reuse, beside `current`.
  public var cached = 0
}

/// Bytes on a device, freed when nothing refers to them any more.
final class Storage: @unchecked Sendable {
  let backend: any Backend
  let byteCount: Int
  let memory: Memory
  /// Recordings begun when it was made.
  let recordingsBefore = StepRecorder.begun
  /// What the device keeps of weights that lie here; nil for storages of anything else.
  private(set) var weights: KeptWeights?
  /// Where the memory came from and goes back to, if it was taken by a step that was recorded.
  private let owner: StepMemory?

  /// - Parameters:
  ///   - byteCount: May be 0.
  ///   - backend: Where the bytes are.
  ///   - owner: Gives the memory in its place; nil for the backend itself.
  init(byteCount: Int, on backend: any Backend, of owner: StepMemory? = nil) {
    self.backend = backend
    self.byteCount = byteCount
    self.owner = owner
    memory = owner?.take(byteCount: byteCount) ?? backend.allocate(byteCount: byteCount)
  }

  /// Says that it holds weights, which many calls read before they change; before it is used.
  func holdWeights() {
    if weights == nil, owner == nil { weights = backend.roomForWeights() }
  }

  /// Whether the memory belongs to a recorded step, which uses it in every replay.
  func belongs(to memory: StepMemory) -> Bool { owner === memory }

  deinit {
    if let owner {
      owner.give(memory, byteCount: byteCount)
    } else {
      backend.release(memory, byteCount: byteCount)
    }
  }
}
