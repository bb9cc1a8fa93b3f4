internal import COpenCLKernels

/// An OpenCL device as `atelier devices` lists it.
public struct OpenCLDeviceDescription: Sendable, Equatable {
  /// What the device says it is.
  ///
  /// One of kind `cpu` is for tests: never chosen by itself.
  public enum Kind: String, Sendable {
    case gpu
    case cpu
    case accelerator
    case other
  }

  /// The N of `opencl:N`.
  public let index: Int
  /// What the device calls itself.
  public let name: String
  /// Who made it, in the device's own words.
  public let vendor: String
  /// Name of the platform, the implementation of OpenCL that drives the device.
  public let platform: String
  /// Version of the driver, as the driver spells it.
  public let driver: String
  /// The device's type.
  public let kind: Kind
  /// The device's own memory, in bytes.
  public let memoryBytes: Int
  /// The most bytes that one buffer may have.
  public let largestBuffer: Int
  /// Why the device is skipped, or nil for one that passed the self-test.
  public internal(set) var reasonForSkipping: String?
  /// How the self-test went; not run on a device that tells itself why it cannot be used.
  public internal(set) var selfTest = SelfTestResult.notRun
}

/// How the self-test of a device went.
public enum SelfTestResult: String, Sendable {
  case passed
  case failed
  case notRun = "not run"
}

/// A device, with what kernels and memory need to know of it.
struct OpenCLDevice: @unchecked Sendable {
  var description: OpenCLDeviceDescription
  let id: cl_device_id
  let platformVersion: String
  /// The most bytes one buffer may have.
  var largestBuffer: Int
  /// The work-group size of every kernel, a square: 64, or 16 on devices that cannot do more.
  var groupSize: Int
  /// The most items of a work-group.
  var largestGroup: Int
  /// Bytes of memory that a work-group may share.
  var localBytes: Int
  /// Work-groups that run at once, as the device counts its parts.
  var computeUnits: Int
  /// Floats of a vector of the device's own, 1 where items are its lanes.
  let vectorWidth: Int
  /// Whether float32 division and square root can be rounded correctly.
  let roundsDivisionCorrectly: Bool

  /// Whether plain C stands in for matrix units, which tests do on devices without them.
  var emulatesMatrixUnits = false
  /// Whether it may have what `matrix_units.cl` is for; the self-test says whether that is so.
  var hasMatrixUnits: Bool {
    emulatesMatrixUnits || description.vendor.localizedStandardContains("nvidia")
  }

  /// Elements that an item takes where they follow one another, see `common.cl`.
  ///
  /// A GPU's memory is read in words of 16 bytes; a processor has vectors for them all.
  var itemWidth: Int { description.kind == .gpu ? 4 : max(4, min(16, vectorWidth)) }
  /// Columns that an item walks down.
  var columnWidth: Int { description.kind == .gpu ? 1 : itemWidth }

  /// Floats that the points of Winograd's algorithm may take at once: a processor keeps 16 MiB in
  /// its last cache, a GPU needs enough to fill it, up to a sixteenth of its memory.
  var winogradRoom: Int {
    winogradLimit
      ?? (description.kind == .gpu ? min(64 << 20, description.memoryBytes / 64) : 4 << 20)
  }
  /// Less, for tests.
  var winogradLimit: Int?

  /// What people call the device.
  var name: String { "opencl:\(description.index) (\(description.name))" }

  /// Whether it is Oclgrind's, which finds accesses beyond the end of a buffer: so every tensor's
  /// buffer ends where the tensor does.
  var isInterpreted: Bool { description.platform == "Oclgrind" }

  /// Whether its driver has a cache of its own, and takes long to give a program's binary.
  ///
  /// PoCL compiles all kernels of a program, for work-groups of any size, when it is asked for the
  /// binary, and each kernel again for the size that is launched: that was two thirds of a first start.
  var keepsProgramsItself: Bool { description.platform == "Portable Computing Language" }

  /// Every device of every platform that could be listed, in the order of their indices.
  static func all(of library: OpenCLLibrary) -> [OpenCLDevice] {
    OpenCLInventory.take(library).devices
  }

