internal import CKernels
internal import COpenCLKernels

/// An argument of a kernel.
enum KernelArgument {
  /// A scalar or a struct of scalars, by value.
  case bytes([UInt8])
  /// Two arguments: the buffer, and the position of the first element; a null buffer for none.
  case operand(Operand?)

  static func scalars<each Value: BitwiseCopyable>(_ value: repeat each Value) -> KernelArgument {
    var bytes: [UInt8] = []
    for value in repeat each value { withUnsafeBytes(of: value) { bytes += $0 } }
    return .bytes(bytes)
  }

  var block: DeviceBlock? {
    if case .operand(let operand) = self { operand?.memory.block } else { nil }
  }

  /// The same argument, its memory kept by someone else.
  var unowned: KernelArgument {
    if case .operand(let operand) = self { .operand(operand?.unowned) } else { self }
  }
}

/// A launch as data.
struct Launch {
  let recipe: ProgramRecipe
  let kernel: String
  let grid: Grid
  let arguments: [KernelArgument]

  /// How many items, and how many make a group.
  struct Grid {
    let items: Int
    let groupSize: Int
  }
}

/// Launches of calls that are being prepared.
struct LaunchListing {
  var launches: [Launch] = []
  /// The products among them.
  var products: [ProductCase] = []
  /// Where scratch memory comes from; it stays with the prepared calls.
  let memory: StepMemory
}

/// From calls to launches: `run` says what a call launches, and here that is queued, or listed where
/// calls are prepared.
extension OpenCLBackend {
  func submit(_ call: KernelCall) {
    attempt { () throws(DeviceError) in
      profiler?.begin()
      try run(call)
      try profile(call)
    }
  }

  func prepare(_ calls: [KernelCall]) -> any PreparedCalls { OpenCLCalls(calls, on: self) }

  /// What a call launches; scratch memory is from `memory`.
  func launches(
    of call: KernelCall, scratchIn memory: StepMemory
  ) throws(DeviceError) -> [Launch] {
    try list(call, scratchIn: memory).launches
  }

  /// The products of a call; scratch memory is from `memory`.
  func products(
    of call: KernelCall, scratchIn memory: StepMemory
  ) throws(DeviceError) -> [ProductCase] {
    try list(call, scratchIn: memory).products
  }

  private func list(
    _ call: KernelCall, scratchIn memory: StepMemory
  ) throws(DeviceError) -> LaunchListing {
    listing = LaunchListing(memory: memory)
    defer { listing = nil }
    try run(call)
    return listing!
  }

  /// Memory for intermediate results of one call; it may be let go as soon as the call is queued.
  func scratch(_ count: Int, _ dtype: DType = .float32) throws(DeviceError) -> Operand {
    let storage = Storage(
      byteCount: count * dtype.byteCount, on: self, of: listing?.memory)
    let operand = Operand(storage: storage, offset: 0, dtype: dtype)
    if let failure { throw failure }
    return operand
  }

  /// Queues a kernel, in one dimension.
  ///
  /// - Parameters:
  ///   - recipe: Its program.
  ///   - name: Of the kernel.
  ///   - groups: Work-groups; none do nothing.
  ///   - groupSize: Items of a group; `device.groupSize` by default.
  ///   - arguments: In the order of the kernel's parameters.
  /// - Throws: `buildFailed` or `callFailed`.
  func launch(
    _ recipe: ProgramRecipe, _ name: String, groups: Int, groupSize: Int? = nil,
    _ arguments: KernelArgument...
  ) throws(DeviceError) {
    try launch(recipe, name, groups: groups, groupSize: groupSize, arguments)
  }

  func launch(
    _ recipe: ProgramRecipe, _ name: String, groups: Int, groupSize: Int? = nil,
    _ arguments: [KernelArgument]
  ) throws(DeviceError) {
    if groups == 0 { return }
    let size = groupSize ?? device.groupSize
    let grid = Launch.Grid(items: groups * size, groupSize: size)
    if listing != nil {
      listing!.launches.append(
        Launch(recipe: recipe, kernel: name, grid: grid, arguments: arguments.map(\.unowned)))
      return
    }
    let object = try object(recipe, name)
    var upload = 0
    for argument in arguments { upload = max(upload, argument.block?.lastUpload ?? 0) }
    try named { () throws(OpenCLFailure) in
      try object.bind(arguments)
      try enqueue(object, grid, program: recipe.name, after: try uploads(upTo: upload))
      for argument in arguments { argument.block?.lastUse = compute.last }
    }
  }

  /// Queues a kernel object whose arguments are set.
  func enqueue(
    _ object: KernelObject, _ grid: Launch.Grid, program: String, after uploads: [OpenCLEvent]
  ) throws(OpenCLFailure) {
    let event = try compute.add(
      "clEnqueueNDRangeKernel", after: uploads, keepsEvent: profiler != nil
    ) { cl, queue, count, events, own in
      var (global, local) = (grid.items, grid.groupSize)
      return cl.clEnqueueNDRangeKernel(
        queue, object.kernel, 1, nil, &global, &local, count, events, own)
    }
    object.lastLaunch = compute.last
    if let event { profiler?.note(event, of: program) }
  }
}
