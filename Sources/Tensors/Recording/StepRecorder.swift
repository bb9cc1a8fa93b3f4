import Foundation
import Synchronization

/// Notes the kernel calls of a step while it runs.
///
/// Operations know of it in three places alone: `Backend.execute` notes their call, tensors take
/// their memory, and bytes from the host are noted as a copy of their own. Optimisers say how their
/// updates go on.
final class StepRecorder: @unchecked Sendable {
  /// The scalars of a call in the replay of a step.
  typealias Rescale = (_ step: UInt32) -> StepScalars

  /// Recordings begun so far.
  static var begun: Int { counter.load(ordering: .relaxed) }
  private static let counter = Atomic<Int>(0)

  @TaskLocal private static var inherited: StepRecorder?

  /// The recorder of what the calling thread does.
  ///
  /// A task that a step begins inherits its recorder, and is not part of the step: it computes
  /// elsewhere or later.
  static var current: StepRecorder? {
    guard let recorder = inherited, recorder.thread == pthread_self(), recorder.isRecording
    else { return nil }
    return recorder
  }

  let memory: StepMemory
  private(set) var calls: [KernelCall] = []
  /// Calls that change from step to step.
  private(set) var changes: [(place: Int, scalars: Rescale)] = []
  /// What begins each update by an optimiser, in their order.
  private(set) var advances: [(_ rate: Float) -> Void] = []
  /// What calls refer to and the step did not make.
  private(set) var kept: [ObjectIdentifier: Storage] = [:]

  private let step: UInt32
  private let thread = pthread_self()
  /// Of all recordings, from 1.
  private let serial = counter.add(1, ordering: .relaxed).newValue
  /// Touched by `thread` alone.
  private var isRecording = false

  /// Records a step whose tensors lie in `memory`, which other recorded steps may have used.
  init(step: UInt32, in memory: StepMemory) {
    (self.step, self.memory) = (step, memory)
  }

  /// Runs `body` and notes what it does on this thread.
  func record<Result>(_ body: () throws -> Result) rethrows -> Result {
    isRecording = true
    defer { isRecording = false }
    return try Self.$inherited.withValue(self, operation: body)
  }

  func memory(on backend: any Backend) -> StepMemory? {
    backend === memory.backend ? memory : nil
  }

  func note(_ call: KernelCall, on backend: any Backend, inReplays: Rescale?) {
    precondition(
      backend === memory.backend,
      "a step recorded on \(memory.backend.name) computes on \(backend.name)")
    if let scalars = inReplays ?? randomInReplays(call) { changes.append((calls.count, scalars)) }
    calls.append(
      call.mapOperands { operand in
        if let storage = operand.storage { keep(storage) }
        return operand.unowned
      })
  }

  /// An optimiser, whose `state` it carries from update to update, began one; `advance` begins that
  /// of a replay.
  func noteUpdate(of state: Tensor, advance: @escaping (_ rate: Float) -> Void) {
    precondition(
      !isMadeHere(state.storage),
      "an optimizer made in a recorded step would not be made anew in its replays; make it before")
    advances.append(advance)
  }

  /// A tensor was filled from the host; in replays it is filled from a copy.
  func noteUpload(to tensor: Tensor) {
    isRecording = false
    let copy = tensor.sibling(tensor.shape)
    copy.fillByCopying(tensor, shape: [tensor.count], sourceStrides: [1])
    isRecording = true
    kept[ObjectIdentifier(copy.storage)] = copy.storage
    tensor.fillByCopying(copy, shape: [tensor.count], sourceStrides: [1])
  }

  /// Keeps what the step refers to and did not make.
  func keep(_ storage: Storage) {
    if isMadeHere(storage) || kept[ObjectIdentifier(storage)] != nil { return }
    precondition(
      storage.recordingsBefore < serial,
      "a recorded step uses a tensor that another thread made meanwhile and its replays would not:"
        + " a step computes on the thread that records it")
    kept[ObjectIdentifier(storage)] = storage
  }

  /// Whether this recording made it; what another made in the same memory is older.
  private func isMadeHere(_ storage: Storage) -> Bool {
    storage.belongs(to: memory) && storage.recordingsBefore >= serial
  }

  /// Numbers drawn for the recorded step are drawn for the replayed one instead.
  private func randomInReplays(_ call: KernelCall) -> Rescale? {
    guard case .random(var scalars, _, _) = call, scalars.step != 0 else { return nil }
    precondition(
      scalars.step == step,
      "random numbers of step \(scalars.step) in a recording of step \(step) would never change")
    return { step in
      scalars.step = step
      return .random(scalars)
    }
  }
}
