import FileFormats
import Tensors
import Testing

@testable import Benchmarking

/// The first OpenCL device that passes its self-test.
private let openCLName = Device.listings().first {
  $0.name != "cpu" && $0.reasonForSkipping == nil
}?.name

@Suite struct DeviceAgreementTests {
  typealias Model = DeviceAgreement.Model

  @Test(
    "an OpenCL device trains every model as the CPU does, within every bound",
    .enabled(if: openCLName != nil, "SKIP: no usable OpenCL device on this machine"),
    arguments: Model.allCases)
  func openCL(model: Model) throws {
    let device = try Device.select(try #require(openCLName)).device
    let found = try DeviceAgreement(steps: 3, batchSize: 8).compare(model, on: device)
    for check in found.checks { #expect(check.isHeld, "\(check)") }
    #expect(found.hasSameBits || !found.calls.isEmpty, "no kernel differs, and the training does")
  }

  @Test("the CPU agrees with itself in every bit", arguments: Model.allCases)
  func itself(model: Model) throws {
    let found = try DeviceAgreement(steps: 3, batchSize: 4).compare(
      model, on: .cpu(threads: 1))
    #expect(found.hasSameBits && found.calls.isEmpty)
    #expect(found.losses == 0 && found.worstGradient.share == 0 && found.weights == 0)
    #expect(found.freeLosses == 0 && found.drift == .init())
    #expect(found.driftOfOneULP.weights > 0)
    #expect(!found.checks.contains { !$0.isHeld })
    #expect(found.lines.last?.hasSuffix(" the CPU's bits after 3 steps") == true)
  }

  @Test(
    "a device that rounds factors to bfloat16 is out of bounds, and its worst tensor is named",
    arguments: [Model.dense, .dcgan])
  func rounding(model: Model) throws {
    let found = try DeviceAgreement(steps: 2, batchSize: 4).compare(
      model, on: .cpu(precision: .bfloat16))
    let (broken, worst) = (found.checks.filter { !$0.isHeld }, found.worstGradient)
    #expect(broken.contains { $0.what == "gradient of \(worst.name)" && $0.found == worst.share })
    #expect(model != .dcgan || broken.map(\.what).contains("drift of weights"))
    #expect(!found.hasSameBits && worst.share < 1)
    let json = try JSONValue(parsing: Array(found.json.encoded.utf8), file: "found")
    #expect(json["hasSameBits"] == false)
    let gradients = json["fromSameState"]?["gradients"]?.array
    #expect(gradients?.compactMap { $0["share"]?.number }.max() == worst.share)
    #expect(
      json["checks"]?.array?.map { $0["isHeld"] == true } == found.checks.map(\.isHeld))
  }

  @Test("a training that takes another's state goes on with its bits", arguments: Model.allCases)
  func state(model: Model) throws {
    let trainings = try [1, 2].map { threads in
      ComparedTraining(of: model, on: try .cpu(threads: threads), batchSize: 4)
    }
    try trainings[1].moveWeights()
    for training in trainings { for _ in 0..<2 { try training.rig.step() } }
    #expect(try trainings[0].state() != trainings[1].state())
    try trainings[1].takeState(of: trainings[0])
    for _ in 0..<2 {
      #expect(try trainings[0].rig.step() == trainings[1].rig.step())
      #expect(try trainings[0].state() == trainings[1].state())
      #expect(try trainings[0].gradients() == trainings[1].gradients())
    }
  }

  @Test("every weight moves by one unit in its last place, up or down")
  func oneULP() throws {
    let training = ComparedTraining(of: .tinyPair, on: .cpu, batchSize: nil)
    let before = try training.weights()
    try training.moveWeights()
    let after = try training.weights()
    let ups = zip(before, after).filter { $1 == $0.nextUp }.count
    let downs = zip(before, after).filter { $1 == $0.nextDown }.count
    #expect(ups + downs == before.count && min(ups, downs) > before.count / 3)
  }

  @Test(
    "losses and vectors are as far apart as their formulas say; what is not finite is infinitely")
  func distances() {
    #expect(largestShare([2, 3, 0], of: [2, 4, 0]) == 0.25)
    #expect(largestShare([.nan], of: [1]) == .infinity)
    #expect(largestShare([1], of: [0]) == .infinity)
    #expect(largestShare([1], of: []) == .infinity)
    #expect(distance([3, 4], from: [3, 4]) == 0 && distance([0, 0], from: [0, 0]) == 0)
    #expect(distance([0, 0], from: [3, 4]) == 1 && distance([3, 4.5], from: [3, 4]) == 0.1)
    #expect(distance([1], from: [0]) == .infinity && distance([1], from: []) == .infinity)
    #expect(distance([.nan], from: [1]) == .infinity && distance([1], from: [.nan]) == .infinity)
  }

  @Test("a figure that is not a number holds no bound, and the sentence names all that are broken")
  func sentence() {
    let checks = [0.02, .nan].map {
      DeviceAgreement.Check(model: "vae-conv", what: "gradients", found: $0, allowed: 0.001)
    }
    #expect(!checks[0].isHeld && !checks[1].isHeld)
    #expect(
      "\(BenchmarkError.otherDevice("opencl:3 (Some GPU)", [checks[0], checks[0]]))"
        == "opencl:3 (Some GPU) does not train as the CPU does: 0.02 of 0.001 allowed in gradients of"
        + " vae-conv; 0.02 of 0.001 allowed in gradients of vae-conv; train with --device cpu")
  }
}
