/// A device of this machine as `atelier devices` lists it.
public struct DeviceListing: Sendable, Equatable {
  /// What to give to `--device`: `cpu` or `opencl:N`.
  public let name: String
  /// What the device calls itself.
  public let title: String
  /// Who made it, in the device's own words.
  public let vendor: String
  /// `cpu` for the kernels in C, else the OpenCL device's type: `gpu`, `cpu`, `accelerator` or
  /// `other`.
  public let kind: String
  /// The OpenCL platform and its driver; nil for the kernels in C.
  public let driver: String?
  /// Of its own, in bytes.
  public let memoryBytes: Int
  /// How the self-test went; the kernels in C are chosen by what the processor has, and need none.
  public let selfTest: SelfTestResult
  /// Why it cannot be used, or nil for a device that passed the self-test.
  public let reasonForSkipping: String?
  /// Whether `auto` takes it.
  public let isChosenByAuto: Bool
  /// Why `auto` takes it or does not.
  public let reasonForChoice: String
  /// What `--precision` may be here.
  public let precisions: [Precision]
  /// Whether its products take measured tiles; nil for the kernels in C.
  public let tuning: TuningState?
  /// Its memory in this process.
  public let memory: Memory

  /// A device's memory, as this process may use it.
  public struct Memory: Sendable, Equatable {
    /// What live tensors may take together, and what sets that limit.
    public let limit: MemoryLimit
    /// The most bytes that one tensor may have; nil where that is no less than the limit.
    public let largestTensor: Int?
    /// What the control group of this process may have, where the memory is the system's and the
    /// group is limited.
    public let controlGroupBytes: Int?
    /// Bytes in use and kept for reuse, where this process has opened the device.
    public let use: MemoryUse?
  }
}

extension Device {
  /// Every device of this machine, the CPU first, then OpenCL's in the order of their indices.
  public static func listings() -> [DeviceListing] {
    let found = OpenCLBackend.devices()
    return [processorListing(found)] + found.map { listing($0, among: found) }
  }

  /// The OpenCL platforms whose devices could not be listed.
  public static var platformFailures: [OpenCLPlatformFailure] { OpenCLBackend.platformFailures }

  private static func processorListing(_ found: [OpenCLDeviceDescription]) -> DeviceListing {
    let gpu = usableGPU(found)
    return DeviceListing(
      name: "cpu", title: "\(Device.cpu)", vendor: Processor.vendor, kind: "cpu", driver: nil,
      memoryBytes: Processor.memoryBytes, selfTest: .notRun, reasonForSkipping: nil,
      isChosenByAuto: gpu == nil,
      reasonForChoice: gpu.map { "opencl:\($0) is a usable GPU" } ?? reasonForNoGPU(found),
      precisions: Precision.ofProcessors, tuning: nil,
      memory: .init(
        limit: Device.cpu.memoryLimit, largestTensor: nil,
        controlGroupBytes: ControlGroup.memoryBytes, use: Device.cpu.memoryUse))
  }

  static func listing(
    _ device: OpenCLDeviceDescription, among found: [OpenCLDeviceDescription]
  ) -> DeviceListing {
    let limit = MemoryLimit(total: device.memoryBytes)
    return DeviceListing(
      name: "opencl:\(device.index)", title: device.name, vendor: device.vendor,
      kind: device.kind.rawValue, driver: "\(device.platform), \(device.driver)",
      memoryBytes: device.memoryBytes, selfTest: device.selfTest,
      reasonForSkipping: device.reasonForSkipping,
      isChosenByAuto: device.index == usableGPU(found),
      reasonForChoice: reasonForChoice(device, among: found),
      precisions: OpenCLBackend.precisions(of: device),
      tuning: OpenCLBackend.opened(index: device.index)?.tuningState,
      memory: .init(
        limit: limit,
        largestTensor: device.largestBuffer < limit.bytes ? device.largestBuffer : nil,
        controlGroupBytes: nil, use: OpenCLBackend.opened(index: device.index)?.memoryUse))
  }

  private static func reasonForChoice(
    _ device: OpenCLDeviceDescription, among found: [OpenCLDeviceDescription]
  ) -> String {
    if device.reasonForSkipping != nil { return "it cannot be used" }
    switch device.kind {
    case .cpu: return "an OpenCL device of CPU type is for tests"
    case .accelerator, .other: return "it is no GPU"
    case .gpu: break
    }
    let chosen = usableGPU(found)
    return chosen == device.index
      ? "it is the first usable GPU" : "opencl:\(chosen ?? 0) is the first usable GPU"
  }

  static func usableGPU(_ devices: [OpenCLDeviceDescription]) -> Int? {
    devices.first { $0.kind == .gpu && $0.reasonForSkipping == nil }?.index
  }

  /// Why this machine has no usable GPU; only meaningful where it has none.
  public static var reasonForNoGPU: String { reasonForNoGPU(OpenCLBackend.devices()) }

  private static func reasonForNoGPU(_ found: [OpenCLDeviceDescription]) -> String {
    if let reason = OpenCLLibrary.unavailableReason { return reason }
    let skipped = found.filter { $0.kind == .gpu }.map {
      "opencl:\($0.index) (\($0.name)): \($0.reasonForSkipping ?? "usable")"
    }
    let silent = platformFailures.map { "\($0.name ?? "a platform"): \($0.reason)" }
    let reasons = skipped + silent
    return reasons.isEmpty ? "no OpenCL driver offers a GPU" : reasons.joined(separator: "; ")
  }
}
