internal import COpenCLKernels
import Foundation
import Locks

/// The system's OpenCL library, found at run time.
///
/// Every call whose failure matters goes through ``call(_:_:)`` or ``create(_:_:)``, so that errors
/// carry the function's name and tests can fail any one of them.
final class OpenCLLibrary: Sendable {
  let functions: ck_opencl
  private let fault: Locked<Fault?>

  /// A call to be failed: the `remaining`-th from now, with `code`.
  private struct Fault {
    var remaining: Int
    let code: cl_int
  }

  convenience init(functions: ck_opencl) { self.init(functions, fault: nil) }

  private init(_ functions: ck_opencl, fault: Fault?) {
    self.functions = functions
    self.fault = Locked(fault)
  }

  /// The library of this machine, loaded when first asked for.
  static let system: Result<OpenCLLibrary, OpenCLMissing> = {
    var functions = emptyTable()
    var missing: UnsafePointer<CChar>?
    switch ck_opencl_load(&functions, &missing) {
    case CK_OPENCL_LOADED:
      if let plan = OpenCLFaults.Plan.inEnvironment(ProcessInfo.processInfo.environment) {
        functions = OpenCLFaults(plan).inserted(into: functions)
      }
      return .success(OpenCLLibrary(functions: functions))
    case CK_OPENCL_MISSING_SYMBOL:
      let name = missing.map { String(cString: $0) } ?? "a function"
      return .failure(OpenCLMissing(reason: "libOpenCL lacks \(name) of OpenCL 1.2"))
    default: return .failure(OpenCLMissing(reason: "libOpenCL.so.1 is not installed"))
    }
  }()

  /// Why this machine has no OpenCL, or nil where the library is loaded.
  static var unavailableReason: String? {
    if case .failure(let missing) = system { missing.reason } else { nil }
  }

  /// Every function of OpenCL that is called.
  static let functionNames: [String] = {
    var names: [String] = []
    while let name = ck_opencl_function(names.count) { names.append(String(cString: name)) }
    return names
  }()

  /// The same library with faults in it, which no two libraries in use may have at once.
  ///
  /// For tests.
  func with(_ faults: OpenCLFaults) -> OpenCLLibrary {
    OpenCLLibrary(functions: faults.inserted(into: functions))
  }

  /// The same library, which fails its n-th checked call (from 1) without making it.
  ///
  /// For tests.
  func failing(call n: Int, code: cl_int) -> OpenCLLibrary {
    OpenCLLibrary(functions, fault: Fault(remaining: n, code: code))
  }

  /// Whether the fault that ``failing(call:code:)`` planned has not come up yet.
  var faultIsPending: Bool { fault.withLock { ($0?.remaining ?? 0) > 0 } }

  /// Makes a call that returns its error code.
  func call(_ function: String, _ body: (borrowing ck_opencl) -> cl_int) throws(OpenCLFailure) {
    let code = injected() ?? body(functions)
    if code != CL_SUCCESS { throw OpenCLFailure(function: function, code: code) }
  }

  /// Makes a call that returns an object and leaves its error code in its last argument.
  func create(
    _ function: String, _ body: (borrowing ck_opencl, inout cl_int) -> OpaquePointer?
  ) throws(OpenCLFailure) -> OpaquePointer {
    var code = injected() ?? CL_SUCCESS
    if code == CL_SUCCESS, let object = body(functions, &code), code == CL_SUCCESS { return object }
    throw OpenCLFailure(function: function, code: code == CL_SUCCESS ? CL_INVALID_VALUE : code)
  }

  private func injected() -> cl_int? {
    fault.withLock { fault in
      guard let planned = fault, planned.remaining > 0 else { return nil }
      fault?.remaining -= 1
      return planned.remaining == 1 ? planned.code : nil
    }
  }

  /// A table to be filled; C imports a struct of non-null pointers without an empty initialiser.
  static func emptyTable() -> ck_opencl {
    withUnsafeTemporaryAllocation(of: ck_opencl.self, capacity: 1) { table in
      UnsafeMutableRawBufferPointer(table).initializeMemory(as: UInt8.self, repeating: 0)
      return table[0]
    }
  }
}

