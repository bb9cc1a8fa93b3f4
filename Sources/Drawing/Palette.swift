import FileFormats

extension Color {
  /// The usual colour of words and axes: black with some warmth.
  public static let ink = Color(0x26_22_20)

  /// A colour from its hexadecimal digits, `0xRRGGBB`.
  ///
  /// - Precondition: 24 bits.
  public init(_ digits: Int, alpha: UInt8 = 255) {
    precondition((0...0xFF_FFFF).contains(digits), "Color: \(digits) has more than 24 bits")
    self.init(
      red: UInt8(digits >> 16), green: UInt8(digits >> 8 & 255), blue: UInt8(digits & 255),
      alpha: alpha)
  }

  /// The same colour with another alpha, 0…1; values beyond count as the nearer end.
  public func opacity(_ alpha: Double) -> Color {
    Color(
      red: red, green: green, blue: blue, alpha: UInt8((min(max(alpha, 0), 1) * 255).rounded()))
  }

  /// The way from this colour to another, `share` of it in 0…1, on sRGB values.
  public func mixed(with other: Color, _ share: Double) -> Color {
    Color(components + (other.components - components) * min(max(share, 0), 1))
  }

  /// Red, green, blue and alpha in 0…255.
  var components: SIMD4<Double> {
    SIMD4(Double(red), Double(green), Double(blue), Double(alpha))
  }

  /// Rounds components, each cut to 0…255.
  init(_ components: SIMD4<Double>) {
    let rounded = components.clamped(lowerBound: .zero, upperBound: SIMD4(repeating: 255))
      .rounded(.toNearestOrAwayFromZero)
    self.init(
      red: UInt8(rounded.x), green: UInt8(rounded.y), blue: UInt8(rounded.z),
      alpha: UInt8(rounded.w))
  }
}

/// Colours for things that are told apart by colour.
public enum Palette {
  /// Eight colours that colour-blind people tell apart, those that read best on white first.
  ///
  /// Okabe and Ito 2008, "Color Universal Design", figure 16: blue, vermillion, bluish green,
  /// reddish purple, orange, sky blue, black, yellow.
  public static let okabeIto = [
    Color(0x00_72_B2), Color(0xD5_5E_00), Color(0x00_9E_73), Color(0xCC_79_A7),
    Color(0xE6_9F_00), Color(0x56_B4_E9), Color(0x00_00_00), Color(0xF0_E4_42),
  ]

  /// The `index`-th of ``okabeIto``, again from the first after the last.
  public static func color(_ index: Int) -> Color { okabeIto[index % okabeIto.count] }

  /// Colours for things in an order, such as times: even steps of `map`, its palest fifth left
  /// out so that all of them show on white.
  public static func ordered(_ count: Int, from map: ColorMap = .viridis) -> [Color] {
    (0..<count).map { map[count == 1 ? 0.4 : 0.8 * Double($0) / Double(count - 1)] }
  }
}
