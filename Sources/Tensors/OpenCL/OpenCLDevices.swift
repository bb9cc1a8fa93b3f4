internal import COpenCLKernels
import Locks

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
  /// Why the device is skipped, or nil for one that passed the self-test.
  public internal(set) var reasonForSkipping: String?
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
  let largestGroup: Int
  /// Bytes of memory that a work-group may share.
  let localBytes: Int
  /// Work-groups that run at once, as the device counts its parts.
  let computeUnits: Int
  /// Floats of a vector of the device's own, 1 where items are its lanes.
  let vectorWidth: Int
  /// Whether float32 division and square root can be rounded correctly.
  let roundsDivisionCorrectly: Bool

  /// Elements that an item takes where they follow one another, see `common.cl`.
  ///
  /// A GPU's memory is read in words of 16 bytes; a processor has vectors for them all.
  var itemWidth: Int { description.kind == .gpu ? 4 : max(4, min(16, vectorWidth)) }
  /// Columns that an item walks down.
  var columnWidth: Int { description.kind == .gpu ? 1 : itemWidth }

  /// What people call the device.
  var name: String { "opencl:\(description.index) (\(description.name))" }

  /// Every device of every platform.
  ///
  /// Platforms are in the order of their names, so that an index means the same device in every
  /// run; the devices of a platform keep its driver's order.
  static func all(of library: OpenCLLibrary) throws(OpenCLFailure) -> [OpenCLDevice] {
    // The first question makes drivers set themselves up, which not all of them survive on two
    // threads at once.
    try listing.withLock { _ throws(OpenCLFailure) in try list(library) }
  }

  private static let listing = Locked(())

  private static func list(_ library: OpenCLLibrary) throws(OpenCLFailure) -> [OpenCLDevice] {
    var platforms: [(name: String, version: String, id: cl_platform_id)] = []
    for id in try platformIDs(library) {
      platforms.append(
        (
          try text(library, id, cl_platform_info(CL_PLATFORM_NAME)),
          try text(library, id, cl_platform_info(CL_PLATFORM_VERSION)), id
        ))
    }
    platforms.sort { ($0.name, $0.version) < ($1.name, $1.version) }
    var devices: [OpenCLDevice] = []
    for platform in platforms {
      for id in try deviceIDs(library, platform.id) {
        devices.append(
          try OpenCLDevice(
            id, index: devices.count, platform: platform.name, version: platform.version,
            library: library))
      }
    }
    return devices
  }

  private init(
    _ id: cl_device_id, index: Int, platform: String, version: String, library: OpenCLLibrary
  ) throws(OpenCLFailure) {
    let query = DeviceQuery(library: library, id: id)
    let type = try query.value(CL_DEVICE_TYPE, as: cl_device_type.self)
    let floats = try query.value(CL_DEVICE_SINGLE_FP_CONFIG, as: cl_device_fp_config.self)
    let largestGroup = try query.value(CL_DEVICE_MAX_WORK_GROUP_SIZE, as: Int.self)
    self.id = id
    platformVersion = version
    largestBuffer = Int(clamping: try query.value(CL_DEVICE_MAX_MEM_ALLOC_SIZE, as: cl_ulong.self))
    groupSize = largestGroup >= 64 ? 64 : 16
    self.largestGroup = largestGroup
    localBytes = Int(clamping: try query.value(CL_DEVICE_LOCAL_MEM_SIZE, as: cl_ulong.self))
    computeUnits = Int(try query.value(CL_DEVICE_MAX_COMPUTE_UNITS, as: cl_uint.self))
    vectorWidth = Int(try query.value(CL_DEVICE_NATIVE_VECTOR_WIDTH_FLOAT, as: cl_uint.self))
    roundsDivisionCorrectly = floats & cl_device_fp_config(CL_FP_CORRECTLY_ROUNDED_DIVIDE_SQRT) != 0
    description = OpenCLDeviceDescription(
      index: index, name: try query.text(CL_DEVICE_NAME), vendor: try query.text(CL_DEVICE_VENDOR),
      platform: platform, driver: try query.text(CL_DRIVER_VERSION), kind: .init(type),
      memoryBytes: Int(clamping: try query.value(CL_DEVICE_GLOBAL_MEM_SIZE, as: cl_ulong.self)),
      reasonForSkipping: nil)
    description.reasonForSkipping = try query.shortcoming(
      floats: floats, largestGroup: largestGroup, name: description.name)
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
private struct DeviceQuery {
  let library: OpenCLLibrary
  let id: cl_device_id

  func value<Value: FixedWidthInteger>(
    _ key: Int32, as: Value.Type
  ) throws(OpenCLFailure) -> Value {
    var value: Value = 0
    try library.call("clGetDeviceInfo") { cl in
      cl.clGetDeviceInfo(id, cl_device_info(key), MemoryLayout<Value>.size, &value, nil)
    }
    return value
  }

  func text(_ key: Int32) throws(OpenCLFailure) -> String {
    try readText(library, "clGetDeviceInfo") { cl, size, bytes, needed in
      cl.clGetDeviceInfo(id, cl_device_info(key), size, bytes, needed)
    }
  }

  /// Why no program of ours could run on the device, as far as it says so itself.
  func shortcoming(
    floats: cl_device_fp_config, largestGroup: Int, name: String
  ) throws(OpenCLFailure) -> String? {
    if try value(CL_DEVICE_AVAILABLE, as: cl_bool.self) == 0 { return "it is not available" }
    if try value(CL_DEVICE_COMPILER_AVAILABLE, as: cl_bool.self) == 0 {
      return "its driver has no compiler"
    }
    if try value(CL_DEVICE_ENDIAN_LITTLE, as: cl_bool.self) == 0 { return "it is big-endian" }
    if try text(CL_DEVICE_PROFILE) != "FULL_PROFILE" {
      return "it has the embedded profile of OpenCL alone"
    }
    let version = try text(CL_DEVICE_VERSION).split(separator: " ").dropFirst().first ?? ""
    let numbers = version.split(separator: ".").compactMap { Int($0) }
    if numbers.count < 2 || (numbers[0], numbers[1]) < (1, 2) {
      return "it has OpenCL \(version) and 1.2 is needed"
    }
    let needed = cl_device_fp_config(CL_FP_INF_NAN | CL_FP_ROUND_TO_NEAREST)
    if floats & needed != needed { return "its float32 lacks infinities or rounding to nearest" }
    return largestGroup < 16 ? "its work-groups hold \(largestGroup) and 16 are needed" : nil
  }
}

private func platformIDs(_ library: OpenCLLibrary) throws(OpenCLFailure) -> [cl_platform_id] {
  try identifiers(library, "clGetPlatformIDs", none: -1001) { cl, room, ids, count in
    cl.clGetPlatformIDs(room, ids, &count)
  }
}

private func deviceIDs(
  _ library: OpenCLLibrary, _ platform: cl_platform_id
) throws(OpenCLFailure) -> [cl_device_id] {
  try identifiers(library, "clGetDeviceIDs", none: CL_DEVICE_NOT_FOUND) { cl, room, ids, count in
    cl.clGetDeviceIDs(platform, cl_device_type(CL_DEVICE_TYPE_ALL), room, ids, &count)
  }
}

/// The whole list that a call gives piecewise; `none` is the code by which it says that there is
/// nothing.
private func identifiers(
  _ library: OpenCLLibrary, _ function: String, none: cl_int,
  _ list: (borrowing ck_opencl, cl_uint, UnsafeMutablePointer<OpaquePointer?>?, inout cl_uint) ->
    cl_int
) throws(OpenCLFailure) -> [OpaquePointer] {
  var count: cl_uint = 0
  do {
    try library.call(function) { cl in list(cl, 0, nil, &count) }
  } catch {
    if error.code == none { return [] }
    throw error
  }
  if count == 0 { return [] }
  var ids = [OpaquePointer?](repeating: nil, count: Int(count))
  try library.call(function) { cl in list(cl, count, &ids, &count) }
  return ids.prefix(Int(count)).compactMap { $0 }
}

private func text(
  _ library: OpenCLLibrary, _ platform: cl_platform_id, _ key: cl_platform_info
) throws(OpenCLFailure) -> String {
  try readText(library, "clGetPlatformInfo") { cl, size, bytes, needed in
    cl.clGetPlatformInfo(platform, key, size, bytes, needed)
  }
}

/// The text that a call gives when asked for its length first, without the NUL and blanks round it.
func readText(
  _ library: OpenCLLibrary, _ function: String,
  _ read: (borrowing ck_opencl, Int, UnsafeMutableRawPointer?, UnsafeMutablePointer<Int>?) -> cl_int
) throws(OpenCLFailure) -> String {
  var length = 0
  try library.call(function) { cl in read(cl, 0, nil, &length) }
  if length == 0 { return "" }
  var bytes = [UInt8](repeating: 0, count: length)
  try library.call(function) { cl in read(cl, length, &bytes, nil) }
  let text = String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  return text.trimmingWhitespace()
}

extension String {
  fileprivate func trimmingWhitespace() -> String {
    let kept = drop { $0.isWhitespace }
    return String(kept.reversed().drop { $0.isWhitespace }.reversed())
  }
}
