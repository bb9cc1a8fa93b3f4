internal import COpenCLKernels
import Locks

/// A platform, an implementation of OpenCL, whose devices could not be listed.
public struct OpenCLPlatformFailure: Sendable, Equatable {
  /// What it calls itself; nil where it does not even say that.
  public let name: String?
  /// The call that failed, and how.
  public let reason: String
}

/// Every device of every platform, and what could not be listed.
///
/// What fails hides nothing else: a device that gives no answer is listed and skipped, a platform
/// that gives none is told of. Platforms are in the order of their names and the devices of a
/// platform in its driver's, so that an index means the same device in every run in which the same
/// platforms answer, whether or not the devices do.
struct OpenCLInventory {
  private(set) var devices: [OpenCLDevice] = []
  private(set) var failures: [OpenCLPlatformFailure] = []

  private static let listing = Locked(())

  /// Asks the library for all there is.
  static func take(_ library: OpenCLLibrary) -> OpenCLInventory {
    // The first question makes drivers set themselves up, which not all of them survive on two
    // threads at once.
    listing.withLock { _ in OpenCLInventory(library) }
  }

  /// Nothing at all.
  init() {}

  private init(_ library: OpenCLLibrary) {
    for platform in platforms(library) {
      let ids = attempt(platform.name) { () throws(OpenCLFailure) in
        try deviceIDs(library, platform.id)
      }
      for id in ids ?? [] {
        devices.append(
          OpenCLDevice(
            id, index: devices.count, platform: platform.name, version: platform.version,
            library: library))
      }
    }
  }

  private mutating func platforms(
    _ library: OpenCLLibrary
  ) -> [(name: String, version: String, id: cl_platform_id)] {
    let ids = attempt(nil) { () throws(OpenCLFailure) in try platformIDs(library) } ?? []
    var platforms: [(name: String, version: String, id: cl_platform_id)] = []
    for id in ids {
      let name = attempt(nil) { () throws(OpenCLFailure) in
        try text(library, id, cl_platform_info(CL_PLATFORM_NAME))
      }
      guard let name else { continue }
      let version = attempt(name) { () throws(OpenCLFailure) in
        try text(library, id, cl_platform_info(CL_PLATFORM_VERSION))
      }
      if let version { platforms.append((name, version, id)) }
    }
    return platforms.sorted { ($0.name, $0.version) < ($1.name, $1.version) }
  }

  /// What `read` gives; nil, and the failure kept, where a call of it fails.
  private mutating func attempt<Value>(
    _ platform: String?, _ read: () throws(OpenCLFailure) -> Value
  ) -> Value? {
    do throws(OpenCLFailure) {
      return try read()
    } catch {
      failures.append(OpenCLPlatformFailure(name: platform, reason: error.sentence))
      return nil
    }
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
