internal import COpenCLKernels

/// An in-order queue, and how far the device has come with it.
///
/// Commands are numbered from 1. Every few of them one leaves its event, a milestone: asking it, or
/// draining the queue, tells up to which number all commands have run. Where too many milestones are
/// open the oldest is waited for, so that what the driver holds of a queue is bounded however long
/// nobody reads a value.
///
/// Touched by whoever has the turn alone.
final class CommandQueue {
  /// The number of the newest command.
  private(set) var last = 0
  /// All commands up to this one are known to have run.
  private(set) var done = 0
  private(set) var queue: cl_command_queue
  /// Whether there may be more memory on the device now: asked where a command lacks it.
  var makeRoom: () -> Bool = { false }

  private let library: OpenCLLibrary
  private let context: cl_context
  private let device: cl_device_id
  private let pace: Pace
  /// In their order.
  private var milestones: [(number: Int, event: OpenCLEvent)] = []

  /// How often there is a milestone, and how many may be open.
  struct Pace {
    let interval: Int
    let mostOpen: Int

    /// For kernels: at most 288 launches are queued and not known to have run.
    ///
    /// At some 10 µs each that is milliseconds of work, more than a device works off while the host
    /// is held up, and an event for every 32nd costs next to nothing a launch.
    static let launches = Pace(interval: 32, mostOpen: 8)
    /// For copies: each is waited for by itself.
    static let transfers = Pace(interval: 1, mostOpen: 64)
  }

  init(
    _ context: cl_context, _ device: cl_device_id, _ pace: Pace, _ library: OpenCLLibrary
  ) throws(OpenCLFailure) {
    (self.context, self.device) = (context, device)
    (self.pace, self.library) = (pace, library)
    queue = try Self.open(context, device, keepsTimes: false, library)
  }

  deinit { _ = library.functions.clReleaseCommandQueue(queue) }

  private static func open(
    _ context: cl_context, _ device: cl_device_id, keepsTimes: Bool, _ library: OpenCLLibrary
  ) throws(OpenCLFailure) -> cl_command_queue {
    let properties = keepsTimes ? cl_command_queue_properties(CL_QUEUE_PROFILING_ENABLE) : 0
    return try library.create("clCreateCommandQueue") { cl, code in
      cl.clCreateCommandQueue(context, device, properties, &code)
    }
  }

  /// Goes on in a new queue that does or does not keep the times of its commands.
  func reopen(keepsTimes: Bool) throws(OpenCLFailure) {
    try finish()
    let new = try Self.open(context, device, keepsTimes: keepsTimes, library)
    _ = library.functions.clReleaseCommandQueue(queue)
    queue = new
  }

  /// What a call that queues a command takes: the queue, the number of events to wait for, they,
  /// and where to leave the command's own, nil for nowhere.
  typealias Enqueue = (
    borrowing ck_opencl, cl_command_queue, cl_uint, UnsafePointer<cl_event?>?,
    UnsafeMutablePointer<cl_event?>?
  ) -> cl_int

  /// Queues a command.
  ///
  /// - Parameters:
  ///   - function: The function that `enqueue` calls.
  ///   - events: What the command waits for beside those before it: of other queues, flushed.
  ///   - keepsEvent: Whether its event is wanted whatever its number.
  ///   - enqueue: Makes the call.
  /// - Returns: The command's event where it is wanted or a milestone.
  /// - Throws: The failure of the call, or of a milestone that was waited for.
  @discardableResult
  func add(
    _ function: String, after events: [OpenCLEvent] = [], keepsEvent: Bool = false,
    _ enqueue: Enqueue
  ) throws(OpenCLFailure) -> OpenCLEvent? {
    let isMilestone = (last + 1) % pace.interval == 0
    var own: cl_event?
    let list = events.map { Optional($0.event) }
    let wantsEvent = isMilestone || keepsEvent || !events.isEmpty
    try library.callWithMemory(
      function,
      { cl in
        wantsEvent
          ? enqueue(cl, queue, cl_uint(list.count), list.isEmpty ? nil : list, &own)
          : enqueue(cl, queue, 0, nil, nil)
      }, makeRoom: makeRoom)
    last += 1
    guard let own else { return nil }
    let event = OpenCLEvent(own, of: function, library)
    if isMilestone { try addMilestone(event) }
    return event
  }

  private func addMilestone(_ event: OpenCLEvent) throws(OpenCLFailure) {
    milestones.append((last, event))
    try flush()
    if milestones.count > pace.mostOpen {
      try poll()
      if milestones.count > pace.mostOpen { try waitForOldest() }
    }
  }

  /// Hands all commands to the device: what else waits for one of them would wait for ever.
  func flush() throws(OpenCLFailure) {
    try library.call("clFlush") { cl in cl.clFlush(queue) }
  }

  /// Learns from the milestones how far the device is.
  ///
  /// - Throws: The error with which a milestone's command ended.
  func poll() throws(OpenCLFailure) {
    while let oldest = milestones.first, try oldest.event.isDone() { passOldest() }
  }

  /// The event of a command at or after the one of this number; nil where it has run.
  func event(after number: Int) throws(OpenCLFailure) -> OpenCLEvent? {
    if number <= done { return nil }
    try poll()
    if number <= done { return nil }
    if let milestone = milestones.first(where: { $0.number >= number }) { return milestone.event }
    let marker = try add("clEnqueueMarkerWithWaitList", keepsEvent: true) {
      cl, queue, count, events, own in
      cl.clEnqueueMarkerWithWaitList(queue, count, events, own)
    }
    if milestones.last?.number != last, let marker { try addMilestone(marker) }
    return marker
  }

  /// Waits for the command of this number.
  func wait(for number: Int) throws(OpenCLFailure) {
    guard try event(after: number) != nil else { return }
    while done < number { try waitForOldest() }
  }

  /// Waits for all commands.
  func finish() throws(OpenCLFailure) {
    try library.call("clFinish") { cl in cl.clFinish(queue) }
    try noteDrained()
  }

  /// All commands have run, as a command that the host waited for shows.
  func noteDrained() throws(OpenCLFailure) {
    try poll()
    done = last
  }

  private func waitForOldest() throws(OpenCLFailure) {
    try milestones[0].event.wait()
    passOldest()
  }

  private func passOldest() { done = max(done, milestones.removeFirst().number) }
}
