import COpenCLKernels
import Foundation
import Testing

@testable import Tensors

/// Any call of OpenCL may fail, with any of its error codes.
///
/// One test at a time: there is one watched library in a process.
@Suite("Faults of OpenCL", .serialized) enum OpenCLFaultTests {}

extension OpenCLFaultTests {
  @Suite(
    "In two steps of training",
    .enabled(if: !TestDevices.openCL.isEmpty, TestDevices.skipped))
  struct Steps {
    private let library: OpenCLLibrary
    private let scenario: TrainingScenario
    private static let folder = TemporaryFolder()

    init() throws {
      library = try OpenCLLibrary.system.get()
      scenario = TrainingScenario(
        index: TestDevices.openCL[0].device.description.index,
        cache: ProgramCache(folder: Self.folder.url, capacity: 64 << 20))
    }

    /// A failure, and where it was put.
    private struct Injected {
      let plan: OpenCLFaults.Plan
      /// What the scenario threw, or nil where it gave the right result.
      let error: DeviceError?
      let happened: Bool
    }

    @Test("every function that is called has its documented error codes in the table")
    func table() {
      #expect(DocumentedCodes.table.keys.sorted() == OpenCLLibrary.functionNames.sorted())
      for (function, codes) in DocumentedCodes.table {
        #expect(Set(codes).count == codes.count && !codes.isEmpty, "\(function)")
        for code in codes { #expect(!OpenCLFailure.name(code).hasPrefix("error"), "\(code)") }
      }
    }

    @Test(
      "whichever call fails by whichever code, the result is right or the failure told, and all is released"
    )
    func everyCode() throws {
      let expected = try scenario.run(library)
      // The first run builds the programs, the second finds them in the cache.
      let calls = try learn(expected)
      // A binary is asked for, and cannot be kept.
      let nowhere = URL(fileURLWithPath: "/dev/null/nowhere")
      let withoutCache = TrainingScenario(
        index: scenario.index, cache: ProgramCache(folder: nowhere, capacity: 1 << 20))
      var outcomes: [Injected] = []
      for function in OpenCLLibrary.functionNames {
        let count = calls.count { $0 == function }
        for plan in Self.plans(function, count) {
          outcomes.append(try inject(plan, into: scenario, expected))
        }
        // What is only called where a program is built anew.
        if count == 0, ["clCreateProgramWithSource", "clGetProgramInfo"].contains(function) {
          for code in DocumentedCodes.table[function]! {
            let plan = OpenCLFaults.Plan(function: function, occurrence: 1, code: code)
            outcomes.append(try inject(plan, into: withoutCache, expected))
          }
        }
      }
      #expect(outcomes.count > 100)
      // How often a queue is asked how far it is depends on how far it is.
      #expect(outcomes.count { !$0.happened } < outcomes.count / 10)
      #expect(outcomes.count { $0.error != nil } > outcomes.count / 3)
    }

    /// The first, the middle and the last call, with every code.
    private static func plans(_ function: String, _ count: Int) -> [OpenCLFaults.Plan] {
      guard count > 0, let codes = DocumentedCodes.table[function] else { return [] }
      return Set([1, (count + 1) / 2, count]).sorted().flatMap { occurrence in
        codes.map { OpenCLFaults.Plan(function: function, occurrence: occurrence, code: $0) }
      }
    }

    /// The functions that an undisturbed run calls; it must release what it makes.
    private func learn(_ expected: [Float]) throws -> [String] {
      let faults = OpenCLFaults(nil, keepsCalls: true)
      #expect(try scenario.run(library.with(faults)) == expected)
      #expect(faults.alive == [:], "an undisturbed run keeps objects")
      return faults.calls
    }

    private func inject(
      _ plan: OpenCLFaults.Plan, into scenario: TrainingScenario, _ expected: [Float]
    ) throws -> Injected {
      let faults = OpenCLFaults(plan)
      var failure: DeviceError?
      do throws(any Error) {
        let result = try scenario.run(library.with(faults))
        #expect(result == expected, "\(plan) is not told and changes the result")
      } catch let error as DeviceError {
        failure = error
        #expect(Self.tells(error, of: plan), "\(plan) is told as: \(error)")
      }
      #expect(faults.alive == [:], "\(plan) leaves objects")
      return Injected(plan: plan, error: failure, happened: faults.happened)
    }

    private static func tells(_ error: DeviceError, of plan: OpenCLFaults.Plan) -> Bool {
      let (function, code) = (plan.function!, OpenCLFailure.name(plan.code))
      return switch error {
      case .callFailed(_, let told, code): told.hasPrefix(function)
      case .unavailable(_, let reason, _):
        // By these codes there is no platform or no device.
        reason.contains(function) && reason.contains(code)
          || [-1001, CL_DEVICE_NOT_FOUND].contains(plan.code) && reason.isEmpty
      case .outOfMemory:
        plan.code == CL_MEM_OBJECT_ALLOCATION_FAILURE
          || function == "clCreateBuffer"
            && [CL_OUT_OF_RESOURCES, CL_OUT_OF_HOST_MEMORY].contains(plan.code)
      case .buildFailed: function == "clBuildProgram" && plan.code == CL_BUILD_PROGRAM_FAILURE
      default: false
      }
    }

    @Test(
      "a device that is lost is told of, whenever that happens and by whichever code, and every object is released",
      arguments: [CL_OUT_OF_RESOURCES, CL_DEVICE_NOT_AVAILABLE, -9999, -4242])
    func lost(code: cl_int) throws {
      let expected = try scenario.run(library)
      let calls = try learn(expected)
      let lastRead = try #require(calls.lastIndex(of: "clEnqueueReadBuffer")) + 1
      for occurrence in stride(from: 1, through: calls.count, by: max(calls.count / 20, 1)) {
        let plan = OpenCLFaults.Plan(
          function: nil, occurrence: occurrence, code: code, isLasting: true)
        let faults = OpenCLFaults(plan)
        do {
          #expect(try scenario.run(library.with(faults)) == expected)
          #expect(occurrence > lastRead, "lost at call \(occurrence) of \(calls.count), untold")
        } catch is DeviceError {}
        #expect(faults.alive == [:], "lost at call \(occurrence) of \(calls.count)")
      }
    }

    @Test("a command that lacks memory is given again without the blocks that wait for reuse")
    func lateRefusal() throws {
      let device = TestDevices.openCL[0].device
      for isLasting in [false, true] {
        let faults = OpenCLFaults(
          .init(
            function: "clEnqueueNDRangeKernel", occurrence: 3,
            code: CL_MEM_OBJECT_ALLOCATION_FAILURE, isLasting: isLasting))
        let backend = try OpenCLBackend(
          device, library: library.with(faults), cache: scenario.cache, memoryLimit: 1 << 20)
        let opened = Device(backend: backend)
        let ones = Tensor(filling: [1000], with: 1, on: opened)
        do { _ = Tensor(filling: [5000], with: 1, on: opened) }
        #expect(opened.memoryUse.cached == 20_480)
        let threes = ones + 2
        if isLasting {
          let expected = DeviceError.outOfMemory(
            device: device.name, requested: 0, inUse: 8192, limit: 1 << 20)
          #expect(throws: expected) { try threes.floats() }
        } else {
          #expect(try threes.floats() == [Float](repeating: 3, count: 1000))
        }
        #expect(faults.happened && opened.memoryUse.cached == 0)
      }
    }

    @Test(
      "a program that is not in the cache cannot be built: the failure is told by function and code"
    )
    func building() throws {
      let none = TrainingScenario(
        index: scenario.index, cache: ProgramCache(folder: nil, capacity: 0))
      let expected = try scenario.run(library)
      for function in [
        "clCreateProgramWithSource", "clBuildProgram", "clGetProgramInfo", "clCreateKernel",
      ] {
        let plan = OpenCLFaults.Plan(
          function: function, occurrence: 1, code: DocumentedCodes.table[function]![0])
        let error = try inject(plan, into: none, expected).error
        // A binary that cannot be had is only not kept.
        #expect((error == nil) == (function == "clGetProgramInfo"), "\(function)")
      }
    }

    @Test("a device that fails during the self-test is not opened")
    func selfTest() throws {
      let device = TestDevices.openCL[0].device
      let faults = OpenCLFaults(
        .init(function: "clEnqueueReadBuffer", occurrence: 2, code: CL_OUT_OF_RESOURCES))
      let expected = DeviceError.callFailed(
        device: device.name, function: "clEnqueueReadBuffer", code: "OUT_OF_RESOURCES")
      #expect(throws: expected) {
        _ = try OpenCLBackend.tested(
          device, library: library.with(faults), cache: scenario.cache)
      }
      #expect(faults.alive == [:])
    }

    @Test("what ATELIER_OPENCL_FAULT may be, and what not")
    func plans() {
      #expect(
        OpenCLFaults.Plan("fail-at:clFinish:3:-5")
          == .init(function: "clFinish", occurrence: 3, code: -5))
      #expect(
        OpenCLFaults.Plan("lost-at:any:100:-9999")
          == .init(function: nil, occurrence: 100, code: -9999, isLasting: true))
      for text in [
        "", "fail-at", "fail-at:clFinish:0:-5", "fail-at:clFinish:1:5", "fail-at:clNothing:1:-5",
        "lost:any:1:-5", "fail-at:any:1:-5:", "fail-at:any:x:-5",
      ] { #expect(OpenCLFaults.Plan(text) == nil, "\(text)") }
    }
  }
}
