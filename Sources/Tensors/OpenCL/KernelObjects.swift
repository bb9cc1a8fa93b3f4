internal import COpenCLKernels

/// A kernel with arguments of its own.
final class KernelObject {
  let kernel: cl_kernel
  /// The number of its last launch.
  var lastLaunch = 0
  private var bound: [Bound] = []
  private let library: OpenCLLibrary

  init(_ program: cl_program, _ name: String, _ library: OpenCLLibrary) throws(OpenCLFailure) {
    self.library = library
    kernel = try library.create("clCreateKernel(\(name))") { cl, code in
      cl.clCreateKernel(program, name, &code)
    }
  }

  deinit { _ = library.functions.clReleaseKernel(kernel) }

  /// What an argument was set to.
  ///
  /// A block that is kept here has an identity that no later one has.
  private enum Bound {
    case bytes([UInt8])
    case buffer(DeviceBlock?, offset: Int)

    func `is`(_ argument: KernelArgument) -> Bool {
      switch (self, argument) {
      case (.bytes(let bytes), .bytes(let new)): bytes == new
      case (.buffer(let block, let offset), .operand(let operand)):
        block === operand?.memory.block && offset == operand?.offset ?? 0
      default: false
      }
    }
  }

  /// Sets the arguments, while no launch is pending: those that are others than the last time, since
  /// drivers take longer to set one than it takes to compare it.
  func bind(_ arguments: [KernelArgument]) throws(OpenCLFailure) {
    var position: cl_uint = 0
    for (index, argument) in arguments.enumerated() {
      let isSet = index < bound.count && bound[index].is(argument)
      switch argument {
      case .bytes(let bytes):
        if !isSet { try set(position, bytes.count, bytes) }
        position += 1
      case .operand(let operand):
        if !isSet {
          var buffer = operand?.memory.block?.buffer
          var start = cl_ulong(operand?.offset ?? 0)
          try set(position, MemoryLayout<cl_mem?>.size, &buffer)
          try set(position + 1, MemoryLayout<cl_ulong>.size, &start)
        }
        position += 2
      }
      if !isSet { note(argument, at: index) }
    }
  }

  private func note(_ argument: KernelArgument, at index: Int) {
    let new: Bound =
      switch argument {
      case .bytes(let bytes): .bytes(bytes)
      case .operand(let operand): .buffer(operand?.memory.block, offset: operand?.offset ?? 0)
      }
    if index < bound.count { bound[index] = new } else { bound.append(new) }
  }

  private func set(
    _ position: cl_uint, _ size: Int, _ value: UnsafeRawPointer
  ) throws(OpenCLFailure) {
    try library.call("clSetKernelArg") { cl in cl.clSetKernelArg(kernel, position, size, value) }
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
