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

  /// The processor with a fixed instruction set, number of threads or precision of products; results
  /// do not depend on the number of threads.
  public static func cpu(
    instructionSet: InstructionSet = .best, threads: Int? = nil, precision: Precision = .float32
  ) throws(DeviceError) -> Device {
    Device(
      backend: try CPUBackend(
        instructionSet: instructionSet, threads: threads ?? defaultThreads, precision: precision))
  }

  /// Whether the kernels in C compute here.
  public var isCPU: Bool { backend is CPUBackend }

  /// Of matrix products and convolutions here.
  public var precision: Precision { backend.precision }

  /// The same device with another precision of products, itself where that is its own.
  ///
  /// - Throws: ``DeviceError/unavailable(device:reason:found:)`` for tf32 on the CPU, and for an
  ///   OpenCL device without matrix units that give right results.
  public func multiplying(in precision: Precision) throws(DeviceError) -> Device {
    if precision == self.precision { return self }
    if let openCL = backend as? OpenCLBackend {
      return Device(
        backend: try OpenCLBackend.open(
          index: openCL.device.description.index, precision: precision))
    }
    guard let cpu = backend as? CPUBackend, Precision.ofProcessors.contains(precision) else {
      throw .unavailable(
        device: backend.name,
        reason: "products in \(precision.rawValue) are computed on NVIDIA's matrix units alone",
        found: ["cpu"])
    }
    return try .cpu(
      instructionSet: cpu.instructionSet, threads: cpu.threads, precision: precision)
  }

  /// Whether ``multiplying(in:)`` gives a device.
  package func multiplies(in precision: Precision) -> Bool {
    (try? multiplying(in: precision)) != nil
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

  /// What live tensors may take together.
  public var memoryLimit: MemoryLimit { backend.memoryLimit }

  /// The most bytes that one tensor may have, whatever is free.
  public var largestTensor: Int { backend.largestBlock }

  /// Gives memory that is kept for reuse back to the driver or system.
  public func releaseCachedMemory() { backend.trim() }

  /// A device that computes nothing and takes no memory, and counts what the same work takes here.
  ///
  /// Its ``memoryUse`` has all but scratch memory inside kernel calls. Values read are zeros.
  package func planningMemory() -> Device { Device(backend: PlanningBackend(for: backend)) }

  /// Of a device that plans memory: the most bytes that one tensor took; 0 of any other.
  package var largestAllocation: Int { (backend as? PlanningBackend)?.largestAllocation ?? 0 }

  /// Of a device that plans memory: floating-point operations asked of it so far; 0 of any other.
  package var plannedFlops: Int { (backend as? PlanningBackend)?.flopCount ?? 0 }

  /// The same device opened anew, without this one's tensors and failure.
  ///
  /// - Throws: ``DeviceError/callFailed(device:function:code:)`` or
  ///   ``DeviceError/unavailable(device:reason:found:)`` where it cannot be opened.
  package func reopened() throws(DeviceError) -> Device {
    if let cpu = backend as? CPUBackend {
      return Device(
        backend: try CPUBackend(
          instructionSet: cpu.instructionSet, threads: cpu.threads, precision: cpu.precision,
          emulatesAMX: cpu.emulatesAMX, memoryLimit: cpu.memoryLimit.bytes))
    }
    guard let openCL = backend as? OpenCLBackend else { return planningMemory() }
    let backend = try OpenCLBackend(
      openCL.device, library: openCL.library, cache: openCL.cache,
      memoryLimit: openCL.memoryLimit.bytes, precision: openCL.precision)
    backend.use(openCL.tuning, openCL.tuningState)
    return Device(backend: backend)
  }

  /// Waits until all work queued so far has run.
  ///
  /// - Throws: The device's first failure since it was opened.
  public func synchronize() throws(DeviceError) { try backend.synchronize() }

  public static func == (a: Device, b: Device) -> Bool { a.backend === b.backend }
}
