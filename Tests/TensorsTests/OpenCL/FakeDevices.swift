import COpenCLKernels

@testable import Tensors

/// A library of three platforms with two GPUs each, which answers questions and does nothing else.
enum FakeDevices {
  /// In the order in which the library gives them; lists are in that of the names.
  static let platforms = ["Gamma", "Alpha", "Beta"]
  static let devicesEach = 2

  static let library: OpenCLLibrary = {
    var functions = OpenCLLibrary.emptyTable()
    functions.clGetPlatformIDs = { room, ids, count in
      count?.pointee = cl_uint(FakeDevices.platforms.count)
      for index in 0..<min(Int(room), FakeDevices.platforms.count) {
        ids![index] = OpaquePointer(bitPattern: 1 + index)
      }
      return CL_SUCCESS
    }
    functions.clGetDeviceIDs = { platform, _, room, ids, count in
      count?.pointee = cl_uint(FakeDevices.devicesEach)
      for index in 0..<min(Int(room), FakeDevices.devicesEach) {
        ids![index] = OpaquePointer(bitPattern: 10 * Int(bitPattern: platform) + index)
      }
      return CL_SUCCESS
    }
    functions.clGetPlatformInfo = { platform, key, size, value, needed in
      let name = FakeDevices.platforms[Int(bitPattern: platform) - 1]
      return give(
        key == CL_PLATFORM_NAME ? " \(name) " : "OpenCL 1.2", to: value, size: size, needed: needed)
    }
    functions.clGetDeviceInfo = { device, key, size, value, needed in
      switch Int32(key) {
      case CL_DEVICE_NAME:
        give("GPU \(Int(bitPattern: device))", to: value, size: size, needed: needed)
      case CL_DEVICE_VERSION: give("OpenCL 3.0 x", to: value, size: size, needed: needed)
      case CL_DEVICE_PROFILE: give("FULL_PROFILE", to: value, size: size, needed: needed)
      case CL_DEVICE_VENDOR, CL_DRIVER_VERSION:
        give("some", to: value, size: size, needed: needed)
      default: giveNumber(Int32(key), to: value, size: size)
      }
    }
    return OpenCLLibrary(functions: functions)
  }()

  private static func give(
    _ text: String, to value: UnsafeMutableRawPointer?, size: Int,
    needed: UnsafeMutablePointer<Int>?
  ) -> cl_int {
    let bytes = Array(text.utf8) + [0]
    needed?.pointee = bytes.count
    if let value {
      guard size >= bytes.count else { return CL_INVALID_VALUE }
      value.copyMemory(from: bytes, byteCount: bytes.count)
    }
    return CL_SUCCESS
  }

  private static func giveNumber(
    _ key: Int32, to value: UnsafeMutableRawPointer?, size: Int
  ) -> cl_int {
    let number: cl_ulong =
      switch key {
      case CL_DEVICE_TYPE: cl_ulong(CL_DEVICE_TYPE_GPU)
      case CL_DEVICE_SINGLE_FP_CONFIG: cl_ulong(CL_FP_INF_NAN | CL_FP_ROUND_TO_NEAREST)
      case CL_DEVICE_MAX_WORK_GROUP_SIZE: 256
      case CL_DEVICE_GLOBAL_MEM_SIZE: 8 << 30
      case CL_DEVICE_MAX_MEM_ALLOC_SIZE: 2 << 30
      case CL_DEVICE_LOCAL_MEM_SIZE: 48 << 10
      case CL_DEVICE_MAX_COMPUTE_UNITS: 16
      default: 1
      }
    withUnsafeBytes(of: number) { value?.copyMemory(from: $0.baseAddress!, byteCount: size) }
    return CL_SUCCESS
  }
}
