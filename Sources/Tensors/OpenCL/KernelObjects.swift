internal import COpenCLKernels

/// A kernel with arguments of its own.
final class KernelObject {
  let kernel: cl_kernel
  /// The number of its last launch.
  var lastLaunch = 0
  private let library: OpenCLLibrary

  init(_ program: cl_program, _ name: String, _ library: OpenCLLibrary) throws(OpenCLFailure) {
    self.library = library
    kernel = try library.create("clCreateKernel(\(name))") { cl, code in
      cl.clCreateKernel(program, name, &code)
    }
  }

  deinit { _ = library.functions.clReleaseKernel(kernel) }

  /// Sets the arguments, of which none may be pending.
  ///
  /// - Parameter scalarsAlone: Whether the operands are those that were set before.
  func bind(_ arguments: [KernelArgument], scalarsAlone: Bool = false) throws(OpenCLFailure) {
    var position: cl_uint = 0
    for argument in arguments {
      switch argument {
      case .bytes(let bytes): try set(&position, bytes.count, bytes)
      case .operand where scalarsAlone: position += 2
      case .operand(let operand):
        var buffer = operand?.memory.block?.buffer
        var start = cl_ulong(operand?.offset ?? 0)
        try set(&position, MemoryLayout<cl_mem?>.size, &buffer)
        try set(&position, MemoryLayout<cl_ulong>.size, &start)
      }
    }
  }

  private func set(
    _ position: inout cl_uint, _ size: Int, _ value: UnsafeRawPointer
  ) throws(OpenCLFailure) {
    try library.call("clSetKernelArg") { cl in cl.clSetKernelArg(kernel, position, size, value) }
    position += 1
  }
}

/// The kernel objects of one kernel.
///
/// Drivers are known to mix up the launches of an object whose arguments are set while one of them
/// is pending, so an object is taken again when its last launch is known to have run, and another
/// is made until then. There are never more than launches that may be pending, and one: see
/// ``CommandQueue/Pace``.
struct KernelRing {
  /// That nothing is pending of.
  ///
  /// The last was used last and goes first: few are used, and lie in the processor's cache, however
  /// many a burst has made.
  private var free: [KernelObject] = []
  /// In the order in which they were taken.
  private var taken: [KernelObject] = []

  /// With an object that is about to be launched.
  init(taken object: KernelObject? = nil) { taken = object.map { [$0] } ?? [] }

  var count: Int { free.count + taken.count }

  /// An object that no launch of `queue` is pending of; the launch that it is for comes before any
  /// other of the ring's.
  mutating func take(
    _ queue: CommandQueue, orMake make: () throws(OpenCLFailure) -> KernelObject
  ) throws(OpenCLFailure) -> KernelObject {
    if free.isEmpty, let oldest = taken.first, oldest.lastLaunch > queue.done { try queue.poll() }
    if let oldest = taken.first, oldest.lastLaunch <= queue.done {
      let done = taken.prefix { $0.lastLaunch <= queue.done }
      free += done
      taken.removeFirst(done.count)
    }
    let object = if let last = free.popLast() { last } else { try make() }
    taken.append(object)
    return object
  }
}
