import CKernels
import Testing

@testable import Tensors

@Suite("Kernels")
struct KernelTests {
  @Test("every kernel has a row in the table")
  func complete() throws {
    let backend = try TestBackends.reference()
    let operand = Operand(storage: Storage(byteCount: 0, on: backend), offset: 0, dtype: .float32)
    let tested = Set(
      KernelTable.cases.map { row in
        KernelName(row.call(Array(repeating: operand, count: row.operands.count)))
      })
    #expect(KernelName.allCases.filter { !tested.contains($0) } == [])
    let names = (KernelTable.cases + KernelTable.integers + KernelTable.inBFloat16).map(
      \.testDescription)
    #expect(Set(names).count == names.count, "two rows share a name, so they would share a seed")
  }

  @Test("every elementwise operation, activation of an epilogue and reduction has its rows")
  func completeOperations() {
    #expect(ScalarFunction.all.map { Int($0.op.rawValue) } == Array(0..<CK_UNARY_OP_COUNT))
    #expect(PairFunction.all.map { Int($0.op.rawValue) } == Array(0..<CK_BINARY_OP_COUNT))
    let activations = ActivationRow.all.map { Int($0.activation.kernels.epilogue.rawValue) }
    #expect([0] + activations == Array(0..<CK_ACTIVATION_COUNT))
    #expect(KernelTable.operations.map(\.op.rawValue) == Array(0...CK_ARGMIN.rawValue))
  }

  @Test(
    "every instruction set and number of threads gives the reference's bits",
    arguments: KernelTable.cases + KernelTable.integers + KernelTable.inBFloat16)
  func sameBits(_ kernelCase: KernelCase) throws {
    let prepared = PreparedCase(kernelCase)
    let expected = try prepared.run(on: TestBackends.reference())
    report(expected.damage, kernelCase, "reference")
    for (instructionSet, threads) in TestBackends.variants
    where !(kernelCase.differsOnAMX && instructionSet == .amx) {
      let outcome = try prepared.run(on: TestBackends.cpu(instructionSet, threads: threads))
      let difference = firstDifference(outcome.outputs, expected.outputs)
      report(
        outcome.damage + (difference.map { [$0] } ?? []), kernelCase,
        "\(instructionSet.rawValue), \(threads) threads")
    }
  }

  @Test(
    "the reference is as near the truth as each row says",
    arguments: KernelTable.cases + KernelTable.integers + KernelTable.inBFloat16)
  func nearTheTruth(_ kernelCase: KernelCase) throws {
    let truth = try #require(kernelCase.truth)
    let prepared = PreparedCase(kernelCase)
    let outcome = try prepared.run(on: TestBackends.reference())
    report(firstError(outcome.outputs, prepared, truth).map { [$0] } ?? [], kernelCase, "reference")
  }

  @Test(
    "the reference in double precision is nearer to the truth by its shorter roundoff",
    arguments: KernelTable.cases)
  func nearTheTruthInDouble(_ kernelCase: KernelCase) throws {
    let truth = try #require(kernelCase.truth)
    let prepared = PreparedCase(kernelCase.typed(.float64))
    let outcome = try prepared.run(on: TestBackends.cpu(.best, threads: 2))
    report(
      outcome.damage + (firstError(outcome.outputs, prepared, truth).map { [$0] } ?? []),
      prepared.kernelCase, "float64")
  }

  private func report(_ failures: [String], _ kernelCase: KernelCase, _ where: String) {
    for failure in failures {
      Issue.record(
        "\(kernelCase.testDescription), seed \(kernelCase.seed), \(`where`): \(failure)")
    }
  }
}
