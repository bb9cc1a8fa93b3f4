import COpenCLKernels
import Foundation
import Testing

@testable import Tensors

/// An event that happens when a test says so: what is queued behind it is pending until then.
final class Gate {
  let event: OpenCLEvent
  private let library: OpenCLLibrary
  private let set: SetStatus
  private let retain: @convention(c) (OpaquePointer) -> cl_int
  private var isOpen = false

  private typealias Create =
    @convention(c) (OpaquePointer, UnsafeMutablePointer<cl_int>) ->
    OpaquePointer?
  private typealias SetStatus = @convention(c) (OpaquePointer, cl_int) -> cl_int

  init(_ context: cl_context, _ library: OpenCLLibrary) throws {
    self.library = library
    let handle = try #require(dlopen("libOpenCL.so.1", RTLD_NOW))
    let create = unsafeBitCast(
      try #require(dlsym(handle, "clCreateUserEvent")), to: Create.self)
    set = unsafeBitCast(
      try #require(dlsym(handle, "clSetUserEventStatus")), to: SetStatus.self)
    retain = unsafeBitCast(
      try #require(dlsym(handle, "clRetainEvent")),
      to: (@convention(c) (OpaquePointer) -> cl_int).self)
    event = OpenCLEvent(
      try library.create("clCreateUserEvent") { _, code in create(context, &code) },
      of: "clCreateUserEvent", library)
  }

  deinit { open() }

  /// Queues what ends as the gate says, as if `function` had done it.
  func pose(as function: String, on queue: CommandQueue) throws {
    try queue.add(function, keepsEvent: true) { _, _, _, _, own in
      own?.pointee = event.event
      return retain(event.event)
    }
  }

  /// Lets what waits go on; with an error code it fails.
  ///
  /// PoCL 3.1 ends the process where a command waits for an event that fails.
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
