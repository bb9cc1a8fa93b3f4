/// A step of training that was run and recorded once, to be replayed: the same kernel calls on the
/// same memory, without shapes, gradients or tensors being worked out again.
///
/// A replay has the bits of the step run anew, provided that `body` does the same whatever the
/// step: what changes from step to step is
///
/// - `inputs`, which `body` gets as tensors of its own,
/// - random numbers whose ``RandomKey/step`` is that of the step,
/// - the numbers of optimisers, which are told of each replay before it by
///   `advance(rate:)`,
/// - and what tensors made outside hold, such as parameters: they are read and changed where they
///   lie.
///
/// Anything else that `body` looks at, such as a schedule's weight, is what it was in the
/// recording; make it an input. `body` cannot read values: it returns tensors, which are read after
/// each replay.
///
///     let step = RecordedStep(1, on: device, inputs: [pictures]) { inputs in
///       let loss = model.loss(inputs[0])
///       adam.step(gradients(of: loss, withRespectTo: weights), rate: rate)
///       return [loss]
///     }
///     adam.advance(rate: rate)
///     step.replay(2, inputs: [nextPictures])
///     print(try step.results[0].scalar())
///
/// What it saves is the work between kernels, some microseconds an operation: a lot for small
/// models, nothing for large ones. It keeps the memory that the step took.
public final class RecordedStep {
  /// What `body` returned, without history; every replay overwrites them.
  public let results: [Tensor]

  private let inputs: [Tensor]
  private let memory: StepMemory
  private let kept: [Storage]
  private let remakes: [(place: Int, make: StepRecorder.Remake)]
  private var calls: [KernelCall]

  /// Runs `body` and records it.
  ///
  /// - Parameters:
  ///   - number: The step's number, from 1.
  ///   - device: Computes all of the step.
  ///   - inputs: What changes from step to step, on that device; none by default.
  ///   - body: Makes the step. It may change tensors in place as optimisers and statistics do.
  /// - Throws: What `body` throws.
  public init(
    _ number: UInt32, on device: Device, inputs: [Tensor] = [],
    _ body: ([Tensor]) throws -> [Tensor]
  ) rethrows {
    let recorder = StepRecorder(step: number, on: device.backend)
    let copies = inputs.map { input in
      precondition(
        input.device == device,
        "a step recorded on \(device.description) has an input on \(input.device.description)")
      let copy = input.sibling(input.shape)
      ParameterUpdate.assign(input.detached(), to: copy)
      return copy
    }
    self.inputs = copies
    results = try StepRecorder.$current.withValue(recorder) {
      try body(copies).map { $0.detached() }
    }
    memory = recorder.memory
    calls = recorder.calls
    remakes = recorder.remakes
    kept = Array(recorder.kept.values)
  }

  /// Kernel calls of a replay.
  public var callCount: Int { calls.count }

  /// Makes the step again.
  ///
  /// - Parameters:
  ///   - number: The step's number, from 1.
  ///   - inputs: Of the shapes, types and device of those that were recorded.
  public func replay(_ number: UInt32, inputs: [Tensor] = []) {
    precondition(
      inputs.count == self.inputs.count,
      "a step recorded with \(self.inputs.count) inputs is replayed with \(inputs.count)")
    for (new, input) in zip(inputs, self.inputs) {
      precondition(
        new.shape == input.shape && new.dtype == input.dtype,
        "a step recorded for \(input.shape) is replayed with \(new.shape)")
      ParameterUpdate.assign(new.detached(), to: input)
    }
    for (place, make) in remakes { calls[place] = make(number, calls[place]) }
    memory.backend.submit(calls)
  }
}
