import CKernels
import Testing

@testable import Tensors

/// The table of checks on the first usable OpenCL device.
///
/// The texts share mathematics and orders of summation with the C kernels, so on a device whose division and square root round correctly the check
/// is equality of bits.
@Suite("OpenCL kernels", .enabled(if: usableDevice != nil, "no usable OpenCL device"))
struct OpenCLKernelTests {
  @Test("every row gives the reference's bits", arguments: OpenCLKernelTests.rows)
  func sameBits(_ kernelCase: KernelCase) throws {
    let prepared = PreparedCase(kernelCase)
    let expected = try prepared.run(on: TestBackends.reference())
    let index = try #require(usableDevice)
    let found = try prepared.run(on: OpenCLBackend.open(index: index))
    let difference = firstDifference(found.outputs, expected.outputs)
    for failure in found.damage + (difference.map { [$0] } ?? []) {
      Issue.record("\(kernelCase.testDescription), seed \(kernelCase.seed), opencl: \(failure)")
    }
  }

  /// Of the table, what exists on OpenCL: casts from and to float64 do not.
  ///
  /// Oclgrind interprets kernels, to find races and accesses out of bounds, and gets the small rows alone.
  static let rows =
    (KernelTable.cases + KernelTable.integers + wideGroups).filter { row in
      let isFloat64Cast =
        row.name.hasPrefix("cast") && row.operands.contains { $0.dtype == .float64 }
      let isSmall = row.byteCount <= 6000 && row.flops <= 100_000
      return !isFloat64Cast && (isSmall || !isInterpreted)
    }

  private static let isInterpreted = OpenCLBackend.devices().first?.platform == "Oclgrind"

  /// Groups of more columns than are folded at once.
  private static let wideGroups: [KernelCase] = [(4, 1, 1, 1300), (2, 70, 2, 513)].flatMap {
    (n: Int, s: Int, g: Int, c: Int) in
    let shape = ck_normalize_shape(
      n: Int32(n), s: Int32(s), g: Int32(g), c: Int32(c), epsilon: 1e-5, fixed_statistics: 0)
    let count = n * s * g * c
    return [
      KernelCase(
        "moments, \(c) columns to a group", [.input(count), .output(n * g), .output(n * g)]
      ) { .moments(shape, x: $0[0], mean: $0[1], variance: $0[2]) },
      KernelCase(
        "normalizeBackward, \(c) columns to a group",
        [
          .input(count), .input(n * g), .input(n * g, .positive), .input(g * c), .input(count),
          .output(count), .output(g * c), .output(g * c),
        ]
      ) {
        .normalizeBackward(
          shape, x: $0[0], mean: $0[1], variance: $0[2], scale: $0[3], dy: $0[4], dx: $0[5],
          dScale: $0[6], dShift: $0[7])
      },
    ]
  }
}

/// The index of the first device that passes the self-test.
let usableDevice: Int? = OpenCLBackend.devices().first { $0.reasonForSkipping == nil }?.index
