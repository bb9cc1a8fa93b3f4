import FileFormats

/// Colours for numbers in 0…1.
public struct ColorMap: Hashable, Sendable {
  /// Colours at even distances from 0 to 1.
  public let anchors: [Color]

  /// A map through colours at even distances, straight between neighbours on sRGB values.
  ///
  /// - Precondition: there are at least two.
  public init(_ anchors: [Color]) {
    precondition(anchors.count >= 2, "ColorMap: \(anchors.count) colours make no way from 0 to 1")
    self.anchors = anchors
  }

  /// The colour of a number; beyond 0…1 that of the nearer end.
  ///
  /// - Precondition: the number is not NaN.
  public subscript(value: Double) -> Color {
    precondition(!value.isNaN, "ColorMap: NaN has no colour")
    let position = min(max(value, 0), 1) * Double(anchors.count - 1)
    let index = min(Int(position), anchors.count - 2)
    return anchors[index].mixed(with: anchors[index + 1], position - Double(index))
  }

  /// Dark blue over green to yellow, lighter by even steps to the eye and clear to colour-blind
  /// people: viridis by Smith, van der Walt and Firing (2015; in the public domain by CC0), at 33
  /// places, between which it strays by less than 2 of 255.
  public static let viridis = ColorMap(
    [
      0x44_01_54, 0x47_0D_60, 0x48_18_6A, 0x48_23_74, 0x47_2D_7B, 0x45_36_81, 0x42_40_86,
      0x3F_49_89, 0x3B_52_8B, 0x37_5A_8D, 0x33_63_8D, 0x2F_6A_8E, 0x2C_72_8E, 0x29_7A_8E,
      0x26_81_8E, 0x23_89_8E, 0x21_90_8C, 0x1F_98_8B, 0x1F_9F_88, 0x21_A6_85, 0x28_AE_80,
      0x31_B5_7B, 0x3E_BC_74, 0x4C_C2_6C, 0x5D_C9_63, 0x6E_CE_58, 0x82_D3_4C, 0x96_D8_3F,
      0xAB_DC_32, 0xC0_DF_24, 0xD5_E2_1A, 0xEA_E5_1A, 0xFD_E7_25,
    ].map { Color($0) })
}
