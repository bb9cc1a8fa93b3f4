extension Tensor {
  /// The elements of a float32 tensor in row-major order.
  ///
  /// Waits for the device.
  ///
  /// - Returns: As many numbers as the tensor has elements, the last axis fastest.
  /// - Throws: The device's first failure since it was opened.
  /// - Precondition: the tensor is float32; ``cast(to:)`` makes it so.
  public func floats() throws(DeviceError) -> [Float] { try read(Float.self, .float32) }

  /// The elements of a float64 tensor in row-major order.
  ///
  /// Waits for the device.
  ///
  /// - Returns: As many numbers as the tensor has elements, the last axis fastest.
  /// - Throws: The device's first failure since it was opened.
  /// - Precondition: the tensor is float64; ``cast(to:)`` makes it so.
  public func doubles() throws(DeviceError) -> [Double] { try read(Double.self, .float64) }

  /// The elements of an int32 tensor in row-major order.
  ///
  /// Waits for the device.
  ///
  /// - Returns: As many numbers as the tensor has elements, the last axis fastest.
  /// - Throws: The device's first failure since it was opened.
  /// - Precondition: the tensor is int32; ``cast(to:)`` makes it so.
  public func integers() throws(DeviceError) -> [Int32] { try read(Int32.self, .int32) }

  /// The single element of a float32 or float64 tensor.
  ///
  /// Waits for the device.
  ///
  /// - Returns: The element, in double precision whatever the tensor's type.
  /// - Throws: The device's first failure since it was opened.
  /// - Precondition: the tensor has one element, under any shape.
  public func scalar() throws(DeviceError) -> Double {
    precondition(count == 1, "scalar() of a tensor of shape \(shape)")
    return dtype == .float64 ? try doubles()[0] : Double(try floats()[0])
  }

  /// Copies the elements, as they lie in memory (little-endian), to `target`.
  ///
  /// Waits for the device.
  ///
  /// - Parameter target: Host memory for the elements in row-major order.
  /// - Throws: The device's first failure since it was opened.
  /// - Precondition: `target` is as many bytes as the tensor.
  public func copyBytes(to target: UnsafeMutableRawBufferPointer) throws(DeviceError) {
    precondition(
      target.count == count * dtype.byteCount,
      "\(target.count) bytes to hold a \(dtype.rawValue) tensor of shape \(shape)")
    precondition(
      StepRecorder.current == nil, "a recorded step returns tensors; they are read after it")
    try backend.download(from: storage.memory, byteOffset: offset * dtype.byteCount, to: target)
  }

  private func read<T: BitwiseCopyable>(_ type: T.Type, _ expected: DType) throws(DeviceError)
    -> [T]
  {
    precondition(dtype == expected, "a \(dtype.rawValue) tensor read as \(expected.rawValue)")
    let target = UnsafeMutableBufferPointer<T>.allocate(capacity: count)
    defer { target.deallocate() }
    try copyBytes(to: UnsafeMutableRawBufferPointer(target))
    return Array(target)
  }
}
