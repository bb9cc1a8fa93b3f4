import COpenCLKernels
import Foundation
import Testing

@testable import Tensors

/// An event that happens when a test says so: what is queued behind it is pending until then.
final class Gate {
  let event: OpenCLEvent
  private let set: SetStatus
  private var isOpen = false

  private typealias Create = @convention(c) (OpaquePointer, UnsafeMutablePointer<cl_int>) ->
    OpaquePointer?
  private typealias SetStatus = @convention(c) (OpaquePointer, cl_int) -> cl_int

  init(_ context: cl_context, _ library: OpenCLLibrary) throws {
    let handle = try #require(dlopen("libOpenCL.so.1", RTLD_NOW))
    let create = unsafeBitCast(
      try #require(dlsym(handle, "clCreateUserEvent")), to: Create.self)
    set = unsafeBitCast(
      try #require(dlsym(handle, "clSetUserEventStatus")), to: SetStatus.self)
    event = OpenCLEvent(
      try library.create("clCreateUserEvent") { _, code in create(context, &code) },
      of: "clCreateUserEvent", library)
  }

  deinit { open() }

  /// Lets what waits go on; with an error code it fails.
  func open(_ status: cl_int = CL_COMPLETE) {
    if !isOpen { _ = set(event.event, status) }
    isOpen = true
  }

  /// Queues a command that waits for the gate.
  func close(_ queue: CommandQueue) throws {
    try queue.add("clEnqueueMarkerWithWaitList", after: [event]) { cl, queue, count, events, own in
      cl.clEnqueueMarkerWithWaitList(queue, count, events, own)
    }
  }
}
