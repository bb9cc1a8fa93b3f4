import COpenCLKernels
import Testing

@testable import Tensors

/// What a queue knows of itself, on the first usable device.
@Suite("OpenCL queues", .enabled(if: !TestDevices.openCL.isEmpty, TestDevices.skipped))
struct CommandQueueTests {
  private let library: OpenCLLibrary
  private let backend: OpenCLBackend

  init() throws {
    library = try OpenCLLibrary.system.get()
    backend = try OpenCLBackend(TestDevices.openCL[0].device, library: library)
  }

  private func queue(_ interval: Int, _ mostOpen: Int) throws -> CommandQueue {
    try CommandQueue(
      backend.context, backend.device.id, .init(interval: interval, mostOpen: mostOpen), library)
  }

  /// Queues a command that does nothing.
  private func add(to queue: CommandQueue) throws {
    try queue.add("clEnqueueMarkerWithWaitList") { cl, queue, count, events, own in
      cl.clEnqueueMarkerWithWaitList(queue, count, events, own)
    }
  }

  @Test("no more commands are pending than milestones allow, however many are queued")
  func bounded() throws {
    let queue = try queue(4, 3)
    for number in 1...1000 {
      try add(to: queue)
      #expect(queue.last == number)
      #expect(queue.last - queue.done < 4 * (3 + 1), "after \(number)")
    }
    try queue.finish()
    #expect(queue.done == 1000)
  }

  @Test("a command that is pending has an event, and one that has run has none")
  func events() throws {
    let (queue, gate) = (try queue(8, 8), try Gate(backend.context, library))
    try add(to: queue)
    try queue.finish()
    try gate.close(queue)
    for _ in 0..<20 { try add(to: queue) }
    #expect(try queue.event(after: 1) == nil)
    // Number 8 is a milestone; for 22 there is a marker.
    let (early, late) = (try queue.event(after: 5), try queue.event(after: 22))
    #expect(try early?.isDone() == false && late?.isDone() == false)
    #expect(queue.last == 23 && queue.done == 1)
    gate.open()
    try queue.wait(for: 22)
    #expect(queue.done >= 22)
    #expect(try early?.isDone() == true)
  }

  @Test("an error by which a command ended comes with the name of the function that queued it")
  func failedCommand() throws {
    let gate = try Gate(backend.context, library)
    #expect(try gate.event.isDone() == false)
    gate.open(CL_OUT_OF_RESOURCES)
    let expected = OpenCLFailure(function: "clCreateUserEvent", code: CL_OUT_OF_RESOURCES)
    #expect(throws: expected) { try gate.event.isDone() }
    #expect(throws: OpenCLFailure.self) { try gate.event.wait() }
  }

  @Test("kernel objects are taken again when their launches are known to have run, not before")
  func ring() throws {
    let (queue, gate) = (try queue(1000, 1), try Gate(backend.context, library))
    try gate.close(queue)
    let builder = ProgramBuilder(
      library: library, context: backend.context, device: backend.device,
      cache: ProgramCache(folder: nil, capacity: 0))
    let program = try builder.build(
      name: "one", source: "__kernel void one(int x) {}\n", macros: "")
    defer { _ = library.functions.clReleaseProgram(program) }
    var ring = KernelRing()
    func launch() throws -> ObjectIdentifier {
      let object = try ring.take(queue) { () throws(OpenCLFailure) in
        try KernelObject(program, "one", library)
      }
      try add(to: queue)
      object.lastLaunch = queue.last
      return ObjectIdentifier(object)
    }
    let pending = try (0..<5).map { _ in try launch() }
    #expect(Set(pending).count == 5)
    gate.open()
    try queue.finish()
    #expect(try Set((0..<5).map { _ in try launch() }) == Set(pending))
    let sixth = try launch()
    #expect(!pending.contains(sixth), "five are pending")
    // Where nothing is pending, the one that was used last is enough.
    for _ in 0..<20 {
      try queue.finish()
      #expect(try launch() == sixth)
    }
    #expect(ring.count == 6)
  }
}
