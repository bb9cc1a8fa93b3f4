import ArgumentParser
import FileFormats
import Tensors

struct DevicesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "devices",
    abstract: "List the devices that can compute, and say which one 'auto' takes.",
    discussion: """
      A device that fails its self-test is listed with the reason and never used.

      Examples:
        atelier devices
        atelier devices --json
      """)

  @Flag(help: "Print one JSON object.")
  var json = false

  func run() throws {
    let listings = Device.listings()
    let reason = listings[0].isChosenByAuto ? Device.reasonForNoGPU : nil
    if json {
      try Console.result([
        "devices": .array(listings.map(describe)),
        "reasonForNoGPU": reason.map { .string($0) } ?? .null,
      ])
      return
    }
    for device in listings {
      let state = device.reasonForSkipping.map { "skipped: \($0)" } ?? "usable"
      try Console.result("\(device.name)\(device.isChosenByAuto ? "  (auto)" : "")")
      try Console.result("  \(device.title), \(device.kind), \(device.vendor)")
      if let driver = device.driver { try Console.result("  \(driver)") }
      let precisions = device.precisions.map(\.rawValue).joined(separator: " or ")
      try Console.result("  \(device.memoryBytes >> 20) MiB, products in \(precisions), \(state)")
    }
    if let reason { try Console.result("no GPU: \(reason)") }
  }

  private func describe(_ device: DeviceListing) -> JSONValue {
    [
      "name": .string(device.name), "title": .string(device.title),
      "vendor": .string(device.vendor), "kind": .string(device.kind),
      "driver": device.driver.map { .string($0) } ?? .null,
      "memoryBytes": .integer(device.memoryBytes),
      "precisions": .array(device.precisions.map { .string($0.rawValue) }),
      "selfTest": .string(device.reasonForSkipping == nil ? "passed" : "failed"),
      "reasonForSkipping": device.reasonForSkipping.map { .string($0) } ?? .null,
      "isChosenByAuto": .bool(device.isChosenByAuto),
    ]
  }
}
