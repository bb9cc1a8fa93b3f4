import Foundation
import Tensors

/// The environment variables that every command obeys.
enum Environment {
  /// Refuses values that would otherwise be passed over in silence.
  ///
  /// - Throws: ``UsageError`` naming the variable.
  static func check(
    _ variables: [String: String] = ProcessInfo.processInfo.environment
  ) throws(UsageError) {
    if let cap = variables["ATELIER_MAX_ISA"], !cap.isEmpty {
      let _: InstructionSet = try choice(cap, "ATELIER_MAX_ISA")
    }
    if let memory = variables["ATELIER_DEVICE_MEMORY"], !memory.isEmpty {
      guard let mebibytes = Int(memory), mebibytes > 0 else {
        throw .wrongValue(
          memory, place: "ATELIER_DEVICE_MEMORY", expected: "a whole number of MiB, 1 or more")
      }
    }
    if let fault = variables["ATELIER_OPENCL_FAULT"], !fault.isEmpty,
      !Device.understandsOpenCLFault(fault)
    {
      throw .wrongValue(
        fault, place: "ATELIER_OPENCL_FAULT",
        expected: "fail-at:FUNCTION:N:CODE or lost-at:FUNCTION:N:CODE, for tests alone")
    }
    if let threads = variables["ATELIER_THREADS"], !threads.isEmpty {
      guard let count = Int(threads), (1...1024).contains(count) else {
        throw .wrongValue(
          threads, place: "ATELIER_THREADS", expected: "a number of threads from 1 to 1024")
      }
    }
  }
}
