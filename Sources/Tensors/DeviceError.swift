/// Why a device could not do what was asked of it.
///
/// Operations on tensors do not throw. The first failure of a device is kept, later operations on
/// it do nothing, and the failure is thrown where a value is read.
public enum DeviceError: Error, Sendable, Equatable {
  /// No memory left: what was asked for, what is in use, and the limit, in bytes. 0 was asked for
  /// where the driver refuses late what it had granted.
  case outOfMemory(device: String, requested: Int, inUse: Int, limit: Int)
  /// One tensor is larger than the device allows, whatever is free, in bytes.
  case bufferTooLarge(device: String, requested: Int, largest: Int)
  /// Training takes more than the device's limit, in bytes: what it takes by this batch size, and the
  /// largest batch size that fits, 0 where none does.
  case doesNotFit(device: String, batch: Int, needed: Int, limit: MemoryLimit, largestBatch: Int)
  /// The name given to `--device` fits no device; `found` lists what there is.
  case unknownDevice(name: String, found: [String])
  /// The device exists and cannot be used; `reason` says why.
  case unavailable(device: String, reason: String, found: [String])
  /// A program did not compile; `log` is the compiler's whole output.
  case buildFailed(device: String, program: String, log: String)
  /// A call to the OpenCL runtime failed: its function, and the name of its error code.
  case callFailed(device: String, function: String, code: String)
}

extension DeviceError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .outOfMemory(let device, 0, let inUse, let limit):
      "\(device): the driver could not provide the \(megabytes(inUse)) of memory in use, of a limit of"
        + " \(megabytes(limit)); try a smaller --batch or a smaller model"
    case .outOfMemory(let device, let requested, let inUse, let limit):
      "\(device): \(megabytes(requested)) more of memory could not be had with \(megabytes(inUse)) in use"
        + " of \(megabytes(limit)); try a smaller --batch or a smaller model"
    case .bufferTooLarge(let device, let requested, let largest):
      "\(device): a tensor of \(megabytes(requested)) is needed and the device allows \(megabytes(largest));"
        + " try a smaller --batch or a smaller model"
    case .doesNotFit(let device, let batch, let needed, let limit, let largestBatch):
      "\(device): training with --batch \(batch) needs \(megabytes(needed)) of memory and the limit is"
        + " \(megabytes(limit.bytes)) (\(limit.origin.rawValue)); "
        + (largestBatch > 0 ? "--batch \(largestBatch) fits" : "no batch fits: try a smaller model")
    case .unknownDevice(let name, let found):
      "unknown device '\(name)': expected auto, cpu, gpu or opencl:N; found \(list(found))"
    case .unavailable(let device, let reason, let found):
      "device '\(device)' cannot be used: \(reason); found \(list(found)); try --device cpu"
    case .buildFailed(let device, let program, let log):
      "\(device): the kernels in \(program) did not compile; the compiler says:\n\(log)"
    case .callFailed(let device, let function, let code):
      "\(device): \(function) failed with \(code), and the device may be lost; try again, or --device cpu"
    }
  }

  private func megabytes(_ bytes: Int) -> String { "\((bytes + (1 << 20) - 1) >> 20) MiB" }

  private func list(_ found: [String]) -> String {
    found.isEmpty ? "no devices" : found.joined(separator: ", ")
  }
}
