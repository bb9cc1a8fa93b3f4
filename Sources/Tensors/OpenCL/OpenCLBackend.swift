internal import CKernels
internal import COpenCLKernels
import Foundation
import Locks

/// Kernel calls on one OpenCL device: its memory, its queues, and the first failure.
///
/// Kernels and what is read run in one queue, in order, so a block of memory may be given to a new
/// tensor while work on its old one still waits; uploads have a queue of their own, and the numbers
/// in a ``DeviceBlock`` keep the two in order. The host waits where a value is read. Callers from
/// several threads take turns, since setting a kernel's arguments and queueing it must not be
/// interrupted.
final class OpenCLBackend: Backend, @unchecked Sendable {
  let device: OpenCLDevice
  let library: OpenCLLibrary
  let cache: ProgramCache
  let memoryLimit: MemoryLimit
  let precision: Precision

  private let turn: QueueTurn
  private let firstFailure = Locked<DeviceError?>(nil)
  nonisolated(unsafe) let context: cl_context
  private let memory: BufferPool<DeviceBlock, OpenCLFailure>

  // What follows is touched only while `turn` is held.

  let compute: CommandQueue
  /// The newest command of the transfers that the compute queue waits for.
  var awaitedUpload = 0
  /// Where uploads pass through, made for the first one; nil where it cannot be had, too.
  private(set) lazy var staging = try? StagingRing(context, device.id, library)
  private var programs: [ProgramRecipe: cl_program] = [:]
  private var kernels: [KernelName: KernelRing] = [:]
  /// Where launches are listed in place of being queued, while calls are prepared.
  var listing: LaunchListing?
  /// Takes the times of all launches while somebody asks for them.
  var profiler: LaunchProfiler?
  /// Tiles that were measured on this device; products that it has none for take the usual ones.
  private(set) var tuning: ProductTuning?
  /// Where that comes from; does not change once the device is open.
  private(set) var tuningState = TuningState.none
  private var plans: [ProductProblem: ProductPlan] = [:]
  /// Shapes that a process may use for a moment each must not pile up.
  private static let mostPlans = 4096

  /// Opens a device, which is not tried here.
  ///
  /// - Parameters:
  ///   - device: One that nothing speaks against.
  ///   - library: What all calls go through.
  ///   - cache: Where compiled programs are kept; by default ``ProgramCache/standard(for:)``.
  ///   - memoryLimit: Bytes that live tensors may take together; the default is 90 % of the
  ///     device's memory, or less by `ATELIER_DEVICE_MEMORY`.
  ///   - precision: Of matrix products and convolutions; float32 unless the device has matrix units.
  /// - Throws: `callFailed` when the driver gives no context or no queue.
  init(
    _ device: OpenCLDevice, library: OpenCLLibrary, cache: ProgramCache? = nil,
    memoryLimit: Int? = nil, precision: Precision = .float32
  ) throws(DeviceError) {
    self.device = device
    self.precision = precision
    self.library = library
    self.cache = cache ?? .standard(for: device)
    turn = QueueTurn.forBackend(of: device)
    do throws(OpenCLFailure) {
      let context = try library.create("clCreateContext") { cl, code in
        var id: cl_device_id? = device.id
        return cl.clCreateContext(nil, 1, &id, nil, nil, &code)
      }
      self.context = context
      do throws(OpenCLFailure) {
        compute = try CommandQueue(context, device.id, .launches, library)
      } catch {
        _ = library.functions.clReleaseContext(context)
        throw error
      }
    } catch { throw error.on(device.name) }
    nonisolated(unsafe) let context = self.context
    self.memoryLimit =
      memoryLimit.map { MemoryLimit(bytes: $0) }
      ?? MemoryLimit(total: device.description.memoryBytes)
    let memory = BufferPool<DeviceBlock, OpenCLFailure>(
      limit: self.memoryLimit.bytes, largestBlock: device.largestBuffer,
      roundsSizes: !device.isInterpreted,
      create: { size throws(OpenCLFailure) in
        let buffer = try library.createBuffer("clCreateBuffer") { cl, code in
          let flags = cl_mem_flags(CL_MEM_READ_WRITE)
          return cl.clCreateBuffer(context, flags, size, nil, &code)
        }
        return buffer.map(DeviceBlock.init)
      },
      destroy: { _ = library.functions.clReleaseMemObject($0.buffer) })
    self.memory = memory
    compute.makeRoom = {
      let waits = memory.use.cached > 0
      memory.trim()
      return waits
    }
    // The driver's threads need the cores.
    ck_pools_sleep_at_once(true)
  }

  deinit {
    ck_pools_sleep_at_once(false)
    let cl = library.functions
    turn.leave(compute)
    staging = nil
    kernels = [:]
    for program in programs.values { _ = cl.clReleaseProgram(program) }
    memory.trim()
    _ = cl.clReleaseContext(context)
  }

