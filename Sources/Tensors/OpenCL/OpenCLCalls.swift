internal import CKernels

/// Calls whose launches are known and whose arguments are set, so that a replay queues and does
/// nothing else.
///
/// Every launch has a kernel object of its own. Where scalars are replaced, it becomes one of
/// several that take turns: arguments are never set of an object that a replay is pending of.
final class OpenCLCalls: PreparedCalls {
  private let backend: OpenCLBackend
  private var calls: [Call] = []
  /// Of intermediate results, which every replay writes again.
  private let scratch: StepMemory
  /// All memory that is used.
  private let blocks: [DeviceBlock]

  private struct Call {
    var call: KernelCall
    var launches: [PreparedLaunch]
  }

  /// Looks up and binds; after a failure there is nothing to submit.
  init(_ calls: [KernelCall], on backend: OpenCLBackend) {
    self.backend = backend
    let scratch = StepMemory(on: backend)
    var prepared: [Call] = []
    var blocks: [ObjectIdentifier: DeviceBlock] = [:]
    backend.attempt { () throws(DeviceError) in
      for call in calls {
        let launches = try backend.launches(of: call, scratchIn: scratch)
        for argument in launches.lazy.flatMap(\.arguments) {
          if let block = argument.block { blocks[ObjectIdentifier(block)] = block }
        }
        prepared.append(
          Call(
            call: call,
            launches: try launches.map { launch throws(DeviceError) in
              try PreparedLaunch(launch, on: backend)
            }))
      }
    }
    self.scratch = scratch
    self.blocks = Array(blocks.values)
    if backend.failure == nil { self.calls = prepared }
  }

  func replaceScalars(at place: Int, with scalars: StepScalars) {
    backend.attempt { () throws(DeviceError) in
      if calls.isEmpty { return }
      let call = calls[place].call.with(scalars)
      calls[place].call = call
      let launches = try backend.launches(of: call, scratchIn: scratch)
      precondition(
        launches.count == calls[place].launches.count, "scalars that change what a call launches")
      try backend.named { () throws(OpenCLFailure) in
        for (index, launch) in launches.enumerated() {
          try calls[place].launches[index].rebind(launch, on: backend)
        }
      }
    }
  }

  func submit() {
    backend.attempt { () throws(DeviceError) in
      var uploads = try backend.named { () throws(OpenCLFailure) in
        try backend.uploads(upTo: blocks.reduce(0) { max($0, $1.lastUpload) })
      }
      for call in calls {
        backend.profiler?.begin()
        for launch in call.launches {
          try backend.named { () throws(OpenCLFailure) in
            try backend.enqueue(
              launch.object, launch.grid, program: launch.program, after: uploads)
          }
          uploads = []
        }
        try backend.profile(call.call)
      }
      for block in blocks { block.lastUse = backend.compute.last }
      // The host may be long in coming back: the device has work until then.
      try backend.named { () throws(OpenCLFailure) in try backend.compute.flush() }
    }
  }
}

/// A launch with an object of its own.
private struct PreparedLaunch {
  private(set) var object: KernelObject
  let grid: Launch.Grid
  let program: String
  /// The objects that take turns, once scalars were replaced.
  private var ring: KernelRing

  init(_ launch: Launch, on backend: OpenCLBackend) throws(DeviceError) {
    try backend.load(launch.recipe)
    let object = try backend.named { () throws(OpenCLFailure) in
      try backend.makeObject(launch)
    }
    (self.object, ring) = (object, KernelRing(taken: object))
    (grid, program) = (launch.grid, launch.recipe.name)
  }

  /// Goes on with an object that nothing is pending of, and with the scalars of `launch`, whose
  /// operands are the same.
  mutating func rebind(_ launch: Launch, on backend: OpenCLBackend) throws(OpenCLFailure) {
    object = try ring.take(backend.compute) { () throws(OpenCLFailure) in
      try backend.makeObject(launch)
    }
    try object.bind(launch.arguments)
  }
}
