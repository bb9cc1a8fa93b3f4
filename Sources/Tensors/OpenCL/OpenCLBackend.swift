internal import CKernels
internal import COpenCLKernels
import Foundation
import Locks

/// Kernel calls on one OpenCL device: its memory, one in-order queue, and the first failure.
///
/// Everything is queued in order, so a block of memory may be given to a new tensor while work on
/// its old one still waits. Callers from several threads take turns, since setting a kernel's
/// arguments and queueing it must not be interrupted.
final class OpenCLBackend: Backend, @unchecked Sendable {
  let device: OpenCLDevice
  let library: OpenCLLibrary
  let cache: ProgramCache
  let memoryLimit: MemoryLimit

  private let turn: QueueTurn
  private let firstFailure = Locked<DeviceError?>(nil)
  private nonisolated(unsafe) let context: cl_context
  private nonisolated(unsafe) let queue: cl_command_queue
  private let memory: BufferPool<cl_mem, OpenCLFailure>
  private var programs: [ProgramRecipe: cl_program] = [:]  // touched only while `turn` is held
  private var kernels: [KernelName: cl_kernel] = [:]  // likewise

  private struct KernelName: Hashable {
    let recipe: ProgramRecipe
    let name: String
  }

  /// Opens a device, which is not tried here.
  ///
  /// - Parameters:
  ///   - device: One that nothing speaks against.
  ///   - library: What all calls go through.
  ///   - cache: Where compiled programs are kept.
  ///   - memoryLimit: Bytes that live tensors may take together; the default is 90 % of the
  ///     device's memory, or less by `ATELIER_DEVICE_MEMORY`.
  /// - Throws: `callFailed` when the driver gives no context or no queue.
  init(
    _ device: OpenCLDevice, library: OpenCLLibrary, cache: ProgramCache = .standard,
    memoryLimit: Int? = nil
  ) throws(DeviceError) {
    self.device = device
    self.library = library
    self.cache = cache
    turn = QueueTurn.forBackend(of: device)
    do throws(OpenCLFailure) {
      let context = try library.create("clCreateContext") { cl, code in
        var id: cl_device_id? = device.id
        return cl.clCreateContext(nil, 1, &id, nil, nil, &code)
      }
      self.context = context
      do throws(OpenCLFailure) {
        queue = try library.create("clCreateCommandQueue") { cl, code in
          cl.clCreateCommandQueue(context, device.id, 0, &code)
        }
      } catch {
        _ = library.functions.clReleaseContext(context)
        throw error
      }
    } catch { throw error.on(device.name) }
    nonisolated(unsafe) let context = self.context
    self.memoryLimit =
      memoryLimit.map { MemoryLimit(bytes: $0) }
      ?? MemoryLimit(total: device.description.memoryBytes)
    memory = BufferPool(
      limit: self.memoryLimit.bytes, largestBlock: device.largestBuffer,
      roundsSizes: !device.isInterpreted,
      create: { size throws(OpenCLFailure) in
        try library.createBuffer("clCreateBuffer") { cl, code in
          let flags = cl_mem_flags(CL_MEM_READ_WRITE)
          return cl.clCreateBuffer(context, flags, size, nil, &code)
        }
      },
      destroy: { _ = library.functions.clReleaseMemObject($0) })
    // The driver's threads need the cores.
    ck_pools_sleep_at_once(true)
  }

  deinit {
    ck_pools_sleep_at_once(false)
    let cl = library.functions
    turn.leave(queue, library)
    for kernel in kernels.values { _ = cl.clReleaseKernel(kernel) }
    for program in programs.values { _ = cl.clReleaseProgram(program) }
    memory.trim()
    _ = cl.clReleaseCommandQueue(queue)
    _ = cl.clReleaseContext(context)
  }