  var name: String { device.name }

  func supports(_ dtype: DType) -> Bool { dtype != .float64 }

  // MARK: Memory

  func allocate(byteCount: Int) -> Memory {
    guard byteCount > 0, failure == nil else { return .none }
    if byteCount > device.largestBuffer {
      fail(
        .bufferTooLarge(device: name, requested: byteCount, largest: device.largestBuffer))
      return .none
    }
    do throws(OpenCLFailure) {
      if let block = try memory.take(byteCount: byteCount) { return .openCL(giving: block) }
      fail(outOfMemory(requested: byteCount))
    } catch { fail(error.on(name)) }
    return .none
  }

  private func outOfMemory(requested: Int) -> DeviceError {
    .outOfMemory(
      device: name, requested: requested, inUse: memory.use.current, limit: memory.limit)
  }

  func release(_ memory: Memory, byteCount: Int) {
    if let block = memory.takeBlock() { self.memory.give(block, byteCount: byteCount) }
  }

  func blockSize(for byteCount: Int) -> Int { memory.blockSize(for: byteCount) }

  var memoryUse: MemoryUse { memory.use }
  var largestBlock: Int { device.largestBuffer }
  func trim() { memory.trim() }

  // MARK: Failure

  var failure: DeviceError? { firstFailure.withLock { $0 } }

  private func fail(_ error: DeviceError) { firstFailure.withLock { $0 = $0 ?? error } }

  /// Does the work in turn unless the device has failed, and keeps the failure.
  func attempt(_ work: () throws(DeviceError) -> Void) {
    turn.take(compute) {
      if failure != nil { return }
      do throws(DeviceError) { try work() } catch { fail(error) }
    }
  }

  /// Does the work and names the device in its failure.
  func named<Result>(
    _ work: () throws(OpenCLFailure) -> Result
  ) throws(DeviceError) -> Result {
    do throws(OpenCLFailure) { return try work() } catch {
      throw error.isLackOfMemory ? outOfMemory(requested: 0) : error.on(name)
    }
  }

  // MARK: Kernels

  /// The name of a kernel in one program.
  private struct KernelName: Hashable {
    let recipe: ProgramRecipe
    let name: String

    /// By what is short: this is asked for in every launch.
    func hash(into hasher: inout Hasher) {
      hasher.combine(name)
      hasher.combine(recipe.macros)
    }
  }

  /// A kernel object that nothing is pending of, for a launch that comes at once.
  func object(_ recipe: ProgramRecipe, _ name: String) throws(DeviceError) -> KernelObject {
    let key = KernelName(recipe: recipe, name: name)
    guard let place = kernels.index(forKey: key) else {
      try load(recipe)
      kernels[key] = KernelRing()
      return try object(recipe, name)
    }
    return try named { () throws(OpenCLFailure) in
      try kernels.values[place].take(compute) { () throws(OpenCLFailure) in
        try KernelObject(programs[recipe]!, name, library)
      }
    }
  }

  /// A kernel object of the launch's own, with its arguments; its program is loaded.
  func makeObject(_ launch: Launch) throws(OpenCLFailure) -> KernelObject {
    let object = try KernelObject(programs[launch.recipe]!, launch.kernel, library)
    try object.bind(launch.arguments)
    return object
  }

  /// Kernel objects that eager launches take turns with.
  var objectCount: Int { kernels.values.reduce(0) { $0 + $1.count } }

  /// How a product is done: worked out once, since that takes longer than to queue a launch.
  func plan(for problem: ProductProblem) -> ProductPlan {
    if let plan = plans[problem] { return plan }
    let usual = ProductPlan.usual(problem, on: device)
    let bucket = ProductBucket(problem, usual.tile.units)
    let tile = tuning?.tile(for: bucket).flatMap { $0.fits(device) ? $0 : nil }
    let plan = tile.map { usual.with($0, for: problem) } ?? usual
    if plans.count >= Self.mostPlans { plans = [:] }
    plans[problem] = plan
    return plan
  }

  /// Takes a tuning's tiles from now on, before calls are prepared; results stay the same to the
  /// bit.
  func use(_ tuning: ProductTuning?, _ state: TuningState = .none) {
    turn.take(compute) {
      (self.tuning, tuningState) = (tuning, state)
      plans = [:]
    }
  }

  /// Builds a program unless it is there.
  func load(_ recipe: ProgramRecipe) throws(DeviceError) {
    if programs[recipe] != nil { return }
    let builder = ProgramBuilder(library: library, context: context, device: device, cache: cache)
    programs[recipe] = try builder.build(recipe)
  }
}
