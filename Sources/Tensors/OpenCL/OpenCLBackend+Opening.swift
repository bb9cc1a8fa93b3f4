import Locks

/// The backends of this machine's devices, one each, shared by all who ask.
extension OpenCLBackend {
  private struct Way: Hashable {
    let index: Int
    let precision: Precision
  }

  private static let opened = Locked<[Way: Result<OpenCLBackend, DeviceError>]>([:])

  /// Every device that an OpenCL driver on this machine offers, in the order of their indices.
  ///
  /// The first call tries each usable one by the self-test; `reasonForSkipping` tells the outcome.
  /// Empty where there is no libOpenCL, no driver or no device.
  static func devices() -> [OpenCLDeviceDescription] {
    inventory.devices.map { device in
      var description = device.description
      if description.reasonForSkipping != nil { return description }
      switch backend(of: device) {
      case .success: description.selfTest = .passed
      case .failure(let error):
        (description.selfTest, description.reasonForSkipping) = (.failed, reason(of: error))
      }
      return description
    }
  }

  /// The platforms whose devices could not be listed.
  static var platformFailures: [OpenCLPlatformFailure] { inventory.failures }

  /// The backend of a device that was opened in this process.
  static func opened(index: Int) -> OpenCLBackend? {
    opened.withLock { try? $0[Way(index: index, precision: .float32)]?.get() }
  }

  /// What `--precision` may be on a device: what has given right results there.
  static func precisions(of device: OpenCLDeviceDescription) -> [Precision] {
    if device.reasonForSkipping != nil { return [.float32] }
    return Precision.allCases.filter { precision in
      precision == .float32 || (try? open(index: device.index, precision: precision)) != nil
    }
  }

  /// The backend of `opencl:index`.
  ///
  /// - Throws: `unknownDevice`, or `unavailable` with the reason for skipping the device or for not
  ///   multiplying so.
  static func open(
    index: Int, precision: Precision = .float32
  ) throws(DeviceError) -> OpenCLBackend {
    let wanted = "opencl:\(index)"
    if let reason = OpenCLLibrary.unavailableReason {
      throw .unavailable(device: wanted, reason: reason, found: ["cpu"])
    }
    let names = ["cpu"] + inventory.devices.map(\.name)
    guard let device = inventory.devices.first(where: { $0.description.index == index }) else {
      throw .unknownDevice(name: wanted, found: names)
    }
    if let reason = device.description.reasonForSkipping {
      throw .unavailable(device: wanted, reason: reason, found: names)
    }
    do throws(DeviceError) {
      return try backend(of: device, precision).get()
    } catch { throw .unavailable(device: wanted, reason: reason(of: error), found: names) }
  }

  /// A backend whose device has passed the self-test.
  static func tested(
    _ device: OpenCLDevice, library: OpenCLLibrary, cache: ProgramCache? = nil,
    precision: Precision = .float32
  ) throws(DeviceError) -> OpenCLBackend {
    if precision != .float32, !device.hasMatrixUnits {
      throw .unavailable(
        device: device.name,
        reason: "products in \(precision.rawValue) need NVIDIA's matrix units", found: [])
    }
    let backend = try OpenCLBackend(
      device, library: library, cache: cache, precision: precision)
    if let shortcoming = try SelfTest.shortcoming(of: backend) {
      throw .unavailable(
        device: device.name, reason: "it fails the self-test: \(shortcoming)", found: [])
    }
    return backend
  }

  private static let inventory: OpenCLInventory = {
    guard case .success(let library) = OpenCLLibrary.system else { return OpenCLInventory() }
    return OpenCLInventory.take(library)
  }()

  private static func backend(
    of device: OpenCLDevice, _ precision: Precision = .float32
  ) -> Result<OpenCLBackend, DeviceError> {
    let way = Way(index: device.description.index, precision: precision)
    // Matrix units do products alone; the rest is what float32 has tried.
    if precision != .float32, case .failure(let error) = backend(of: device) {
      return .failure(error)
    }
    return opened.withLock { opened in
      if let known = opened[way] { return known }
      let result = Result { () throws(DeviceError) in
        guard case .success(let library) = OpenCLLibrary.system else {
          preconditionFailure("a device without a library")
        }
        let backend = try tested(device, library: library, precision: precision)
        let file = ProductTuning.standardFile(device, in: ProgramCache.standard.folder)
        let (tuning, state) = ProductTuning.read(file, for: device)
        backend.use(tuning, state)
        return backend
      }
      opened[way] = result
      return result
    }
  }

  private static func reason(of error: DeviceError) -> String {
    if case .unavailable(_, let reason, _) = error { reason } else { "\(error)" }
  }
}
