import Locks

@testable import Tensors

/// Backends shared by all tests, one per instruction set and number of threads.
enum TestBackends {
  private static let opened = Locked<[String: CPUBackend]>([:])

  static func cpu(_ instructionSet: InstructionSet, threads: Int) throws -> CPUBackend {
    try opened.withLock { opened in
      let key = "\(instructionSet) \(threads)"
      if let backend = opened[key] { return backend }
      let backend = try CPUBackend(instructionSet: instructionSet, threads: threads)
      opened[key] = backend
      return backend
    }
  }

  /// Kernels of AMX on emulated tiles.
  static func emulatingAMX(_ instructionSet: InstructionSet, threads: Int) throws -> CPUBackend {
    try opened.withLock { opened in
      let key = "AMX on \(instructionSet) \(threads)"
      if let backend = opened[key] { return backend }
      let backend = try CPUBackend(
        instructionSet: instructionSet, threads: threads, precision: .bfloat16, emulatesAMX: true)
      opened[key] = backend
      return backend
    }
  }

  /// The specification: plain C on one thread.
  static func reference() throws -> CPUBackend { try cpu(.reference, threads: 1) }

  /// The instruction sets to be tested: all that the processor has, up to `ATELIER_MAX_ISA`.
  static let instructionSets = InstructionSet.available.filter { $0 <= .best }

  /// Everything whose bits must be the reference's.
  static let variants: [(instructionSet: InstructionSet, threads: Int)] =
    instructionSets.flatMap { instructionSet in
      (instructionSet == .reference ? [3] : [1, 2, 3, 7]).map { (instructionSet, $0) }
    }
}