/// Why there is no OpenCL library.
struct OpenCLMissing: Error {
  let reason: String
}

/// A call to OpenCL that failed.
struct OpenCLFailure: Error, Equatable {
  let function: String
  let code: cl_int

  /// In words, without the device.
  var sentence: String { "\(function) failed with \(Self.name(code))" }

  /// Whether it says that the memory of a buffer could not be had.
  var isLackOfMemory: Bool { code == CL_MEM_OBJECT_ALLOCATION_FAILURE }

  func on(_ device: String) -> DeviceError {
    .callFailed(device: device, function: function, code: Self.name(code))
  }

  /// The name of an error code, as in `cl.h` without its prefix.
  static func name(_ code: cl_int) -> String { names[code] ?? "error \(code)" }

  private static let names: [cl_int: String] = [
    -1: "DEVICE_NOT_FOUND", -2: "DEVICE_NOT_AVAILABLE", -3: "COMPILER_NOT_AVAILABLE",
    -4: "MEM_OBJECT_ALLOCATION_FAILURE", -5: "OUT_OF_RESOURCES", -6: "OUT_OF_HOST_MEMORY",
    -7: "PROFILING_INFO_NOT_AVAILABLE", -8: "MEM_COPY_OVERLAP", -9: "IMAGE_FORMAT_MISMATCH",
    -10: "IMAGE_FORMAT_NOT_SUPPORTED", -11: "BUILD_PROGRAM_FAILURE", -12: "MAP_FAILURE",
    -13: "MISALIGNED_SUB_BUFFER_OFFSET", -14: "EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST",
    -15: "COMPILE_PROGRAM_FAILURE", -16: "LINKER_NOT_AVAILABLE", -17: "LINK_PROGRAM_FAILURE",
    -18: "DEVICE_PARTITION_FAILED", -19: "KERNEL_ARG_INFO_NOT_AVAILABLE",
    -30: "INVALID_VALUE", -31: "INVALID_DEVICE_TYPE", -32: "INVALID_PLATFORM",
    -33: "INVALID_DEVICE", -34: "INVALID_CONTEXT", -35: "INVALID_QUEUE_PROPERTIES",
    -36: "INVALID_COMMAND_QUEUE", -37: "INVALID_HOST_PTR", -38: "INVALID_MEM_OBJECT",
    -39: "INVALID_IMAGE_FORMAT_DESCRIPTOR", -40: "INVALID_IMAGE_SIZE", -41: "INVALID_SAMPLER",
    -42: "INVALID_BINARY", -43: "INVALID_BUILD_OPTIONS", -44: "INVALID_PROGRAM",
    -45: "INVALID_PROGRAM_EXECUTABLE", -46: "INVALID_KERNEL_NAME",
    -47: "INVALID_KERNEL_DEFINITION", -48: "INVALID_KERNEL", -49: "INVALID_ARG_INDEX",
    -50: "INVALID_ARG_VALUE", -51: "INVALID_ARG_SIZE", -52: "INVALID_KERNEL_ARGS",
    -53: "INVALID_WORK_DIMENSION", -54: "INVALID_WORK_GROUP_SIZE", -55: "INVALID_WORK_ITEM_SIZE",
    -56: "INVALID_GLOBAL_OFFSET", -57: "INVALID_EVENT_WAIT_LIST", -58: "INVALID_EVENT",
    -59: "INVALID_OPERATION", -60: "INVALID_GL_OBJECT", -61: "INVALID_BUFFER_SIZE",
    -62: "INVALID_MIP_LEVEL", -63: "INVALID_GLOBAL_WORK_SIZE", -64: "INVALID_PROPERTY",
    -65: "INVALID_IMAGE_DESCRIPTOR", -66: "INVALID_COMPILER_OPTIONS",
    -67: "INVALID_LINKER_OPTIONS", -68: "INVALID_DEVICE_PARTITION_COUNT",
    -1001: "PLATFORM_NOT_FOUND",
    -9999: "an error of NVIDIA's driver (-9999: an access out of bounds or a lost device)",
  ]
}
