import Testing

@testable import Tensors

/// The OpenCL devices of this machine that passed the self-test.
enum TestDevices {
  static let openCL: [OpenCLBackend] = OpenCLBackend.devices()
    .filter { $0.reasonForSkipping == nil }
    .compactMap { try? OpenCLBackend.open(index: $0.index) }

  /// Whether the first device is Oclgrind's.
  static let areInterpreted = OpenCLBackend.devices().first?.platform == "Oclgrind"

  static let skipped: Comment = "SKIP: no usable OpenCL device on this machine"
}

/// The same table on every OpenCL device, against the CPU's reference.
@Suite("Kernels on OpenCL devices")
struct DeviceKernelTests {
  /// OpenCL devices have no float64; interpreted ones get the small rows alone.
  private static let rows = (KernelTable.cases + KernelTable.integers).filter {
    $0.isForDevices && ($0.isSmall || !TestDevices.areInterpreted)
  }

  @Test("which devices the table runs on is said aloud")
  func devices() {
    if TestDevices.openCL.isEmpty { print(TestDevices.skipped) }
    for device in TestDevices.openCL { print("kernels run on \(device.name)") }
    for device in OpenCLBackend.devices() {
      if let reason = device.reasonForSkipping { print("SKIP: \(device.name): \(reason)") }
    }
  }

  @Test(
    "every device gives the reference's bits, or what its row says of other algorithms",
    .enabled(if: !TestDevices.openCL.isEmpty, TestDevices.skipped), arguments: rows)
  func sameBits(_ row: KernelCase) throws {
    let prepared = PreparedCase(row)
    let expected = try prepared.run(on: TestBackends.reference())
    for device in TestDevices.openCL {
      for failure in try prepared.failures(on: device, expected) {
        Issue.record("\(row.testDescription), seed \(row.seed), \(device.name): \(failure)")
      }
    }
  }
}

extension KernelCase {
  /// Whether OpenCL devices have its types.
  var isForDevices: Bool {
    elementType != .float64 && operands.allSatisfy { $0.dtype != .float64 }
  }

  /// Whether it can be interpreted in a moment: Oclgrind does a quarter of a million work-items a
  /// second.
  var isSmall: Bool { byteCount <= 12_000 && flops <= 200_000 }
}

extension PreparedCase {
  /// What is wrong with a device's outcome, the reference's being `expected`.
  func failures(on device: any Backend, _ expected: RunOutcome) throws -> [String] {
    let outcome = try run(on: device)
    var difference = firstDifference(outcome.outputs, expected.outputs)
    // A GPU may cut a sum into more parts than the CPU does.
    let isGPU = (device as? OpenCLBackend)?.device.description.kind == .gpu
    if difference != nil, isGPU, let truth = kernelCase.truth {
      difference = firstError(outcome.outputs, self, truth)
    }
    return outcome.damage + (difference.map { [$0] } ?? [])
  }
}
