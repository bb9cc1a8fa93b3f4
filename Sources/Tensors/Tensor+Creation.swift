internal import CKernels

extension Tensor {
  /// A tensor of `shape` that holds `values` in row-major order.
  ///
  /// - Precondition: as many values as the shape has elements.
  public init(_ values: [Float], shape: [Int], on device: Device = .cpu) {
    self.init(copying: values, shape: shape, dtype: .float32, on: device)
  }

  /// A float64 tensor; the CPU alone has kernels for it.
  public init(_ values: [Double], shape: [Int], on device: Device = .cpu) {
    self.init(copying: values, shape: shape, dtype: .float64, on: device)
  }

  /// An int32 tensor, for indices.
  public init(_ values: [Int32], shape: [Int], on device: Device = .cpu) {
    self.init(copying: values, shape: shape, dtype: .int32, on: device)
  }

  /// A scalar.
  public init(_ value: Float, dtype: DType = .float32, on device: Device = .cpu) {
    self.init(filling: [], with: value, dtype: dtype, on: device)
  }

  /// A tensor whose elements are all `value`.
  public init(
    filling shape: [Int], with value: Float, dtype: DType = .float32, on device: Device = .cpu
  ) {
    self.init(uninitialized: shape, dtype: dtype, on: device.backend)
    backend.execute(.fill(ck_fill_shape(count: Int32(count), value: value), y: operand))
  }

  /// A tensor of zeros.
  public static func zeros(_ shape: [Int], dtype: DType = .float32, on device: Device = .cpu)
    -> Tensor
  {
    Tensor(filling: shape, with: 0, dtype: dtype, on: device)
  }

  /// A tensor of ones.
  public static func ones(_ shape: [Int], dtype: DType = .float32, on device: Device = .cpu)
    -> Tensor
  {
    Tensor(filling: shape, with: 1, dtype: dtype, on: device)
  }

  /// Zeros of this tensor's shape, type and device.
  public func zerosLike() -> Tensor { .zeros(shape, dtype: dtype, on: device) }

  /// Ones of this tensor's shape, type and device.
  public func onesLike() -> Tensor { .ones(shape, dtype: dtype, on: device) }

  /// A tensor of `shape` whose elements are the given little-endian bytes.
  ///
  /// - Precondition: as many bytes as the shape and type need.
  public init(bytes: UnsafeRawBufferPointer, shape: [Int], dtype: DType, on device: Device = .cpu) {
    self.init(uninitialized: shape, dtype: dtype, on: device.backend)
    precondition(
      bytes.count == count * dtype.byteCount,
      "\(bytes.count) bytes for a \(dtype.rawValue) tensor of shape \(shape)")
    guard count > 0 else { return }
    backend.upload(bytes, to: storage.memory, byteOffset: 0)
    StepRecorder.current?.noteUpload(to: self)
  }

  private init<T>(copying values: [T], shape: [Int], dtype: DType, on device: Device) {
    precondition(
      values.count == Tensor.elementCount(shape),
      "\(values.count) values for a tensor of shape \(shape)")
    self = values.withUnsafeBytes { Tensor(bytes: $0, shape: shape, dtype: dtype, on: device) }
  }

  /// An uninitialised tensor beside this one: same device, and same type unless given.
  func sibling(_ shape: [Int], dtype: DType? = nil) -> Tensor {
    Tensor(uninitialized: shape, dtype: dtype ?? self.dtype, on: backend)
  }

  /// A constant that an operation with this tensor can take.
  ///
  /// In float64 as precise as float64, where `scaled(by:plus:)` has float32 numbers.
  func constant(_ value: Double) -> Tensor {
    dtype == .float64
      ? Tensor([value], shape: [], on: device) : Tensor(Float(value), dtype: dtype, on: device)
  }
}
