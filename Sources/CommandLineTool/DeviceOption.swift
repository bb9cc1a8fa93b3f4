import ArgumentParser
import Tensors

/// `--device`, the same in every command.
struct DeviceOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "auto, cpu, gpu or opencl:N (see 'atelier devices').", valueName: "device"))
  var device = "auto"

  /// Opens the device; says on stderr why `auto` falls back to the CPU.
  func select(_ precision: Precision = .float32) throws(DeviceError) -> Device {
    let selection = try Device.select(device, precision: precision)
    if let reason = selection.reasonForFallingBack {
      Console.note("no GPU is used: \(reason); computing on \(selection.device)")
    }
    if case .ignored(let path, let reason)? = selection.device.tuning {
      Console.note("\(path): not used, since \(reason); 'atelier tune' makes a new one")
    }
    return selection.device
  }
}
