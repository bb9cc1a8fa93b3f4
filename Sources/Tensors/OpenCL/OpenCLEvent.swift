internal import COpenCLKernels

/// A command that was queued, as others wait for it or ask how far it is.
final class OpenCLEvent: @unchecked Sendable {
  let event: cl_event
  private let library: OpenCLLibrary
  /// What the command does, as errors name it.
  private let function: String

  /// Takes over the reference that the queue gave.
  init(_ event: cl_event, of function: String, _ library: OpenCLLibrary) {
    (self.event, self.function, self.library) = (event, function, library)
  }

  deinit { _ = library.functions.clReleaseEvent(event) }

  /// Whether the command has run.
  ///
  /// - Throws: The error with which it ended, under the name of the function that queued it.
  func isDone() throws(OpenCLFailure) -> Bool {
    var status: cl_int = 0
    try library.call("clGetEventInfo") { cl in
      cl.clGetEventInfo(
        event, cl_event_info(CL_EVENT_COMMAND_EXECUTION_STATUS), MemoryLayout<cl_int>.size,
        &status, nil)
    }
    if status < 0 { throw OpenCLFailure(function: function, code: status) }
    return status == CL_COMPLETE
  }

  /// Waits until the command has run; its queue was flushed since.
  ///
  /// - Throws: The error with which it ended.
  func wait() throws(OpenCLFailure) {
    do throws(OpenCLFailure) {
      try library.call("clWaitForEvents") { cl in
        var event: cl_event? = event
        return cl.clWaitForEvents(1, &event)
      }
    } catch {
      // The event knows more than that something it waited for has failed.
      if error.code == CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST { _ = try isDone() }
      throw error
    }
  }

  /// Seconds that the device worked on the command, which has run on a queue that keeps times.
  func seconds() throws(OpenCLFailure) -> Double {
    let start = try time(CL_PROFILING_COMMAND_START)
    let end = try time(CL_PROFILING_COMMAND_END)
    return end > start ? Double(end - start) * 1e-9 : 0
  }

  private func time(_ key: Int32) throws(OpenCLFailure) -> cl_ulong {
    var nanoseconds: cl_ulong = 0
    try library.call("clGetEventProfilingInfo") { cl in
      cl.clGetEventProfilingInfo(
        event, cl_profiling_info(key), MemoryLayout<cl_ulong>.size, &nanoseconds, nil)
    }
    return nanoseconds
  }
}
