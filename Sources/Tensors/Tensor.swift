/// An immutable array of numbers of one type on one device.
///
/// Elements lie contiguously in row-major order, the last axis fastest. Pictures are channels-last,
/// `[N, H, W, C]`. Operations are eager: when one returns it has run, or is queued in order on its
/// device. They do not throw; a device's failure is thrown where values are read.
///
/// A tensor that descends from a ``tracked()`` one remembers how it was made, so that
/// ``gradients(of:withRespectTo:seed:recorded:)`` can differentiate it. Tensors are values: copying
/// one is cheap, and memory goes when nothing refers to it.
public struct Tensor: Sendable {
  /// Size of each axis; empty for a scalar.
  public let shape: [Int]
  /// Type of the elements.
  public let dtype: DType

  let storage: Storage
  /// Position of the first element in `storage`, in elements.
  let offset: Int
  /// How the tensor was made, if gradients flow through it.
  let node: Node?

  init(storage: Storage, offset: Int = 0, shape: [Int], dtype: DType, node: Node? = nil) {
    self.storage = storage
    self.offset = offset
    self.shape = shape
    self.dtype = dtype
    self.node = node
  }

  /// A new tensor whose elements are not set yet.
  init(uninitialized shape: [Int], dtype: DType, on backend: any Backend) {
    precondition(
      backend.supports(dtype), "\(backend.name) has no kernels for \(dtype.rawValue)")
    let count = Tensor.elementCount(shape)
    let storage = Storage(
      byteCount: count * dtype.byteCount, on: backend,
      of: StepRecorder.current?.memory(on: backend))
    self.init(storage: storage, shape: shape, dtype: dtype)
  }

  /// Number of axes.
  public var rank: Int { shape.count }

  /// Number of elements; 1 for a scalar.
  public var count: Int { shape.reduce(1, *) }

  /// Where the elements are.
  public var device: Device { Device(backend: storage.backend) }

  /// Whether gradients flow through this tensor.
  public var isTracked: Bool { node != nil }

  var backend: any Backend { storage.backend }

  var operand: Operand { Operand(storage: storage, offset: offset, dtype: dtype) }

  static func elementCount(_ shape: [Int]) -> Int {
    var count = 1
    for size in shape {
      precondition(size >= 0, "a shape cannot have negative sizes: \(shape)")
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      precondition(
        !overflow && product <= Int(Int32.max),
        "a tensor has fewer than 2^31 elements: \(shape)")
      count = product
    }
    return count
  }

  /// The same elements under another shape, without a copy or a gradient.
  func viewed(as shape: [Int], from first: Int = 0) -> Tensor {
    Tensor(storage: storage, offset: offset + first, shape: shape, dtype: dtype)
  }

  /// The axis counted from the front; negative axes count from the back.
  func axis(_ axis: Int, _ operation: String) -> Int {
    let resolved = axis < 0 ? axis + rank : axis
    precondition(
      resolved >= 0 && resolved < rank, "\(operation): axis \(axis) of a tensor of shape \(shape)")
    return resolved
  }
}
