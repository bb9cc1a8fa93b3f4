import Locks

/// The backends of this machine's devices, one each, shared by all who ask.
extension OpenCLBackend {
  private static let opened = Locked<[Int: Result<OpenCLBackend, DeviceError>]>([:])

  /// Every device that an OpenCL driver on this machine offers, in the order of their indices.
  ///
  /// The first call tries each usable one by the self-test; `reasonForSkipping` tells the outcome.
  /// Empty where there is no libOpenCL, no driver or no device.
  static func devices() -> [OpenCLDeviceDescription] {
    guard case .success(let all) = found else { return [] }
    return all.map { device in
      var description = device.description
      if description.reasonForSkipping == nil, case .failure(let error) = backend(of: device) {
        description.reasonForSkipping = reason(of: error)
      }
      return description
    }
  }

  /// The backend of `opencl:index`.
  ///
  /// - Throws: `unknownDevice`, or `unavailable` with the reason for skipping the device.
  static func open(index: Int) throws(DeviceError) -> OpenCLBackend {
    let wanted = "opencl:\(index)"
    if let reason = OpenCLLibrary.unavailableReason {
      throw .unavailable(device: wanted, reason: reason, found: ["cpu"])
    }
    let all = try found.get()
    let names = ["cpu"] + all.map(\.name)
    guard all.indices.contains(index) else { throw .unknownDevice(name: wanted, found: names) }
    let device = all[index]
    if let reason = device.description.reasonForSkipping {
      throw .unavailable(device: wanted, reason: reason, found: names)
    }
    do throws(DeviceError) {
      return try backend(of: device).get()
    } catch { throw .unavailable(device: wanted, reason: reason(of: error), found: names) }
  }

  /// A backend whose device has passed the self-test.
  static func tested(
    _ device: OpenCLDevice, library: OpenCLLibrary, cache: ProgramCache = .standard
  ) throws(DeviceError) -> OpenCLBackend {
    let backend = try OpenCLBackend(device, library: library, cache: cache)
    if let shortcoming = try SelfTest.shortcoming(of: backend) {
      throw .unavailable(
        device: device.name, reason: "it fails the self-test: \(shortcoming)", found: [])
    }
    return backend
  }

  private static let found: Result<[OpenCLDevice], DeviceError> = Result {
    () throws(DeviceError) in
    switch OpenCLLibrary.system {
    case .failure(let missing):
      throw .unavailable(device: "opencl", reason: missing.reason, found: ["cpu"])
    case .success(let library):
      do throws(OpenCLFailure) {
        return try OpenCLDevice.all(of: library)
      } catch { throw error.on("opencl") }
    }
  }

  private static func backend(of device: OpenCLDevice) -> Result<OpenCLBackend, DeviceError> {
    let index = device.description.index
    return opened.withLock { opened in
      if let known = opened[index] { return known }
      let result = Result { () throws(DeviceError) in
        guard case .success(let library) = OpenCLLibrary.system else {
          preconditionFailure("a device without a library")
        }
        return try tested(device, library: library)
      }
      opened[index] = result
      return result
    }
  }

  private static func reason(of error: DeviceError) -> String {
    if case .unavailable(_, let reason, _) = error { reason } else { "\(error)" }
  }
}
