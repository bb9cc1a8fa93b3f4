/// A step of training that was run and recorded once, to be replayed: the same kernel calls on the
/// same memory, without shapes, gradients or tensors being worked out again.
///
/// A replay has the bits of the step run anew, provided that `body` does the same whatever the
/// step: what changes from step to step is
///
/// - `inputs`, which `body` gets as tensors of its own,
/// - random numbers whose ``RandomKey/step`` is that of the step,
/// - the rates of updates by optimisers, which count on from replay to replay,
/// - and what tensors made outside hold, such as parameters: they are read and changed where they
///   lie.
///
/// Anything else that `body` looks at, such as a schedule's weight or a count of steps, is what it
/// was in the recording; make it an input. `body` computes on the thread that calls it: what tasks
/// and other threads do is not recorded, and tensors that they make meanwhile are refused. It makes
/// its optimisers outside, neither records nor replays another step, and cannot read values: it
/// returns tensors, which are read after each replay.
///
///     let step = RecordedStep(1, on: device, inputs: [pictures]) { inputs in
///       let loss = model.loss(inputs[0])
///       adam.step(gradients(of: loss, withRespectTo: weights), rate: rate)
///       return [loss]
///     }
///     step.replay(2, inputs: [nextPictures], rates: [nextRate])
///     print(try step.results[0].scalar())
///
/// What it saves is the work between kernels, some microseconds an operation: a lot for small
/// models, nothing for large ones. It keeps the memory that the step took, which steps that are
/// never under way at once can share.
public final class RecordedStep {
  /// What `body` returned, without history; every replay overwrites them.
  public let results: [Tensor]

  private let inputs: [Tensor]
  private let memory: StepMemory
  private let kept: [Storage]
  private let advances: [(_ rate: Float) -> Void]
  private let changes: [(place: Int, scalars: StepRecorder.Rescale)]
  private let calls: any PreparedCalls

  /// Runs `body` and records it.
  ///
  /// - Parameters:
  ///   - number: The step's number, from 1.
  ///   - device: Computes all of the step.
  ///   - inputs: What changes from step to step, on that device; none by default.
  ///   - other: A step of that device whose memory this one uses, too, so that several kinds of steps
  ///     that take turns all take what the largest does; the results of one are to be read before
  ///     another is made or replayed. Nil by default: it has memory of its own.
  ///   - body: Makes the step. It may change tensors in place as optimisers and statistics do.
  /// - Throws: What `body` throws.
  public init(
    _ number: UInt32, on device: Device, inputs: [Tensor] = [],
    sharingMemoryOf other: RecordedStep? = nil, _ body: ([Tensor]) throws -> [Tensor]
  ) rethrows {
    Self.check(number)
    let copies = inputs.map { input in
      precondition(
        input.device == device,
        "a step recorded on \(device.description) has an input on \(input.device.description)")
      let copy = input.sibling(input.shape)
      ParameterUpdate.assign(input.detached(), to: copy)
      return copy
    }
    let recorder = StepRecorder(
      step: number, in: other?.memory ?? StepMemory(on: device.backend))
    precondition(
      recorder.memory.backend === device.backend,
      "a step recorded on \(device.description) shares memory of \(recorder.memory.backend.name)")
    self.inputs = copies
    results = try recorder.record {
      try body(copies).map { result in
        recorder.keep(result.storage)
        return result.detached()
      }
    }
    memory = recorder.memory
    callCount = recorder.calls.count
    calls = device.backend.prepare(recorder.calls)
    advances = recorder.advances
    changes = recorder.changes
    kept = Array(recorder.kept.values)
  }

  /// Kernel calls of a replay.
  public let callCount: Int

  /// Updates by optimisers in a replay.
  public var updateCount: Int { advances.count }

  /// Makes the step again.
  ///
  /// - Parameters:
  ///   - number: The step's number, from 1.
  ///   - inputs: Of the shapes, types and device of those that were recorded.
  ///   - rates: The learning rate of each update that `body` makes, in their order.
  public func replay(_ number: UInt32, inputs: [Tensor] = [], rates: [Float] = []) {
    Self.check(number)
    precondition(
      inputs.count == self.inputs.count,
      "a step recorded with \(self.inputs.count) inputs is replayed with \(inputs.count)")
    precondition(
      rates.count == updateCount,
      "a step recorded with \(updateCount) updates is replayed with \(rates.count) rates")
    for (new, input) in zip(inputs, self.inputs) {
      precondition(
        new.device == input.device,
        "a step recorded on \(input.device) is replayed with an input on \(new.device)")
      precondition(
        new.shape == input.shape && new.dtype == input.dtype,
        "a step recorded for \(input.dtype.rawValue) \(input.shape) is replayed with"
          + " \(new.dtype.rawValue) \(new.shape)")
      ParameterUpdate.assign(new.detached(), to: input)
    }
    for (advance, rate) in zip(advances, rates) { advance(rate) }
    for (place, scalars) in changes { calls.replaceScalars(at: place, with: scalars(number)) }
    calls.submit()
  }

  private static func check(_ number: UInt32) {
    precondition(number > 0, "steps are numbered from 1; 0 marks random numbers of no step")
    precondition(
      StepRecorder.current == nil,
      "a recorded step records or replays another, whose calls its own replays would not make;"
        + " make that step's operations in its body instead")
  }
}
