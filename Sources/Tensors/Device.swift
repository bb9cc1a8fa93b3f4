import Foundation
import Synchronization

/// Where tensors live and are computed: the CPU, or one OpenCL device.
public struct Device: Sendable, Equatable, CustomStringConvertible {
  let backend: any Backend

  /// This machine's processor, with the best instruction set that `ATELIER_MAX_ISA` allows and
  /// `ATELIER_THREADS` threads (default: one a core).
  public static let cpu: Device = {
    guard let device = try? cpu(threads: defaultThreads) else {
      preconditionFailure("no thread could be started")
    }
    return device
  }()

  /// The processor with a fixed instruction set or number of threads; results do not depend on the
  /// latter.
  public static func cpu(instructionSet: InstructionSet = .best, threads: Int? = nil)
    throws(DeviceError) -> Device
  {
    Device(
      backend: try CPUBackend(instructionSet: instructionSet, threads: threads ?? defaultThreads))
  }

  /// `ATELIER_THREADS`, else the processors that this process may use: those it may run on, and no
  /// more than its control group's share of processor time.
  public static var defaultThreads: Int {
    let asked = ProcessInfo.processInfo.environment["ATELIER_THREADS"].flatMap(Int.init)
    let processors = ProcessInfo.processInfo.activeProcessorCount
    let share = ControlGroup.processors.map { Int($0.rounded(.up)) } ?? processors
    return min(max(asked ?? min(processors, share), 1), 1024)
  }

  /// What people call the device.
  public var description: String { backend.name }

  /// Whether arithmetic in this type is possible here.
  public func supports(_ dtype: DType) -> Bool { backend.supports(dtype) }

  /// Bytes held by live tensors.
  public var memoryUse: MemoryUse { backend.memoryUse }

  /// Waits until all work queued so far has run.
  ///
  /// - Throws: The device's first failure since it was opened.
  public func synchronize() throws(DeviceError) { try backend.synchronize() }

  public static func == (a: Device, b: Device) -> Bool { a.backend === b.backend }
}
