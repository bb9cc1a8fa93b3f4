/// A colour in sRGB, 8 bits a component.
public struct Color: Hashable, Sendable {
  /// Components, 0…255; alpha 255 is opaque.
  public let red, green, blue, alpha: UInt8

  /// A colour from its components.
  public init(red: UInt8, green: UInt8, blue: UInt8, alpha: UInt8 = 255) {
    self.red = red
    self.green = green
    self.blue = blue
    self.alpha = alpha
  }

  /// All components zero.
  public static let black = Color(red: 0, green: 0, blue: 0)
  /// All components full.
  public static let white = Color(red: 255, green: 255, blue: 255)

  /// Brightness by the weights of ``Picture/grayscale``.
  var luma: UInt8 { Picture.luma(red, green, blue) }

  func components(_ channels: Int) -> [UInt8] {
    switch channels {
    case 1: [luma]
    case 3: [red, green, blue]
    default: [red, green, blue, alpha]
    }
  }
}

extension Picture {
  /// One channel: luma by the weights of ITU-R BT.601 (0.299, 0.587, 0.114) on the sRGB values.
  ///
  /// These are the weights of JPEG and of most data sets' "L" pictures. Alpha is dropped: compose
  /// it first with ``composed(on:)`` where it matters.
  public var grayscale: Picture {
    if channels == 1 { return self }
    let gray = [UInt8](unsafeUninitializedCapacity: height * width) { gray, filled in
      for pixel in 0..<height * width {
        let start = pixel * channels
        gray[pixel] = Self.luma(pixels[start], pixels[start + 1], pixels[start + 2])
      }
      filled = height * width
    }
    return Picture(height: height, width: width, channels: 1, pixels: gray)
  }

  /// Three channels: grey is repeated, alpha is dropped.
  public var rgb: Picture { channels == 3 ? self : converted(to: 3) }

  /// Four channels: grey is repeated, alpha is opaque where there was none.
  public var rgba: Picture { channels == 4 ? self : converted(to: 4) }

  /// The picture laid over a colour, without alpha: `alpha·pixel + (1 − alpha)·color` on sRGB
  /// values.
  public func composed(on color: Color) -> Picture {
    if channels != 4 { return self }
    let ground = color.components(3).map(Int.init)
    let result = [UInt8](unsafeUninitializedCapacity: height * width * 3) { result, filled in
      for pixel in 0..<height * width {
        let alpha = Int(pixels[pixel * 4 + 3])
        for channel in 0..<3 {
          let sum = Int(pixels[pixel * 4 + channel]) * alpha + ground[channel] * (255 - alpha)
          result[pixel * 3 + channel] = UInt8((sum + 127) / 255)
        }
      }
      filled = height * width * 3
    }
    return Picture(height: height, width: width, channels: 3, pixels: result)
  }

  /// BT.601 weights in 16-bit fixed point; they add up to 65536, so white stays white.
  static func luma(_ red: UInt8, _ green: UInt8, _ blue: UInt8) -> UInt8 {
    let sum: Int = 19595 * Int(red) + 38470 * Int(green) + 7471 * Int(blue)
    return UInt8((sum + 32768) >> 16)
  }

  private func converted(to target: Int) -> Picture {
    let source = channels
    let second = source == 1 ? 0 : 1
    var result = [UInt8](repeating: 255, count: height * width * target)
    for pixel in 0..<height * width {
      let (from, to) = (pixel * source, pixel * target)
      result[to] = pixels[from]
      result[to + 1] = pixels[from + second]
      result[to + 2] = pixels[from + 2 * second]
    }
    return Picture(height: height, width: width, channels: target, pixels: result)
  }
}
