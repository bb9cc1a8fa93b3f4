import Foundation

/// What the operating system says of this machine's processor.
enum Processor {
  /// Vendor as `/proc/cpuinfo` spells it, such as `GenuineIntel`; the architecture where it says
  /// nothing.
  static let vendor: String = {
    let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("vendor_id") }
    let value = line?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) }
    #if arch(x86_64)
      return value ?? "x86-64"
    #else
      return value ?? "aarch64"
    #endif
  }()

  /// Memory of the machine, in bytes.
  static var memoryBytes: Int { Int(clamping: ProcessInfo.processInfo.physicalMemory) }
}
