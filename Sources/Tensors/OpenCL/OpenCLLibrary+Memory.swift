internal import COpenCLKernels

/// What a driver's refusal of memory leads to.
///
/// It may come when a buffer is made, or late: PoCL and NVIDIA take the memory of a buffer when a
/// command first uses it, and refuse the command. OUT_OF_RESOURCES of a command is told as it is: it
/// may as well mean that an earlier kernel went astray or that the device is lost, after which no
/// second try is sound.
extension OpenCLLibrary {
  /// Makes a buffer; nil where there is no memory for it.
  ///
  /// - Throws: Any other failure.
  func createBuffer(
    _ function: String, _ body: (borrowing ck_opencl, inout cl_int) -> OpaquePointer?
  ) throws(OpenCLFailure) -> OpaquePointer? {
    do throws(OpenCLFailure) {
      return try create(function, body)
    } catch {
      switch error.code {
      case CL_MEM_OBJECT_ALLOCATION_FAILURE, CL_OUT_OF_RESOURCES, CL_OUT_OF_HOST_MEMORY: return nil
      default: throw error
      }
    }
  }

  /// Makes a call and, where it lacks memory for a buffer, once more after `makeRoom`.
  ///
  /// A command that was refused so was not queued, so that it can be given again.
  ///
  /// - Parameters:
  ///   - function: Its name.
  ///   - body: Makes it.
  ///   - makeRoom: Whether there may be more memory now.
  /// - Throws: The failure of the last call made.
  func callWithMemory(
    _ function: String, _ body: (borrowing ck_opencl) -> cl_int, makeRoom: () -> Bool
  ) throws(OpenCLFailure) {
    do throws(OpenCLFailure) {
      try call(function, body)
    } catch {
      guard error.isLackOfMemory, makeRoom() else { throw error }
      try call(function, body)
    }
  }
}
