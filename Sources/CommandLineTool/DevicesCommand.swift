import ArgumentParser
import FileFormats
import Tensors

struct DevicesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "devices",
    abstract: "List the devices that can compute, and say which one 'auto' takes.",
    discussion: """
      A device that fails its self-test is listed with the reason and never used. Tensors take at
      most 90 % of a device's memory, or less by the environment variable ATELIER_DEVICE_MEMORY
      (in MiB). Before work is trusted to a device that is new to you, 'atelier bench agreement'
      trains every model there and on the CPU, and compares.

      Examples:
        atelier devices
        atelier devices --memory
        atelier devices --json
      """)

  @Flag(help: "Tell how much memory tensors may take, what limits it, and what is in use.")
  var memory = false

  @Flag(help: "Print one JSON object.")
  var json = false

  func run() throws {
    let listings = Device.listings()
    let failures = Device.platformFailures
    let reason = listings[0].isChosenByAuto ? Device.reasonForNoGPU : nil
    if json {
      try Console.result([
        "devices": .array(listings.map(Self.json)),
        "failedPlatforms": .array(
          failures.map {
            ["name": $0.name.map { .string($0) } ?? .null, "reason": .string($0.reason)]
          }),
        "reasonForNoGPU": reason.map { .string($0) } ?? .null,
      ])
      return
    }
    for device in listings {
      for line in Self.lines(device, memory: memory) { try Console.result(line) }
    }
    for failure in failures {
      let name = failure.name.map { "platform \($0)" } ?? "a platform without a name"
      try Console.result("\(name): its devices cannot be listed: \(failure.reason)")
    }
    if let reason { try Console.result("no GPU: \(reason)") }
  }

  /// What people read of a device.
  static func lines(_ device: DeviceListing, memory: Bool) -> [String] {
    let precisions = device.precisions.map(\.rawValue).joined(separator: " or ")
    let state =
      device.reasonForSkipping.map { "skipped: \($0)" }
      ?? (device.selfTest == .passed ? "usable: it passed the self-test" : "usable")
    let verb = device.isChosenByAuto ? "takes it" : "does not take it"
    return [
      "\(device.name)\(device.isChosenByAuto ? "  (auto)" : "")",
      "  \(device.title), \(device.kind), \(device.vendor)",
    ] + (device.driver.map { ["  \($0)"] } ?? []) + [
      "  \(megabytes(device.memoryBytes)), products in \(precisions), \(state)",
      "  auto \(verb): \(device.reasonForChoice)",
    ] + (line(device.tuning).map { ["  \($0)"] } ?? []) + (memory ? lines(device.memory) : [])
  }

  private static func line(_ tuning: TuningState?) -> String? {
    switch tuning {
    case nil, .some(.none): nil
    case .inUse(let path, let tiles): "tuned: \(tiles) products have tiles of their own, by \(path)"
    case .ignored(let path, let reason): "not tuned: \(path): \(reason)"
    }
  }

  private static func lines(_ memory: DeviceListing.Memory) -> [String] {
    var lines = [
      "  tensors may take \(megabytes(memory.limit.bytes)): \(memory.limit.origin.rawValue)"
    ]
    if let largest = memory.largestTensor {
      lines.append("  one tensor may take \(megabytes(largest))")
    }
    if let group = memory.controlGroupBytes {
      lines.append("  the control group of this process may take \(megabytes(group))")
    }
    if let use = memory.use {
      lines.append(
        "  in use by this process: \(megabytes(use.current)), kept for reuse \(megabytes(use.cached))"
      )
    }
    return lines
  }

  private static func megabytes(_ bytes: Int) -> String { "\(bytes >> 20) MiB" }

  private static func json(_ device: DeviceListing) -> JSONValue {
    [
      "name": .string(device.name), "title": .string(device.title),
      "vendor": .string(device.vendor), "kind": .string(device.kind),
      "driver": device.driver.map { .string($0) } ?? .null,
      "memoryBytes": .integer(device.memoryBytes),
      "precisions": .array(device.precisions.map { .string($0.rawValue) }),
      "selfTest": .string(device.selfTest.rawValue),
      "reasonForSkipping": device.reasonForSkipping.map { .string($0) } ?? .null,
      "isChosenByAuto": .bool(device.isChosenByAuto),
      "reasonForChoice": .string(device.reasonForChoice),
      "memory": json(device.memory), "tuning": line(device.tuning).map { .string($0) } ?? .null,
    ]
  }

  private static func json(_ memory: DeviceListing.Memory) -> JSONValue {
    func number(_ value: Int?) -> JSONValue { value.map { .integer($0) } ?? .null }
    return [
      "limitBytes": .integer(memory.limit.bytes),
      "limitOrigin": .string(memory.limit.origin.rawValue),
      "largestTensorBytes": number(memory.largestTensor),
      "controlGroupBytes": number(memory.controlGroupBytes),
      "inUseBytes": number(memory.use?.current), "peakBytes": number(memory.use?.peak),
      "cachedBytes": number(memory.use?.cached),
    ]
  }
}