  /// Asks a device for all there is to know; one that gives no answer is to be skipped, and says
  /// why.
  init(
    _ id: cl_device_id, index: Int, platform: String, version: String, library: OpenCLLibrary
  ) {
    var query = DeviceQuery(library: library, id: id)
    let type = query.value(CL_DEVICE_TYPE, as: cl_device_type.self)
    let floats = query.value(CL_DEVICE_SINGLE_FP_CONFIG, as: cl_device_fp_config.self)
    let largestGroup = query.value(CL_DEVICE_MAX_WORK_GROUP_SIZE, as: Int.self)
    self.id = id
    platformVersion = version
    largestBuffer = Int(clamping: query.value(CL_DEVICE_MAX_MEM_ALLOC_SIZE, as: cl_ulong.self))
    groupSize = largestGroup >= 64 ? 64 : 16
    self.largestGroup = largestGroup
    localBytes = Int(clamping: query.value(CL_DEVICE_LOCAL_MEM_SIZE, as: cl_ulong.self))
    computeUnits = Int(query.value(CL_DEVICE_MAX_COMPUTE_UNITS, as: cl_uint.self))
    vectorWidth = Int(query.value(CL_DEVICE_NATIVE_VECTOR_WIDTH_FLOAT, as: cl_uint.self))
    roundsDivisionCorrectly = floats & cl_device_fp_config(CL_FP_CORRECTLY_ROUNDED_DIVIDE_SQRT) != 0
    description = OpenCLDeviceDescription(
      index: index, name: query.text(CL_DEVICE_NAME), vendor: query.text(CL_DEVICE_VENDOR),
      platform: platform, driver: query.text(CL_DRIVER_VERSION), kind: .init(type),
      memoryBytes: Int(clamping: query.value(CL_DEVICE_GLOBAL_MEM_SIZE, as: cl_ulong.self)),
      largestBuffer: largestBuffer)
    let shortcoming = query.shortcoming(floats: floats, largestGroup: largestGroup)
    description.reasonForSkipping =
      query.failure.map { "it does not say what it can do: \($0.sentence)" } ?? shortcoming
  }
}

extension OpenCLDeviceDescription.Kind {
  fileprivate init(_ type: cl_device_type) {
    if type & cl_device_type(CL_DEVICE_TYPE_GPU) != 0 {
      self = .gpu
    } else if type & cl_device_type(CL_DEVICE_TYPE_CPU) != 0 {
      self = .cpu
    } else {
      self = type & cl_device_type(CL_DEVICE_TYPE_ACCELERATOR) != 0 ? .accelerator : .other
    }
  }
}

/// Reads what a device says of itself.
///
/// What cannot be had is 0 or unknown, and the first failure is kept.
private struct DeviceQuery {
  let library: OpenCLLibrary
  let id: cl_device_id
  private(set) var failure: OpenCLFailure?

  init(library: OpenCLLibrary, id: cl_device_id) { (self.library, self.id) = (library, id) }

  mutating func value<Value: FixedWidthInteger>(_ key: Int32, as: Value.Type) -> Value {
    var value: Value = 0
    let (library, id, size) = (library, id, MemoryLayout<Value>.size)
    return attempt(0) { () throws(OpenCLFailure) in
      try library.call("clGetDeviceInfo") { cl in
        cl.clGetDeviceInfo(id, cl_device_info(key), size, &value, nil)
      }
      return value
    }
  }

  mutating func text(_ key: Int32) -> String {
    let (library, id) = (library, id)
    return attempt("unknown") { () throws(OpenCLFailure) in
      try readText(library, "clGetDeviceInfo") { cl, size, bytes, needed in
        cl.clGetDeviceInfo(id, cl_device_info(key), size, bytes, needed)
      }
    }
  }

  private mutating func attempt<Value>(
    _ unknown: Value, _ read: () throws(OpenCLFailure) -> Value
  ) -> Value {
    do throws(OpenCLFailure) {
      return try read()
    } catch {
      failure = failure ?? error
      return unknown
    }
  }

  /// Why no program of ours could run on the device, as far as it says so itself.
  mutating func shortcoming(floats: cl_device_fp_config, largestGroup: Int) -> String? {
    if value(CL_DEVICE_AVAILABLE, as: cl_bool.self) == 0 { return "it is not available" }
    if value(CL_DEVICE_COMPILER_AVAILABLE, as: cl_bool.self) == 0 {
      return "its driver has no compiler"
    }
    if value(CL_DEVICE_ENDIAN_LITTLE, as: cl_bool.self) == 0 { return "it is big-endian" }
    if text(CL_DEVICE_PROFILE) != "FULL_PROFILE" {
      return "it has the embedded profile of OpenCL alone"
    }
    let version = text(CL_DEVICE_VERSION).split(separator: " ").dropFirst().first ?? ""
    let numbers = version.split(separator: ".").compactMap { Int($0) }
    if numbers.count < 2 || (numbers[0], numbers[1]) < (1, 2) {
      return "it has OpenCL \(version) and 1.2 is needed"
    }
    let needed = cl_device_fp_config(CL_FP_INF_NAN | CL_FP_ROUND_TO_NEAREST)
    if floats & needed != needed { return "its float32 lacks infinities or rounding to nearest" }
    return largestGroup < 16 ? "its work-groups hold \(largestGroup) and 16 are needed" : nil
  }
}
