/// Notes the kernel calls of a step while it runs.
///
/// Operations know of it in three places alone: `Backend.execute` notes their call, `Storage` takes
/// its memory, and bytes from the host are noted as a copy of their own.
final class StepRecorder: @unchecked Sendable {
  /// The call of a replay, by the number of the step that is replayed and the call as it was noted,
  /// whose operands it keeps.
  typealias Remake = (_ step: UInt32, _ call: KernelCall) -> KernelCall

  /// Set while a step is recorded, for the task that records it.
  @TaskLocal static var current: StepRecorder?

  private let step: UInt32
  let memory: StepMemory
  private(set) var calls: [KernelCall] = []
  /// Calls that change from step to step.
  private(set) var remakes: [(place: Int, make: Remake)] = []
  /// What calls refer to and the step did not make.
  private(set) var kept: [ObjectIdentifier: Storage] = [:]

  init(step: UInt32, on backend: any Backend) {
    precondition(step > 0, "steps are numbered from 1; 0 marks random numbers of no step")
    self.step = step
    memory = StepMemory(on: backend)
  }

  func memory(on backend: any Backend) -> StepMemory? {
    backend === memory.backend ? memory : nil
  }

  func note(_ call: KernelCall, on backend: any Backend, remade: Remake?) {
    precondition(
      backend === memory.backend,
      "a step recorded on \(memory.backend.name) computes on \(backend.name)")
    if let make = remade ?? remakeOfRandom(call) { remakes.append((calls.count, make)) }
    calls.append(
      call.mapOperands { operand in
        if let storage = operand.storage, !storage.belongs(to: memory) {
          kept[ObjectIdentifier(storage)] = storage
        }
        return operand.unowned
      })
  }

  /// A tensor was filled from the host; in replays it is filled from a copy.
  func noteUpload(to tensor: Tensor) {
    let copy = Self.$current.withValue(nil) {
      let copy = tensor.sibling(tensor.shape)
      copy.fillByCopying(tensor, shape: [tensor.count], sourceStrides: [1])
      return copy
    }
    tensor.fillByCopying(copy, shape: [tensor.count], sourceStrides: [1])
  }

  /// Numbers drawn for the recorded step are drawn for the replayed one instead.
  private func remakeOfRandom(_ call: KernelCall) -> Remake? {
    guard case .random(let scalars, _, _) = call, scalars.step != 0 else { return nil }
    precondition(
      scalars.step == step,
      "random numbers of step \(scalars.step) in a recording of step \(step) would never change")
    return { step, call in
      guard case .random(var scalars, let examples, let y) = call else { return call }
      scalars.step = step
      return .random(scalars, examples: examples, y: y)
    }
  }
}