  var name: String { device.name }
  var precision: Precision { .float32 }

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
      if let buffer = try memory.take(byteCount: byteCount) { return .openCL(buffer) }
      fail(outOfMemory(requested: byteCount))
    } catch { fail(error.on(name)) }
    return .none
  }

  private func outOfMemory(requested: Int) -> DeviceError {
    .outOfMemory(
      device: name, requested: requested, inUse: memory.use.current, limit: memory.limit)
  }

  func release(_ memory: Memory, byteCount: Int) {
    if case .openCL(let buffer) = memory { self.memory.give(buffer, byteCount: byteCount) }
  }

  func blockSize(for byteCount: Int) -> Int { memory.blockSize(for: byteCount) }

  var memoryUse: MemoryUse { memory.use }
  var largestBlock: Int { device.largestBuffer }
  func trim() { memory.trim() }

  func upload(_ source: UnsafeRawBufferPointer, to memory: Memory, byteOffset: Int) {
    guard case .openCL(let buffer) = memory, let from = source.baseAddress,
      source.count > 0
    else { return }
    attempt { () throws(DeviceError) in
      try checked("clEnqueueWriteBuffer") { cl in
        cl.clEnqueueWriteBuffer(
          queue, buffer, cl_bool(CL_TRUE), byteOffset, source.count, from, 0, nil, nil)
      }
    }
  }

  func download(
    from memory: Memory, byteOffset: Int, to target: UnsafeMutableRawBufferPointer
  ) throws(DeviceError) {
    if case .openCL(let buffer) = memory, let to = target.baseAddress, target.count > 0 {
      attempt { () throws(DeviceError) in
        try checked("clEnqueueReadBuffer") { cl in
          cl.clEnqueueReadBuffer(
            queue, buffer, cl_bool(CL_TRUE), byteOffset, target.count, to, 0, nil, nil)
        }
      }
    }
    if let failure { throw failure }
  }

  func synchronize() throws(DeviceError) {
    attempt { () throws(DeviceError) in try checked("clFinish") { cl in cl.clFinish(queue) } }
    if let failure { throw failure }
  }

  // MARK: Failure

  private var failure: DeviceError? { firstFailure.withLock { $0 } }

  private func fail(_ error: DeviceError) { firstFailure.withLock { $0 = $0 ?? error } }

  /// Does the work in turn unless the device has failed, and keeps the failure.
  private func attempt(_ work: () throws(DeviceError) -> Void) {
    turn.take(queue, library) {
      if failure != nil { return }
      do throws(DeviceError) { try work() } catch { fail(error) }
    }
  }

  /// Makes a call, a second time without the memory that waits for reuse if there was not enough:
  /// drivers may take a buffer's memory only when a command first uses it.
  private func checked(
    _ function: String, _ body: (borrowing ck_opencl) -> cl_int
  ) throws(DeviceError) {
    do throws(OpenCLFailure) {
      try library.callWithMemory(function, body) {
        let waits = memory.use.cached > 0
        memory.trim()
        return waits
      }
    } catch { throw error.isLackOfMemory ? outOfMemory(requested: 0) : error.on(name) }
  }

  // MARK: Kernels

  func submit(_ call: KernelCall) {
    attempt { () throws(DeviceError) in try run(call) }
  }

  /// Memory for intermediate results of one call; it may be let go as soon as the call is queued.
  func scratch(_ count: Int, _ dtype: DType = .float32) throws(DeviceError) -> Operand {
    let storage = Storage(byteCount: count * dtype.byteCount, on: self)
    let operand = Operand(storage: storage, offset: 0, dtype: dtype)
    if let failure { throw failure }
    return operand
  }

  /// Queues a kernel on so many work-groups, of `device.groupSize` items unless told otherwise, in
  /// one dimension; none do nothing.
  func launch(
    _ recipe: ProgramRecipe, _ name: String, groups: Int, groupSize: Int? = nil,
    _ arguments: KernelArgument...
  ) throws(DeviceError) {
    if groups == 0 { return }
    let kernel = try kernel(recipe, name)
    var position: cl_uint = 0
    for argument in arguments {
      switch argument {
      case .bytes(let bytes): try set(kernel, &position, bytes.count, bytes)
      case .operand(let operand):
        var buffer: cl_mem?
        if case .openCL(let memory)? = operand?.memory { buffer = memory }
        var start = cl_ulong(operand?.offset ?? 0)
        try set(kernel, &position, MemoryLayout<cl_mem?>.size, &buffer)
        try set(kernel, &position, MemoryLayout<cl_ulong>.size, &start)
      }
    }
    var local = groupSize ?? device.groupSize
    var global = groups * local
    try checked("clEnqueueNDRangeKernel") { cl in
      cl.clEnqueueNDRangeKernel(queue, kernel, 1, nil, &global, &local, 0, nil, nil)
    }
  }

  private func set(
    _ kernel: cl_kernel, _ position: inout cl_uint, _ size: Int, _ value: UnsafeRawPointer
  ) throws(DeviceError) {
    try checked("clSetKernelArg") { cl in cl.clSetKernelArg(kernel, position, size, value) }
    position += 1
  }

  private func kernel(_ recipe: ProgramRecipe, _ name: String) throws(DeviceError) -> cl_kernel {
    let key = KernelName(recipe: recipe, name: name)
    if let known = kernels[key] { return known }
    let program = try program(recipe)
    do throws(OpenCLFailure) {
      let kernel = try library.create("clCreateKernel(\(name))") { cl, code in
        cl.clCreateKernel(program, name, &code)
      }
      kernels[key] = kernel
      return kernel
    } catch { throw error.on(self.name) }
  }

  private func program(_ recipe: ProgramRecipe) throws(DeviceError) -> cl_program {
    if let known = programs[recipe] { return known }
    let builder = ProgramBuilder(library: library, context: context, device: device, cache: cache)
    let program = try builder.build(recipe)
    programs[recipe] = program
    return program
  }
}

/// An argument of a kernel.
enum KernelArgument {
  /// A scalar or a struct of scalars, by value.
  case bytes([UInt8])
  /// Two arguments: the buffer, and the position of the first element; a null buffer for none.
  case operand(Operand?)

  static func scalars<each Value: BitwiseCopyable>(_ value: repeat each Value) -> KernelArgument {
    var bytes: [UInt8] = []
    for value in repeat each value { withUnsafeBytes(of: value) { bytes += $0 } }
    return .bytes(bytes)
  }
}
