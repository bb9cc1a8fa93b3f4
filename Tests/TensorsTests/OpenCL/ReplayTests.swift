import CKernels
import COpenCLKernels
import Testing

@testable import Tensors

/// Replays that are queued ahead of the device, on the first usable one.
@Suite(
  "Replays on OpenCL devices", .enabled(if: !TestDevices.openCL.isEmpty, TestDevices.skipped),
  .timeLimit(.minutes(2)))
struct ReplayTests {
  private let backend: OpenCLBackend
  private let device: Device

  init() throws {
    backend = try OpenCLBackend(
      TestDevices.openCL[0].device, library: try OpenCLLibrary.system.get())
    device = Device(backend: backend)
  }

  /// Adam on noise, whose rate and correction are new in every step, and a sum over scratch memory.
  private func train(_ replays: Bool, behind work: Tensor? = nil) throws -> [[UInt32]] {
    let parameters = Tensor((0..<3000).map { Float($0) / 500 }, shape: [3000], on: device)
    let (first, second) = (parameters.zerosLike(), parameters.zerosLike())
    var numbers = ParameterUpdate.Adam(
      rate: 0, beta1: 0.9, beta2: 0.99, epsilon: 1e-6, weightDecay: 0, isDecoupled: false,
      correction1: 0, correction2: 0)
    var updates = 0
    func advance(_ rate: Float) {
      updates += 1
      (numbers.rate, numbers.correction1) = (rate, 1 - 1 / Float(1 << updates))
      numbers.correction2 = 1 - 0.5 / Float(1 << updates)
    }
    func step(_ number: UInt32, _ rate: Float) -> Tensor {
      ParameterUpdate.begin(with: first, inReplays: advance)
      advance(rate)
      let noise = Tensor.normal(
        [3000], key: RandomKey(seed: 1, stream: 2, step: number), on: device)
      let gradients = [(0, 1000), (1000, 3000)].map { range in
        (parameters * noise).sliced(range.0..<range.1, axis: 0)
      }
      ParameterUpdate.apply(
        numbers, gradients: gradients, parameters: parameters, firstMoment: first,
        secondMoment: second, inReplays: { numbers })
      return (parameters * noise).sum()
    }
    var recorded: RecordedStep?
    var sums: [Tensor] = []
    // Takes longer than all steps take to be queued.
    let heavy = work.map { $0.matmul($0).matmul($0) }
    for number in UInt32(1)...10 {
      let rate = 0.1 / Float(number)
      if let recorded {
        recorded.replay(number, rates: [rate])
        sums.append(recorded.results[0] * 1)
      } else if replays {
        recorded = RecordedStep(number, on: device) { _ in [step(number, rate)] }
        sums.append(recorded!.results[0] * 1)
      } else {
        sums.append(step(number, rate))
      }
    }
    if let heavy, let work {
      #expect(try heavy.floats()[0] == Float(work.shape[0] * work.shape[0]))
    }
    return try (sums + [parameters, first, second]).map { try $0.floats().map(\.bitPattern) }
  }

  @Test("replays whose scalars change have the eager bits while all of them are pending")
  func pending() throws {
    let eager = try train(false)
    #expect(Set(eager.prefix(10)).count == 10, "steps differ")
    #expect(try train(true) == eager)
    #expect(try train(true, behind: Tensor(filling: [512, 512], with: 1, on: device)) == eager)
  }

  @Test("replays make no kernel objects, and take no memory")
  func objects() throws {
    let x = Tensor((0..<5000).map { Float($0 % 7) }, shape: [5000], on: device)
    // A sum takes scratch memory.
    let step = RecordedStep(1, on: device) { _ in [(x * x).sum()] }
    let (objects, memory) = (backend.objectCount, backend.memoryUse)
    for number in UInt32(2)...200 { step.replay(number) }
    let values = (0..<5000).map { Double($0 % 7 * ($0 % 7)) }
    #expect(try step.results[0].scalar() == values.reduce(0, +))
    #expect(backend.objectCount == objects)
    #expect(backend.memoryUse == memory)
  }
}
