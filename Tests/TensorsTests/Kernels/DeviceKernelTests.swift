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
  /// OpenCL devices have no float64.
  ///
  /// Oclgrind interprets kernels, to find races and stray accesses, and gets the small rows alone.
  private static let rows = (KernelTable.cases + KernelTable.integers).filter { row in
    let isSmall = row.byteCount <= 6000 && row.flops <= 100_000
    return row.elementType != .float64 && row.operands.allSatisfy { $0.dtype != .float64 }
      && (isSmall || !TestDevices.areInterpreted)
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
      let outcome = try prepared.run(on: device)
      let difference =
        if row.differsOnDevices, let truth = row.truth {
          firstError(outcome.outputs, prepared, truth)
        } else {
          firstDifference(outcome.outputs, expected.outputs)
        }
      for failure in outcome.damage + (difference.map { [$0] } ?? []) {
        Issue.record("\(row.testDescription), seed \(row.seed), \(device.name): \(failure)")
      }
    }
  }
}
