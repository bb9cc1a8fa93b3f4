/// A device, and why it was taken where the user left that open.
public struct DeviceSelection: Sendable {
  /// The device to use.
  public let device: Device
  /// Of `auto` without a usable GPU: why the CPU does the work; nil otherwise.
  public let reasonForFallingBack: String?
}

extension Device {
  /// The device of that name: the one place where `--device` is decided.
  ///
  /// `cpu` is the kernels in C, `opencl:N` an OpenCL device by its index, `gpu` the first usable
  /// OpenCL device of GPU type, and `auto` that or else the CPU. OpenCL devices of CPU type are for
  /// tests and only taken by index. For products in bfloat16 `auto` takes the CPU where the GPU has no
  /// matrix units that it can use.
  ///
  /// - Throws: ``DeviceError/unknownDevice(name:found:)``, or
  ///   ``DeviceError/unavailable(device:reason:found:)`` with the reason; both list what was found.
  public static func select(
    _ name: String, precision: Precision = .float32
  ) throws(DeviceError) -> DeviceSelection {
    let gpu = name == "auto" ? usableGPU(OpenCLBackend.devices()) : nil
    if let gpu, precision == .bfloat16 {
      do {
        return DeviceSelection(
          device: try openCL(gpu).multiplying(in: precision), reasonForFallingBack: nil)
      } catch DeviceError.unavailable(_, let reason, _) {
        return DeviceSelection(
          device: try cpu.multiplying(in: precision),
          reasonForFallingBack: "opencl:\(gpu): \(reason)")
      }
    }
    let selection = try selectInFloat32(name, gpu: gpu)
    do {
      return DeviceSelection(
        device: try selection.device.multiplying(in: precision),
        reasonForFallingBack: selection.reasonForFallingBack)
    } catch DeviceError.unavailable(_, let reason, _) {
      throw .unavailable(device: name, reason: reason, found: foundNames)
    }
  }

  private static func selectInFloat32(
    _ name: String, gpu: Int?
  ) throws(DeviceError) -> DeviceSelection {
    switch name {
    case "cpu": return DeviceSelection(device: .cpu, reasonForFallingBack: nil)
    case "auto":
      if let gpu {
        return DeviceSelection(device: try openCL(gpu), reasonForFallingBack: nil)
      }
      return DeviceSelection(device: .cpu, reasonForFallingBack: reasonForNoGPU)
    case "gpu":
      guard let index = usableGPU(OpenCLBackend.devices()) else {
        throw .unavailable(device: name, reason: reasonForNoGPU, found: foundNames)
      }
      return DeviceSelection(device: try openCL(index), reasonForFallingBack: nil)
    default:
      guard name.hasPrefix("opencl:"), let index = Int(name.dropFirst(7)), index >= 0 else {
        throw .unknownDevice(name: name, found: foundNames)
      }
      return DeviceSelection(device: try openCL(index), reasonForFallingBack: nil)
    }
  }

  /// What does this device's arithmetic; results of another differ in their last bits.
  ///
  /// In float32 AMX is AVX-512.
  public var instructionSetName: String {
    if let cpu = backend as? CPUBackend {
      let set = cpu.instructionSet
      return (cpu.precision == .float32 ? min(set, .avx512) : set).rawValue
    }
    if let openCL = backend as? OpenCLBackend {
      return "opencl \(openCL.device.description.name) \(openCL.device.description.driver)"
    }
    return backend.name
  }

  private static func openCL(_ index: Int) throws(DeviceError) -> Device {
    Device(backend: try OpenCLBackend.open(index: index))
  }

  private static var foundNames: [String] {
    listings().map { $0.name == "cpu" ? $0.name : "\($0.name) (\($0.title))" }
  }
}
