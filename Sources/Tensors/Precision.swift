internal import CKernels

/// The arithmetic of matrix products and convolutions.
///
/// All else – parameters, activations, gradients, sums, optimisers – is float32 with either. A device
/// has one precision, so the products of a gradient are computed as those of the way forward.
public enum Precision: String, Sendable, Hashable, CaseIterable {
  case float32
  /// Both factors of every product are rounded to bfloat16 (8 bits of significand) while they are
  /// packed, and the products summed in float32.
  ///
  /// Convolutions of the shapes that Winograd's algorithm does, and those of four channels or fewer
  /// on either side, stay float32: see `docs/adr/0006`. So does float64.
  case bfloat16
  /// Both factors are rounded to tf32 (11 bits of significand), and the products summed in float32:
  /// of NVIDIA's matrix units alone.
  case tf32

  /// What the kernels in C multiply in.
  static let ofProcessors: [Precision] = [.float32, .bfloat16]

  /// For a product of tensors of this type.
  func ck(_ dtype: DType) -> ck_precision {
    self == .bfloat16 && dtype == .float32 ? CK_BFLOAT16 : CK_FLOAT32
  }
}
