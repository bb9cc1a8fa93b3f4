internal import CKernels

/// The type of a tensor's elements.
///
/// Arithmetic runs in `float32`, or in `float64` on the CPU's reference kernels alone, to check a
/// rule or a whole model in double precision. `int32` is for indices; `float16` and `bfloat16` are
/// storage, to be cast before arithmetic.
public enum DType: String, Sendable, CaseIterable, Codable {
  case float32
  case float64
  case int32
  case float16
  case bfloat16

  /// Size of one element in bytes.
  public var byteCount: Int {
    switch self {
    case .float64: 8
    case .float32, .int32: 4
    case .float16, .bfloat16: 2
    }
  }

  /// Whether gradients can flow through tensors of this type.
  public var isFloatingPoint: Bool { self != .int32 }

  var ck: ck_dtype {
    switch self {
    case .float32: CK_F32
    case .float64: CK_F64
    case .int32: CK_I32
    case .float16: CK_F16
    case .bfloat16: CK_BF16
    }
  }
}
