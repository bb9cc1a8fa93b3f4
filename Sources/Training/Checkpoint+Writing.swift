import FileFormats
import Layers
import Tensors

extension Checkpoint {
  /// What a checkpoint says beside its arrays.
  struct Header {
    var step: Int
    var model: JSONValue
    var training: JSONValue
    var best: BestResult?
    var metrics: [Metric]
  }

  /// The bytes of a checkpoint of `model` as it is now.
  ///
  /// - Throws: The device's failure, or ``TrainingError/diverged(step:what:lastGood:)`` where a
  ///   parameter is not finite: such a checkpoint would be of no use to anyone.
  static func encode(
    _ model: any TrainableModel, _ header: Header, lastGood: String?
  ) throws -> [UInt8] {
    var arrays: [String: NumericArray] = [:]
    for (name, tensor) in model.players.flatMap(\.arrays) {
      let array = try NumericArray(reading: tensor)
      guard array.isFinite else {
        throw TrainingError.diverged(
          step: header.step, what: "array '\(name)' holds numbers that are not finite",
          lastGood: lastGood)
      }
      arrays[name] = array
    }
    let counts = model.players.map { JSONValue.integer($0.optimizer.stepCount) }
    return Safetensors.encode(
      arrays,
      metadata: [
        "format": format, "step": String(header.step), "model": header.model.encoded,
        "training": header.training.encoded,
        "instructionSet": model.device.instructionSetName,
        "optimizerSteps": JSONValue.array(counts).encoded,
        "best": (header.best?.json ?? .null).encoded,
        "metrics": JSONValue.array(header.metrics.map(\.json)).encoded,
      ])
  }
}

extension TrainableModel {
  /// Names the parameters as they are now, in eight hexadecimal digits: the CRC-32 of each array's
  /// name and bytes, in order of declaration.
  ///
  /// Statistics of a player with averages are left out: they follow from these, to the last bits of
  /// whichever device calibrated them.
  ///
  /// - Throws: The device's failure.
  func parameterChecksum() throws(DeviceError) -> String {
    try parametersChecksum(
      players.flatMap { $0.averageBuffer == nil ? $0.modelArrays : $0.parameterArrays })
  }
}

extension ParameterSet {
  /// The same for the parameters and statistics of this set alone.
  ///
  /// - Throws: The device's failure.
  package func checksum() throws(DeviceError) -> String {
    try parametersChecksum((trainable + statistics).map { ($0.name, $0.value.detached()) })
  }
}

private func parametersChecksum(
  _ arrays: [(name: String, tensor: Tensor)]
) throws(DeviceError) -> String {
  var checksum: UInt32 = 0
  for (name, tensor) in arrays {
    checksum = CRC32.of(Array(name.utf8), continuing: checksum)
    checksum = CRC32.of(try NumericArray(reading: tensor).bytes, continuing: checksum)
  }
  let digits = String(checksum, radix: 16)
  return String(repeating: "0", count: 8 - digits.count) + digits
}

extension NumericArray {
  /// The tensor's elements as they are now, for which it waits.
  package init(reading tensor: Tensor) throws(DeviceError) {
    let buffer = UnsafeMutableRawBufferPointer.allocate(
      byteCount: tensor.count * tensor.dtype.byteCount, alignment: 8)
    defer { buffer.deallocate() }
    try tensor.copyBytes(to: buffer)
    guard let type = ElementType(rawValue: tensor.dtype.rawValue) else {
      preconditionFailure("files have no numbers of type \(tensor.dtype)")
    }
    self.init(type, shape: tensor.shape, bytes: Array(buffer))
  }

  /// Whether no number is NaN or infinite.
  package var isFinite: Bool {
    switch elementType {
    case .float32:
      bytes.withUnsafeBytes { raw in
        raw.bindMemory(to: UInt32.self).allSatisfy { $0 & 0x7F80_0000 != 0x7F80_0000 }
      }
    case .float64, .float16, .bfloat16: doubles.allSatisfy(\.isFinite)
    default: true
    }
  }
}
