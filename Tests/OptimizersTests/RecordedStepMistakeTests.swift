import Foundation
import Layers
import Optimizers
import Tensors
import Testing

/// What a program may do wrong with recorded steps.
enum Mistake: String, CaseIterable, Codable, Sendable {
  case stepZero, replayOfStepZero, otherStepsNumbers
  case inputElsewhere, replayedInputElsewhere, operationElsewhere
  case inputShape, inputType, inputCount, rateCount
  case reading, recordingInside, replayInside, optimizerInside, tensorOfAnotherThread

  var sentence: String {
    switch self {
    case .stepZero, .replayOfStepZero:
      "steps are numbered from 1; 0 marks random numbers of no step"
    case .otherStepsNumbers:
      "random numbers of step 4 in a recording of step 5 would never change"
    case .inputElsewhere: "has an input on cpu (reference, 1 thread)"
    case .replayedInputElsewhere: "is replayed with an input on cpu (reference, 1 thread)"
    case .operationElsewhere: "computes on cpu (reference, 1 thread)"
    case .inputShape: "a step recorded for float32 [] is replayed with float32 [2]"
    case .inputType: "a step recorded for float32 [] is replayed with int32 []"
    case .inputCount: "a step recorded with 1 inputs is replayed with 0"
    case .rateCount: "a step recorded with 1 updates is replayed with 2 rates"
    case .reading: "a recorded step returns tensors; they are read after it"
    case .recordingInside, .replayInside: "a recorded step records or replays another"
    case .optimizerInside: "an optimizer made in a recorded step would not be made anew"
    case .tensorOfAnotherThread: "a recorded step uses a tensor that another thread made meanwhile"
    }
  }

  func commit() throws {
    let one = Tensor(1 as Float)
    let other = try Device.cpu(instructionSet: .reference, threads: 1)
    let step = RecordedStep(1, on: .cpu, inputs: [one]) { [$0[0] + 1] }
    switch self {
    case .stepZero: _ = RecordedStep(0, on: .cpu) { $0 }
    case .replayOfStepZero: step.replay(0, inputs: [one])
    case .otherStepsNumbers:
      _ = RecordedStep(5, on: .cpu) { _ in
        [Tensor.normal([2], key: RandomKey(seed: 0, stream: 0, step: 4))]
      }
    case .inputElsewhere: _ = RecordedStep(1, on: .cpu, inputs: [Tensor(1, on: other)]) { $0 }
    case .replayedInputElsewhere: step.replay(2, inputs: [Tensor(1, on: other)])
    case .operationElsewhere: _ = RecordedStep(1, on: .cpu) { _ in [Tensor(1, on: other)] }
    case .inputShape: step.replay(2, inputs: [Tensor([1, 2] as [Float], shape: [2])])
    case .inputType: step.replay(2, inputs: [Tensor([1] as [Int32], shape: [])])
    case .inputCount: step.replay(2)
    case .rateCount:
      let sgd = optimizer()
      let update = RecordedStep(1, on: .cpu) { _ in
        sgd.step([one.reshaped([1])], rate: 1)
        return []
      }
      update.replay(2, rates: [1, 1])
    case .reading:
      _ = try RecordedStep(1, on: .cpu) { _ in
        _ = try Tensor(1 as Float).scalar()
        return []
      }
    case .recordingInside:
      _ = RecordedStep(1, on: .cpu) { _ in RecordedStep(1, on: .cpu) { $0 }.results }
    case .replayInside:
      _ = RecordedStep(1, on: .cpu) { _ in
        step.replay(2, inputs: [one])
        return step.results
      }
    case .optimizerInside:
      _ = RecordedStep(1, on: .cpu) { _ in
        optimizer().step([one.reshaped([1])], rate: 1)
        return []
      }
    case .tensorOfAnotherThread: _ = RecordedStep(1, on: .cpu) { _ in [madeElsewhere() + one] }
    }
  }

  private func optimizer() -> SGD {
    let parameters = ParameterSet(seed: 0, on: .cpu)
    _ = parameters.root.parameter("value", [1], .zeros)
    return SGD(parameters)
  }

  private func madeElsewhere() -> Tensor {
    nonisolated(unsafe) var made: Tensor?
    let done = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      made = Tensor(2 as Float)
      done.signal()
    }
    done.wait()
    return made!
  }
}

@Suite struct RecordedStepMistakeTests {
  @Test("a mistake with a recorded step stops with its sentence", arguments: Mistake.allCases)
  func mistakes(_ mistake: Mistake) async throws {
    let result = try await #require(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { [mistake = mistake as Mistake] in
      try mistake.commit()
    }
    let told = String(decoding: result.standardErrorContent, as: UTF8.self)
    #expect(told.contains(mistake.sentence), "\(told)")
  }
}
