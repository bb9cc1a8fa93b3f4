internal import COpenCLKernels

/// Collects the times of launches, by the events that they leave on a queue that keeps times.
struct LaunchProfiler {
  private var sum = ProfileSum()
  /// Launches of the call under way.
  private var launches: [(program: String, event: OpenCLEvent)] = []
  /// Calls whose times are not read yet, in their order.
  private var pending: [PendingCall] = []

  private struct PendingCall {
    let kind: String
    let work: KernelWork
    let launches: [(program: String, event: OpenCLEvent)]
    /// Of the last launch.
    let number: Int

    /// Of all launches, in their order, each once.
    var programs: String {
      var names: [String] = []
      for launch in launches where !names.contains(launch.program) { names.append(launch.program) }
      return names.joined(separator: "+")
    }
  }

  /// Events that are kept until some are read: beyond what ``CommandQueue/Pace/launches`` lets be
  /// pending, so that there are always some.
  private static let mostPending = 512

  mutating func begin() { launches = [] }

  mutating func note(_ event: OpenCLEvent, of program: String) { launches.append((program, event)) }

  /// The launches since `begin` were those of `call`.
  mutating func end(_ call: KernelCall, on queue: CommandQueue) throws(OpenCLFailure) {
    if launches.isEmpty { return }
    pending.append(
      PendingCall(kind: call.kind, work: call.work, launches: launches, number: queue.last))
    if pending.count < Self.mostPending { return }
    try queue.poll()
    try collect(upTo: queue.done)
  }

  /// All times; the queue is drained.
  mutating func profile() throws(OpenCLFailure) -> Profile {
    try collect(upTo: .max)
    return sum.profile
  }

  private mutating func collect(upTo number: Int) throws(OpenCLFailure) {
    let run = pending.prefix { $0.number <= number }
    for call in run {
      var seconds = 0.0
      for launch in call.launches { seconds += try launch.event.seconds() }
      sum.add(
        call.kind, by: call.programs, launches: call.launches.count, seconds: seconds, call.work)
    }
    pending.removeFirst(run.count)
  }
}

extension OpenCLBackend {
  func beginProfile() {
    attempt { () throws(DeviceError) in
      precondition(profiler == nil, "\(name) is being profiled already")
      try named { () throws(OpenCLFailure) in try compute.reopen(keepsTimes: true) }
      profiler = LaunchProfiler()
    }
  }

  func endProfile() throws(DeviceError) -> Profile {
    var profile = Profile()
    attempt { () throws(DeviceError) in
      try named { () throws(OpenCLFailure) in
        try compute.finish()
        profile = try profiler?.profile() ?? profile
        profiler = nil
        try compute.reopen(keepsTimes: false)
      }
    }
    if let failure { throw failure }
    return profile
  }

  /// The call's launches have been queued.
  func profile(_ call: KernelCall) throws(DeviceError) {
    guard profiler != nil else { return }
    try named { () throws(OpenCLFailure) in try profiler!.end(call, on: compute) }
  }
}
