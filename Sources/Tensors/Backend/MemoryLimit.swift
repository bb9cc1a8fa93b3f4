import Foundation

/// The most bytes that live tensors may take together on a device, and what sets that limit.
public struct MemoryLimit: Sendable, Equatable {
  /// What sets a limit.
  public enum Origin: String, Sendable {
    /// 90 % of the device's memory: the rest is the driver's, the system's and the screen's.
    case share = "90 % of its memory"
    /// 90 % of what Linux lets this process's control group have, as containers set it.
    case controlGroup = "90 % of its control group's memory"
    /// The environment variable, where that is less.
    case environment = "ATELIER_DEVICE_MEMORY"
    /// Whoever opened the device.
    case caller = "its user"
  }
  public let bytes: Int
  public let origin: Origin

  /// A limit of its own.
  init(bytes: Int) { (self.bytes, origin) = (bytes, .caller) }

  /// The smallest of 90 % of what there is and what `ATELIER_DEVICE_MEMORY` says in MiB, which
  /// lowers the limit of every device and raises none.
  ///
  /// - Parameters:
  ///   - total: The device's memory in bytes.
  ///   - group: What the control group may have, in bytes; nil where nothing limits it or the
  ///     memory is not the system's.
  ///   - environment: Variables by their names.
  init(
    total: Int, group: Int? = nil,
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) {
    var (bytes, origin) = (total / 10 * 9, Origin.share)
    if let group, group / 10 * 9 < bytes { (bytes, origin) = (group / 10 * 9, .controlGroup) }
    if let mebibytes = environment["ATELIER_DEVICE_MEMORY"].flatMap({ Int($0) }), mebibytes > 0,
      mebibytes < bytes >> 20
    {
      (bytes, origin) = (mebibytes << 20, .environment)
    }
    (self.bytes, self.origin) = (bytes, origin)
  }
}
