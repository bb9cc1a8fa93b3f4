internal import COpenCLKernels
import Foundation
import Locks

/// Makes calls of OpenCL fail on purpose, and counts its objects, so that tests can see what a
/// device that is lost leaves behind.
///
/// A test of the whole program sets the environment variable `ATELIER_OPENCL_FAULT`; see ``Plan``.
final class OpenCLFaults: @unchecked Sendable {
  /// Which calls fail, and how.
  struct Plan: Equatable {
    /// nil: any function's.
    var function: String?
    /// The first call that fails, from 1, among those of the function.
    var occurrence: Int
    var code: cl_int
    /// Whether all calls of whatever function fail from then on: the device is lost.
    var isLasting = false
  }

  private struct State {
    var plan: Plan?
    var matching = 0
    var calls: [String] = []
    var alive: [String: Int] = [:]
  }
  private let state: Locked<State>
  private let keepsCalls: Bool

  /// - Parameters:
  ///   - plan: nil fails nothing.
  ///   - keepsCalls: Whether ``calls`` is filled.
  init(_ plan: Plan?, keepsCalls: Bool = false) {
    state = Locked(State(plan: plan))
    self.keepsCalls = keepsCalls
  }

  /// The functions called so far, in order.
  var calls: [String] { state.withLock { $0.calls } }

  /// Objects made and not released, by their kind; none that is 0.
  var alive: [String: Int] { state.withLock { $0.alive.filter { $0.value != 0 } } }

  /// Whether the plan came to pass.
  var happened: Bool {
    state.withLock { state in state.plan.map { state.matching >= $0.occurrence } ?? false }
  }

  /// The library with these faults in it; the only such library in use.
  func inserted(into functions: ck_opencl) -> ck_opencl {
    var functions = functions
    var watcher = ck_opencl_watcher(
      // Kept for ever, as the C functions that point to it are.
      context: Unmanaged.passRetained(self).toOpaque(),
      ask: { context, function in
        OpenCLFaults.at(context).answer(String(cString: function))
      },
      count: { context, kind, change in
        OpenCLFaults.at(context).count(String(cString: kind), Int(change))
      })
    ck_opencl_watch(&functions, &watcher)
    return functions
  }

  private static func at(_ context: UnsafeMutableRawPointer?) -> OpenCLFaults {
    Unmanaged<OpenCLFaults>.fromOpaque(context!).takeUnretainedValue()
  }

  private func answer(_ function: String) -> cl_int {
    state.withLock { state in
      if keepsCalls { state.calls.append(function) }
      guard let plan = state.plan else { return CL_SUCCESS }
      if plan.isLasting, state.matching >= plan.occurrence { return plan.code }
      if let wanted = plan.function, wanted != function { return CL_SUCCESS }
      state.matching += 1
      return state.matching == plan.occurrence ? plan.code : CL_SUCCESS
    }
  }

  private func count(_ kind: String, _ change: Int) {
    state.withLock { $0.alive[kind, default: 0] += change }
  }
}

extension OpenCLFaults.Plan {
  /// Reads `fail-at:FUNCTION:N:CODE`, which fails the N-th call of that function, or
  /// `lost-at:FUNCTION:N:CODE`, which fails that and every later call of any function.
  ///
  /// FUNCTION is a name such as `clEnqueueNDRangeKernel`, or `any`; N counts from 1 over the whole
  /// process, the device's self-test included; CODE is a number below 0, such as -5
  /// (OUT_OF_RESOURCES).
  init?(_ text: String) {
    let fields = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    guard fields.count == 4, ["fail-at", "lost-at"].contains(fields[0]),
      fields[1] == "any" || OpenCLLibrary.functionNames.contains(fields[1]),
      let occurrence = Int(fields[2]), occurrence > 0, let code = cl_int(fields[3]), code < 0
    else { return nil }
    self.init(
      function: fields[1] == "any" ? nil : fields[1], occurrence: occurrence, code: code,
      isLasting: fields[0] == "lost-at")
  }

  /// What `ATELIER_OPENCL_FAULT` says; nil where it is not set.
  ///
  /// - Precondition: it can be read.
  static func inEnvironment(_ environment: [String: String]) -> Self? {
    guard let text = environment["ATELIER_OPENCL_FAULT"], !text.isEmpty else { return nil }
    guard let plan = Self(text) else {
      preconditionFailure(
        "ATELIER_OPENCL_FAULT: \"\(text)\" is not fail-at:FUNCTION:N:CODE or lost-at:FUNCTION:N:CODE"
      )
    }
    return plan
  }
}

extension Device {
  /// Whether a text is what `ATELIER_OPENCL_FAULT` may be.
  package static func understandsOpenCLFault(_ text: String) -> Bool {
    OpenCLFaults.Plan(text) != nil
  }
}
